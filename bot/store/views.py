"""Views of the database under plain names, for whoever reads it without Seamwatch: Datasette,
exports, feeds.

A view shows what people may see: no text of logs, no messages, nothing secret. Times are text, UTC,
in one width, so that they sort, and days are those of UTC. A view is never edited once released; a
later step of the schema drops it and makes it anew, as it must before it makes a table anew that a
view reads.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from sqlite_utils import Database

BUSY_SECONDS = 5.0
AMOUNTS = "amounts"
"""The order of exact amounts that stand as texts, for whoever reads by `reading`."""


def _time(told: str) -> str:
    """A time as JSON has it ("2026-11-21T08:30:00Z") in the width of all others."""
    return f"strftime('%Y-%m-%dT%H:%M:%f', {told}) || '000+00:00'"


def _seconds(since: str, until: str) -> str:
    return f"round((julianday({until}) - julianday({since})) * 86400, 3)"


_SEVERITY = "CASE {} WHEN 1 THEN 'low' WHEN 2 THEN 'high' ELSE 'critical' END"

OF_INCIDENTS = f"""
CREATE VIEW view_incidents AS
SELECT i.id, i.state, {_SEVERITY.format("i.severity")} AS severity,
  {_SEVERITY.format("i.worst")} AS worst_severity,
  a.check_name, a.subject_kind, a.subject_id, a.subject_name, a.sentence,
  (SELECT count(*) FROM alerts WHERE incident_id = i.id) AS alerts,
  i.opened_at, i.first_acknowledged_at AS acknowledged_at, i.resolved_at,
  {_seconds("i.opened_at", "i.first_acknowledged_at")} AS seconds_to_acknowledge,
  {_seconds("i.opened_at", "i.resolved_at")} AS seconds_to_resolve,
  i.holder, i.resolved_by, i.resolved_via, i.resolution, i.previous_id,
  h.team, h.announced_at,
  coalesce((SELECT json_extract(data, '$.drill') FROM timeline
    WHERE incident_id = i.id AND seq = 1), 0) <> 0 AS is_drill
FROM incidents AS i
LEFT JOIN alerts AS a ON a.id = (SELECT min(id) FROM alerts WHERE incident_id = i.id)
LEFT JOIN handling AS h ON h.incident_id = i.id;

CREATE VIEW view_alerts AS
SELECT id, incident_id, check_name, subject_kind, subject_id, subject_name, level, signal, sentence,
  count AS times_seen, opened_at, last_seen_at, cleared_at, expected_at
FROM alerts;

CREATE VIEW view_timeline AS
SELECT incident_id, seq, at, kind, who, via, from_state, to_state, reason
FROM timeline;
"""  # noqa: S608 (made of constants)

OF_RUNS = f"""
CREATE VIEW view_runs AS
SELECT id, flow_id, flow_name, status, run_trigger, started_at, finished_at,
  {_seconds("started_at", "finished_at")} AS seconds, received, sent, warned
FROM runs;

CREATE VIEW view_runs_daily AS
SELECT d.day, d.flow_id,
  (SELECT flow_name FROM runs WHERE flow_id = d.flow_id ORDER BY started_at DESC LIMIT 1)
    AS flow_name,
  sum(d.runs) AS runs,
  sum(CASE WHEN d.status = 'success' THEN d.runs ELSE 0 END) AS succeeded,
  sum(CASE WHEN d.status = 'partial_success' THEN d.runs ELSE 0 END) AS succeeded_in_part,
  sum(CASE WHEN d.status = 'failure' THEN d.runs ELSE 0 END) AS failed,
  sum(CASE WHEN d.status = 'stopped' THEN d.runs ELSE 0 END) AS stopped,
  c.observed
FROM run_days AS d JOIN counted_days AS c ON c.day = d.day
GROUP BY d.day, d.flow_id;

CREATE VIEW view_readings AS
SELECT subject, metric, at, value FROM readings;

CREATE VIEW view_readings_hourly AS
SELECT subject, metric, hour, count, total, busiest, observed, refusals FROM rollups;
"""  # noqa: S608 (made of constants)

OF_SURROUNDINGS = f"""
CREATE VIEW view_flows AS
SELECT json_extract(f.value, '$.id') AS id, json_extract(f.value, '$.name') AS name,
  json_extract(f.value, '$.enabled') AS enabled,
  (SELECT o.value FROM json_each(s.body, '$.owners') AS o
    WHERE o.key = json_extract(f.value, '$.id')) AS owner,
  EXISTS (SELECT 1 FROM json_each(s.body, '$.time_sensitive') AS t
    WHERE t.value = json_extract(f.value, '$.id')) AS time_sensitive,
  s.at AS seen_at
