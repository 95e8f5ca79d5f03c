"""Interactive and other elements: buttons, menus, inputs, images.

https://docs.slack.dev/reference/block-kit/block-elements
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.sandbox.workspace.blockkit import limits
from bot.sandbox.workspace.blockkit.shapes import (
    Rule,
    anything,
    boolean,
    either,
    listing,
    number,
    one_of,
    record,
    string,
    whole,
)
from bot.sandbox.workspace.blockkit.texts import (
    CONFIRM,
    DISPATCH,
    OPTION_GROUP,
    SLACK_FILE,
    option,
    plain,
)

_COMMON: dict[str, Rule] = {
    "type": anything,
    "action_id": string(limits.ACTION_ID_MAX_LENGTH),
}
_PLACEHOLDER = plain(limits.SELECT_PLACEHOLDER_MAX_LENGTH)
_DATE = r"\d{4}-\d{2}-\d{2}"
_TIME = r"([01]\d|2[0-3]):[0-5]\d"


def _element(
    fields: Mapping[str, Rule], required: Sequence[str] = (), together: Rule | None = None
) -> Rule:
    return record(_COMMON | dict(fields), required, together)


def _field(**fields: Rule) -> Rule:
    """An element with a placeholder that can take the focus, as all that ask for a value."""
    return _element({"placeholder": _PLACEHOLDER, "focus_on_load": boolean} | fields)


def _menu(many: bool, required: Sequence[str] = (), **fields: Rule) -> Rule:
    common: dict[str, Rule] = {
        "placeholder": _PLACEHOLDER,
        "focus_on_load": boolean,
        "confirm": CONFIRM,
    }
    if many:
        common["max_selected_items"] = whole(1, 10_000)
    together = either("options", "option_groups", only_one=True) if "options" in fields else None
    return _element(common | fields, required, together)


def _choices(most: int) -> Rule:
    return _element(
        {
            "options": listing(option(formatted=True), most, 1),
            "initial_options": listing(option(formatted=True), most, 1),
            "initial_option": option(formatted=True),
            "confirm": CONFIRM,
            "focus_on_load": boolean,
        },
        required=("options",),
    )


_OPTIONS = listing(option(), limits.SELECT_OPTIONS_MAX_ITEMS, 1)
_GROUPS = listing(OPTION_GROUP, limits.SELECT_OPTION_GROUPS_MAX_ITEMS, 1)
_NAMES = listing(string(255, 1), 100)
_LINES = whole(1, limits.RICH_TEXT_INPUT_MIN_LINES_MAX)

IMAGE = record(
    {
        "type": anything,
        "image_url": string(limits.IMAGE_ELEMENT_IMAGE_URL_MAX_LENGTH, 1),
        "slack_file": SLACK_FILE,
        "alt_text": string(limits.IMAGE_ELEMENT_ALT_TEXT_MAX_LENGTH, 1),
        "image_width": anything,
        "image_height": anything,
        "image_bytes": anything,
    },
    required=("alt_text",),
    together=either("image_url", "slack_file", only_one=True),
)

BUTTON = _element(
    {
        "text": plain(limits.BUTTON_TEXT_MAX_LENGTH),
        "url": string(limits.BUTTON_URL_MAX_LENGTH),
        "value": string(limits.BUTTON_VALUE_MAX_LENGTH),
        "style": one_of("primary", "danger"),
        "confirm": CONFIRM,
        "accessibility_label": string(limits.BUTTON_ACCESSIBILITY_LABEL_MAX_LENGTH),
    },
    required=("text",),
)

OVERFLOW = _element(
    {
        "options": listing(
            option(linked=True),
            limits.OVERFLOW_OPTIONS_MAX_ITEMS,
            limits.OVERFLOW_OPTIONS_MIN_ITEMS,
        ),
        "confirm": CONFIRM,
    },
    required=("options",),
)

_FEEDBACK = record(
    {
        "text": plain(limits.FEEDBACK_BUTTON_TEXT_MAX_LENGTH),
        "value": string(limits.FEEDBACK_BUTTON_VALUE_MAX_LENGTH),
        "accessibility_label": string(limits.BUTTON_ACCESSIBILITY_LABEL_MAX_LENGTH),
    },
    required=("text", "value"),
)
FEEDBACK_ELEMENTS: dict[str, Rule] = {
    "feedback_buttons": _element(
        {"positive_button": _FEEDBACK, "negative_button": _FEEDBACK},
        required=("positive_button", "negative_button"),
    ),
    "icon_button": _element(
        {
            "icon": one_of("trash"),
            "text": plain(),
            "value": string(limits.ICON_BUTTON_VALUE_MAX_LENGTH),
            "accessibility_label": string(limits.ICON_BUTTON_ACCESSIBILITY_LABEL_MAX_LENGTH),
            "visible_to_user_ids": listing(string(255, 1), 10),
            "confirm": CONFIRM,
        },
        required=("icon", "text"),
    ),
}

SELECTS: dict[str, Rule] = {
    "static_select": _menu(False, options=_OPTIONS, option_groups=_GROUPS, initial_option=option()),
    "external_select": _menu(False, min_query_length=whole(0, 3000), initial_option=option()),
    "users_select": _menu(False, initial_user=string(255, 1)),
    "conversations_select": _menu(
        False,
        initial_conversation=string(255, 1),
        default_to_current_conversation=boolean,
        response_url_enabled=boolean,
        filter=anything,
    ),
    "channels_select": _menu(False, initial_channel=string(255, 1), response_url_enabled=boolean),
    "multi_static_select": _menu(
        True, options=_OPTIONS, option_groups=_GROUPS, initial_options=_OPTIONS
    ),
    "multi_external_select": _menu(True, min_query_length=whole(0, 3000), initial_options=_OPTIONS),
    "multi_users_select": _menu(True, initial_users=_NAMES),
    "multi_conversations_select": _menu(
        True,
        initial_conversations=_NAMES,
        default_to_current_conversation=boolean,
        filter=anything,
    ),
    "multi_channels_select": _menu(True, initial_channels=_NAMES),
}

PICKERS: dict[str, Rule] = {
    "datepicker": _field(initial_date=string(10, pattern=_DATE), confirm=CONFIRM),
    "timepicker": _field(
        initial_time=string(5, pattern=_TIME), timezone=string(255), confirm=CONFIRM
    ),
    "datetimepicker": _element(
        {"initial_date_time": whole(0, 9_999_999_999), "confirm": CONFIRM, "focus_on_load": boolean}
    ),
    "checkboxes": _choices(limits.CHECKBOXES_OPTIONS_MAX_ITEMS),
    "radio_buttons": _choices(limits.RADIO_BUTTONS_OPTIONS_MAX_ITEMS),
}

INPUTS: dict[str, Rule] = {
    "plain_text_input": _field(
        initial_value=string(limits.PLAIN_TEXT_INPUT_MAX_LENGTH_MAX),
        multiline=boolean,
        min_length=whole(0, limits.PLAIN_TEXT_INPUT_MIN_LENGTH_MAX),
        max_length=whole(1, limits.PLAIN_TEXT_INPUT_MAX_LENGTH_MAX),
        dispatch_action_config=DISPATCH,
    ),
    "email_text_input": _field(initial_value=string(3000), dispatch_action_config=DISPATCH),
    "url_text_input": _field(initial_value=string(3000), dispatch_action_config=DISPATCH),
    "number_input": _field(
        is_decimal_allowed=boolean,
        initial_value=string(255),
        min_value=string(255),
        max_value=string(255),
        dispatch_action_config=DISPATCH,
    ),
    "rich_text_input": _field(
        initial_value=anything,
        dispatch_action_config=DISPATCH,
        min_lines=_LINES,
        max_lines=_LINES,
    ),
    "file_input": _element(
        {
            "filetypes": listing(string(50, 1), 100),
            "max_files": number(0),
        }
    ),
}

WORKFLOW_BUTTON = _element(
    {
        "text": plain(limits.BUTTON_TEXT_MAX_LENGTH),
        "workflow": anything,
        "style": one_of("primary", "danger"),
        "accessibility_label": string(limits.BUTTON_ACCESSIBILITY_LABEL_MAX_LENGTH),
    },
    required=("text", "workflow"),
)

IN_ACTIONS: dict[str, Rule] = (
    {"button": BUTTON, "overflow": OVERFLOW, "workflow_button": WORKFLOW_BUTTON} | SELECTS | PICKERS
)
IN_SECTION: dict[str, Rule] = IN_ACTIONS | {"image": IMAGE}
IN_INPUT: dict[str, Rule] = INPUTS | SELECTS | PICKERS
