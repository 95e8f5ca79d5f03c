"""How many records checks found lost, each of them once. Pure.

Two checks may find the same loss: tracked data that an order was received and never sent, a
comparison that it never arrived. Which records are the same nobody can tell once their keys are
deleted, so that of several ways to count, what tells most is taken for all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.incidents.model import Alert
from checks.model import Fact, Verdict

LOST = "records_lost"
"""The fact in which a check tells how many records of its flow were lost, in runs that went well as
far as their logs tell; they are counted besides those of failed runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """So many records of a flow; `way` is the check and its subject: they see each record once."""

    flow_id: str
    way: tuple[str, str]
    records: int


def by_flow(losses: Iterable[Loss]) -> dict[str, int]:
    """How many records each flow has lost at least."""
    ways: dict[str, dict[tuple[str, str], int]] = {}
    for each in losses:
        of = ways.setdefault(each.flow_id, {})
        of[each.way] = of.get(each.way, 0) + each.records
    return {flow_id: max(of.values()) for flow_id, of in ways.items()}


def keep_most(alert: Alert, verdict: Verdict) -> Verdict:
    """What was lost once stays lost, though some of it arrived since."""
    before, now = number(alert.facts.get(LOST)), number(verdict.facts.get(LOST))
    return replace(verdict, facts={**verdict.facts, LOST: before}) if before > now else verdict


def number(told: Fact) -> int:
    return told if isinstance(told, int) and told > 0 else 0
