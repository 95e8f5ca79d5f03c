"""Reconciliation: records of one system did not arrive in another, or not as they were.

What goes wrong: Silent Data Loss, seen from both ends. A flow reports success and yet a record is
skipped, sent twice, cut to the length of a field or turned into another type. Nothing fails, so
nobody looks.

Who suffers: the customer whose order never ships, and whoever closes the books.

How early we can know: once a period's records have had their time to arrive, with the first
comparison. What differs was asked for again by its key, so that what is told is there; what could
not be settled is unknown. A later comparison of the same period that finds it whole resolves.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer

from checks.durations import Duration
from checks.model import Fact, Level, Subject, Verdict
from checks.policy import CheckPolicy, NofM, parse_n_of_m
from checks.reconcile.evidence import Compared, ReconcileEvidence
from checks.reconcile.model import DifferenceKind, Standing
from checks.reconcile.sentences import measures, period, say, whole
from checks.registry import Check
from checks.words import plain

CHECK_NAME = "reconciliation"
COUNTED = {
    "never_arrived": DifferenceKind.MISSING_IN_TARGET,
    "unexpected": DifferenceKind.MISSING_IN_SOURCE,
    "other_value": DifferenceKind.VALUE_DIFFERS,
    "shortened": DifferenceKind.TRUNCATED,
    "other_type": DifferenceKind.TYPE_CHANGED,
    "twice": DifferenceKind.DUPLICATED,
}
WRONG = (DifferenceKind.VALUE_DIFFERS, DifferenceKind.TYPE_CHANGED)
PAYLOADS_KEPT = timedelta(hours=72)
"""https://doc.wearepatchworks.com/product-documentation/process-flows/error-reporting-and-exception-handling/run-logs-and-queue"""
FACTS = (
    "signal",
    "reconciliation",
    "pair",
    "entity",
    "source",
    "target",
    "system",
    "flow",
    "flow_id",
    "period",
    "compared_at",
    "records",
    "held",
    "differing",
    "fields",
    "unsettled",
    "why",
    "records_lost",
    "shortened_fields",
    "wrong_fields",
    "payload_deadline",
    *COUNTED,
)


class Policy(CheckPolicy):
    """Thresholds of `[checks.reconciliation]`; what may differ is said in `[[reconcile]]`."""

    opens_after: Annotated[NofM, BeforeValidator(parse_n_of_m), PlainSerializer(str)] = Field(
        default=NofM(needed=1, of=1),
        description="troubled rounds of the last rounds before an incident opens; one, because "
        "what differs was asked for again before it is told",
    )
    stay_clear: Duration = Field(
        default=timedelta(0),
        description="how long a period must be whole before its incident closes; one clean "
        "comparison is enough",
    )
    reopen_after: Duration = Field(
        default=timedelta(days=1),
        description="how long a period may differ after a person resolved it before we say so",
    )


def judge(evidence: ReconcileEvidence, policy: Policy, now: datetime) -> tuple[Verdict, ...]:  # noqa: ARG001 (every check has one)
    """One verdict a period. UNKNOWN: a side could not be read, or what differs is not settled."""
    ordered = sorted(evidence.compared, key=lambda each: (each.pair, each.entity, each.since))
    return tuple(_verdict(each, evidence, now) for each in ordered)


def _verdict(compared: Compared, evidence: ReconcileEvidence, now: datetime) -> Verdict:
    zone = evidence.zone
    level = _level(compared)
    signal = _signal(compared, level)
    return Verdict(
        check=CHECK_NAME,
        condition=condition_of(compared),
        subject=Subject(kind="reconcile", id=compared.pair, name=_name(compared)),
        level=level,
        signal=signal,
        sentence=say(compared, zone) + _say_deadline(compared, level, zone, now),
        measures=measures(compared),
        facts=_facts(compared, signal)
        | {"period": period(compared, zone)}
        | {"records_lost": _lost(compared, evidence.failed)}
        | _flow(evidence.flows.get(compared.pair)),
    )


