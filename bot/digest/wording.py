"""What a digest says, part by part, in plain text for Slack and the page alike. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from bot.costs import Reckoned, say_amount, say_cost
from bot.digest import phrases
from bot.digest.ahead import ahead, unowned, unproven
from bot.digest.facts import Case, Digest, Group
from bot.digest.measures import has_fallen, is_poor
from bot.digest.phrases import Line, Mark, Part
from bot.digest.surroundings import (
    bot_itself,
    left_out,
    noise,
    out_of_sight,
    over_time,
    quietened,
    reconciliation,
    still_unjudged,
)
from bot.incidents.ending import was_compared
from bot.incidents.model import Incident, State
from bot.slack.render.text import count
from checks.durations import say_duration

NO_COST = "none: no record is known to have failed or to be lost"


def parts_of(digest: Digest) -> list[Part]:
    """What there is to say; a part without lines is left out. What needs somebody's decision comes
    first, then how it went, and last what is only good to know."""
    return [*to_decide(digest), *to_read(digest)]


def to_decide(digest: Digest) -> list[Part]:
    """The parts that stand before the figures: somebody has to look into what they tell."""
    return [part for part in _to_decide(digest) if part.lines]


def to_read(digest: Digest) -> list[Part]:
    """The parts that stand after the figures."""
    return [part for part in (*_went(digest), *_to_know(digest)) if part.lines]


def _to_decide(digest: Digest) -> Iterator[Part]:
    unheld, held, asleep = _open_parts(digest)
    compared, itself = reconciliation(digest), bot_itself(digest)
    now, unseen = [_left(digest), held, asleep, *ahead(digest)], out_of_sight(digest)
    if digest.beside_daily:
        told = _in_the_daily([unheld, *now, unseen])
        unheld, now, unseen = told, [], replace(unseen, lines=())
    yield unheld
    if compared.calls:
        yield compared
    yield from now
    yield quietened(digest)
    yield unseen
    if itself.calls:
        yield itself


def _in_the_daily(parts: Sequence[Part]) -> Part:
    """Where to read what is as of now, for those who have just read it; what it is, by number."""
    named = [f"{part.title} ({len(part.lines):,})" for part in parts if part.lines]
    lines = (Line(text="; ".join(named)),) if named else ()
    return Part(title="Told in the daily digest of this morning", lines=lines, itemised=False)


def _went(digest: Digest) -> Iterator[Part]:
    ended = tuple(_ended(each) for each in digest.resolved if not each.fate.is_left)
    yield Part(title="Resolved", lines=ended)
    yield Part(title=groups_title(digest), lines=_groups(digest), most=6, calls=False)
    yield over_time(digest)


def _to_know(digest: Digest) -> Iterator[Part]:
    compared, itself = reconciliation(digest), bot_itself(digest)
    if not compared.calls:
        yield compared
    if digest.present is not None:
        yield unproven(digest.present.unproven)
        yield unowned(digest.present.unowned)
    yield noise(digest)
    yield still_unjudged(digest)
    if not itself.calls:
        yield itself
    yield left_out(digest)


def figures(digest: Digest) -> list[tuple[str, str]]:
    """Label and value; a value is never "", and what is not known says so. None where nobody looked
    at all: a nought would say that somebody had."""
    if digest.knows_nothing:
        return []
    spoken = phrases.runs(digest.runs, digest.runs_before, digest.period)
    if not (digest.runs.runs or digest.observed):
        spoken = "not known"
    held = phrases.acknowledged(digest.acknowledging, digest.opened, digest.unacknowledged)
    found = [
        ("Runs", "; ".join(filter(None, [spoken, phrases.seen(digest.observed)]))),
        (
            "Incidents",
            f"{digest.opened} opened, {len(digest.resolved)} resolved, {_not_over(digest)}",
        ),
        ("Time to acknowledge (MTTA)", held),
        ("Time to resolve (MTTR)", f"{phrases.of_incidents(digest.resolving)}{_missed(digest)}"),
    ]
    return [*found, *([("Cost", _cost(digest, digest.cost))] if digest.cost else [])]


def _cost(digest: Digest, cost: Reckoned) -> str:
    """With what the period before cost, where that is known."""
    before = digest.cost_before
    said = say_cost(cost, whose=False) or NO_COST
    if before is None:
        return said
    then = f"{phrases.BEFORE[digest.period.form]} {say_amount(before)}"
    return f"{said} ({then})"


def _missed(digest: Digest) -> str:
    number = digest.never_acknowledged
    said = f"; nobody acknowledged {number:,} of them" if number else ""
    left = sum(each.fate.is_left for each in digest.resolved)
    return said + (f"; the fault of {left:,} of them is still there" if left else "")


def _not_over(digest: Digest) -> str:
    left = f", {len(digest.left):,} resolved and still there" if digest.left else ""
    return f"{len(digest.standing)} open{left}"


def _open_parts(digest: Digest) -> tuple[Part, Part, Part]:
    """Those that nobody has, that somebody has, that are put off."""
    cut = min(digest.made_at, digest.period.until)
    unheld = [each for each in digest.unheld if each.incident.state is State.TRIGGERED]
    asleep = [each for each in digest.unheld if each.incident.state is not State.TRIGGERED]
    held = [each for each in digest.standing if each.incident.holder is not None]
    held.sort(key=lambda each: (_called(digest, each), each.incident.opened_at))

    def say(cases: Sequence[Case]) -> tuple[Line, ...]:
        return tuple(_open(each, digest, cut) for each in cases)

    return (
        Part(title="Open, and nobody has it", lines=say(unheld), most=8),
        Part(title="In hand", lines=say(held)),
        Part(title="Put off", lines=say(asleep), most=3),
    )


def _called(digest: Digest, case: Case) -> str:
    holder = case.incident.holder or ""
    return digest.people.get(holder, holder)


def _open(case: Case, digest: Digest, cut: datetime) -> Line:
    incident = case.incident
    text = f"{_which(case)}, {say_duration(cut - incident.opened_at)}{_what(case)}"
    if incident.state is State.SNOOZED and incident.snoozed_until and incident.snoozed_by:
        until = phrases.moment(digest.period, incident.snoozed_until)
        return Line(
            text=text, mark=Mark.ASLEEP, who=incident.snoozed_by, how=f"put off by {{}} to {until}"
        )
    if incident.holder:
        return Line(text=text, mark=Mark.HELD, who=incident.holder, how="{} has it")
    if incident.assignee:
        return Line(text=text, mark=Mark.BAD, who=incident.assignee, how="{} is asked to take it")
    return Line(text=text, mark=Mark.BAD)


def _left(digest: Digest) -> Part:
    """Those that people resolved while the fault stood, and it still does: nobody has these."""
    cut = min(digest.made_at, digest.period.until)
    lines = []
    for each in digest.left:
        incident, by = each.incident, each.incident.resolved_by
        age = say_duration(cut - incident.opened_at)
        how = f"resolved by {{}} after {_after(incident)}, and still there"
        text = f"{_which(each)}, {age}{_what(each)}"
        lines.append(Line(text=text, mark=Mark.LEFT, who=by.who if by else "", how=how))
    return Part(title="Resolved by a person, and still there", lines=tuple(lines), most=8)


def _after(incident: Incident) -> str:
    return say_duration((incident.resolved_at or incident.opened_at) - incident.opened_at)


def _ended(case: Case) -> Line:
    incident = case.incident
    by = incident.resolved_by
    text = f"{_which(case)}, after {_after(incident)}"
    if was_compared(incident):  # what it was about stands in what was found
        return Line(text=f"{text}: {phrases.clipped(incident.resolution)}", mark=Mark.WELL)
    text += _about(case)
    if by is None or not by.is_person:
        return Line(text=f"{text}: it cleared by itself", mark=Mark.WELL)
    said = f": {phrases.clipped(incident.resolution)}" if incident.resolution else ""
    if case.fate.next_id is not None:
        how = f"by {{}}, but it did not go away: #{case.fate.next_id} goes on with it"
        return Line(text=f"{text}{said}", mark=Mark.LEFT, who=by.who, how=how)
    return Line(text=f"{text}{said}", mark=Mark.WELL, who=by.who, how="by {}")


def _which(case: Case) -> str:
    incident = case.incident
    severity = incident.severity if incident.is_open else incident.worst
    return f"#{incident.id} {severity.word}"


def _about(case: Case) -> str:
    named = filter(None, [phrases.name(case.title), phrases.name(case.subject)])
    return "".join(f" · {each}" for each in named)


def _what(case: Case) -> str:
    said = f": {phrases.clipped(case.sentence)}" if case.sentence else ""
    return f"{_about(case)}{said}"


def groups_title(digest: Digest) -> str:
    """Of the part that the page shows as a table."""
    return f"Flows by group, beside {phrases.BEFORE[digest.period.form]}"


def _groups(digest: Digest) -> tuple[Line, ...]:
    """What went poorly, or is in trouble still, first."""
    ordered = sorted(digest.groups, key=lambda each: mark_of(each) is not Mark.BAD)
    return tuple(_group(each, digest) for each in ordered)


def _group(group: Group, digest: Digest) -> Line:
    open_now = f"{count(group.standing, 'incident')} open" if group.standing else ""
    parts = (
        open_now,
        phrases.runs(group.went, group.before, digest.period),
        why_poor(group, digest),
        phrases.took(group.went, group.before, digest.period),
    )
    said = "; ".join(filter(None, parts))
    text = f"{phrases.name(group.name)} ({count(group.flows, 'flow')}): {said}"
    return Line(text=text, mark=mark_of(group))


def why_poor(group: Group, digest: Digest) -> str:
    """Why it is marked although no incident about it is open; ""."""
    if group.standing or not is_poor(group.went, group.before):
        return ""
    failed = f"{group.went.failed:,} failed, more than"
    if has_fallen(group.went, group.before):
        return f"{failed} {phrases.BEFORE[digest.period.form]}"
    return f"{failed} 1 in 20"


def mark_of(group: Group) -> Mark:
    """Poor, or not known, or well: never that while an incident about one of its flows is open,
    however green the runs are."""
    if group.standing:
        return Mark.BAD
    if group.went.share is None:
        return Mark.UNKNOWN
    return Mark.BAD if is_poor(group.went, group.before) else Mark.WELL
