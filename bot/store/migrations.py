"""The schema, step by step: a step is appended and never edited once it has been released.

Times of the domain are TEXT, UTC, in one width, so that they sort; times of transport (claims,
retries, lease) are REAL seconds of the machine's clock. What must never be wrong is a constraint
or a trigger here, so that no code path can get round it.
"""

from __future__ import annotations

import sqlite3

from sqlite_utils import Database, Migrations

from bot.store.followed import SCHEMA as FOLLOWED
from bot.store.loss import SCHEMA as LOSS
from bot.store.once_schema import ONCE
from bot.store.reconciliations import SCHEMA as RECONCILIATIONS
from bot.store.response_schema import RESPONSE
from bot.store.run_days_schema import SCHEMA as RUN_DAYS
from bot.store.shapes import SCHEMA as SHAPES
from bot.store.untold_schema import UNTOLD
from bot.store.views import SCHEMA as VIEWS
from bot.store.views import SUMS

MIGRATIONS = Migrations("seamwatch")

READINGS = """
CREATE TABLE readings (
  subject TEXT NOT NULL, metric TEXT NOT NULL, at TEXT NOT NULL, value REAL NOT NULL,
  PRIMARY KEY (subject, metric, at)
) WITHOUT ROWID;
CREATE INDEX readings_at ON readings (at);
CREATE TABLE rollups (
  subject TEXT NOT NULL, metric TEXT NOT NULL, hour TEXT NOT NULL,
  count INTEGER NOT NULL, total REAL NOT NULL, busiest REAL NOT NULL,
  observed REAL NOT NULL CHECK (observed BETWEEN 0 AND 1),
  PRIMARY KEY (subject, metric, hour)
) WITHOUT ROWID;
CREATE TABLE snapshots (name TEXT PRIMARY KEY, at TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE runs (
  id TEXT PRIMARY KEY, flow_id TEXT NOT NULL, flow_name TEXT NOT NULL, status TEXT NOT NULL,
  started_at TEXT NOT NULL, finished_at TEXT, run_trigger TEXT NOT NULL, summary TEXT NOT NULL
);
CREATE INDEX runs_of_flow ON runs (flow_id, started_at);
CREATE INDEX runs_started ON runs (started_at);
CREATE INDEX runs_unfinished ON runs (started_at) WHERE finished_at IS NULL;
CREATE TABLE waits (
  job_id TEXT PRIMARY KEY, flow_id TEXT NOT NULL, queued_at TEXT NOT NULL, seen_at TEXT NOT NULL,
  left_at TEXT
);
CREATE INDEX waits_of_flow ON waits (flow_id, left_at);
"""

