"""Asks whether a person may, writes that down where it changes something, and lets the verb answer.

Every way in comes through here: what was typed, pressed, chosen or submitted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from bot.permissions import ALLOWED, Permission, Right
from bot.slack.desk import Desk
from bot.slack.modals import Fields, View
from bot.slack.people import CANNOT_CHECK
from bot.slack.render.message import Message, answer
from bot.slack.render.text import foreign
from bot.slack.rights import OF_INCIDENTS, channel_of, record
from bot.slack.verbs import Ask, Dialog, Verb

CHECK_SECONDS = 2.0
"""How long somebody's rights may take to be asked for while Slack waits for a modal: it gives three
seconds to open one and to take one (https://docs.slack.dev/surfaces/modals)."""
TOO_SLOW = Permission(allowed=False, because=CANNOT_CHECK.because)


class Answering:
    """Lets the verbs of a desk answer."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def answer(self, verb: Verb, ask: Ask, team_id: str | None) -> Message:
        """What writes may wait for the database, so not on this loop."""
        changes = verb.would_change(ask)
        if not verb.open_to_all:
            said = await self._permission(verb, ask, team_id, verb.needs(ask))
            if not said.allowed:
                return await self._refused(verb, ask, team_id, said, changes=changes)
        if not (verb.changes or verb.slow):
            return verb.answer(self._desk, ask)
        ask = await self._introduced(verb, ask)
        told = await asyncio.to_thread(self._do, verb, ask, team_id, changes)
        if changes:
            self._desk.wake()
        return told

    async def view(
        self, verb: Verb, dialog: Dialog, ask: Ask, team_id: str | None
    ) -> View | Message:
        """The modal that a button opens, or why it does not."""
        said = await self._soon(verb, ask, team_id)
        if not said.allowed:
            return await self._refused(verb, ask, team_id, said, changes=True)
        return dialog.view(self._desk, ask)

    async def read(
        self, verb: Verb, dialog: Dialog, ask: Ask, fields: Fields, team_id: str | None
    ) -> Ask | Mapping[str, str] | Message:
        """What a submitted modal asks for, what is wrong with it, or why it may not be asked."""
        said = await self._soon(verb, ask, team_id)
        if not said.allowed:
            return await self._refused(verb, ask, team_id, said, changes=True)
        return dialog.read(self._desk, ask, fields)

    async def may_read(self, user_id: str) -> Permission:
        return await self._desk.rights.may(user_id, Right.READ)

    async def _soon(self, verb: Verb, ask: Ask, team_id: str | None) -> Permission:
        asking = self._permission(verb, ask, team_id, verb.right)
        try:
            return await asyncio.wait_for(asking, CHECK_SECONDS)
        except TimeoutError:
            return TOO_SLOW

    async def _permission(
        self, verb: Verb, ask: Ask, team_id: str | None, right: Right | None
    ) -> Permission:
        about = verb.concerns(self._desk, ask)
        channel = channel_of(self._desk.store.db, right, about, ask.channel)
        return await self._desk.rights.may(ask.user_id, right, team_id=team_id, channel=channel)

    async def _refused(
        self, verb: Verb, ask: Ask, team_id: str | None, said: Permission, *, changes: bool
    ) -> Message:
        if changes:
            await asyncio.to_thread(self._record, verb, ask, team_id, said)
        return answer(foreign(said.because, 900))

    async def _introduced(self, verb: Verb, ask: Ask) -> Ask:
        """With what Slack says of the accounts that have to be full members."""
        strangers = {}
        for account in verb.names(self._desk, ask):
            member = await self._desk.rights.people.may_act(account)
            if not member.allowed:
                strangers[account] = _of_another(member.because)
        return replace(ask, strangers=strangers) if strangers else ask

    def _do(self, verb: Verb, ask: Ask, team_id: str | None, changes: bool) -> Message:
        if changes:
            self._record(verb, ask, team_id, ALLOWED)
        return verb.answer(self._desk, ask)

    def _record(self, verb: Verb, ask: Ask, team_id: str | None, said: Permission) -> None:
        """What is about no incident is recorded by its words, or by the number of its button."""
        of_incident = verb.right in OF_INCIDENTS and ask.incident_id is not None
        number = "" if ask.incident_id is None else str(ask.incident_id)
        record(
            self._desk.store,
            self._desk.clock.now(),
            said,
            who=ask.user_id,
            team=team_id,
            what=verb.name,
            via=ask.via,
            incident_id=ask.incident_id if of_incident else None,
            said=ask.said or number,
        )


def _of_another(because: str) -> str:
    """What is told to a stranger about themselves, told about them."""
    if because == CANNOT_CHECK.because:
        return "Slack does not tell me who that is; please try again in a moment."
    return "Only a full member of this workspace can: no guest, no bot, nobody from elsewhere."
