"""What the validator refuses, where it says the fault is, and that the SDK is never stricter."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.sandbox.workspace.blockkit import limits, validate
from tests.bot.sandbox.workspace.joining import actions, button, modal, section

Json = dict[str, Any]


def plain(length: int) -> Json:
    return {"type": "plain_text", "text": "x" * length}


def mrkdwn(length: int) -> Json:
    return {"type": "mrkdwn", "text": "x" * length}


def option(text: int = 1, value: int = 1, **more: Any) -> Json:
    return {"text": plain(text), "value": "v" * value} | more


def select(count: int, **more: Any) -> Json:
    options = [option(value=number) for number in range(1, count + 1)]
    return {"type": "static_select", "action_id": "pick", "options": options} | more


def overflow(count: int) -> Json:
    return select(count) | {"type": "overflow"}


def confirm(**more: Any) -> Json:
    whole = {"title": plain(1), "text": plain(1), "confirm": plain(1), "deny": plain(1)}
    return whole | more


def image(**more: Any) -> Json:
    return {"type": "image", "image_url": "https://x.example/a.png", "alt_text": "A"} | more


def asked(element: Json, **more: Any) -> Json:
    return {"type": "input", "label": plain(1), "element": element} | more


def chart(points: list[Json], categories: list[str], **more: Any) -> Json:
    series = [{"name": "runs", "data": points}]
    plot = {"type": "line", "series": series, "axis_config": {"categories": categories}}
    return {"type": "data_visualization", "title": "Runs", "chart": plot} | more


def pie(*values: float) -> Json:
    segments = [{"label": f"s{number}", "value": value} for number, value in enumerate(values)]
    whole = {"type": "pie", "segments": segments}
    return {"type": "data_visualization", "title": "Share", "chart": whole}


def table(rows: int = 1, columns: int = 1, text: str = "x") -> Json:
    row = [{"type": "raw_text", "text": text}] * columns
    return {"type": "table", "rows": [row] * rows}


def data_table(rows: int) -> Json:
    return table(rows) | {"type": "data_table"}


def rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": list(elements)}


def sentence(text: str = "Hello") -> Json:
    return {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}


GOOD: dict[str, Json] = {
    "section at its longest": section("x" * 3000),
    "section of ten fields": {"type": "section", "fields": [mrkdwn(2000)] * 10},
    "section with a menu": section(accessory=select(100)),
    "header at its longest": {"type": "header", "text": plain(150)},
    "context of ten": {"type": "context", "elements": [mrkdwn(1)] * 10},
    "context with a picture": {"type": "context", "elements": [image()]},
    "row of twenty-five": actions(*(button(f"b{number}") for number in range(25))),
    "button with everything": actions(
        button(style="danger", value="v" * 2000, url="https://x.example", confirm=confirm())
    ),
    "overflow of five": actions(overflow(5)),
    "picture by file": {"type": "image", "slack_file": {"id": "F0123456789"}, "alt_text": "A"},
    "divider": {"type": "divider"},
    "input in a message": asked({"type": "plain_text_input", "action_id": "a"}),
    "markdown at its longest": {"type": "markdown", "text": "x" * 12000},
    "table": table(100, 20, "abcd"),
    "data table": data_table(201),
    "chart": chart([{"label": "Mon", "value": 1}], ["Mon"]),
    "pie": pie(*range(1, 13)),
    "rich text": rich(
        sentence(), {"type": "rich_text_list", "style": "bullet", "elements": [sentence()]}
    ),
    "card": {"type": "card", "title": mrkdwn(150), "actions": [button()]},
    "container": {"type": "container", "title": plain(1), "child_blocks": [section()]},
}


@pytest.mark.parametrize("block", GOOD.values(), ids=GOOD.keys())
def test_slack_takes(block: Json) -> None:
    assert validate.message_problems([block]) == []


BAD: dict[str, tuple[Json, str]] = {
    "empty section": ({"type": "section"}, "must define either `text` or `fields` /blocks/0"),
    "empty text": (section(""), "must be more than 0 characters /blocks/0/text/text"),
    "long section": (section("x" * 3001), "must be less than 3001 characters /blocks/0/text/text"),
    "long field": (
        {"type": "section", "fields": [mrkdwn(2001)]},
        "must be less than 2001 characters /blocks/0/fields/0/text",
    ),
    "eleven fields": (
        {"type": "section", "fields": [mrkdwn(1)] * 11},
        "no more than 10 items allowed /blocks/0/fields",
    ),
    "unknown key": (section(colour="red"), "invalid additional property: colour /blocks/0"),
    "unknown key in a text": (
        {"type": "section", "text": mrkdwn(1) | {"emoji": True}},
        "invalid additional property: emoji /blocks/0/text",
    ),
    "unknown block": ({"type": "chart"}, "unsupported type: chart /blocks/0/type"),
    "no type": ({"text": plain(1)}, "missing required field: type /blocks/0"),
    "long header": (
        {"type": "header", "text": plain(151)},
        "must be less than 151 characters /blocks/0/text/text",
    ),
    "mrkdwn header": (
        {"type": "header", "text": mrkdwn(1)},
        "must be a valid enum value /blocks/0/text/type",
    ),
    "empty context": (
        {"type": "context", "elements": []},
        "no less than 1 items allowed /blocks/0/elements",
    ),
    "eleven in a context": (
        {"type": "context", "elements": [mrkdwn(1)] * 11},
        "no more than 10 items allowed /blocks/0/elements",
    ),
    "button in a context": (
        {"type": "context", "elements": [button()]},
        "unsupported type: button /blocks/0/elements/0/type",
    ),
    "empty row": (actions(), "no less than 1 items allowed /blocks/0/elements"),
    "twenty-six in a row": (
        actions(*(button(f"b{number}") for number in range(26))),
        "no more than 25 items allowed /blocks/0/elements",
    ),
    "same action twice": (
        actions(button(), button()),
        "action_id must be unique /blocks/0/elements/1/action_id",
    ),
    "long button": (
        actions(button(text=plain(76))),
        "must be less than 76 characters /blocks/0/elements/0/text/text",
    ),
    "mrkdwn button": (
        actions(button(text=mrkdwn(1))),
        "must be a valid enum value /blocks/0/elements/0/text/type",
    ),
    "wrong style": (
        actions(button(style="warning")),
        "must be a valid enum value /blocks/0/elements/0/style",
    ),
    "long value": (
        actions(button(value="v" * 2001)),
        "must be less than 2001 characters /blocks/0/elements/0/value",
    ),
    "long action_id": (
        actions(button("a" * 256)),
        "must be less than 256 characters /blocks/0/elements/0/action_id",
    ),
    "long confirm": (
        actions(button(confirm=confirm(title=plain(101)))),
        "must be less than 101 characters /blocks/0/elements/0/confirm/title/text",
    ),
    "half a confirm": (
        actions(button(confirm={"title": plain(1)})),
        "missing required field: deny /blocks/0/elements/0/confirm",
    ),
    "six in an overflow": (
        actions(overflow(6)),
        "no more than 5 items allowed /blocks/0/elements/0/options",
    ),
    "select of 101": (
        actions(select(101)),
        "no more than 100 items allowed /blocks/0/elements/0/options",
    ),
    "select without options": (
        actions({"type": "static_select", "action_id": "pick"}),
        "must define either `options` or `option_groups` /blocks/0/elements/0",
    ),
    "select with both": (
        actions(select(1, option_groups=[{"label": plain(1), "options": [option()]}])),
        "must define only one of `options` or `option_groups` /blocks/0/elements/0",
    ),
    "long option text": (
        actions(select(1, options=[option(text=76)])),
        "must be less than 76 characters /blocks/0/elements/0/options/0/text/text",
    ),
    "long option value": (
        actions(select(1, options=[option(value=151)])),
        "must be less than 151 characters /blocks/0/elements/0/options/0/value",
    ),
    "link in a select": (
        actions(select(1, options=[option(url="https://x.example")])),
        "invalid additional property: url /blocks/0/elements/0/options/0",
    ),
    "picture without words": (
        {"type": "image", "image_url": "https://x.example"},
        "missing required field: alt_text /blocks/0",
    ),
    "picture of two sources": (
        image(slack_file={"id": "F0123456789"}),
        "must define only one of `image_url` or `slack_file` /blocks/0",
    ),
    "file id in no file's shape": (
        {"type": "image", "slack_file": {"id": "abc"}, "alt_text": "A"},
        "must be in a valid format /blocks/0/slack_file/id",
    ),
    "button as an input": (
        asked(button()),
        "unsupported type: button /blocks/0/element/type",
    ),
    "bad date": (
        actions({"type": "datepicker", "action_id": "a", "initial_date": "2 March"}),
        "must be in a valid format /blocks/0/elements/0/initial_date",
    ),
    "bad time": (
        actions({"type": "timepicker", "action_id": "a", "initial_time": "25:00"}),
        "must be in a valid format /blocks/0/elements/0/initial_time",
    ),
    "alert in a message": (
        {"type": "alert", "text": plain(1)},
        "unsupported type: alert /blocks/0/type",
    ),
    "long markdown": (
        {"type": "markdown", "text": "x" * 12001},
        "must be less than 12001 characters /blocks/0/text",
    ),
    "table of 101 rows": (table(101), "no more than 100 items allowed /blocks/0/rows"),
    "table of 21 columns": (table(1, 21), "no more than 20 items allowed /blocks/0/rows/0"),
    "table with too much text": (
        table(100, 1, "x" * 101),
        "total cell text must be less than 10001 characters /blocks/0/rows",
    ),
    "data table of one row": (data_table(1), "no less than 2 items allowed /blocks/0/rows"),
    "pie of thirteen": (
        pie(*range(1, 14)),
        "no more than 12 items allowed /blocks/0/chart/segments",
    ),
    "slice of nothing": (pie(0), "must be greater than 0 /blocks/0/chart/segments/0/value"),
    "chart that misses a category": (
        chart([{"label": "Mon", "value": 1}], ["Mon", "Tue"]),
        "must have one value for each category /blocks/0/chart/series/0/data",
    ),
    "list too deep": (
        rich({"type": "rich_text_list", "style": "bullet", "indent": 9, "elements": []}),
        "must be between 0 and 8 /blocks/0/elements/0/indent",
    ),
    "block that is no object": ("text", "must provide an object /blocks/0"),  # type: ignore[dict-item]
    "text that is no text": (
        {"type": "section", "text": "Hello"},
        "must provide an object /blocks/0/text",
    ),
}


@pytest.mark.parametrize(("block", "fault"), BAD.values(), ids=BAD.keys())
def test_slack_refuses_and_says_where(block: Json, fault: str) -> None:
    problems = [
        f"{problem.reason} {problem.pointer}" for problem in validate.message_problems([block])
    ]
    assert fault in problems


def test_a_reason_is_followed_by_its_json_pointer() -> None:
    (problem,) = validate.message_problems([{"type": "chart"}])
    assert str(problem) == "unsupported type: chart [json-pointer:/blocks/0/type]"


@pytest.mark.parametrize(
    ("blocks", "fault"),
    [
        pytest.param([{"type": "divider"}] * 51, "no more than 50 items allowed", id="51 blocks"),
        pytest.param(
            [section(block_id="a"), section(block_id="a")],
            "block_id must be unique",
            id="same block_id twice",
        ),
        pytest.param(
            [{"type": "markdown", "text": "x" * 7000}] * 2,
            "markdown text must be less than 12001 characters in all",
            id="too much markdown together",
        ),
        pytest.param(
            [pie(1)] * 3, "no more than 2 data_visualization blocks allowed", id="three charts"
        ),
        pytest.param({"type": "divider"}, "must be an array", id="not a list"),
    ],
)
def test_a_message_as_a_whole_is_refused(blocks: Any, fault: str) -> None:
    assert fault in [problem.reason for problem in validate.message_problems(blocks)]


VIEWS: dict[str, tuple[Json, str | None]] = {
    "modal": (modal(), None),
    "home": ({"type": "home", "blocks": [section()]}, None),
    "alert in a modal": (
        modal(blocks=[{"type": "alert", "text": plain(1), "level": "warning"}]),
        None,
    ),
    "modal without title": (modal(title=None), "missing required field: title /view"),
    "input without submit": (modal(submit=None), "missing required field: submit /view"),
    "long title": (
        modal(title=plain(25)),
        "must be less than 25 characters /view/title/text",
    ),
    "home with submit": (
        {"type": "home", "blocks": [section()], "submit": plain(1)},
        "invalid additional property: submit /view",
    ),
    "no blocks": (modal(blocks=[]), "no less than 1 items allowed /view/blocks"),
    "101 blocks": (
        modal(blocks=[{"type": "divider"}] * 101),
        "no more than 100 items allowed /view/blocks",
    ),
    "long private_metadata": (
        modal(private_metadata="x" * 3001),
        "must be less than 3001 characters /view/private_metadata",
    ),
    "long callback_id": (
        modal(callback_id="x" * 256),
        "must be less than 256 characters /view/callback_id",
    ),
    "markdown in a modal": (
        modal(blocks=[{"type": "markdown", "text": "x"}]),
        "unsupported type: markdown /view/blocks/0/type",
    ),
    "unknown type": (modal(type="panel"), "must be a valid enum value /view/type"),
}


@pytest.mark.parametrize(("view", "fault"), VIEWS.values(), ids=VIEWS.keys())
def test_a_view_is_taken_or_refused(view: Json, fault: str | None) -> None:
    problems = [f"{problem.reason} {problem.pointer}" for problem in validate.view_problems(view)]
    assert problems == [] if fault is None else fault in problems


@pytest.mark.parametrize(
    ("attachment", "fault"),
    [
        pytest.param({"color": "#a30200", "blocks": [section()]}, None, id="colour bar"),
        pytest.param({"color": "good", "text": "Fine"}, None, id="named colour"),
        pytest.param(
            {"color": "crimson"}, "must be in a valid format /attachments/0/color", id="colour"
        ),
        pytest.param(
            {"colour": "#a30200"}, "invalid additional property: colour /attachments/0", id="typo"
        ),
        pytest.param(
            {"footer": "x" * 301},
            "must be less than 301 characters /attachments/0/footer",
            id="long footer",
        ),
        pytest.param(
            {"blocks": [section("")]},
            "must be more than 0 characters /attachments/0/blocks/0/text/text",
            id="bad block inside",
        ),
    ],
)
def test_an_attachment_is_taken_or_refused(attachment: Json, fault: str | None) -> None:
    found = validate.attachment_problems([attachment])
    problems = [f"{problem.reason} {problem.pointer}" for problem in found]
    assert problems == [] if fault is None else fault in problems


def sdk_refuses(parse: Any) -> bool:
    """Whether Slack's own models will not write this."""
    try:
        parse().to_dict()
    except (SlackObjectFormationError, ValueError, TypeError, AttributeError):
        return True
    return False