INCIDENTS = """
CREATE TABLE incidents (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  state TEXT NOT NULL CHECK (state IN ('triggered', 'acknowledged', 'resolved')),
  severity INTEGER NOT NULL CHECK (severity BETWEEN 1 AND 3),
  worst INTEGER NOT NULL CHECK (worst BETWEEN severity AND 3),
  opened_at TEXT NOT NULL, version INTEGER NOT NULL,
  holder TEXT, acknowledged_at TEXT, first_acknowledged_at TEXT,
  resolved_at TEXT, resolved_by TEXT, resolved_via TEXT, resolution TEXT NOT NULL DEFAULT '',
  previous_id INTEGER REFERENCES incidents (id), standing INTEGER NOT NULL DEFAULT 0,
  CHECK ((state = 'resolved') = (resolved_at IS NOT NULL)),
  CHECK (state <> 'acknowledged' OR (holder IS NOT NULL AND acknowledged_at IS NOT NULL)),
  CHECK (state <> 'triggered' OR (holder IS NULL AND acknowledged_at IS NULL))
);
CREATE INDEX incidents_open ON incidents (id) WHERE state <> 'resolved';
CREATE INDEX incidents_resolved ON incidents (resolved_at);

CREATE TABLE timeline (
  incident_id INTEGER NOT NULL REFERENCES incidents (id), seq INTEGER NOT NULL,
  at TEXT NOT NULL, kind TEXT NOT NULL, who TEXT NOT NULL, via TEXT NOT NULL,
  from_state TEXT, to_state TEXT NOT NULL, reason TEXT NOT NULL, data TEXT NOT NULL,
  PRIMARY KEY (incident_id, seq)
) WITHOUT ROWID;

CREATE TRIGGER resolved_is_terminal BEFORE UPDATE ON incidents WHEN OLD.state = 'resolved'
BEGIN SELECT RAISE(ABORT, 'a resolved incident never changes'); END;
CREATE TRIGGER incidents_stay BEFORE DELETE ON incidents
BEGIN SELECT RAISE(ABORT, 'incidents are never deleted'); END;
CREATE TRIGGER change_needs_entry BEFORE UPDATE ON incidents
WHEN NOT EXISTS (
  SELECT 1 FROM timeline WHERE incident_id = NEW.id AND seq = NEW.version
    AND to_state = NEW.state AND from_state = OLD.state AND NEW.version = OLD.version + 1)
BEGIN SELECT RAISE(ABORT, 'an incident changes only with an entry in its timeline'); END;
CREATE TRIGGER timeline_is_append_only BEFORE UPDATE ON timeline
BEGIN SELECT RAISE(ABORT, 'the timeline is append-only'); END;
CREATE TRIGGER timeline_stays BEFORE DELETE ON timeline
BEGIN SELECT RAISE(ABORT, 'the timeline is append-only'); END;

CREATE TABLE alerts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  key TEXT NOT NULL CHECK (length(key) <= 512),
  incident_id INTEGER NOT NULL REFERENCES incidents (id),
  opened_at TEXT NOT NULL, last_seen_at TEXT NOT NULL, cleared_at TEXT,
  count INTEGER NOT NULL CHECK (count >= 1),
  check_name TEXT NOT NULL, subject_kind TEXT NOT NULL, subject_id TEXT NOT NULL,
  subject_name TEXT NOT NULL, level TEXT NOT NULL, signal TEXT NOT NULL, sentence TEXT NOT NULL,
  measures TEXT NOT NULL, facts TEXT NOT NULL, expected_at TEXT
);
CREATE UNIQUE INDEX one_open_alert_per_key ON alerts (key) WHERE cleared_at IS NULL;
CREATE INDEX alerts_of_incident ON alerts (incident_id);
CREATE INDEX alerts_of_key ON alerts (key, id);
CREATE TRIGGER cleared_is_terminal BEFORE UPDATE ON alerts WHEN OLD.cleared_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a cleared alert never changes'); END;

CREATE TABLE watchpoints (
  key TEXT PRIMARY KEY, recent TEXT NOT NULL, seen_at TEXT, clear_since TEXT,
  quiet_since TEXT, quiet_incident INTEGER REFERENCES incidents (id)
);
"""

