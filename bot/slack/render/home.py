"""App Home, and the same as a private answer: personal first, then the watch at a glance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slack_sdk.models.blocks import ButtonElement

from bot.incidents.model import Alert, Incident, State
from bot.inventory import JudgedCredential
from bot.slack.render.blocks import Block, actions, button, context, divider, header, section
from bot.slack.render.buttons import ACK, HOME, OVERRIDE, RESOLVE, TIMELINE, value_of
from bot.slack.render.credential import one_line
from bot.slack.render.lists import left_row, row
from bot.slack.render.message import Message, message
from bot.slack.render.text import ago, count, foreign, foreign_plain, mention, when

LISTED, LISTED_IN_A_MESSAGE = 12, 4
"""Incidents of each list, with a button each: a Home tab takes 100 blocks, and a message 50 and
fewer words."""
ROTAS = 6
NOBODY = "0:0"
"""The value of a button that is about no incident."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCall:
    """Who is on call for a rota now; `since` and `until` are of the reader's own shift that is on
    or comes next, None without one."""

    rota: str
    people: tuple[str, ...]
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What a command would say first, and when that was read."""

    title: str
    said: Block
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeView:
    """`person` is the reader's name in the settings, None while they are not linked. Incidents come
    the gravest first; `left` are those that a person resolved and whose fault is still there; `now`
    is when all this was read from the store (UTC)."""

    estate: str
    user_id: str
    person: str | None
    on_call: tuple[OnCall, ...]
    mine: tuple[Incident, ...]
    others: tuple[Incident, ...]
    alerts: Mapping[int, Sequence[Alert]]
    glances: tuple[Glance, ...]
    expiries: tuple[JudgedCredential, ...]
    now: datetime
    left: tuple[Incident, ...] = ()


def home_tab(view: HomeView) -> dict[str, Any]:
    """As views.publish takes it."""
    return {"type": "home", "blocks": list(_blocks(view, LISTED))}


def refused_tab(because: str) -> dict[str, Any]:
    """For somebody who may not read here."""
    return {"type": "home", "blocks": [section(foreign(because, 600))]}


def home_answer(view: HomeView) -> Message:
    mine = f"{count(len(view.mine), 'incident')} of yours"
    left = f", {len(view.left)} resolved and still there" if view.left else ""
    said = f"{mine}, {len(view.mine) + len(view.others)} open in all{left}."
    return message(said, list(_blocks(view, LISTED_IN_A_MESSAGE)))


def _blocks(view: HomeView, most: int) -> Iterator[Block]:
    yield header(foreign_plain(f"Seamwatch · {view.estate}", 100))
    yield section("\n".join(["*You on call*", *_shifts(view)]))
    yield from _buttons(view)
    yield divider()
    yield from _listed("Your incidents", view.mine, view, most, "None is in your hand.")
    others = "Other open incidents" if view.mine else "Open incidents"
    yield from _listed(others, view.others, view, most, "None.")
    yield from _left(view, most)
    yield divider()
    for glance in view.glances:
        yield section(f"*{glance.title}*")
        yield glance.said
        yield from context([f"Read {ago(glance.at)}." if glance.at else "Not read yet."])
    lines = [one_line(each, view.now) for each in view.expiries]
    yield section("\n".join(["*What ends next*", *(lines or ["No end is known."])]))
    yield from context([f"As stored {when(view.now)}. Only you see this."])


def _buttons(view: HomeView) -> list[Block]:
    refresh = button("Refresh", HOME, NOBODY)
    stand_in = [button("Put somebody on call…", OVERRIDE, NOBODY)] if view.on_call else []
    return actions([refresh, *stand_in])


def _shifts(view: HomeView) -> Iterator[str]:
    if view.person is None:
        yield "I do not know which person of the settings you are: `/seam link` tells."
    if not view.on_call:
        yield "No rota is set up."
    for each in view.on_call[:ROTAS]:
        yield f"{_own(each, view.now)} {_now(each)}"
    if len(view.on_call) > ROTAS:
        yield f"and {len(view.on_call) - ROTAS} more rotas: `/seam oncall`."


def _own(duty: OnCall, now: datetime) -> str:
    rota = f"*{foreign(duty.rota, 60)}*:"
    if duty.since is None or duty.until is None:
        return f"⚪ {rota} no shift of yours in the next four weeks."
    if duty.since <= now:
        return f"🟢 {rota} you are on call until {when(duty.until)}."
    return f"⚪ {rota} your next shift begins {when(duty.since)}."


def _now(duty: OnCall) -> str:
    if not duty.people:
        return "Nobody is on call now."
    return f"On call now: {foreign(', '.join(duty.people), 120)}."


def _listed(
    title: str, incidents: Sequence[Incident], view: HomeView, most: int, none: str
) -> Iterator[Block]:
    if not incidents:
        yield section(f"*{title}*\n{none}")
        return
    yield section(f"*{title}* ({len(incidents)})")
    for each in incidents[:most]:
        said = row(each, view.alerts.get(each.id, []))
        yield section(f"{said}{_why(each, view.user_id)}")
        yield from actions([_button(each, view.user_id)])  # beside it, a phone's text is narrow
    if len(incidents) > most:
        yield from context([f"{len(incidents) - most} more: `/seam incidents` lists them."])


def _left(view: HomeView, most: int) -> Iterator[Block]:
    """What is not open and not over either; without buttons, for it is resolved for good."""
    if not view.left:
        return
    yield section(f"*Resolved by a person, and still there* ({len(view.left)})")
    for each in view.left[:most]:
        yield section(left_row(each, view.alerts.get(each.id, [])))
    if len(view.left) > most:
        yield from context([f"{len(view.left) - most} more: `/seam status` names them."])


def _why(incident: Incident, user_id: str) -> str:
    """Why it is listed as the reader's, where its first line does not say so."""
    if incident.snoozed_by == user_id and incident.snoozed_until:
        return f"\nSnoozed by you until {when(incident.snoozed_until)}"
    if incident.assignee == user_id and incident.holder != user_id:
        return f"\n{mention(user_id)}, you are asked to take it"
    return ""


def _button(incident: Incident, user_id: str) -> ButtonElement:
    """What its reader most likely wants of it."""
    value = value_of(incident)
    if incident.state is State.TRIGGERED:
        return button("Acknowledge", ACK, value)
    if incident.holder == user_id:
        return button("Resolve", RESOLVE, value)
    return button("Timeline", TIMELINE, value)
