"""What a digest says of the days to come: limits, credentials, rotas, owners. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from bot.digest import phrases
from bot.digest.facts import Digest
from bot.digest.phrases import Line, Mark, Part
from bot.digest.surroundings import plain
from bot.foresight.foreseen import ForeseenAllowance
from bot.inventory import JudgedCredential
from bot.slack.render.text import count
from checks.allowances.outlook import say_chance
from checks.credentials import Holder
from checks.durations import say_duration
from checks.model import Level

UNOWNED = 5


def ahead(digest: Digest) -> Iterator[Part]:
    """What is likely, what ends, when nobody is on call; nothing in a digest of the past."""
    present = digest.present
    if present is None:
        return
    yield Part(
        title="Foreseen for the next 7 days, as far as forecasts reach (72 h)",
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
    when = phrases.moment(digest.period, each.far.middle) if each.far.middle else ""
    at = f", most likely about {when}" if when else ""
    odds = _odds(each.far.chance, each)
    return Line(text=f"{name} may reach the limit {_within(each)} ({odds}){at}", mark=Mark.EARLY)


def _within(each: ForeseenAllowance) -> str:
    return f"within {round(each.far.horizon / timedelta(hours=1)) if each.far else 0} h"


def _odds(chance: float, each: ForeseenAllowance) -> str:
    """ "83 % likely"; or "possible", where so few forecasts were judged that no figure is told."""
    said = say_chance(chance, each.forecast)
    return f"{said} likely" if said.endswith("%") else said


def unproven(told: Sequence[ForeseenAllowance]) -> Part:
    """By forecasts that nobody is warned by: told here alone, and calling nobody."""
    return Part(
        title="Forecasts that have been no better than a guess so far",
        lines=tuple(map(_unproven, told)),
        most=3,
        calls=False,
    )


def _unproven(each: ForeseenAllowance) -> Line:
    name = f"{phrases.name(each.allowance.system)} {phrases.name(each.allowance.name)}"
    odds = _odds(each.chance, each)
    text = f"{name} may reach the limit {_within(each)} (perhaps {odds})"
    return Line(text=text, mark=Mark.UNKNOWN)


def unowned(names: Sequence[str]) -> Part:
    told = ", ".join(phrases.name(each) for each in names[:UNOWNED])
    more = f" and {len(names) - UNOWNED} more" if len(names) > UNOWNED else ""
    line = Line(text=f"{count(len(names), 'flow')}: {told}{more}")
    return Part(title="Flows that nobody owns", lines=(line,) if names else (), calls=False)


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