OUTBOX = """
CREATE TABLE outbox (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  topic TEXT NOT NULL, incident_id INTEGER REFERENCES incidents (id),
  destination TEXT NOT NULL,
  purpose TEXT NOT NULL CHECK (purpose IN ('root', 'edit', 'line', 'notice')),
  step INTEGER NOT NULL,
  created_at TEXT NOT NULL, body TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT 'pending'
    CHECK (state IN ('pending', 'claimed', 'sent', 'superseded')),
  due REAL NOT NULL, claim INTEGER NOT NULL DEFAULT 0, fence INTEGER,
  ambiguous INTEGER NOT NULL DEFAULT 0, possible_repeat INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0, problem TEXT NOT NULL DEFAULT '',
  ts TEXT,
  UNIQUE (topic, destination, purpose, step),
  CHECK (purpose = 'notice' OR incident_id IS NOT NULL),
  CHECK ((state = 'sent') = (ts IS NOT NULL))
);
CREATE INDEX outbox_pending ON outbox (due) WHERE state = 'pending';
CREATE INDEX outbox_claimed ON outbox (fence) WHERE state = 'claimed';
CREATE INDEX outbox_of_incident ON outbox (incident_id, destination, purpose, step);
CREATE INDEX outbox_roots ON outbox (ts) WHERE purpose = 'root';
CREATE TRIGGER sent_is_terminal BEFORE UPDATE ON outbox WHEN OLD.state IN ('sent', 'superseded')
BEGIN SELECT RAISE(ABORT, 'a sent message is never sent again'); END;

CREATE TABLE lease (
  id INTEGER PRIMARY KEY CHECK (id = 1), fence INTEGER NOT NULL, host TEXT NOT NULL,
  pid INTEGER NOT NULL, process_started TEXT NOT NULL, expires REAL NOT NULL
);
CREATE TRIGGER fence_only_rises BEFORE UPDATE ON lease WHEN NEW.fence < OLD.fence
BEGIN SELECT RAISE(ABORT, 'the fencing number never falls'); END;
"""

CALLS = """
ALTER TABLE runs ADD COLUMN received INTEGER CHECK (received >= 0);
ALTER TABLE runs ADD COLUMN sent INTEGER CHECK (sent >= 0);
ALTER TABLE runs ADD COLUMN warned INTEGER;
ALTER TABLE runs ADD COLUMN counted INTEGER NOT NULL DEFAULT 0;
CREATE INDEX runs_uncounted ON runs (flow_id) WHERE counted = 0
  AND finished_at IS NOT NULL AND received IS NOT NULL AND sent IS NOT NULL;
CREATE TABLE calls (
  instance_id TEXT NOT NULL, flow_id TEXT NOT NULL, minute TEXT NOT NULL,
  calls INTEGER NOT NULL CHECK (calls > 0),
  PRIMARY KEY (instance_id, minute, flow_id)
) WITHOUT ROWID;
CREATE INDEX calls_minute ON calls (minute);
CREATE TABLE covered (
  since TEXT PRIMARY KEY, until TEXT NOT NULL, CHECK (since < until)
) WITHOUT ROWID;

CREATE TABLE failures (
  run_id TEXT PRIMARY KEY, flow_id TEXT NOT NULL, instance_id TEXT NOT NULL, at TEXT NOT NULL,
  status TEXT NOT NULL, cause TEXT NOT NULL, line TEXT NOT NULL, step TEXT NOT NULL,
  records INTEGER
);
CREATE INDEX failures_at ON failures (at);
CREATE INDEX failures_of_flow ON failures (flow_id, at);

ALTER TABLE rollups ADD COLUMN refusals INTEGER NOT NULL DEFAULT 0;
CREATE INDEX rollups_hour ON rollups (hour);
CREATE TABLE stale_hours (hour TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TRIGGER failure_makes_stale AFTER INSERT ON failures
BEGIN
  INSERT OR IGNORE INTO stale_hours VALUES (substr(NEW.at, 1, 13) || ':00:00.000000+00:00');
END;
"""


