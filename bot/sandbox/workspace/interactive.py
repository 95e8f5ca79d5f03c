"""Finds the interactive elements of blocks and says what a person's choice makes of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from bot.sandbox.workspace import ids
from bot.sandbox.workspace.blockkit.shapes import objects
from bot.sandbox.workspace.messages import Json

_SINGLE = {
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
}
_MANY = {
    "multi_users_select": "selected_users",
    "multi_conversations_select": "selected_conversations",
    "multi_channels_select": "selected_channels",
}
_ONE_OPTION = {"static_select", "overflow", "radio_buttons", "external_select"}
_MANY_OPTIONS = {"multi_static_select", "checkboxes", "multi_external_select"}
_NOT_INTERACTIVE = {"image", "mrkdwn", "plain_text"}


def elements(blocks: Sequence[Json] | None) -> Iterator[tuple[Json, Json]]:
    """Every interactive element with the block it stands in, cards and containers included."""
    for block in objects(list(blocks or [])):
        if block.get("type") in ("rich_text", "table", "data_table"):
            continue
        single = [block.get("accessory"), block.get("element")]
        several = [*objects(block.get("elements")), *objects(block.get("actions"))]
        for element in [*objects(single), *several]:
            if element.get("type") == "card":
                yield from elements([element])
            elif element.get("type") not in _NOT_INTERACTIVE:
                yield block, element
        yield from elements(block.get("child_blocks"))


def with_ids(blocks: Sequence[Json] | None) -> list[Json] | None:
    """The blocks with a generated block_id and action_id wherever the app gave none."""
    if blocks is None:
        return None
    named = [{**block, "block_id": block.get("block_id") or ids.short()} for block in blocks]
    return [_named_elements(block) for block in named]


def answer(element: Json, value: Any) -> Json:
    """The fields that this choice adds to an action or to a view's state.

    An option is named by its value or by its text. Raises ValueError when it is not offered.
    """
    kind = element.get("type", "")
    if kind in _SINGLE:
        return {_SINGLE[kind]: value}
    if kind in _MANY:
        return {_MANY[kind]: list(value or [])}
    if kind in _ONE_OPTION:
        return {"selected_option": None if value is None else _option(element, value)}
    if kind in _MANY_OPTIONS:
        return {"selected_options": [_option(element, wanted) for wanted in value or []]}
    if kind in ("button", "workflow_button", "icon_button"):
        own: tuple[str, ...] = ("value", "text")
        return {name: element[name] for name in own if name in element}
    if kind == "rich_text_input":
        return {"rich_text_value": value}
    return {"value": None if value in (None, "") else str(value)}


def _option(element: Json, wanted: Any) -> Json:
    grouped = [objects(group.get("options")) for group in objects(element.get("option_groups"))]
    options = [*objects(element.get("options")), *(entry for group in grouped for entry in group)]
    for name in (_value, _label):
        for option in options:
            if name(option) == wanted:
                return option
    offered = ", ".join(str(option.get("value")) for option in options) or "none"
    raise ValueError(
        f'"{wanted}" is not an option of {element.get("action_id")}; it offers {offered}'
    )


def _value(option: Json) -> Any:
    return option.get("value")


def _label(option: Json) -> Any:
    return option.get("text", {}).get("text")


def _named_elements(block: Json) -> Json:
    if block.get("type") in ("rich_text", "table", "data_table", "context", "carousel"):
        return block
    named = dict(block)
    for place in ("accessory", "element"):
        if isinstance(named.get(place), dict):
            named[place] = _named(named[place])
    for place in ("elements", "actions"):
        if isinstance(named.get(place), list):
            named[place] = [_named(element) for element in named[place]]
    return named


def _named(element: Json) -> Json:
    if element.get("type") in _NOT_INTERACTIVE:
        return element
    return {**element, "action_id": element.get("action_id") or ids.short()}
