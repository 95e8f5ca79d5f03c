"""The sections of a report that tell what people and rules did, line by line. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.incidents.model import Entry, Kind, State
from bot.reports.facts import Facts
from bot.reports.markdown import literal
from bot.reports.wording import SENTENCE, actor_of, called, clock, person, plain, say_end, time_of
from bot.slack.render.entries import say_entry
from bot.slack.render.report import unmarked
from bot.store.reporting import Told

FOLLOW_UPS = ("follow-up:", "follow up:", "followup:", "todo:", "to do:")
"""How a note begins that is a task for afterwards."""

PAGED = {
    State.TRIGGERED: "trigger",
    State.ACKNOWLEDGED: "acknowledge",
    State.SNOOZED: "acknowledge",
    State.RESOLVED: "resolve",
}
"""What a paging service is told of a state: it knows these three acts only
(https://developer.pagerduty.com/docs/events-api-v2-overview)."""


def timeline(facts: Facts) -> Iterator[str]:
    """Every entry: when, who, what."""
    for entry in facts.entries:
        yield f"- {clock(facts, entry.at)} · {actor_of(facts, entry)} · {_words(facts, entry)}"


def _words(facts: Facts, entry: Entry) -> str:
    """As the thread says it; whom a step mentioned is among whom it told."""
    data = {key: value for key, value in entry.data.items() if key != "mentions"}
    said = say_entry(replace(entry, data=data))
    return literal(unmarked(said, lambda who: called(facts, who), lambda at: time_of(facts, at)))


def who_was_told(facts: Facts) -> Iterator[str]:
    """Every message that was to be noticed: when, and who."""
    for each in facts.told:
        waits = "" if each.arrived else ", not delivered yet"
        again = " again" if each.again and not each.seq else ""
        yield f"- {clock(facts, each.at)} · {_place(facts, each)}{again}{waits}"


def _place(facts: Facts, each: Told) -> str:
    kind, _, place = each.destination.partition("/")
    known = facts.places.get(each.destination)
    match kind:
        case "dm":
            return f"{person(facts, place)}, in a direct message"
        case "pager":
            return f"the pager {plain(place)}{_paged(facts, each)}"
        case _:
            return f"the channel {plain(known or place)}"


def _paged(facts: Facts, each: Told) -> str:
    """What a paging service was told to do, by the state that the incident had come to."""
    state = next((entry.to_state for entry in facts.entries if entry.seq == each.seq), None)
    return f": {PAGED[state]}" if state else ""


def runbook(facts: Facts) -> Iterator[str]:
    """The pages, and of each step what was said of it last."""
    for name, title in facts.pages.items():
        yield f"- {plain(title)} (`/seam runbook {name}`)"
    last = {
        (str(each.data.get("page")), int(each.data.get("step") or 0)): each
        for each in facts.entries
        if each.kind is Kind.CHECKED
    }
    for key, each in sorted(last.items(), key=lambda item: (item[0][0], item[1].seq)):
        done = "x" if each.data.get("done", 1) else " "
        text = f": {plain(each.reason, SENTENCE)}" if each.reason else ""
        by = f"{person(facts, each.actor.who)}, {clock(facts, each.at)}"
        place = facts.steps.get(key)  # a page that was rewritten since has other steps
        yield f"- [{done}] {f'Step {place}' if place else 'A step'}{text} ({by})"
    if facts.pages and not last:
        yield "- No step of it was ticked off."


def done_on_patchworks(facts: Facts) -> Iterator[str]:
    """What was proposed, decided and done there."""
    for each in facts.entries:
        if each.kind is Kind.ACTED:
            said = plain(each.reason, SENTENCE)
            yield f"- {clock(facts, each.at)} · {actor_of(facts, each)} · {said}"


def votes(facts: Facts) -> Iterator[str]:
    """Who called it wrong or noisy; of each person the newest word."""
    cast = (each for each in facts.entries if each.kind in (Kind.VOTED, Kind.REVOTED))
    for each in {each.actor.who: each for each in cast}.values():
        yield f"- {actor_of(facts, each)} called it {plain(each.reason)}."


def before(facts: Facts) -> Iterator[str]:
    """Earlier incidents about the same, and how they ended."""
    for each in facts.earlier:
        yield f"- #{each.id}, {clock(facts, each.opened_at)}: {say_end(facts, each)}"
    if facts.earlier and facts.times_lately > 1:
        yield f"\nIt is one of {facts.times_lately} within 30 days."


def follow_ups(facts: Facts) -> Iterator[str]:
    """What notes ask to be done, and how to note more."""
    asked = [(each, said) for each in facts.entries if (said := follow_up(each))]
    for each, said in asked:
        by = f"{person(facts, each.actor.who)}, {clock(facts, each.at)}"
        yield f"- [ ] {plain(said, SENTENCE)} ({by})"
    if not asked:
        number = facts.incident.id
        yield (
            f"None was noted. `/seam note {number} follow-up: what is to be done` notes one, and "
            "the next report lists it."
        )


def follow_up(entry: Entry) -> str:
    """What a note asks to be done afterwards; "" for any other entry."""
    text = " ".join(entry.reason.split())
    if entry.kind is not Kind.NOTED:
        return ""
    begin = next((each for each in FOLLOW_UPS if text.casefold().startswith(each)), "")
    return text[len(begin) :].strip() if begin else ""
