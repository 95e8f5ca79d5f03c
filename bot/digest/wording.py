"""What a digest says, part by part, in plain text for Slack and the page alike. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from bot.digest import phrases
from bot.digest.facts import Case, Cost, Digest, Group
from bot.digest.measures import is_poor
from bot.digest.phrases import Line, Mark, Part
from bot.digest.surroundings import around, plain
from bot.foresight.foreseen import ForeseenAllowance
from bot.incidents.model import State
from bot.inventory import JudgedCredential
from bot.slack.render.text import count
from checks.allowances.outlook import say_chance
from checks.credentials import Holder
from checks.durations import say_duration
from checks.model import Level


def parts_of(digest: Digest) -> list[Part]:
    """What there is to say, what needs somebody first; a part without lines is left out."""
    told = [*_incidents(digest), *_ahead(digest), *around(digest)]
    return [part for part in told if part.lines]


def figures(digest: Digest) -> list[tuple[str, str]]:
    """Label and value; a value is never "", and what is not known says so."""
    spoken = phrases.runs(digest.runs, digest.runs_before, digest.period)
    if not (digest.runs.runs or digest.observed):
        spoken = "not known"
    found = [
        ("Runs", "; ".join(filter(None, [spoken, phrases.seen(digest.observed)]))),
        (
            "Incidents",
            f"{digest.opened} opened, {len(digest.resolved)} resolved, {len(digest.standing)} open",
        ),
        ("Time to acknowledge (MTTA)", phrases.of_incidents(digest.acknowledging)),
        ("Time to resolve (MTTR)", f"{phrases.of_incidents(digest.resolving)}{_missed(digest)}"),
    ]
    return [*found, *([("Cost", _cost(digest.cost))] if digest.cost else [])]


def _missed(digest: Digest) -> str:
    number = digest.never_acknowledged
    return f"; {number} of them nobody acknowledged" if number else ""


def _cost(cost: Cost) -> str:
    untold = f"; {count(cost.untold, 'failed run')} did not say how many" if cost.untold else ""
    what = f"{count(cost.records, 'failed record')}{untold}, {phrases.clipped(cost.assumption)}"
    return f"{cost.amount:,.2f} {phrases.name(cost.currency)}".strip() + f" ({what})"


def _incidents(digest: Digest) -> Iterator[Part]:
    cut = min(digest.made_at, digest.period.until)
    unheld = [each for each in digest.unheld if each.incident.state is State.TRIGGERED]
    asleep = [each for each in digest.unheld if each.incident.state is not State.TRIGGERED]
    held = [each for each in digest.standing if each.incident.holder is not None]
    held.sort(key=lambda each: (_called(digest, each), each.incident.opened_at))

    def say(cases: Sequence[Case]) -> tuple[Line, ...]:
        return tuple(_open(each, digest, cut) for each in cases)

    yield Part(title="Open, and nobody has it", lines=say(unheld), most=8)
    yield Part(title="In hand", lines=say(held))
    yield Part(title="Put off", lines=say(asleep), most=3)
    ended = tuple(map(_ended, digest.resolved))
    yield Part(title="Resolved", lines=ended)
    yield Part(title=groups_title(digest), lines=_groups(digest), most=6, calls=False)


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


def _ended(case: Case) -> Line:
    incident = case.incident
    after = say_duration((incident.resolved_at or incident.opened_at) - incident.opened_at)
    by = incident.resolved_by
    text = f"{_which(case)}, after {after}{_about(case)}"
    if by is None or not by.is_person:
        return Line(text=f"{text}: it cleared by itself", mark=Mark.WELL)
    said = f": {phrases.clipped(incident.resolution)}" if incident.resolution else ""
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
    return f"Flows by where they send, beside {phrases.BEFORE[digest.period.form]}"


def _groups(digest: Digest) -> tuple[Line, ...]:
    """What went poorly first."""
    ordered = sorted(digest.groups, key=lambda each: not is_poor(each.went, each.before))
    return tuple(_group(each, digest) for each in ordered)


def _group(group: Group, digest: Digest) -> Line:
    parts = (
        phrases.runs(group.went, group.before, digest.period),
        phrases.took(group.went, group.before, digest.period),
    )
    said = "; ".join(filter(None, parts))
    text = f"{phrases.name(group.name)} ({count(group.flows, 'flow')}): {said}"
    return Line(text=text, mark=mark_of(group))


def mark_of(group: Group) -> Mark:
    """Poor, or not known, or well."""
    if group.went.share is None:
        return Mark.UNKNOWN
    return Mark.BAD if is_poor(group.went, group.before) else Mark.WELL


def _ahead(digest: Digest) -> Iterator[Part]:
    present = digest.present
    if present is None:
        only = "Forecasts, credentials, sight and health are known of the present only."
        yield Part(title="Left out", lines=(Line(text=only),), calls=False)
        return
    yield Part(
        title="Foreseen for the next 7 days, of which 72 h can be",
        lines=tuple(_foreseen(each, digest) for each in present.foreseen),
        most=4,
    )
    yield Part(
        title="Credentials that end within 30 days",
        lines=tuple(_credential(each, digest) for each in present.credentials),
    )
    yield Part(title="Nobody on call", lines=plain(present.gaps), most=3)


def _foreseen(each: ForeseenAllowance, digest: Digest) -> Line:
    name = f"{phrases.name(each.allowance.system)} {phrases.name(each.allowance.name)}"
    if each.far is None or each.chance == 1:
        return Line(text=f"{name}: its limit is reached already", mark=Mark.BAD)
    hours = round(each.far.horizon / timedelta(hours=1))
    chance = say_chance(each.far.chance, each.forecast)
    at = f", likeliest {phrases.moment(digest.period, each.far.middle)}" if each.far.middle else ""
    text = f"{name}: limit reached within {hours} h: {chance}{at}"
    return Line(text=text, mark=Mark.EARLY)


def _credential(judged: JudgedCredential, digest: Digest) -> Line:
    held = judged.held
    name = f"{phrases.name(held.system)} {phrases.name(held.what)}"
    owner = f" (owner {phrases.name(held.owner)})" if held.owner else ""
    if held.refused_since is not None or held.ends_at is None:
        return Line(text=f"{name}: not accepted now{owner}", mark=Mark.BAD)
    on = phrases.day(digest.period, held.ends_at)
    left = held.ends_at - digest.made_at
    if left <= timedelta(0):
        return Line(text=f"{name}: ended {on}{owner}", mark=Mark.BAD)
    verb = "comes" if held.holder is Holder.NOBODY else "ends"
    near = say_duration(left) if left < timedelta(days=2) else f"{round(left.days)} d"
    mark = Mark.EARLY if judged.level in (Level.OK, Level.EARLY) else Mark.BAD
    return Line(text=f"{name}: {verb} in {near}, {on}{owner}", mark=mark)