@pytest.mark.parametrize("block", [block for block, _ in BAD.values()], ids=BAD.keys())
def test_what_the_sdk_refuses_of_the_bad_is_refused_here(block: Json) -> None:
    if isinstance(block, dict) and "type" in block and sdk_refuses(lambda: Block.parse(block)):
        assert validate.message_problems([block])


LENGTHS = st.sampled_from([0, 1, 30, 31, 75, 76, 100, 150, 151, 300, 301, 2000, 2001, 3000, 3001])
TEXTS = st.builds(
    lambda kind, length: {"type": kind, "text": "é" * length},
    st.sampled_from(["plain_text", "mrkdwn"]),
    LENGTHS,
)
OPTIONS = st.lists(
    st.builds(lambda text, value: {"text": text, "value": "v" * value}, TEXTS, LENGTHS), max_size=7
)
CONFIRMS = st.fixed_dictionaries({"title": TEXTS, "text": TEXTS, "confirm": TEXTS, "deny": TEXTS})
BUTTONS = st.fixed_dictionaries(
    {"type": st.just("button"), "text": TEXTS},
    optional={
        "action_id": st.sampled_from(["a", "a" * 255, "a" * 256]),
        "value": LENGTHS.map(lambda length: "v" * length),
        "url": LENGTHS.map(lambda length: "u" * length),
        "style": st.sampled_from(["primary", "danger", "warning"]),
        "confirm": CONFIRMS,
        "accessibility_label": LENGTHS.map(lambda length: "l" * length),
    },
)
MENUS = st.fixed_dictionaries(
    {"type": st.sampled_from(["static_select", "overflow", "multi_static_select"])},
    optional={"options": OPTIONS, "placeholder": TEXTS, "action_id": st.just("m")},
)
PICTURES = st.fixed_dictionaries(
    {"type": st.just("image"), "alt_text": LENGTHS.map(lambda length: "a" * length)},
    optional={"image_url": LENGTHS.map(lambda length: "u" * length), "title": TEXTS},
)
BLOCKS = st.one_of(
    st.fixed_dictionaries(
        {"type": st.just("section")},
        optional={
            "text": TEXTS,
            "fields": st.lists(TEXTS, max_size=12),
            "accessory": BUTTONS | MENUS,
            "block_id": st.sampled_from(["b" * 255, "b" * 256]),
        },
    ),
    st.fixed_dictionaries({"type": st.just("header")}, optional={"text": TEXTS}),
    st.fixed_dictionaries({"type": st.just("context"), "elements": st.lists(TEXTS, max_size=12)}),
    st.fixed_dictionaries(
        {"type": st.just("actions"), "elements": st.lists(BUTTONS | MENUS, max_size=27)}
    ),
    PICTURES,
    st.fixed_dictionaries(
        {"type": st.just("markdown"), "text": st.sampled_from(["", "x", "x" * 12001])}
    ),
)


