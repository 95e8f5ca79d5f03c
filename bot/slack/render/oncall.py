"""Who is on call, what people arranged, and why something cannot be arranged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.incidents.rota import Override
from bot.oncall.duty import Duty
from bot.slack.render.blocks import context
from bot.slack.render.lines import Group, in_sections
from bot.slack.render.message import Message, answer, message
from bot.slack.render.text import ago, code, count, foreign, lasted, mention, stopped, when

NAME = 60
REASON = 200
MOST = 10
Find = Callable[[str], str | None]
"""A person's Slack user id by name; None while they are not linked."""


def oncall_answer(duties: Sequence[Duty], find: Find, now: datetime) -> Message:
    """One section a rota; the whole says first who is on call now."""
    first = [_now(duty, find) for duty in duties]
    groups = [
        Group(title="", lines=[line, *_about(duty, find, now)])
        for line, duty in zip(first, duties, strict=True)
    ]
    small = "`/seam override`, `cover 2h` and `swap @name` change it."
    return message(" ".join(first), [*in_sections(groups), *context([small])])


def arranged(made: Override, before: Sequence[str], zone: ZoneInfo, find: Find) -> Message:
    """`before` is who would be on call at its beginning without it."""
    others = [name for name in before if name.casefold() != made.person.casefold()]
    instead = made.replaces or (_names(others) if others else "")
    replaced = f" instead of {foreign(instead, NAME * 2)}" if instead else ""
    said = (
        f"{_person(made.person, find)} is on call for {_rota(made.rota)} {_span(made)}"
        f" ({lasted(made.since, made.until)}){replaced}."
    )
    missing = made.replaces is not None and made.replaces not in before
    note = f"{foreign(made.replaces or '', NAME)} is not on call when it begins." if missing else ""
    return answer(
        f"✅ {said}",
        small=[
            f"Why: {stopped(foreign(made.reason, REASON))}" if made.reason else "",
            note,
            f"{_clocks(zone)} `/seam override cancel {made.id}` undoes it.",
        ],
    )


def put_on_call(made: Override) -> Message:
    """To that person, when it was not they who arranged it."""
    instead = f" instead of {foreign(made.replaces, NAME)}" if made.replaces else ""
    return answer(
        f"🟢 {mention(made.by)} put you on call for {_rota(made.rota)} {_span(made)}"
        f" ({lasted(made.since, made.until)}){instead}.",
        small=[
            f"Why: {stopped(foreign(made.reason, REASON))}" if made.reason else "",
            f"`/seam override cancel {made.id}` undoes it.",
        ],
    )


def standing_overrides(known: Sequence[Override], find: Find) -> Message:
    if not known:
        return answer(
            "Nothing is arranged: everybody is on call as the rota says. "
            "`/seam override @name from 18:00 to 22:00` puts somebody else on call."
        )
    group = Group.of(
        f"*{count(len(known), 'override')}* (`/seam override cancel 7` undoes number 7)",
        known,
        lambda each: f"• {override_line(each, find)}",
    )
    return message(f"{count(len(known), 'override')}.", in_sections([group]))


def override_line(made: Override, find: Find) -> str:
    instead = f" instead of {foreign(made.replaces, NAME)}" if made.replaces else ""
    why = f": {foreign(made.reason, REASON)}" if made.reason else ""
    who = f"{_person(made.person, find)} for {_rota(made.rota)}"
    return f"number {made.id}: {who} {_span(made)}{instead}, by {mention(made.by)}{why}"


def cancelled(number: int, done: Override | None, find: Find) -> Message:
    if done is None:
        return answer(
            f"There is no override {number} that still stands, so nothing was changed. "
            "`/seam override` lists them."
        )
    who = _person(done.person, find)
    return answer(f"✅ Override {number} is undone: {who} is not on call by it any more.")


def no_rota() -> Message:
    return answer(
        "No rota is set up, so nobody is on call by one. A `[[rota]]` section in the settings says "
        "who takes turns."
    )


def no_such_rota(asked: str, names: Sequence[str]) -> Message:
    there = "there is" if len(names) == 1 else "there are"
    told = ", ".join(foreign(name, NAME) for name in names[:MOST])
    return answer(f"No rota is called {code(asked, NAME)}; {there} {told}. Nothing was changed.")


def which_rota(names: Sequence[str]) -> Message:
    told = ", ".join(foreign(name, NAME) for name in names[:MOST])
    return answer(f"Which rota? Name it first. There are: {told}.")


