"""How many records checks found lost in runs that went well, by flow, at the time they found it."""

from __future__ import annotations

from datetime import datetime

from sqlite_utils import Database

from bot.incidents.losing import LOST, Loss
from bot.store.columns import write_time

# A period that is compared again, and differs again, has lost nothing more: its first alert counts.
# A drill has lost nothing at all; it says so in its first entry.
LOSSES = f"""
SELECT coalesce(json_extract(a.facts, '$.flow_id'), a.subject_id), a.check_name, a.subject_id,
  json_extract(a.facts, '$.{LOST}')
FROM alerts AS a
WHERE a.opened_at >= ? AND a.opened_at < ? AND json_extract(a.facts, '$.{LOST}') > 0
  AND (a.subject_kind = 'flow' OR json_extract(a.facts, '$.flow_id') IS NOT NULL)
  AND NOT EXISTS (SELECT 1 FROM alerts AS e WHERE e.key = a.key AND e.id < a.id
    AND a.subject_kind = 'reconcile' AND json_extract(e.facts, '$.{LOST}') > 0)
  AND NOT EXISTS (SELECT 1 FROM timeline AS t WHERE t.incident_id = a.incident_id AND t.seq = 1
    AND coalesce(json_extract(t.data, '$.drill'), 0))
"""  # noqa: S608 (made of constants)


def lost_between(db: Database, since: datetime, until: datetime) -> list[Loss]:
    """What was found lost in this time (UTC), its end left out."""
    rows = db.execute(LOSSES, [write_time(since), write_time(until)])
    return [
        Loss(flow_id=str(flow_id), way=(check, subject), records=int(records))
        for flow_id, check, subject, records in rows
    ]