@given(block=BLOCKS)
@settings(max_examples=300, deadline=None)
def test_whatever_the_sdk_refuses_is_refused_here(block: Json) -> None:
    if sdk_refuses(lambda: Block.parse(block)):
        assert validate.message_problems([block])


@given(
    title=LENGTHS,
    submit=LENGTHS,
    metadata=LENGTHS,
    count=st.integers(0, 102),
    kind=st.sampled_from(["modal", "home"]),
)
@settings(max_examples=100, deadline=None)
def test_whatever_view_the_sdk_refuses_is_refused_here(
    title: int, submit: int, metadata: int, count: int, kind: str
) -> None:
    view = {
        "type": kind,
        "title": plain(title),
        "submit": plain(submit),
        "private_metadata": "x" * metadata,
        "blocks": [{"type": "divider"}] * count,
    }
    if sdk_refuses(lambda: View(**view)):
        assert validate.view_problems(view)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "text",
                    "elements",
                    "blocks",
                    "rows",
                    "chart",
                    "series",
                    "data",
                    "axis_config",
                    "categories",
                    "block_id",
                    "options",
                ]
            ),
            inner
            | st.sampled_from(
                ["section", "actions", "table", "data_visualization", "line", "modal", "input"]
            ),
            max_size=5,
        )
    ),
    max_leaves=25,
)


@given(value=JUNK)
@settings(max_examples=300, deadline=None)
def test_any_json_gets_an_answer_and_never_an_exception(value: Any) -> None:
    for found in (
        validate.message_problems(value),
        validate.attachment_problems(value),
        validate.view_problems(value),
    ):
        assert all(problem.pointer.startswith("/") for problem in found)


def test_a_view_past_250_kb_is_too_large() -> None:
    many = [section("é" * 1300) for _ in range(96)]
    assert not validate.too_large(modal(blocks=many[:90]))
    assert validate.too_large(modal(blocks=many))
    assert len(json.dumps(modal(blocks=many), ensure_ascii=False).encode()) > limits.VIEW_MAX_BYTES