FROM snapshots AS s, json_each(s.body, '$.flows') AS f WHERE s.name = 'inventory';

CREATE VIEW view_systems AS
SELECT json_extract(f.value, '$.name') AS name, json_extract(f.value, '$.title') AS title,
  {_time("json_extract(f.value, '$.looked_at')")} AS looked_at,
  {_time("json_extract(f.value, '$.seen_at')")} AS seen_at,
  {_time("json_extract(f.value, '$.blind_since')")} AS blind_since,
  json_extract(f.value, '$.why') AS why,
  json_extract(f.value, '$.took_ms') AS took_ms
FROM snapshots AS s, json_each(s.body) AS f WHERE s.name = 'systems';

CREATE VIEW view_limits AS
SELECT json_extract(l.value, '$.allowance.id') AS id,
  json_extract(l.value, '$.allowance.system') AS system,
  json_extract(l.value, '$.allowance.name') AS name,
  json_extract(l.value, '$.allowance.unit') AS unit,
  json_extract(l.value, '$.allowance.used') AS used,
  json_extract(l.value, '$.allowance.size') AS size,
  json_extract(l.value, '$.allowance.used') * 1.0 / json_extract(l.value, '$.allowance.size')
    AS used_share,
  json_extract(l.value, '$.allowance.worst') AS worst_share,
  {_time("json_extract(l.value, '$.allowance.resets_at')")} AS resets_at,
  json_extract(l.value, '$.level') AS level, json_extract(l.value, '$.sentence') AS sentence,
  json_extract(l.value, '$.allowance.blind') AS blind,
  {_time("json_extract(l.value, '$.allowance.at')")} AS seen_at
FROM snapshots AS s, json_each(s.body, '$.allowances') AS l WHERE s.name = 'limits';

CREATE VIEW view_credentials AS
SELECT json_extract(c.value, '$.held.id') AS id, json_extract(c.value, '$.held.system') AS system,
  json_extract(c.value, '$.held.what') AS what, json_extract(c.value, '$.held.owner') AS owner,
  json_extract(c.value, '$.held.known_by') AS known_by,
  {_time("json_extract(c.value, '$.held.ends_at')")} AS ends_at,
  round(julianday(json_extract(c.value, '$.held.ends_at')) - julianday(s.at), 3) AS days_left,
  json_extract(c.value, '$.held.renews_itself') AS renews_itself,
  {_time("json_extract(c.value, '$.held.refused_since')")} AS refused_since,
  json_extract(c.value, '$.level') AS level, json_extract(c.value, '$.sentence') AS sentence,
  s.at AS seen_at
FROM snapshots AS s, json_each(s.body, '$.credentials') AS c WHERE s.name = 'register';
"""  # noqa: S608 (made of constants)

OF_FORESIGHT = f"""
CREATE VIEW view_forecasts AS
SELECT f.limit_id || '/' || coalesce(json_extract(c.value, '$.horizon'), '') AS id, f.limit_id,
  f.made_at, json_extract(f.body, '$.model') AS model, json_extract(f.body, '$.amount') AS amount,
  CASE json_extract(c.value, '$.horizon') WHEN 'P1D' THEN 24 WHEN 'P3D' THEN 72 END
    AS horizon_hours,
  json_extract(c.value, '$.chance') AS chance,
  {_time("json_extract(c.value, '$.soonest')")} AS soonest,
  {_time("json_extract(c.value, '$.middle')")} AS middle,
  {_time("json_extract(c.value, '$.latest')")} AS latest,
  json_extract(c.value, '$.headroom') AS headroom,
  json_extract(f.body, '$.withheld') AS withheld
FROM forecasts AS f LEFT JOIN json_each(f.body, '$.crossings') AS c;

CREATE VIEW view_forecast_bands AS
SELECT f.limit_id, f.made_at,
  {_time("json_extract(b.value, '$.at')")} AS at,
  json_extract(b.value, '$.lowest') AS lowest, json_extract(b.value, '$.low') AS low,
  json_extract(b.value, '$.middle') AS middle, json_extract(b.value, '$.high') AS high,
  json_extract(b.value, '$.highest') AS highest
FROM forecasts AS f, json_each(f.band) AS b;

CREATE VIEW view_predictions AS
SELECT id, limit_id, system, opened_at, horizon AS horizon_seconds, chance, soonest, middle, latest,
  settled_at, outcome, reason, breached_at
