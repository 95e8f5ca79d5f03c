"""What the check of changed answers is given: each list's shape of earlier days, and its newest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from checks.shapes.shape import Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The answers of one list of one system.

    `id` is stable: the list and what is asked of it. `what` is what people call it, "orders".
    `before` are the shapes of earlier days, one a day, `now` is the newest, as of `at` (UTC).
    `flows` are the names of those that use the system; which field a flow's mapping reads the
    platform does not tell. `mapped` are fields that a comparison reads, by their last name, and
    which. `limits` are the signs that a text field has room for where that is declared, by its
    last name.
    """

    system: str
    id: str
    what: str
    before: tuple[Shape, ...]
    now: Shape
    at: datetime
    flows: tuple[str, ...] = ()
    mapped: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapeEvidence:
    """Every list whose answers were looked at, in any order."""

    answers: tuple[Answers, ...] = ()
