"""What goes beside the sentence about an odd flow: the measures, and the facts of its runbook."""

from __future__ import annotations

from collections.abc import Callable

from checks.model import Fact, Measure
from checks.oddities.evidence import Oddity
from checks.oddities.look import Look, Together
from checks.oddities.strength import Strength
from checks.oddities.words import say_seconds, shown, usual_failed
from checks.words import plain, say_number

FACTS = (
    "signal",
    "flow",
    "flow_id",
    "instance",
    "system",
    "system_kind",
    "flows",
    "measured",
    "usual",
    "times",
    "since",
    "failed",
    "of",
    "usual_failed",
)


def measures(look: Look) -> tuple[Measure, ...]:
    """What is shown beside the sentence."""
    found = []
    slow, failing = look.hours.slow, look.hours.failing
    if slow is not None:
        measured, usual = shown(slow, look.slow)
        measure = Measure(label="A run", measured=say_seconds(measured), usual=say_seconds(usual))
        found.append(measure)
    if failing is not None:
        of = f"{failing.failed} of {failing.runs}"
        found.append(Measure(label="Failed in an hour", measured=of, usual=usual_failed(failing)))
    return tuple(found)


def queue_measures(oddity: Oddity, deep: Strength) -> tuple[Measure, ...]:
    measured, usual = shown(oddity, deep)
    measure = Measure(label="Waiting", measured=say_number(measured), usual=say_number(usual))
    return (measure,)


def facts(look: Look, signal: str) -> dict[str, Fact]:
    """Every key of FACTS; None for what does not apply or is not known. Times are ISO, UTC."""
    slow, failing = look.hours.slow, look.hours.failing
    found = dict.fromkeys(FACTS) | {
        "signal": signal,
        "flow": look.name,
        "flow_id": look.flow.flow_id,
    }
    if slow:
        found |= _amounts(slow, look.slow, say_seconds)
    if failing and look.failing.is_odd:
        found |= {
            "failed": failing.failed,
            "of": failing.runs,
            "usual_failed": usual_failed(failing),
        }
    return found


def instance_facts(each: Together, signal: str) -> dict[str, Fact]:
    return dict.fromkeys(FACTS) | {
        "signal": signal,
        "instance": each.name,
        "system": plain(each.instance.system) or None,
        "system_kind": each.instance.kind or None,
        "flows": ", ".join(look.name for look in each.looks) or None,
    }


def queue_facts(oddity: Oddity, deep: Strength, signal: str) -> dict[str, Fact]:
    return dict.fromkeys(FACTS) | {"signal": signal} | _amounts(oddity, deep, say_number)


def _amounts(oddity: Oddity, how: Strength, say: Callable[[float], str]) -> dict[str, Fact]:
    """Of an amount: measured, usual, how many times that, since when it drifts."""
    measured, usual = shown(oddity, how)
    since = oddity.since if how is Strength.SLOW else None
    return {
        "measured": say(measured),
        "usual": say(usual),
        "times": say_number(measured / usual) if usual > 0 else None,
        "since": since.isoformat(timespec="seconds") if since else None,
    }
