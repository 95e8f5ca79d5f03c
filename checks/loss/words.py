"""What is said of a flow that loses records: the sentence, the measures, the runbook's facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo

from checks.failures import InstanceName
from checks.flow_runs.trouble import name_of
from checks.loss.evidence import Recovered
from checks.loss.finding import Finding, Signal, State, Sure
from checks.loss.look import Look
from checks.model import Fact, Measure
from checks.words import plain, say_count

FACTS = (
    "signal",
    "flow",
    "flow_id",
    "signals",
    "sure",
    "lost",
    "records_lost",
    "since",
    "not_seen",
    "first_error",
    "step",
    "instance",
    "system",
    "system_kind",
    "run_id",
    "unsent_since",
    "unsent_until",
    "payload_deadline",
    "last_deadline",
)
SURE = {
    Sure.CERTAIN: "That is certain",
    Sure.LIKELY: "Most likely records are missing at the target",
    Sure.POSSIBLE: "It may be a quiet time, or records may be missing",
}
NAMES = {
    Signal.PARTIAL: "partial success",
    Signal.GREEN_ERRORS: "errors on green runs",
    Signal.UNSENT: "received and not sent",
    Signal.TRACKED: "tracked and never sent",
    Signal.EMPTY: "empty runs",
    Signal.LOW_VOLUME: "low volume",
    Signal.POOL: "pool growth",
    Signal.SILENT: "no run at all",
}
ORDER = {signal: place for place, signal in enumerate(Signal)}
SURENESS = {sure: place for place, sure in enumerate(Sure)}


def in_order(troubles: Sequence[Finding]) -> list[Finding]:
    """The surest first, then by the order of the signals."""
    return sorted(
        troubles, key=lambda each: (SURENESS[each.sure or Sure.POSSIBLE], ORDER[each.signal])
    )


def say_loss(troubles: Sequence[Finding], now: datetime, zone: tzinfo) -> str:
    """What was lost, how sure it is, and until when it can be repaired from the payloads; the time
    is that of `zone`."""
    told = _records_first(troubles)
    says = " ".join(f"{each.says[:1].upper()}{each.says[1:]}." for each in told)
    sure = SURE[troubles[0].sure or Sure.POSSIBLE]
    also = ", ".join(NAMES[each.signal] for each in troubles if each not in told)
    parts = [says, f"{sure}{f' (seen too: {also})' if also else ''}."]
    if clock := _say_deadline(deadlines(troubles), now, zone):
        parts.append(clock)
    return " ".join(parts)


def _records_first(troubles: Sequence[Finding]) -> list[Finding]:
    """What speaks: the surest, and before it what counts records where that counts only runs."""
    first = troubles[0]
    counts = [each for each in troubles[1:] if each.unsent_in and each.sure is first.sure]
    return [first] if first.lost is not None else [*counts, first]


def say_calm(look: Look, findings: Sequence[Finding], zone: tzinfo) -> str:
    """For a flow of which nothing seems lost, with what was sent since, and with what could not be
    decided or not be seen; the time is that of `zone`."""
    open_questions = [each.says for each in findings if each.state is State.UNDECIDED]
    if open_questions:
        return f"Whether {look.name} loses records is not decided: {'; '.join(open_questions)}."
    unseen = ", ".join(NAMES[each.signal] for each in findings if each.state is State.UNSEEN)
    but = f" (not seen: {unseen})" if unseen else ""
    calm = f"{look.name} seems to lose nothing, as far as can be seen{but}."
    return " ".join(filter(None, [_say_recovered(look.recovered, zone), calm]))


def _say_recovered(found: Sequence[Recovered], zone: tzinfo) -> str:
    """That what runs had left behind has gone out; tracked data tell it, so it is no guess."""
    if not found:
        return ""
    late = sum(each.late for each in found)
    runs = say_count(len(found), "run")
    last = _clock(max(each.at for each in found), zone)
    told = say_count(late, "record")
    return f"{told} that {runs} had left behind {_were(late)} sent since, the last on {last}."


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def deadlines(troubles: Sequence[Finding]) -> tuple[datetime | None, datetime | None]:
    """When the first and the last payload of what is known to be lost are deleted."""
    first = [each.deadline for each in troubles if each.deadline]
    last = [each.last_deadline for each in troubles if each.last_deadline]
    return min(first, default=None), max(last, default=None)


def _say_deadline(
    when: tuple[datetime | None, datetime | None], now: datetime, zone: tzinfo
) -> str:
    first, last = when
    if first is None or last is None:
        return ""
    if now < first:
        before = _clock(first, zone)
        return f"Download their payloads before {before}: from then on Patchworks deletes them."
    if now < last:
        before = _clock(last, zone)
        return f"Patchworks deletes their payloads already: download what is left before {before}."
    return "Their payloads are deleted: the records must be sent again from where they come from."


def _clock(at: datetime, zone: tzinfo) -> str:
    """ "Thu 5 Mar, 08:03 GMT"."""
    local = at.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b, %H:%M %Z}"


def measures(findings: Sequence[Finding]) -> tuple[Measure, ...]:
    """Of what was found first, then of what is as usual."""
    ordered = sorted(findings, key=lambda each: (not each.is_trouble, ORDER[each.signal]))
    return tuple(each.measure for each in ordered if each.measure)


def facts(
    look: Look,
    signal: str,
    findings: Sequence[Finding],
    troubles: Sequence[Finding],
    instances: Mapping[str, InstanceName],
) -> dict[str, Fact]:
    """Every key of FACTS; None for what does not apply or is not known. Times are ISO, UTC."""
    unseen = [
        NAMES[each.signal] for each in findings if each.state in (State.UNSEEN, State.UNDECIDED)
    ]
    return dict.fromkeys(FACTS) | {
        "signal": signal,
        "flow": look.name,
        "flow_id": look.flow.flow_id,
        "not_seen": ", ".join(unseen) or None,
        **(_of_trouble(look, troubles, instances) if troubles else {}),
    }


def _of_trouble(
    look: Look, troubles: Sequence[Finding], instances: Mapping[str, InstanceName]
) -> dict[str, Fact]:
    first = troubles[0]
    failure = next((each.failure for each in troubles if each.failure), None)
    only = look.flow.instance_ids[0] if len(set(look.flow.instance_ids)) == 1 else ""
    wanted = (failure.instance_id if failure else "") or only
    instance = instances.get(wanted)
    begin, end = deadlines(troubles)
    unsent = next((each.unsent_in for each in troubles if each.unsent_in), None)
    lost = [each.lost for each in troubles if each.lost is not None]
    return {
        "signals": ", ".join(NAMES[each.signal] for each in troubles),
        "sure": str(first.sure) if first.sure else None,
        "lost": max(lost, default=None),
        "records_lost": lost_on_green_runs(troubles) or None,
        "since": _iso(min((each.since for each in troubles if each.since), default=None)),
        "first_error": failure.line or None if failure else None,
        "step": failure.step or None if failure else None,
        "instance": name_of(instance) if instance else None,
        "system": (plain(instance.system) or None) if instance else None,
        "system_kind": (instance.kind or None) if instance else None,
        "run_id": next((each.run_id for each in troubles if each.run_id), None),
        "unsent_since": _iso(unsent[0]) if unsent else None,
        "unsent_until": _iso(unsent[1]) if unsent else None,
        "payload_deadline": _iso(begin),
        "last_deadline": _iso(end),
    }


def lost_on_green_runs(troubles: Iterable[Finding]) -> int:
    """How many records are certainly lost besides those that logs of partial successes tell of,
    which count as failed ones. Tracked values may be the very same, so these are taken off."""
    sure = {each.signal: each.lost or 0 for each in troubles if each.sure is Sure.CERTAIN}
    tracked = sure.get(Signal.TRACKED, 0) - sure.get(Signal.PARTIAL, 0)
    return max(tracked, sure.get(Signal.GREEN_ERRORS, 0), 0)


def _iso(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None
