"""`/seam assign 42 @alex`: somebody is asked to take it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from bot.incidents.events import Assign
from bot.permissions import Right
from bot.slack.changing import about, change
from bot.slack.desk import Desk
from bot.slack.modals import Fields, View
from bot.slack.render.answers import no_assignee, not_reachable, unlinked
from bot.slack.render.buttons import ASSIGN
from bot.slack.render.message import Message
from bot.slack.render.modals import WHO, assign_modal
from bot.slack.verbs import Ask, Dialog, Example, Verb

LONGEST_NAME = 4
"""Words."""
KEPT = 500
"""Characters of the reason."""
_ACCOUNT = re.compile(r"[UW][A-Z0-9]{2,30}")


def answer(desk: Desk, ask: Ask) -> Message:
    found = _account(desk, ask)
    if found is None:
        return no_assignee(ask.rest)
    account, reason = found
    if account in ask.strangers:
        return not_reachable(account, ask.strangers[account])
    said = change(desk, ask, Assign(to=account, reason=reason[:KEPT]), "assign")
    return said if desk.directory.name_of(account) else unlinked(said, account)


def _account(desk: Desk, ask: Ask) -> tuple[str, str] | None:
    """Whose account the first words mention, or is that of the person of the settings whom they
    name; and what else was typed, which is for whoever is asked."""
    words = ask.rest.split()
    for many in range(min(len(words), LONGEST_NAME), 0, -1):
        if account := _called(desk, ask, " ".join(words[:many])):
            return account, " ".join(words[many:])
    return None


def _called(desk: Desk, ask: Ask, typed: str) -> str | None:
    shown = typed.rstrip(",;:")
    bare = shown.lstrip("@").casefold()
    if bare in ("me", "myself"):
        return ask.user_id
    if found := ask.accounts.get(shown):
        return found
    if _ACCOUNT.fullmatch(shown.lstrip("@")):
        return shown.lstrip("@")
    named = [name for name in desk.directory.names if name.casefold() == bare]
    first = [name for name in desk.directory.names if name.casefold().split()[0] == bare]
    meant = named or (first if len(first) == 1 else [])
    return desk.directory.find(meant[0]) if meant else None


def _names(desk: Desk, ask: Ask) -> Iterable[str]:
    found = _account(desk, ask)
    return () if found is None else (found[0],)


def _view(desk: Desk, ask: Ask) -> View | Message:
    found = about(desk, ask)
    return found if isinstance(found, Message) else assign_modal(found)


def _read(_: Desk, ask: Ask, fields: Fields) -> Ask | Mapping[str, str]:
    account = fields.get(WHO, "")
    if not account:
        return {WHO: "Choose somebody."}
    return replace(ask, rest=f"@{account}", said=f"@{account}", accounts={f"@{account}": account})


VERB = Verb(
    name="assign",
    place=16,
    answer=answer,
    aliases=("reassign",),
    button=ASSIGN,
    changes=True,
    right=Right.ASSIGN,
    names=_names,
    dialog=Dialog(view=_view, read=_read),
    examples=(Example(typed="assign 42 @alex", does="ask somebody to take #42; they are told"),),
)