def who_missing() -> Message:
    return answer("Who? `/seam override @priya from 18:00 to 22:00` names somebody.")


def which_override() -> Message:
    return answer("Which one? `/seam override` lists them with their numbers.")


def no_time(how: str) -> Message:
    return answer(f"From when until when? {how} Nothing was changed.")


def too_long(longest: timedelta) -> Message:
    return answer(
        f"Nobody is put on call for more than {longest.days} days at once, so nothing was changed; "
        "for longer, whoever runs Seamwatch changes the `[[rota]]` in the settings."
    )


def you_are_unlinked() -> Message:
    return answer(
        "I do not know which person of the settings you are, so nothing was changed. `/seam link` "
        "tells me, or what is missing."
    )


def account_unknown(user_id: str) -> Message:
    return answer(
        f"{mention(user_id)} is no person of the settings, so nothing was changed. They can type "
        "`/seam link`, or whoever runs Seamwatch adds a `[[person]]` section."
    )


def not_linked(name: str) -> Message:
    shown = foreign(name, NAME)
    return answer(
        f"{shown} is not linked to a Slack account, so nobody could reach them. Nothing was "
        f"changed; {shown} can type `/seam link`."
    )


def no_shift(name: str, rota: str) -> Message:
    return answer(
        f"{foreign(name, NAME)} has no shift of {_rota(rota)} in the next three months, so there "
        "is nothing to swap."
    )


def own_swap() -> Message:
    return answer("That is you. `/seam swap @alex` names the other one.")


def own_override(name: str) -> Message:
    return answer(f"{foreign(name, NAME)} cannot stand in for themselves; nothing was changed.")


def both_on_call(name: str) -> Message:
    return answer(
        f"You and {foreign(name, NAME)} are on call at the same time, so there is nothing to swap."
    )


def on_call_already(name: str, rota: str, since: datetime, until: datetime) -> Message:
    span = f"from {when(since)} until {when(until)}"
    return answer(
        f"{foreign(name, NAME)} is on call for {_rota(rota)} {span} already, so nothing was "
        "changed."
    )


def overlapping(standing: Override, find: Find) -> Message:
    return answer(
        f"That overlaps with an override that stands already, so nothing was changed: "
        f"{override_line(standing, find)}. `/seam override cancel {standing.id}` undoes it."
    )


def _now(duty: Duty, find: Find) -> str:
    rota = _rota(duty.rota.name)
    if not duty.people:
        return f"🔴 *{rota}: nobody is on call now.*"
    verb = "is" if len(duty.people) == 1 else "are"
    until = f" until {when(duty.until)}" if duty.until else ""
    return f"🟢 *{rota}:* {_people(duty.people, find)} {verb} on call{until}."


def _about(duty: Duty, find: Find, now: datetime) -> list[str]:
    lines = []
    if duty.until:
        coming = _people(duty.coming, find) if duty.coming else "nobody"
        lines.append(f"Then {coming}, {ago(duty.until)}.")
    if duty.trouble:
        lines.append(f"⚠️ {foreign(duty.trouble, REASON * 2)}")
    unlinked = [name for name in (*duty.people, *duty.coming) if find(name) is None]
    lines += [
        f"⚠️ {foreign(name, NAME)} is not linked to a Slack account (`/seam link`)."
        for name in dict.fromkeys(unlinked)
    ]
    lines += [f"• {override_line(each, find)}" for each in duty.overrides[:MOST]]
    lines += _gaps(duty, now)
    return lines


def _gaps(duty: Duty, now: datetime) -> list[str]:
    coming = [gap for gap in duty.gaps if gap[1] > now]
    told = [f"{when(since)} for {lasted(since, until)}" for since, until in coming[:MOST]]
    more = f" and {len(coming) - MOST} more" if len(coming) > MOST else ""
    said = f"⚠️ Nobody is on call in the next four weeks from {', '.join(told)}{more}."
    return [said] if told else []


def _person(name: str, find: Find) -> str:
    user_id = find(name)
    return mention(user_id) if user_id else foreign(name, NAME)


def _people(names: Sequence[str], find: Find) -> str:
    shown = [_person(name, find) for name in names]
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))


def _names(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _rota(name: str) -> str:
    return foreign(name, NAME)


def _span(made: Override) -> str:
    return f"from {when(made.since)} until {when(made.until)}"


def _clocks(zone: ZoneInfo) -> str:
    return f"Times were read by the clocks of {code(zone.key)}."
