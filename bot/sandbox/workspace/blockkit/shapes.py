"""Small rules about JSON values that combine into the shape of a whole message.

A rule is a function of a value and its JSON pointer; it yields a problem for everything wrong.
The reasons are worded as Slack words them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault and where it is."""

    reason: str
    pointer: str

    def __str__(self) -> str:
        return f"{self.reason} [json-pointer:{self.pointer}]"


Rule = Callable[[Any, str], Iterator[Problem]]


def string(longest: int, shortest: int = 0, pattern: str | None = None) -> Rule:
    """A string of `shortest` to `longest` characters, matching `pattern` if there is one."""
    expression = re.compile(pattern) if pattern else None

    def rule(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield Problem("must be a string", at)
        elif len(value) < shortest:
            yield Problem(f"must be more than {shortest - 1} characters", at)
        elif len(value) > longest:
            yield Problem(f"must be less than {longest + 1} characters", at)
        elif expression and not expression.fullmatch(value):
            yield Problem("must be in a valid format", at)

    return rule


def whole(least: int, most: int) -> Rule:
    """A whole number from `least` to `most`."""

    def rule(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, int) or isinstance(value, bool):
            yield Problem("must be an integer", at)
        elif not least <= value <= most:
            yield Problem(f"must be between {least} and {most}", at)

    return rule


def number(above: float | None = None) -> Rule:
    """A number, greater than `above` if that is given."""

    def rule(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, int | float) or isinstance(value, bool):
            yield Problem("must be a number", at)
        elif above is not None and value <= above:
            yield Problem(f"must be greater than {above}", at)

    return rule


def boolean(value: Any, at: str) -> Iterator[Problem]:
    """True or false."""
    if not isinstance(value, bool):
        yield Problem("must be a boolean", at)


def items(value: Any) -> list[Any]:
    """The items of a list; none for anything else."""
    return value if isinstance(value, list) else []


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a list."""
    return [entry for entry in items(value) if isinstance(entry, dict)]


def anything(_value: Any, _at: str) -> Iterator[Problem]:
    """A part that Slack checks and this server leaves alone."""
    yield from ()


def one_of(*allowed: object) -> Rule:
    """Exactly one of these values."""

    def rule(value: Any, at: str) -> Iterator[Problem]:
        if value not in allowed:
            yield Problem("must be a valid enum value", at)

    return rule


def listing(item: Rule, most: int, least: int = 0) -> Rule:
    """A list of `least` to `most` items."""

    def rule(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield Problem("must be an array", at)
            return
        if len(value) < least:
            yield Problem(f"no less than {least} items allowed", at)
        if len(value) > most:
            yield Problem(f"no more than {most} items allowed", at)
        for index, entry in enumerate(value):
            yield from item(entry, f"{at}/{index}")

    return rule


def record(
    fields: Mapping[str, Rule], required: Sequence[str] = (), together: Rule | None = None
) -> Rule:
    """An object with these fields and no others; `together` looks at it as a whole."""

    def rule(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield Problem("must provide an object", at)
            return
        for name in required:
            if value.get(name) is None:
                yield Problem(f"missing required field: {name}", at)
        yield from _each_field(fields, value, at)
        if together:
            yield from together(value, at)

    return rule


def _each_field(fields: Mapping[str, Rule], value: dict[str, Any], at: str) -> Iterator[Problem]:
    for name, entry in value.items():
        if name not in fields:
            yield Problem(f"invalid additional property: {name}", at)
        elif entry is not None:
            yield from fields[name](entry, f"{at}/{name}")


def tagged(kinds: Mapping[str, Rule]) -> Rule:
    """An object whose `type` says which of these rules it follows."""

    def rule(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield Problem("must provide an object", at)
        elif not isinstance(value.get("type"), str):
            yield Problem("missing required field: type", at)
        elif value["type"] not in kinds:
            yield Problem(f"unsupported type: {value['type']}", f"{at}/type")
        else:
            yield from kinds[value["type"]](value, at)

    return rule


def either(*names: str, only_one: bool = False) -> Rule:
    """At least one of these fields, or exactly one. An empty list does not count."""
    listed = " or ".join(f"`{name}`" for name in names)

    def rule(value: Any, at: str) -> Iterator[Problem]:
        given = sum(1 for name in names if value.get(name) not in (None, []))
        if given == 0:
            yield Problem(f"must define either {listed}", at)
        elif only_one and given > 1:
            yield Problem(f"must define only one of {listed}", at)

    return rule
