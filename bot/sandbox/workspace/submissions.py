"""Submitting a modal: what the person put in, and what the acknowledgement does to the modal.

https://docs.slack.dev/surfaces/modals , https://docs.slack.dev/reference/interaction-payloads
"""

from __future__ import annotations

from typing import Any

from bot.sandbox.workspace import payloads, views
from bot.sandbox.workspace.delivery import Ack, Envelope
from bot.sandbox.workspace.feed import Change
from bot.sandbox.workspace.interactive import answer, elements
from bot.sandbox.workspace.messages import Json
from bot.sandbox.workspace.people import User
from bot.sandbox.workspace.refusal import Refusal
from bot.sandbox.workspace.site import Site
from bot.sandbox.workspace.views import View


class Submissions:
    """The submit button of every modal."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def view_of(self, user: User, view_id: str) -> View:
        """The view, if this user has it open. Raises ValueError."""
        view = self._site.views.find(view_id)
        if view is None or view.user != user.id:
            raise ValueError(f"{user.name} has no view {view_id} open")
        return view

    async def submit(self, user: User, view_id: str, values: Json) -> Ack:
        """Send view_submission and follow its acknowledgement. Raises ValueError for bad input."""
        view = self.view_of(user, view_id)
        filled = self._site.views.fill(view, _state(view, values))
        payload = payloads.submission(
            self._site.workspace,
            user=user,
            view=self._site.views.as_json(filled),
            trigger_id=self._site.triggers.issue(user.id, filled.id),
        )
        ack = await self._site.delivery.deliver(Envelope(kind="interactive", payload=payload))
        if ack.acked:
            self._follow(filled, ack.payload if isinstance(ack.payload, dict) else {})
        return ack

    def _follow(self, view: View, response: Json) -> None:
        """Close, change, push or keep the modal. Content that Slack would not take changes none."""
        action = response.get("response_action")
        try:
            if action == "update":
                self._site.views.update(view, views.checked(response.get("view")))
            elif action == "push":
                self._site.views.push(view.user, views.checked(response.get("view")))
            elif action == "clear":
                self._site.views.clear(view.user)
            elif action == "errors":
                self._show_errors(view, response.get("errors"))
            else:
                self._site.views.close(view)
        except Refusal as refusal:
            self._show_errors(view, {"": refusal.error})

    def _show_errors(self, view: View, errors: Any) -> None:
        shown = self._site.views.as_json(view) | {"errors": errors or {}}
        bot = self._site.workspace.bot.id
        self._site.workspace.feed.publish(
            Change(kind="view", by=bot, only_for=view.user, detail={"view": shown})
        )


def _state(view: View, values: Json) -> dict[str, Json]:
    """`values` by block_id then action_id, or by block_id alone where a block has one element."""
    state: dict[str, Json] = {}
    known = set()
    for block, element in elements(view.content["blocks"]):
        if block.get("type") != "input":
            continue
        block_id, action_id = block["block_id"], element["action_id"]
        known.add(block_id)
        given = values.get(block_id)
        given = given.get(action_id) if isinstance(given, dict) else given
        if given in (None, "", []) and not block.get("optional"):
            raise ValueError(f'"{block_id}" of this modal must be filled in')
        chosen = answer(element, given)
        state[block_id] = {action_id: {"type": element["type"]} | chosen}
    if strange := sorted(set(values) - known):
        offered = ", ".join(sorted(known)) or "none"
        raise ValueError(f'this modal has no input block "{strange[0]}"; it has {offered}')
    return state
