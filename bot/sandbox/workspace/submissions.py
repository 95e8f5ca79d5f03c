"""Submitting and closing a modal: what was put in, and what the acknowledgement does to it.

https://docs.slack.dev/surfaces/modals , https://docs.slack.dev/reference/interaction-payloads
"""

from __future__ import annotations

from typing import Any

from bot.sandbox.workspace import inputs, payloads, views
from bot.sandbox.workspace.delivery import Ack, Envelope
from bot.sandbox.workspace.interactive import elements
from bot.sandbox.workspace.messages import Json
from bot.sandbox.workspace.people import User
from bot.sandbox.workspace.refusal import Refusal
from bot.sandbox.workspace.site import Site
from bot.sandbox.workspace.state import Unknown, Workspace
from bot.sandbox.workspace.views import View

_EMPTY = "must be filled in"


class Submissions:
    """The buttons at the foot of every modal."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def view_of(self, user: User, view_id: str) -> View:
        """The view, if this user has it open. Raises ValueError."""
        view = self._site.views.find(view_id)
        if view is None or view.user != user.id:
            raise ValueError(f"{user.name} has no view {view_id} open")
        return view

    async def submit(self, user: User, view_id: str, values: Json) -> Ack:
        """Send view_submission and follow its acknowledgement.

        Raises Unfilled when fields are empty or do not fit: the errors are shown, and the app is
        not asked. Raises ValueError for fields that are not there.
        """
        view = self.view_of(user, view_id)
        try:
            filled = self._site.views.fill(view, put_in(self._site.workspace, view, values))
        except inputs.Unfilled as unfilled:
            self._site.views.show(view, errors=unfilled.errors)
            raise
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

    async def close(self, user: User, view_id: str, *, everything: bool = False) -> Ack | None:
        """Close the modal, or with `everything` (or `clear_on_close`) all that are stacked.

        The app hears of it where it asked with `notify_on_close`; of a whole stack, once for each
        modal that asked. Slack does not document more than `is_cleared` for that case.
        """
        view = self.view_of(user, view_id)
        if view.content["type"] != "modal":
            raise ValueError(f"view {view_id} is a Home tab, which cannot be closed")
        cleared = everything or bool(view.content.get("clear_on_close"))
        closing = self._site.views.stack(user.id)[::-1] if cleared else [view]
        told = [self._closed(user, each, cleared) for each in closing]
        if cleared:
            self._site.views.clear(user.id, by=user.id)
        else:
            self._site.views.close(view, by=user.id)
        ack = None
        for payload in filter(None, told):
            ack = await self._site.delivery.deliver(Envelope(kind="interactive", payload=payload))
        return ack

    def _closed(self, user: User, view: View, cleared: bool) -> Json | None:
        if not view.content.get("notify_on_close"):
            return None
        shown = self._site.views.as_json(view)
        return payloads.closed(self._site.workspace, user=user, view=shown, is_cleared=cleared)

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
                self._site.views.show(view, errors=_errors(view, response.get("errors")))
            else:
                self._close_submitted(view, action)
        except Refusal as refusal:
            self._site.views.show(view, errors={"": _refused(refusal)})

    def _close_submitted(self, view: View, action: object) -> None:
        """Nothing said means closed; the app may have replaced the modal in the meantime."""
        if action is not None:
            raise Refusal(f'unknown response_action "{action}"')
        if self._site.views.find(view.id):
            self._site.views.close(view)


def put_in(
    workspace: Workspace, view: View, values: Json, *, unfinished: bool = False
) -> dict[str, dict[str, Json]]:
    """The input blocks filled with `values`: by block_id then action_id, or by block_id alone.

    A block that is not named keeps what stands in it. Raises inputs.Unfilled for what Slack's
    client would not submit, ValueError for a block that is not there. `unfinished` leaves out what
    does not fit, for a modal that is still being filled in.
    """
    blocks = view.content["blocks"]
    asking = {
        block["block_id"]: (block, element)
        for block, element in elements(blocks)
        if block.get("type") == "input"
    }
    if strange := sorted(set(values) - set(asking)):
        offered = ", ".join(sorted(asking)) or "none"
        raise ValueError(f'this modal has no input block "{strange[0]}"; it has {offered}')
    state = inputs.state(blocks, view.values)
    errors: dict[str, str] = {}
    for block_id, (block, element) in asking.items():
        fields = state.setdefault(block_id, {})
        try:
            if block_id in values:
                given = _given(values[block_id], element["action_id"])
                fields[element["action_id"]] = inputs.put_in(element, given, workspace)
            if inputs.is_empty(fields.get(element["action_id"], {})) and not block.get("optional"):
                raise inputs.Unfit(_EMPTY)
        except (inputs.Unfit, Unknown) as unfit:
            errors[block_id] = str(unfit.args[0])
    if errors and not unfinished:
        raise inputs.Unfilled(errors)
    return {block_id: state[block_id] for block_id in asking}


def _given(value: Any, action_id: str) -> Any:
    return value.get(action_id) if isinstance(value, dict) else value


def _errors(view: View, errors: Any) -> dict[str, str]:
    """The app's errors, if they name input blocks of this modal. Raises Refusal.

    https://docs.slack.dev/surfaces/modals : each key is the block_id of an input block.
    """
    known = {block["block_id"] for block in view.content["blocks"] if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors:
        raise Refusal("errors must name at least one input block")
    if strange := sorted(set(errors) - known):
        raise Refusal(f'errors name "{strange[0]}", which is no input block of this modal')
    return {str(name): str(sentence) for name, sentence in errors.items()}


def _refused(refusal: Refusal) -> str:
    """The code, with Slack's reasons, for whoever writes the app."""
    reasons = refusal.extra.get("response_metadata", {}).get("messages") or []
    return "; ".join([refusal.error, *reasons])
