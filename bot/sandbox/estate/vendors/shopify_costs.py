"""What a query costs in points at Shopify: before it is answered, and by what it found.

https://shopify.dev/docs/api/usage/limits: an object costs a point, a list by how many there may be;
what was asked for and not found is given back. Of the points of what stands in a list only a part
is charged lately:
https://community.shopify.dev/t/unexpectedly-low-graphql-query-cost-in-shopify-admin-api-seeking-clarification/23101
"""

from __future__ import annotations

import math

from bot.sandbox.estate.vendors.graphql import Field

MOST_FOR_ONE = 1000.0
"""A query that may cost more is not answered."""
COUNT_COSTS = 10.0
LISTED = ("orders", "order", "orderByIdentifier")
_COSTS = {"shop": 1.0}
_OF_A_NODE = 0.05


def cost_of(field: Field, answer: object = None) -> float:
    """What one field at the top may cost; with its answer, what it does cost."""
    if field.name not in LISTED:
        return _COSTS.get(field.name, COUNT_COSTS)
    return float(math.ceil(_cost_within(field, None if answer is None else _shown(answer))))


def _cost_within(field: Field, shown: int | None = None) -> float:
    if not field.fields:
        return 0.0
    below = sum(map(_cost_within, field.fields), 0.0)
    first = field.arguments.get("first")
    if not isinstance(first, int):
        return 1.0 + below
    return 2.0 + (first if shown is None else shown) * below * _OF_A_NODE


def _shown(answer: object) -> int:
    """How many stand in the answer to a list."""
    values = answer.values() if isinstance(answer, dict) else ()
    return max((len(value) for value in values if isinstance(value, list)), default=0)
