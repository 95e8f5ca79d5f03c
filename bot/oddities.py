"""What the check on odd flows is given: what was weighed when the newest hour was over, kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

from pydantic import TypeAdapter

from bot.store import Database, Store, covered, incidents, runs
from bot.store.readings import hour_of
from checks.failures import FailureEvidence
from checks.oddities.evidence import OddEvidence, Told, Weighed

OURS = "odd_flow"
NAME = "weighed"
GRACE = timedelta(minutes=5)

_WEIGHED = TypeAdapter(Weighed)


def weigh_once_an_hour(store: Store, now: datetime) -> None:
    """Weigh all hours that are over, unless that has been done.

    An hour is over when every start of a run is known until some minutes after it, so that most of
    its runs have ended too: else those that take long would be the ones that are missing.
    """
    reached = covered.known_until(store.db)
    if reached is None:
        return
    until, before = hour_of(min(now, reached) - GRACE), find_weighed(store.db)
    if before is not None and before.until >= until:
        return
    from bot.weighing import weigh  # numpy is not for those who only ask

    weighed = weigh(store.db, until)
    with store.writing() as db:
        runs.save_snapshot(db, NAME, now, _WEIGHED.dump_python(weighed, mode="json"))


def find_weighed(db: Database) -> Weighed | None:
    """None before the first time."""
    text = runs.find_snapshot_text(db, NAME)
    return _read(text) if text is not None else None


def odd_evidence(db: Database, failures: FailureEvidence) -> OddEvidence:
    """What was weighed, and what stands already by other checks' word."""
    return OddEvidence(
        weighed=find_weighed(db),
        failures=failures,
        told=tuple(
            Told(
                check=alert.check,
                kind=alert.subject.kind,
                id=alert.subject.id,
                incident=alert.incident_id,
            )
            for alert in incidents.open_alerts(db).values()
            if alert.check != OURS
        ),
    )


@lru_cache(maxsize=2)
def _read(text: str) -> Weighed:
    return _WEIGHED.validate_json(text)
