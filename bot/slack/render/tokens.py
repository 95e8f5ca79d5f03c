"""Every credential by when it ends: what is not accepted first, what nobody knows listed too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import partial

from bot.inventory import JudgedCredential, Register
from bot.slack.render.blocks import context, section
from bot.slack.render.credential import in_full, left, name_of, one_line
from bot.slack.render.lines import Group, in_sections
from bot.slack.render.message import Message, answer, message
from bot.slack.render.status import OLD
from bot.slack.render.text import ago, code, count, foreign, when
from checks.credentials import Holder, KnownBy
from checks.model import Level

SOON = timedelta(days=30)
FOUND = 10
WHY = 250
FULL_ROOM = 8000
NEVER = datetime.max.replace(tzinfo=UTC)
NOT_YET = "⚪ No credential has been looked at yet; the first round is still to come."
NONE_KNOWN = (
    "No credential is known: Patchworks told of no instance, and neither a `[[system]]` nor a "
    "`[[credential]]` stands in the settings."
)
MORE = "`/seam tokens NAME` tells all about one system."


class Place(Enum):
    """Where on the ladder a credential stands; the value is the title of its group."""

    REFUSED = "Not accepted now"
    SOON = "Ended, or ending within 30 days"
    LATER = "Later, or never by itself"
    RENEWED = "Renews itself"
    VENDOR = "Dates that vendors have set"
    UNKNOWN = "Expiry not known: declare it under `[[credential]]` to be warned"


Ladder = Mapping[Place, Sequence[JudgedCredential]]


def tokens_answer(register: Register | None, now: datetime) -> Message:
    """The whole ladder, what ends next first within each group."""
    if register is None:
        return answer(NOT_YET)
    if not register.credentials:
        return answer(NONE_KNOWN)
    ladder = _ladder(register.credentials, now)
    said = _first(ladder, register.at, now)
    say = partial(_line, now)
    groups = [
        Group.of(f"*{place.value}* ({len(held)})", held, say) for place, held in ladder.items()
    ]
    small = context([MORE, _as_of(register.at)])
    return message(said, [section(said), *in_sections(groups), *small])


def chosen_tokens(
    asked: str, found: Sequence[JudgedCredential], at: datetime, now: datetime
) -> Message:
    """Everything about these credentials, as of the round at `at`."""
    ladder = _ladder(found, now)
    said = f"{_first(ladder, at, now)} ({code(asked, 60)})"
    told = [judged for held in ladder.values() for judged in held]
    group = Group.of("", told, lambda each: "\n".join(in_full(each, now)), most=FOUND, apart=True)
    shown = in_sections([group], FULL_ROOM)
    return message(said, [section(said), *shown, *context([_as_of(at)])])


def place_of(judged: JudgedCredential, now: datetime) -> Place:
    held = judged.held
    if held.refused_since is not None or (judged.signal == "rejected" and judged.level.is_trouble):
        return Place.REFUSED
    if held.holder is Holder.NOBODY:
        return Place.VENDOR
    if held.renews_itself and not judged.level.is_trouble:
        return Place.RENEWED
    if held.ends_at is not None:
        return Place.SOON if held.ends_at - now <= SOON else Place.LATER
    return Place.LATER if held.known_by is KnownBy.ENDLESS else Place.UNKNOWN


def _ladder(credentials: Sequence[JudgedCredential], now: datetime) -> Ladder:
    """What ends first comes first; what does not end comes last, by name."""
    ordered = sorted(
        credentials,
        key=lambda judged: (judged.held.ends_at or NEVER, judged.held.system, judged.held.id),
    )
    return {
        place: [judged for judged in ordered if place_of(judged, now) is place] for place in Place
    }


def _first(ladder: Ladder, at: datetime, now: datetime) -> str:
    """The worst of it in a sentence; what nobody knows is counted, and never called well."""
    if now - at > OLD:
        return f"⚪ *The last round was {ago(at)},* so what follows is old."
    also = _not_known(ladder)
    if refused := ladder[Place.REFUSED]:
        verb = "is" if len(refused) == 1 else "are"
        named = name_of(refused[0].held)
        more = f" and {len(refused) - 1:,} more" if len(refused) > 1 else ""
        many = count(len(refused), "credential")
        return f"🔴 *{many} {verb} not accepted now:* {named}{more}.{also}"
    if soon := ladder[Place.SOON]:
        return f"{_ending(soon, now)}{also}"
    if also:
        return f"⚪ *None is known to end within 30 days.*{also}"
    return "🟢 *No credential ends within 30 days.*"


def _not_known(ladder: Ladder) -> str:
    endless = len(ladder[Place.UNKNOWN])
    others = (held for place, held in ladder.items() if place is not Place.UNKNOWN)
    unjudged = sum(judged.level is Level.UNKNOWN for held in others for judged in held)
    end = f" {endless:,} {'has' if endless == 1 else 'have'} no known end." if endless else ""
    return end + (f" {unjudged:,} cannot be judged now." if unjudged else "")


def _ending(soon: Sequence[JudgedCredential], now: datetime) -> str:
    """How many have ended and how many will soon, and which is the first."""
    ends = [judged.held.ends_at or now for judged in soon]
    over = sum(end <= now for end in ends)
    near = len(soon) - over
    verb = "ends" if near == 1 else "end"
    if over:
        more = f", and {near:,} more {verb} within 30 days" if near else ""
        said = f"🔴 *{count(over, 'credential')} {'has' if over == 1 else 'have'} ended{more}.*"
    else:
        said = f"🟣 *{count(near, 'credential')} {verb} within 30 days.*"
    return f"{said} First: {name_of(soon[0].held)} {left(ends[0], now)}."


def _line(now: datetime, judged: JudgedCredential) -> str:
    """With the check's sentence when it is not accepted: how many flows have stopped."""
    said = one_line(judged, now)
    refused = place_of(judged, now) is Place.REFUSED
    why = foreign(judged.sentence, WHY) if refused else ""
    return f"{said}\n{why}" if why else said


def _as_of(at: datetime) -> str:
    return f"As of the round {when(at)} ({ago(at)})."
