"""A vendor's new version: a field is gone from its answers, is empty, or is of another type."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.sandbox.estate.vendors.vendor import Answered

GONE = object()


def _retyped(value: object) -> object:
    """A number or a truth as a text, a text as a number, anything else as a text of JSON."""
    if isinstance(value, str):
        return len(value)
    return json.dumps(value)


CHANGES: Mapping[str, Callable[[object], object]] = {
    "drop": lambda _: GONE,
    "blank": lambda _: None,
    "retype": _retyped,
}
"""What may become of a field's value, by the name of the change. GraphQL cannot leave out a field
that was asked for; it answers with null."""


def reshape(answered: Answered, changes: Mapping[str, str]) -> Answered:
    """The answer with these fields (by name, wherever they stand) changed; only JSON can be."""
    try:
        told = json.loads(answered.body) if changes else None
    except ValueError:
        return answered
    return replace(answered, body=json.dumps(_reshaped(told, changes))) if changes else answered


def _reshaped(told: object, changes: Mapping[str, str]) -> object:
    if isinstance(told, list):
        return [_reshaped(each, changes) for each in told]
    if not isinstance(told, dict):
        return told
    new = {
        name: CHANGES[changes[name]](value) if name in changes else _reshaped(value, changes)
        for name, value in told.items()
    }
    return {name: value for name, value in new.items() if value is not GONE}