FORESIGHT = """
CREATE TABLE learned (series_id TEXT PRIMARY KEY, fitted_at TEXT NOT NULL, body BLOB NOT NULL);
CREATE TABLE forecasts (
  limit_id TEXT PRIMARY KEY, made_at TEXT NOT NULL, body TEXT NOT NULL, band TEXT NOT NULL
);

CREATE TABLE predictions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  limit_id TEXT NOT NULL, key TEXT NOT NULL, system TEXT NOT NULL,
  opened_at TEXT NOT NULL, horizon REAL NOT NULL, chance REAL NOT NULL,
  soonest TEXT, middle TEXT, latest TEXT,
  settled_at TEXT,
  outcome TEXT NOT NULL DEFAULT ''
    CHECK (outcome IN ('', 'hit', 'false', 'averted', 'missed')),
  reason TEXT NOT NULL DEFAULT '', breached_at TEXT,
  CHECK ((outcome = '') = (settled_at IS NULL)),
  CHECK ((outcome IN ('hit', 'missed')) = (breached_at IS NOT NULL))
);
CREATE UNIQUE INDEX one_open_prediction_per_limit ON predictions (limit_id) WHERE outcome = '';
CREATE INDEX predictions_settled ON predictions (settled_at);
CREATE TRIGGER settled_is_terminal BEFORE UPDATE ON predictions WHEN OLD.outcome <> ''
BEGIN SELECT RAISE(ABORT, 'a settled prediction never changes'); END;
CREATE TRIGGER prediction_is_kept_as_made BEFORE UPDATE ON predictions
WHEN (OLD.limit_id, OLD.key, OLD.system, OLD.opened_at, OLD.horizon, OLD.chance, OLD.soonest,
    OLD.middle, OLD.latest)
  IS NOT (NEW.limit_id, NEW.key, NEW.system, NEW.opened_at, NEW.horizon, NEW.chance, NEW.soonest,
    NEW.middle, NEW.latest)
BEGIN SELECT RAISE(ABORT, 'what was predicted never changes'); END;
CREATE TRIGGER predictions_stay BEFORE DELETE ON predictions
BEGIN SELECT RAISE(ABORT, 'predictions are never deleted'); END;

CREATE TABLE imported (
  digest TEXT PRIMARY KEY, at TEXT NOT NULL, file TEXT NOT NULL, rows INTEGER NOT NULL,
  hours INTEGER NOT NULL, since TEXT NOT NULL, until TEXT NOT NULL
);
CREATE TABLE changed_hours (version INTEGER PRIMARY KEY AUTOINCREMENT, hour TEXT NOT NULL UNIQUE);
CREATE TRIGGER call_hour_changed AFTER INSERT ON rollups WHEN NEW.metric IN ('calls', 'operations')
BEGIN
  DELETE FROM changed_hours WHERE hour = NEW.hour;
  INSERT INTO changed_hours (hour) VALUES (NEW.hour);
END;
"""


def _run(db: Database, script: str) -> None:
    """Statement by statement, so that the step stays one transaction."""

    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            db.execute(statement)
            statement = ""


@MIGRATIONS()
def m001_readings(db: Database) -> None:
    _run(db, READINGS)


@MIGRATIONS()
def m002_incidents(db: Database) -> None:
    _run(db, INCIDENTS)


@MIGRATIONS()
def m003_outbox(db: Database) -> None:
    _run(db, OUTBOX)


@MIGRATIONS()
def m004_calls(db: Database) -> None:
    _run(db, CALLS)


@MIGRATIONS()
def m005_foresight(db: Database) -> None:
    _run(db, FORESIGHT)


@MIGRATIONS()
def m006_response(db: Database) -> None:
    _run(db, RESPONSE)


@MIGRATIONS()
def m007_untold_predictions(db: Database) -> None:
    _run(db, UNTOLD)


@MIGRATIONS()
def m008_reconciliations(db: Database) -> None:
    _run(db, RECONCILIATIONS)


@MIGRATIONS()
def m009_shapes(db: Database) -> None:
    _run(db, SHAPES)


@MIGRATIONS()
def m010_run_days(db: Database) -> None:
    _run(db, RUN_DAYS)


@MIGRATIONS()
def m011_views(db: Database) -> None:
    _run(db, VIEWS)


@MIGRATIONS()
def m012_loss(db: Database) -> None:
    _run(db, LOSS)


@MIGRATIONS()
def m013_once(db: Database) -> None:
    _run(db, ONCE)


@MIGRATIONS()
def m014_sums(db: Database) -> None:
    _run(db, SUMS)


@MIGRATIONS()
def m015_followed(db: Database) -> None:
    _run(db, FOLLOWED)