FROM predictions;
"""  # noqa: S608 (made of constants)

OF_DAYS = """
CREATE VIEW view_daily_figures AS
WITH moments AS (
  SELECT substr(opened_at, 1, 10) AS day, 1 AS opened, 0 AS acknowledged, 0 AS resolved,
    NULL AS to_acknowledge, NULL AS to_resolve FROM view_incidents WHERE NOT is_drill
  UNION ALL SELECT substr(acknowledged_at, 1, 10), 0, 1, 0, seconds_to_acknowledge, NULL
    FROM view_incidents WHERE acknowledged_at IS NOT NULL AND NOT is_drill
  UNION ALL SELECT substr(resolved_at, 1, 10), 0, 0, 1, NULL, seconds_to_resolve
    FROM view_incidents WHERE resolved_at IS NOT NULL AND NOT is_drill),
incident_days AS (
  SELECT day, sum(opened) AS opened, sum(acknowledged) AS acknowledged, sum(resolved) AS resolved,
    avg(to_acknowledge) AS to_acknowledge, avg(to_resolve) AS to_resolve
  FROM moments GROUP BY day),
ended AS (
  SELECT day, sum(runs) AS runs, sum(succeeded) AS succeeded,
    sum(failed + succeeded_in_part) AS failed, max(observed) AS observed
  FROM view_runs_daily GROUP BY day)
SELECT d.day, coalesce(i.opened, 0) AS incidents_opened,
  coalesce(i.acknowledged, 0) AS incidents_acknowledged,
  coalesce(i.resolved, 0) AS incidents_resolved,
  i.to_acknowledge AS mean_seconds_to_acknowledge, i.to_resolve AS mean_seconds_to_resolve,
  r.runs, r.succeeded AS runs_succeeded, r.failed AS runs_failed,
  r.observed AS share_observed
FROM (SELECT day FROM incident_days UNION SELECT day FROM counted_days) AS d
LEFT JOIN incident_days AS i ON i.day = d.day LEFT JOIN ended AS r ON r.day = d.day;
"""

OF_RECONCILIATION = """
CREATE VIEW view_reconciliations AS
SELECT id, pair, entity, source, target, since, until, looked_at, looks, standing, source_records,
  target_records, differing, doubtful, blind
FROM reconciliations;

CREATE VIEW view_differences AS
SELECT d.reconciliation_id, d.number, r.pair, r.since, d.kind, d.key, d.field,
  CASE WHEN d.field <> 'key' THEN d.source_value END AS source_value,
  CASE WHEN d.field <> 'key' THEN d.target_value END AS target_value,
  CASE WHEN d.doubt = 'NOTHING' THEN 'yes' ELSE 'no' END AS sure,
  CASE d.doubt WHEN 'CHANGED_LATELY' THEN 'it was changed so lately that it may still be on its way'
    WHEN 'SEEN_CHANGING' THEN 'it was seen with several values while the list was read'
    WHEN 'NOT_ASKED_AGAIN' THEN 'the systems were not asked for this key again'
    ELSE '' END AS why_not_sure
FROM differences AS d JOIN reconciliations AS r ON r.id = d.reconciliation_id AND r.batch = d.batch;
"""

SUMS = """
CREATE VIEW view_reconciled_sums AS
SELECT r.id AS reconciliation_id, json_extract(l.value, '$.name') AS field,
  json_extract(s.value, '$.currency') AS currency, r.pair, r.entity, r.since, r.until, r.looked_at,
  json_extract(s.value, '$.source') AS source_sum, json_extract(s.value, '$.target') AS target_sum
FROM reconciliations AS r, json_each(r.totals) AS l, json_each(l.value, '$.sums') AS s;
"""
"""A later step of the schema. Amounts are texts with all their digits: SQLite has no decimals."""

SCHEMA = OF_INCIDENTS + OF_RUNS + OF_SURROUNDINGS + OF_FORESIGHT + OF_DAYS + OF_RECONCILIATION


@contextmanager
def reading(path: Path) -> Iterator[Database]:
    """A connection of its own that cannot write, and sees the database as it was at one moment.

    For threads: nothing of it is shared with the engine's own connections. It may be handed from
    one thread to another, as long as only one uses it at a time. Raises sqlite3.Error.
    """
    address = f"{path.absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(
        address, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA query_only = ON")
        connection.create_collation(AMOUNTS, _compare_amounts)
        connection.execute("BEGIN")
        yield Database(connection)
    finally:
        connection.close()


def _compare_amounts(one: str, other: str) -> int:
    left, right = Decimal(one), Decimal(other)
    return (left > right) - (left < right)
