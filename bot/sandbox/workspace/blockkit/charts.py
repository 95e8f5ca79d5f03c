"""Tables and charts: the blocks whose rules compare their parts with each other.

https://docs.slack.dev/reference/block-kit/blocks
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.sandbox.workspace.blockkit import limits
from bot.sandbox.workspace.blockkit.rich_text import RICH_TEXT
from bot.sandbox.workspace.blockkit.shapes import (
    Problem,
    Rule,
    anything,
    boolean,
    items,
    listing,
    number,
    objects,
    one_of,
    record,
    string,
    tagged,
    whole,
)

BLOCK_ID = string(limits.BLOCK_ID_MAX_LENGTH)

_RAW_TEXT = record({"type": anything, "text": string(100_000, 1)}, ("text",))
_RAW_NUMBER = record({"type": anything, "text": string(255, 1), "value": number()}, ("value",))
_CELL = tagged({"raw_text": _RAW_TEXT, "raw_number": _RAW_NUMBER, "rich_text": RICH_TEXT})


def characters(value: Any) -> int:
    """How many characters of text there are in a cell or in anything that holds cells."""
    if isinstance(value, dict):
        own = value.get("text")
        within = sum(characters(entry) for name, entry in value.items() if name != "text")
        return within + (len(own) if isinstance(own, str) else 0)
    if isinstance(value, list):
        return sum(characters(entry) for entry in value)
    return 0


def _no_more_text_than(most: int) -> Rule:
    def rule(value: Any, at: str) -> Iterator[Problem]:
        if characters(value.get("rows")) > most:
            yield Problem(f"total cell text must be less than {most + 1} characters", f"{at}/rows")

    return rule


TABLE = record(
    {
        "type": anything,
        "block_id": BLOCK_ID,
        "rows": listing(
            listing(_CELL, limits.TABLE_COLUMNS_MAX_ITEMS), limits.TABLE_ROWS_MAX_ITEMS, 1
        ),
        "column_settings": listing(
            record({"align": one_of("left", "center", "right"), "is_wrapped": boolean}),
            limits.TABLE_COLUMN_SETTINGS_MAX_ITEMS,
        ),
    },
    required=("rows",),
    together=_no_more_text_than(limits.TABLE_CONTENT_MAX_LENGTH),
)

DATA_TABLE = record(
    {
        "type": anything,
        "block_id": BLOCK_ID,
        "caption": string(3000),
        "rows": listing(
            listing(
                _CELL, limits.DATA_TABLE_COLUMNS_MAX_ITEMS, limits.DATA_TABLE_COLUMNS_MIN_ITEMS
            ),
            limits.DATA_TABLE_ROWS_MAX_ITEMS,
            limits.DATA_TABLE_ROWS_MIN_ITEMS,
        ),
        "page_size": whole(limits.DATA_TABLE_PAGE_SIZE_MIN, limits.DATA_TABLE_PAGE_SIZE_MAX),
        "row_header_column_index": whole(0, limits.DATA_TABLE_COLUMNS_MAX_ITEMS - 1),
    },
    required=("rows",),
    together=_no_more_text_than(limits.DATA_TABLE_CONTENT_MAX_LENGTH),
)

_PIE = record(
    {
        "type": anything,
        "segments": listing(
            record(
                {
                    "label": string(limits.DATA_VISUALIZATION_SEGMENT_LABEL_MAX_LENGTH, 1),
                    "value": number(0),
                },
                ("label", "value"),
            ),
            limits.DATA_VISUALIZATION_SEGMENTS_MAX_ITEMS,
            1,
        ),
    },
    required=("segments",),
)

_POINT = record(
    {"label": string(limits.DATA_VISUALIZATION_POINT_LABEL_MAX_LENGTH, 1), "value": number()},
    required=("label", "value"),
)
_SERIES = record(
    {
        "name": string(limits.DATA_VISUALIZATION_SERIES_NAME_MAX_LENGTH, 1),
        "data": listing(_POINT, limits.DATA_VISUALIZATION_DATA_MAX_ITEMS, 1),
    },
    required=("name", "data"),
)
_AXIS_LABEL = string(limits.DATA_VISUALIZATION_AXIS_LABEL_MAX_LENGTH)
_AXIS = record(
    {
        "categories": listing(
            string(limits.DATA_VISUALIZATION_CATEGORY_LABEL_MAX_LENGTH, 1),
            limits.DATA_VISUALIZATION_CATEGORIES_MAX_ITEMS,
            1,
        ),
        "x_label": _AXIS_LABEL,
        "y_label": _AXIS_LABEL,
    },
    required=("categories",),
)


def _series_match_categories(chart: Any, at: str) -> Iterator[Problem]:
    axis = chart.get("axis_config")
    series = objects(chart.get("series"))
    names = [str(entry.get("name")) for entry in series]
    if len(set(names)) < len(names):
        yield Problem("series names must be unique", f"{at}/series")
    categories = sorted(map(str, items(axis.get("categories") if isinstance(axis, dict) else [])))
    for index, entry in enumerate(series):
        labels = sorted(str(point.get("label")) for point in objects(entry.get("data")))
        if labels != categories:
            yield Problem("must have one value for each category", f"{at}/series/{index}/data")


_PLOT = record(
    {
        "type": anything,
        "series": listing(_SERIES, limits.DATA_VISUALIZATION_SERIES_MAX_ITEMS, 1),
        "axis_config": _AXIS,
    },
    required=("series", "axis_config"),
    together=_series_match_categories,
)

DATA_VISUALIZATION = record(
    {
        "type": anything,
        "block_id": BLOCK_ID,
        "title": string(limits.DATA_VISUALIZATION_TITLE_MAX_LENGTH, 1),
        "chart": tagged({"pie": _PIE, "line": _PLOT, "bar": _PLOT, "area": _PLOT}),
    },
    required=("title", "chart"),
)
