"""Writes the post-incident report: Markdown that reads as well raw as it does shown. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from bot.costs import say_cost
from bot.incidents.model import Alert, Entry, Kind, State
from bot.reports.chronicle import (
    before,
    done_on_patchworks,
    follow_ups,
    runbook,
    timeline,
    votes,
    who_was_told,
)
from bot.reports.facts import NO_FATE, Facts, Struck
from bot.reports.wording import SENTENCE, clock, person, plain, say_end, say_fate
from bot.slack.render.text import count, lasted, stopped
from checks.durations import say_duration

ALERTS = 50
NAMED_FLOWS = (("victims", "Stopped"), ("flows", "At odds"), ("blocking_flow", "In the way"))
"""Facts in which checks name flows, in words."""


def write(facts: Facts) -> str:
    """The whole report."""
    sections: Sequence[tuple[str, Iterable[str]]] = (
        ("In numbers", _numbers(facts)),
        ("What it was", _what(facts)),
        ("What was affected", _affected(facts)),
        ("Timeline", timeline(facts)),
        ("Who was told", who_was_told(facts)),
        ("Runbook", runbook(facts)),
        ("Done on Patchworks", done_on_patchworks(facts)),
        ("Votes", votes(facts)),
        ("Before", before(facts)),
        ("Follow-ups", follow_ups(facts)),
    )
    parts = [
        f"# Incident #{facts.incident.id}: {_subject(facts)}",
        _summary(facts),
        _written(facts),
    ]
    for heading, lines in sections:
        if body := "\n".join(lines):
            parts.append(f"## {heading}\n\n{body}")
    return "\n\n".join(parts) + "\n"


def time_in_states(entries: Sequence[Entry], until: datetime) -> Mapping[State, timedelta]:
    """How long it was in each state, up to `until` or to its end."""
    spent: dict[State, timedelta] = {}
    for entry, later in zip(entries, [*entries[1:], None], strict=True):
        if entry.to_state is not State.RESOLVED:
            end = until if later is None else later.at
            spent[entry.to_state] = spent.get(entry.to_state, timedelta(0)) + (end - entry.at)
    return spent


def _subject(facts: Facts) -> str:
    """ "Stalled Queue Syndrome, the run queue" of the first alert, and how many more there are."""
    if not facts.alerts:
        return "nothing more is known of it"
    more = len(facts.alerts) - 1
    return _about(facts, facts.alerts[0]) + (f", and {more} more" if more else "")


def _about(facts: Facts, alert: Alert) -> str:
    title = facts.titles.get(alert.check, alert.check.replace("_", " "))
    return f"{plain(title)}, {plain(alert.subject.name or alert.subject.id)}"


def _summary(facts: Facts) -> str:
    """One paragraph: what was wrong, how grave, when, who took it, how it ended."""
    incident = facts.incident
    first = facts.entries[0].reason if facts.entries else ""
    taken = incident.first_acknowledged_at
    by = next((each.actor for each in facts.entries if each.kind is Kind.ACKNOWLEDGED), None)
    parts = [
        stopped(plain(first, SENTENCE)),
        f"It was noticed {clock(facts, incident.opened_at)}, {incident.worst.word} at worst.",
        f"{person(facts, by.who)} took it in hand after {lasted(incident.opened_at, taken)}."
        if by and taken
        else "Nobody acknowledged it.",
        say_end(facts, incident),
        say_fate(facts),
    ]
    return " ".join(filter(None, parts))


def _written(facts: Facts) -> str:
    estate = plain(f"{facts.estate}.")  # with its full stop, or a "1" would begin a list
    return (
        f"{estate} Written {clock(facts, facts.now)}; all times are by the clocks of "
        f"{facts.zone.key}."
    )


def _numbers(facts: Facts) -> Iterator[str]:
    incident = facts.incident
    taken, until = incident.first_acknowledged_at, incident.resolved_at
    acknowledged = lasted(incident.opened_at, taken) if taken else "never acknowledged"
    yield f"- Time to acknowledge (MTTA): {acknowledged}"
    yield f"- Duration: {_duration(facts)}"
    for state, spent in time_in_states(facts.entries, until or facts.now).items():
        yield f"- Time {state.value}: {say_duration(spent)}"
    fallen = f", {incident.severity.word} in the end" if incident.severity < incident.worst else ""
    yield f"- Severity: {incident.worst.word} at worst{fallen}"
    if facts.cost is not None and (said := say_cost(facts.cost)):
        yield f"- Cost: {plain(said, SENTENCE)}"
    for part in facts.parts:
        names = ", ".join(each.name for each in part.parties)
        yield f"- {part.role.value.capitalize()}: {plain(names, SENTENCE)}"


def _duration(facts: Facts) -> str:
    """Up to the moment at which the fault was gone, not merely called resolved."""
    incident, fate = facts.incident, facts.fate
    until = incident.resolved_at
    if until is None:
        return f"{lasted(incident.opened_at, facts.now)} so far"
    resolved = lasted(incident.opened_at, until)
    if fate.next_id is not None:
        return f"resolved after {resolved}, but #{fate.next_id} goes on with it"
    if fate.still_there_at is not None:
        so_far = lasted(incident.opened_at, max(until, fate.still_there_at))
        return f"still there, {so_far} so far (resolved after {resolved})"
    if fate.gone_at is not None:
        return f"{lasted(incident.opened_at, fate.gone_at)} (resolved after {resolved})"
    return resolved


def _what(facts: Facts) -> Iterator[str]:
    """Every alert in its last words, with what was measured beside what is usual."""
    for alert in facts.alerts[:ALERTS]:
        yield f"- {_about(facts, alert)}: {stopped(plain(alert.sentence, SENTENCE))}"
        for measure in alert.measures:
            usual = f" (usual {plain(measure.usual)})" if measure.usual else ""
            yield f"  - {plain(measure.label)}: {plain(measure.measured)}{usual}"
        seen = f"from {clock(facts, alert.opened_at)} to {clock(facts, alert.last_seen_at)}"
        yield f"  - Seen in {count(alert.count, 'round')}, {seen}{_gone(facts, alert)}"
    if left := len(facts.alerts) - ALERTS:
        yield from [f"- And {count(left, 'more alert')}."] if left > 0 else []


def _gone(facts: Facts, alert: Alert) -> str:
    """When it was gone; what a person resolved may have stood all the same."""
    if alert.cleared_at is None:
        return ""
    if facts.fate == NO_FATE or alert.cleared_at != facts.incident.resolved_at:
        return f", gone {clock(facts, alert.cleared_at)}"
    return f", resolved {clock(facts, alert.cleared_at)}. {say_fate(facts).removesuffix('.')}"


def _affected(facts: Facts) -> Iterator[str]:
    struck = {each.flow for each in facts.struck}
    for each in facts.struck:
        yield f"- {plain(each.flow)}{_how_named(facts, each)}{_how_hard(each)}"
    for key, label in NAMED_FLOWS:
        told = dict.fromkeys(
            str(alert.facts[key]) for alert in facts.alerts if alert.facts.get(key)
        )
        for names in told:
            if names not in struck:
                yield f"- {label}: {plain(names, SENTENCE)}"
    if any(each.failed for each in facts.struck):
        yield "\nCounted from the logs of runs, as far as they were read and are still stored."


def _how_named(facts: Facts, each: Struck) -> str:
    """What else is said of a flow that is listed, so that it stands there once."""
    labels = [
        label.lower()
        for key, label in NAMED_FLOWS
        if any(str(alert.facts.get(key, "")) == each.flow for alert in facts.alerts)
    ]
    return f" ({', '.join(labels)})" if labels and each.flow else ""


def _how_hard(each: Struck) -> str:
    if not each.failed:
        return ""
    said = f": {count(each.failed, 'failed run')}"
    if each.untold == each.failed:
        return f"{said}; how many records they concern was not told"
    untold = f" ({count(each.untold, 'run')} did not tell)" if each.untold else ""
    return f"{said}, {count(each.records, 'record')}{untold}"
