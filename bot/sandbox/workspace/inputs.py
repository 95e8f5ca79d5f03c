"""What a person puts into the fields of a view or message, and what the app is told of it.

https://docs.slack.dev/reference/block-kit/block-elements , and for the shape of `state.values`
https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from bot.sandbox.workspace.interactive import answer, elements
from bot.sandbox.workspace.messages import Channel, Json
from bot.sandbox.workspace.people import User
from bot.sandbox.workspace.state import Workspace

Values = Mapping[str, Mapping[str, Json]]
"""Fields by block_id, then by action_id, as in `state.values`."""

_STATELESS = {"button", "workflow_button", "icon_button", "feedback_buttons", "overflow"}
_INITIAL = {
    "plain_text_input": ("initial_value", "value"),
    "email_text_input": ("initial_value", "value"),
    "url_text_input": ("initial_value", "value"),
    "number_input": ("initial_value", "value"),
    "rich_text_input": ("initial_value", "rich_text_value"),
    "static_select": ("initial_option", "selected_option"),
    "external_select": ("initial_option", "selected_option"),
    "radio_buttons": ("initial_option", "selected_option"),
    "users_select": ("initial_user", "selected_user"),
    "conversations_select": ("initial_conversation", "selected_conversation"),
    "channels_select": ("initial_channel", "selected_channel"),
    "datepicker": ("initial_date", "selected_date"),
    "timepicker": ("initial_time", "selected_time"),
    "datetimepicker": ("initial_date_time", "selected_date_time"),
    "checkboxes": ("initial_options", "selected_options"),
    "multi_static_select": ("initial_options", "selected_options"),
    "multi_external_select": ("initial_options", "selected_options"),
    "multi_users_select": ("initial_users", "selected_users"),
    "multi_conversations_select": ("initial_conversations", "selected_conversations"),
    "multi_channels_select": ("initial_channels", "selected_channels"),
}
_LISTS = {"checkboxes"} | {kind for kind in _INITIAL if kind.startswith("multi_")}


class Unfit(ValueError):
    """A value that Slack's client would not let through; the text says what it must be."""


class Unfilled(ValueError):
    """A modal that cannot be submitted so. `errors` holds what is wrong, by block_id."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        block_id, reason = next(iter(errors.items()))
        super().__init__(f'"{block_id}" of this modal {reason}')
        self.errors = {name: f"This {reason}." for name, reason in errors.items()}


def state(blocks: Sequence[Json] | None, filled: Values) -> dict[str, dict[str, Json]]:
    """Every field of the blocks: what was put in, else what the app put there beforehand."""
    found: dict[str, dict[str, Json]] = {}
    for block, element in elements(blocks):
        if element.get("type") in _STATELESS or element.get("type") not in _INITIAL:
            continue
        block_id, action_id = block["block_id"], element["action_id"]
        kept = filled.get(block_id, {}).get(action_id)
        same = kept is not None and kept["type"] == element["type"]
        found.setdefault(block_id, {})[action_id] = dict(kept) if same and kept else prior(element)
    return found


def prior(element: Json) -> Json:
    """What stands in the field before anybody has touched it."""
    source, name = _INITIAL[element["type"]]
    nothing: list[Any] | None = [] if element["type"] in _LISTS else None
    return {"type": element["type"], name: element.get(source, nothing)}


def keeps_state(element: Json) -> bool:
    """Whether the element is a field; a button or an overflow menu holds nothing."""
    return element.get("type") in _INITIAL


def put_in(element: Json, value: Any, workspace: Workspace) -> Json:
    """The field with this value in it. Raises Unfit, or ValueError for what it does not offer."""
    if value in (None, "", []):
        return {"type": element["type"]} | answer(element, [] if _is_list(element) else None)
    known = _resolved(element, value, workspace)
    reason = _CHECKS.get(element["type"], _anything)(element, known)
    if reason:
        raise Unfit(reason)
    return {"type": element["type"]} | answer(element, known)


def is_empty(field: Json) -> bool:
    """Whether nothing stands in the field."""
    return all(value in (None, "", []) for name, value in field.items() if name != "type")


def _is_list(element: Json) -> bool:
    return element["type"] in _LISTS


def _resolved(element: Json, value: Any, workspace: Workspace) -> Any:
    """People and channels may be given by name. Raises Unknown (a LookupError)."""
    kind = element["type"].removeprefix("multi_")
    find: Callable[[object], User | Channel]
    if kind == "users_select":
        find = workspace.signed_in
    elif kind in ("channels_select", "conversations_select"):
        find = workspace.channel
    else:
        return value
    return [find(name).id for name in value] if _is_list(element) else find(value).id


def _anything(_element: Json, _value: Any) -> str | None:
    return None


def _text(element: Json, value: Any) -> str | None:
    length = len(str(value))
    least, most = element.get("min_length", 0), element.get("max_length", 3000)
    if length < least:
        return f"must have at least {least} characters, and has {length}"
    return f"must have at most {most} characters, and has {length}" if length > most else None


def _email(_element: Json, value: Any) -> str | None:
    good = re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", str(value))
    return None if good else "must be an e-mail address"


def _url(_element: Json, value: Any) -> str | None:
    return None if re.fullmatch(r"https?://\S+", str(value)) else "must be a web address"


def _number(element: Json, value: Any) -> str | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return "must be a number"
    if not element.get("is_decimal_allowed") and number != number.to_integral_value():
        return "must be a whole number"
    least, most = element.get("min_value"), element.get("max_value")
    if least is not None and number < Decimal(least):
        return f"must be at least {least}"
    return f"must be at most {most}" if most is not None and number > Decimal(most) else None


def _date(_element: Json, value: Any) -> str | None:
    return None if re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(value)) else "must be a date (YYYY-MM-DD)"


def _time(_element: Json, value: Any) -> str | None:
    good = re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", str(value))
    return None if good else "must be a time of day (HH:MM)"


def _moment(_element: Json, value: Any) -> str | None:
    whole = isinstance(value, int) and 1_000_000_000 <= value <= 9_999_999_999
    return None if whole else "must be a moment in Unix seconds, ten digits"


def _few_enough(element: Json, value: Any) -> str | None:
    if not isinstance(value, list):
        return "must be a list"
    most = element.get("max_selected_items")
    return f"must have at most {most} chosen" if most and len(value) > most else None


_CHECKS: dict[str, Callable[[Json, Any], str | None]] = {
    "plain_text_input": _text,
    "email_text_input": _email,
    "url_text_input": _url,
    "number_input": _number,
    "datepicker": _date,
    "timepicker": _time,
    "datetimepicker": _moment,
} | dict.fromkeys(_LISTS, _few_enough)
