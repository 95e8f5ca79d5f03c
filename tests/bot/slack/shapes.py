"""Slack's own shapes of blocks, from its type package, which refuse every unknown key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator, ValidationError
from jsonschema.validators import extend

SCHEMA = json.loads((Path(__file__).parent / "slack-types.schema.json").read_text())
"""The shapes of Slack's own type package @slack/types 3.2.0 (MIT), without its prose; made with
ts-json-schema-generator 2.4.0. Unlike the models it refuses every unknown key."""


@cache
def _type_of(reference: str) -> str | None:
    """The one `type` that a shape is for; None when it is for several or has none."""
    shape = SCHEMA["definitions"].get(reference.removeprefix("#/definitions/"), {})
    found: str | None = shape.get("properties", {}).get("type", {}).get("const")
    return found


def _can_be(instance: Any, choice: dict[str, Any]) -> bool:
    only = _type_of(choice.get("$ref", ""))
    return only is None or not isinstance(instance, dict) or instance.get("type", only) == only


def _any_of(
    validator: Any, choices: list[dict[str, Any]], instance: Any, schema: Any
) -> Iterator[ValidationError]:
    """As `anyOf` is, without going through shapes that are for another `type` anyhow: each block
    and element can be dozens of shapes, and trying them all takes most of a test's time."""
    possible = (choice for choice in choices if _can_be(instance, choice))
    if not any(validator.evolve(schema=choice).is_valid(instance) for choice in possible):
        yield ValidationError(f"{instance!r} is not valid under any of the given schemas")


_Shape = extend(Draft7Validator, {"anyOf": _any_of})
BLOCK_SHAPE = _Shape({**SCHEMA, "$ref": "#/definitions/KnownBlock"})
VIEW_SHAPE = _Shape(
    {
        "definitions": SCHEMA["definitions"],
        "anyOf": [{"$ref": "#/definitions/ModalView"}, {"$ref": "#/definitions/HomeView"}],
    }
)