def condition_of(compared: Compared) -> str:
    """What is compared and the start of its period; a pairing is compared period by period."""
    return f"{plain(compared.entity)} {compared.since.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def _name(compared: Compared) -> str:
    said = whole(compared)
    return said[:1].upper() + said[1:]


def _level(compared: Compared) -> Level:
    if compared.looked_at is None or compared.blind or compared.standing is Standing.UNSURE:
        return Level.UNKNOWN
    return Level.BREACH if compared.standing is Standing.DIFFERENT else Level.OK


def _signal(compared: Compared, level: Level) -> str:
    """The gravest kind that was found; it may change while the period differs."""
    if level is Level.OK:
        return "clear"
    if compared.looked_at is None or compared.blind:
        return "unseen"
    if level is Level.UNKNOWN:
        return "unsettled"
    return next((name for name, kind in COUNTED.items() if compared.by_kind.get(kind)), "totals")


def deadline_of(compared: Compared) -> datetime:
    """When the first payload of a period may be deleted (UTC): Patchworks keeps those of a run for
    72 hours, and a record of the period was carried at its start at the earliest."""
    return compared.since + PAYLOADS_KEPT


def _say_deadline(compared: Compared, level: Level, zone: tzinfo, now: datetime) -> str:
    """Until when what never arrived can be sent again from its payloads; "" for what did."""
    missing = compared.by_kind.get(DifferenceKind.MISSING_IN_TARGET)
    if level is not Level.BREACH or not missing:
        return ""
    first = deadline_of(compared)
    if now < first:
        before = clock_of(first, zone)
        return f" Send them again before {before}: from then on Patchworks deletes their payloads."
    source = plain(compared.source)
    return f" Patchworks deletes their payloads already: send them again from {source}."


def clock_of(at: datetime, zone: tzinfo) -> str:
    """ "Thu 5 Mar, 08:03 GMT"."""
    local = at.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b, %H:%M %Z}"


def _lost(compared: Compared, failed: Mapping[int, int]) -> int | None:
    """How many never arrived besides those that failed runs tell of, also where they came since."""
    return max(0, compared.never_arrived - failed.get(compared.id, 0)) or None


def _flow(known: tuple[str, str] | None) -> dict[str, Fact]:
    """What carries the records, so that what was changed of it is told, and whose it is."""
    return {"flow_id": known[0], "flow": plain(known[1])} if known else {}


def _facts(compared: Compared, signal: str) -> dict[str, Fact]:
    """Every key of FACTS; None for what does not apply. No key of a record is among them."""
    known: dict[str, Fact] = {
        "signal": signal,
        "reconciliation": compared.id,
        "pair": plain(compared.pair),
        "entity": plain(compared.entity),
        "source": plain(compared.source),
        "target": plain(compared.target),
        "system": plain(compared.target),
        "why": plain(compared.blind or "; ".join(compared.doubts), 300) or None,
    }
    if compared.looked_at is not None:
        known |= {
            "compared_at": compared.looked_at.isoformat(timespec="seconds"),
            "records": compared.source_records,
            "held": compared.target_records,
            "differing": compared.differing or None,
            "fields": _fields(compared, *DifferenceKind),
            "unsettled": compared.doubtful or None,
            "shortened_fields": _fields(compared, DifferenceKind.TRUNCATED),
            "wrong_fields": _fields(compared, *WRONG),
            "payload_deadline": deadline_of(compared).isoformat(timespec="seconds"),
        }
        known |= {name: compared.by_kind.get(kind) for name, kind in COUNTED.items()}
    return dict.fromkeys(FACTS) | known


def _fields(compared: Compared, *kinds: DifferenceKind) -> str | None:
    told = {plain(each.field) for each in compared.found if each.kind in kinds}
    return ", ".join(sorted(told - {""})) or None


CHECK = Check(
    name=CHECK_NAME,
    title="Records do not match",
    judge=judge,
    policy=Policy,
    runbook="reconciliation",
    needs="reconciled",
)
