"""Modals and Home tabs: who has which open, in what order, with what in them.

https://docs.slack.dev/surfaces/modals , https://docs.slack.dev/surfaces/app-home
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from bot.sandbox.workspace import ids, inputs
from bot.sandbox.workspace.blockkit import limits, validate
from bot.sandbox.workspace.feed import Change
from bot.sandbox.workspace.interactive import with_ids
from bot.sandbox.workspace.messages import Json
from bot.sandbox.workspace.refusal import Refusal, explained
from bot.sandbox.workspace.state import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A modal or Home tab that one user has. `content` is what the app sent, with ids filled in;
    `values` are the fields that the user has touched."""

    id: str
    user: str
    content: Json
    hash: str
    root_id: str
    previous_id: str | None = None
    values: dict[str, dict[str, Json]] = field(default_factory=dict)


def checked(view: Any) -> Json:
    """The view with ids filled in. Raises Refusal with Slack's code and pointers."""
    if validate.too_large(view):
        raise Refusal("view_too_large")
    problems = validate.view_problems(view)
    if problems:
        raise explained("invalid_arguments", problems, listed=False)
    return {**view, "blocks": with_ids(view["blocks"])}


class Views:
    """All views of the workspace: a stack of up to three modals and one Home tab a user."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._views: dict[str, View] = {}
        self._stacks: defaultdict[str, list[str]] = defaultdict(list)
        self._homes: dict[str, str] = {}

    def open(self, user: str, content: Json) -> View:
        """Show a modal as the first of a new stack."""
        self.clear(user)
        return self._stack(user, content, None)

    def push(self, user: str, content: Json) -> View:
        """Show a modal on top of the stack. Raises Refusal when three are open."""
        stack = self._stacks[user]
        if len(stack) >= limits.VIEW_STACK_MAX_ITEMS:
            raise Refusal("push_limit_reached")
        return self._stack(user, content, stack[-1] if stack else None)

    def update(self, view: View, content: Json, expected_hash: str | None = None) -> View:
        """Replace what is in a view. Raises Refusal if it changed since `expected_hash`.

        What was put into a field stays where block_id and action_id stay; else it is forgotten.
        """
        if expected_hash and expected_hash != view.hash:
            raise Refusal("hash_conflict")
        self._claim_external_id(content, view.id)
        staying = inputs.state(content["blocks"], view.values)
        touched = {
            block: {action: field for action, field in fields.items() if action in old}
            for block, fields in staying.items()
            if (old := view.values.get(block))
        }
        changed = replace(view, content=content, hash=self._new_hash(), values=touched)
        return self._store(changed)

    def publish(self, user: str, content: Json, expected_hash: str | None = None) -> View:
        """Show this on the user's Home tab."""
        present = self.home(user)
        if present:
            return self.update(present, content, expected_hash)
        view_id = ids.new("V")
        self._homes[user] = view_id
        return self._store(
            View(id=view_id, user=user, content=content, hash=self._new_hash(), root_id=view_id)
        )

    def find(self, view_id: object = None, external_id: object = None) -> View | None:
        """The open view with this id or external id."""
        for view in self._views.values():
            if view.id == view_id or (
                external_id and view.content.get("external_id") == external_id
            ):
                return view
        return None

    def home(self, user: str) -> View | None:
        return self._views.get(self._homes.get(user, ""))

    def top(self, user: str) -> View | None:
        """The modal that the user sees, if there is one."""
        stack = self._stacks[user]
        return self._views[stack[-1]] if stack else None

    def stack(self, user: str) -> list[View]:
        """The user's open modals, the one on top last."""
        return [self._views[view_id] for view_id in self._stacks[user]]

    def close(self, view: View, *, by: str | None = None) -> None:
        """Take the modal off the stack; the one below appears. `by` is who did it, if a person."""
        self._stacks[view.user].remove(view.id)
        del self._views[view.id]
        self._tell(view.user, self.top(view.user), by=by)

    def clear(self, user: str, *, by: str | None = None) -> None:
        """Close every modal of the user."""
        if self._stacks[user]:
            for view_id in self._stacks.pop(user):
                del self._views[view_id]
            self._tell(user, None, by=by)

    def fill(self, view: View, values: inputs.Values) -> View:
        """Keep what the user has put in, field by field."""
        merged = {name: dict(fields) for name, fields in view.values.items()}
        for name, fields in values.items():
            merged[name] = merged.get(name, {}) | dict(fields)
        filled = replace(view, values=merged)
        self._views[view.id] = filled
        return filled

    def as_json(self, view: View) -> Json:
        """The view object of the Web API and of interaction payloads."""
        defaults: Json = {
            "private_metadata": "",
            "callback_id": "",
            "external_id": "",
            "clear_on_close": False,
            "notify_on_close": False,
            "title": None,
            "close": None,
            "submit": None,
        }
        given = {name: value for name, value in view.content.items() if value is not None}
        return (
            defaults
            | given
            | {
                "id": view.id,
                "team_id": self._workspace.team_id,
                "app_id": self._workspace.app_id,
                "bot_id": self._workspace.bot.bot_id,
                "hash": view.hash,
                "root_view_id": view.root_id,
                "previous_view_id": view.previous_id,
                "state": {"values": inputs.state(view.content["blocks"], view.values)},
            }
        )

    def _stack(self, user: str, content: Json, below: str | None) -> View:
        view_id = ids.new("V")
        self._claim_external_id(content, view_id)
        self._stacks[user].append(view_id)
        return self._store(
            View(
                id=view_id,
                user=user,
                content=content,
                hash=self._new_hash(),
                root_id=self._stacks[user][0],
                previous_id=below,
            )
        )

    def _claim_external_id(self, content: Json, view_id: str) -> None:
        external_id = content.get("external_id")
        owner = self.find(external_id=external_id) if external_id else None
        if owner and owner.id != view_id:
            raise Refusal("duplicate_external_id")

    def _store(self, view: View) -> View:
        self._views[view.id] = view
        self._tell(view.user, view)
        return view

    def show(self, view: View, **beside: Any) -> None:
        """Tell the page of the user what the modal looks like now, and what stands `beside` it."""
        self._publish(view.user, "view", self.as_json(view) | beside)

    def _tell(self, user: str, view: View | None, by: str | None = None) -> None:
        if view and view.content["type"] == "home":
            self._publish(user, "home", self.as_json(view))
        else:
            self._publish(user, "view", self.as_json(view) if view else None, by=by)

    def _publish(
        self, user: str, kind: Literal["view", "home"], shown: Json | None, by: str | None = None
    ) -> None:
        author = by or self._workspace.bot.id
        change = Change(kind=kind, by=author, only_for=user, detail={kind: shown})
        self._workspace.feed.publish(change)

    def _new_hash(self) -> str:
        return f"{int(self._workspace.clock.now().timestamp())}.{secrets.token_hex(4)}"
