"""Reconciliation: records of one system did not arrive in another, or not as they were.

What goes wrong: a flow reports success and yet a record is skipped, sent twice, cut to the length
of a field or turned into another type. Nothing fails, so nobody looks.

Who suffers: the customer whose order never ships, and whoever closes the books.

How early we can know: once a period's records have had their time to arrive, with the first
comparison. What differs was asked for again by its key, so that what is told is there; what could
not be settled is unknown. A later comparison of the same period that finds it whole resolves.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
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


def judge(evidence: ReconcileEvidence, policy: Policy, now: datetime) -> tuple[Verdict, ...]:  # noqa: ARG001 (every check has these)
    """One verdict a period. UNKNOWN: a side could not be read, or what differs is not settled."""
    ordered = sorted(evidence.compared, key=lambda each: (each.pair, each.entity, each.since))
    return tuple(_verdict(each, evidence) for each in ordered)


def _verdict(compared: Compared, evidence: ReconcileEvidence) -> Verdict:
    zone = evidence.zone
    level = _level(compared)
    signal = _signal(compared, level)
    return Verdict(
        check=CHECK_NAME,
        condition=condition_of(compared),
        subject=Subject(kind="reconcile", id=compared.pair, name=_name(compared)),
        level=level,
        signal=signal,
        sentence=say(compared, zone),
        measures=measures(compared),
        facts=_facts(compared, signal)
        | {"period": period(compared, zone)}
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
        fields = sorted({plain(each.field) for each in compared.found} - {""})
        known |= {
            "compared_at": compared.looked_at.isoformat(timespec="seconds"),
            "records": compared.source_records,
            "held": compared.target_records,
            "differing": compared.differing or None,
            "fields": ", ".join(fields) or None,
            "unsettled": compared.doubtful or None,
        }
        known |= {name: compared.by_kind.get(kind) for name, kind in COUNTED.items()}
    return dict.fromkeys(FACTS) | known


CHECK = Check(
    name=CHECK_NAME,
    title="Silent Data Loss",
    judge=judge,
    policy=Policy,
    runbook="reconciliation",
    needs="reconciled",
)
