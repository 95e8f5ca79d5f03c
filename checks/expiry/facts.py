"""The numbers behind a verdict about a credential: facts for the runbook, measures for people."""

from __future__ import annotations

from datetime import datetime, timedelta

from checks.credentials import Held, Holder
from checks.expiry.case import Case, Finding
from checks.expiry.words import (
    WHY_FITS,
    say_ago,
    say_flows,
    say_owner,
    say_span,
    say_system,
    say_what,
)
from checks.model import Fact, Measure
from checks.rejections import Rejection
from checks.words import plain, say_number

# https://doc.wearepatchworks.com/product-documentation/process-flows/error-reporting-and-exception-handling/run-logs-and-queue
PAYLOADS_KEPT = timedelta(hours=72)
VICTIMS_NAMED, VICTIMS_SHOWN = 30, 6
FACTS = (
    "signal",
    "system",
    "system_kind",
    "instance_id",
    "what",
    "holder",
    "owner",
    "known_by",
    "ends_at",
    "ends_in",
    "renewed_by",
    "since",
    "victims",
    "victim_count",
    "at_risk_count",
    "first_error",
    "records_deadline",
    "event",
    "event_source",
)


def facts(case: Case, finding: Finding, now: datetime) -> dict[str, Fact]:
    """Every key of FACTS; None for what does not apply. Times are ISO 8601 in UTC."""
    held = case.held
    ahead = held.ends_at is not None and held.ends_at > now
    known: dict[str, Fact] = {
        "signal": finding.signal,
        "system": say_system(held),
        "system_kind": held.system_kind or None,
        "instance_id": held.instance_id or None,
        "what": say_what(held),
        "holder": held.holder.value,
        "owner": say_owner(held) or None,
        "known_by": held.known_by.value,
        "ends_at": iso(held.ends_at),
        "ends_in": say_span(held.ends_at - now) if held.ends_at and ahead else None,
        "renewed_by": _renewed_by(held),
        "since": iso(held.refused_since),
    }
    if held.holder is Holder.NOBODY:
        known["event"] = plain(held.what, WHY_FITS) or None
        known["event_source"] = (held.source.url if held.source else "") or None
    if case.rejection and case.speaks:
        known |= _rejection_facts(case.rejection)
    return dict.fromkeys(FACTS) | known


def _rejection_facts(rejection: Rejection) -> dict[str, Fact]:
    """`records_deadline` is when Patchworks forgets what the first failed run carried."""
    known: dict[str, Fact] = {
        "since": iso(rejection.since),
        "victims": say_flows(rejection.victims, VICTIMS_NAMED),
        "victim_count": len(rejection.victims),
        "at_risk_count": len(rejection.at_risk),
        "first_error": plain(rejection.line, WHY_FITS) or None,
        "records_deadline": iso(rejection.since + PAYLOADS_KEPT),
    }
    if rejection.instance.kind:
        known["system_kind"] = rejection.instance.kind
    return known


def _renewed_by(held: Held) -> str | None:
    """Who renews it and where; menu paths are Patchworks' own."""
    if held.holder is Holder.NOBODY:
        return None
    if held.renews_itself and not held.needs_person:
        return "itself; a person only when that fails"
    if held.holder is Holder.PLATFORM:
        return "a person in Patchworks: process flows > connectors & instances"
    if held.id == "patchworks":
        return "a person in Patchworks: settings > API keys, then in Seamwatch's settings"
    return f"a person in {say_system(held)}, then in Seamwatch's settings"


def measures(case: Case, finding: Finding, now: datetime) -> tuple[Measure, ...]:
    """How many flows stand, since when, or how long is left; and whom to ask."""
    owner = Measure(label="Owner", measured=say_owner(case.held) or "not declared")
    if finding.signal in ("rejected", "undecided") and case.rejection and case.speaks:
        return (*_rejection_measures(case, case.rejection, now), owner)
    if finding.signal == "refused" and case.held.refused_since:
        refused_for = say_span(now - case.held.refused_since)
        return (Measure(label="Refused for", measured=refused_for), owner)
    if case.held.holder is Holder.NOBODY:
        return _end_measures(case, now)
    return (*_end_measures(case, now), owner)


def _rejection_measures(case: Case, rejection: Rejection, now: datetime) -> tuple[Measure, ...]:
    last = say_ago(now - case.accepted_at) if case.accepted_at else "not known"
    users = max(case.users, len(rejection.victims))
    return (
        Measure(label="Flows stopped", measured=f"{len(rejection.victims)} of {users} that use it"),
        Measure(label="Which", measured=say_flows(rejection.victims, VICTIMS_SHOWN)),
        Measure(label="Failing since", measured=say_ago(now - rejection.since)),
        Measure(label="Last success", measured=last),
    )


def _end_measures(case: Case, now: datetime) -> tuple[Measure, ...]:
    held = case.held
    usual = f"lasts {say_number(held.lasts_days)} d" if held.lasts_days is not None else None
    if held.ends_at is None:
        ends = Measure(label="Ends", measured=held.known_by.value, usual=usual)
    elif held.ends_at > now:
        ends = Measure(label="Ends in", measured=say_span(held.ends_at - now), usual=usual)
    else:
        ends = Measure(label="Ended", measured=say_ago(now - held.ends_at), usual=usual)
    using = (Measure(label="Flows that use it", measured=str(case.users)),) if case.users else ()
    return (ends, *using)


def iso(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None
