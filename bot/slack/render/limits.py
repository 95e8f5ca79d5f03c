"""The allowances as last seen: all of them, a line each, or everything about one system."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.inventory import JudgedAllowance, Limits
from bot.slack.render.allowance import NAME, SENTENCE, in_full, one_line, share_of
from bot.slack.render.blocks import context, section
from bot.slack.render.lines import Group, in_sections
from bot.slack.render.message import Message, answer, message
from bot.slack.render.queue import LEVELS
from bot.slack.render.status import OLD
from bot.slack.render.text import ago, count, foreign, stopped, when
from checks.limits import Allowance, SizeFrom
from checks.model import Level

LISTED = 15
UNPUBLISHED = 12
IN_FULL = 8
FULL_ROOM = 8000
ORDER = {Level.BREACH: 0, Level.EARLY: 1}
NOT_YET = "⚪ No allowance has been looked at yet; the first round is still to come."
NONE_KNOWN = "No allowance is known: neither Patchworks nor a `[[system]]` tells of one."
MORE = "`/seam limits NAME` tells all about one system."


def limits_answer(limits: Limits | None, now: datetime) -> Message:
    """One line an allowance, the troubled and the fullest first; those without a published limit
    are named at the end."""
    if limits is None:
        return answer(NOT_YET)
    told = sorted(limits.allowances, key=_order)
    if not told:
        return answer(NONE_KNOWN)
    said = _first(told, limits.at, now)
    listed = [each for each in told if _is_listed(each)]
    rest = [each.allowance for each in told if not _is_listed(each)]
    group = Group.of("", listed, lambda each: one_line(each, limits.at), most=LISTED)
    shown = in_sections([group])
    small = context([_unpublished(rest), MORE, _as_of(limits.at)])
    return message(said, [section(said), *shown, *small])


def chosen_limits(found: Sequence[JudgedAllowance], at: datetime, now: datetime) -> Message:
    """Everything about these allowances, as of the round at `at`."""
    told = sorted(found, key=_order)
    systems = dict.fromkeys(judged.allowance.system for judged in told)
    said = _first(told, at, now, foreign(", ".join(systems), NAME))
    group = Group.of("", told, lambda each: "\n".join(in_full(each)), most=IN_FULL, apart=True)
    shown = in_sections([group], FULL_ROOM)
    return message(said, [section(said), *shown, *context([_as_of(at)])])


def _is_listed(judged: JudgedAllowance) -> bool:
    """Whether it has a number to show, or refuses all the same."""
    allowance = judged.allowance
    has_number = allowance.size is not None or allowance.size_from is not SizeFrom.NOBODY
    return has_number or judged.level.is_trouble


def _order(judged: JudgedAllowance) -> tuple[object, ...]:
    """The gravest first, then the fullest; what nobody can tell comes last."""
    allowance = judged.allowance
    full = max(share_of(allowance) or 0.0, allowance.worst or 0.0)
    return (ORDER.get(judged.level, 2), -full, judged.level is Level.UNKNOWN, allowance.id)


def _first(told: Sequence[JudgedAllowance], at: datetime, now: datetime, of: str = "") -> str:
    """How all of them stand, those `of` one system; what is not known is never called well."""
    if now - at > OLD:
        return f"⚪ *The last round was {ago(at)},* so what follows is old."
    troubled = [each for each in told if each.level.is_trouble]
    unknown = sum(each.level is Level.UNKNOWN for each in told)
    whose = f"{of}: " if of else ""
    total = count(len(told), "allowance")
    cannot = f"{unknown} of {total} cannot be judged."
    if troubled:
        verb = "is" if len(troubled) == 1 else "are"
        many = f"*{whose}{len(troubled)} of {total} {verb} in trouble.*"
        why = "" if of else stopped(foreign(troubled[0].sentence, SENTENCE))
        parts = (LEVELS[troubled[0].level], many, why, cannot if unknown else "")
        return " ".join(filter(None, parts))
    if unknown:
        others = "" if unknown == len(told) else " None of the others is short or refuses."
        return f"⚪ *{whose}{cannot}*{others}"
    return f"🟢 *{whose}{'no' if of else 'No'} allowance is short, and nothing is refused.*"


def _unpublished(allowances: Sequence[Allowance]) -> str:
    if not allowances:
        return ""
    named = [
        f"{foreign(each.system, NAME)} {foreign(each.name, NAME)}"
        for each in allowances[:UNPUBLISHED]
    ]
    left = len(allowances) - len(named)
    more = [f"and {left:,} more"] if left else []
    seen = "refusals are watched where flows use it"
    return f"No published limit: {', '.join([*named, *more])} ({seen})."


def _as_of(at: datetime) -> str:
    return f"As of the round {when(at)} ({ago(at)})."
