"""Gathers what the check of changed answers is given, from the store and the settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.allowances import instances_by_name, instances_of
from bot.inventory import Inventory
from bot.settings import Settings
from bot.store import Database
from bot.store.shapes import find_shapes
from checks.reconcile.model import Field, Pairing, Role
from checks.shapes.evidence import Answers, ShapeEvidence


def shape_evidence(db: Database, settings: Settings, stock: Inventory | None) -> ShapeEvidence:
    """Every remembered list of a system that the settings still name."""
    flows = flows_by_system(settings, stock)
    pairings = [each.pairing() for each in settings.reconcile]
    return ShapeEvidence(
        answers=tuple(
            Answers(
                system=known.system,
                id=known.id,
                what=known.what,
                before=known.before,
                now=known.now,
                at=known.at,
                flows=flows[known.system],
                mapped=dict(_mapped(pairings, known.system)),
                limits=dict(_limits(pairings, known.system)),
            )
            for known in find_shapes(db)
            if known.system in flows
        )
    )


def flows_by_system(settings: Settings, stock: Inventory | None) -> Mapping[str, tuple[str, ...]]:
    """The names of the flows that use each configured system; none where none is known to."""
    if stock is None:
        return {each.name: () for each in settings.system}
    places = instances_by_name(stock)
    return {
        each.name: tuple(
            flow.name
            for flow in stock.flows
            if not set(flow.instance_ids).isdisjoint(instances_of(each, places))
        )
        for each in settings.system
    }


def _fields(pairings: list[Pairing], system: str) -> Iterator[tuple[Pairing, Role, str, Field]]:
    for pairing in pairings:
        for role in Role:
            if pairing.side(role).system == system:
                for field in pairing.fields:
                    yield pairing, role, field.name_in(role).rpartition(".")[2], field


def _mapped(pairings: list[Pairing], system: str) -> Iterator[tuple[str, str]]:
    for pairing, _, name, _ in _fields(pairings, system):
        yield name, pairing.name


def _limits(pairings: list[Pairing], system: str) -> Iterator[tuple[str, int]]:
    """Of a field that the target has only so much room for; it is what arrives there."""
    for _, role, name, field in _fields(pairings, system):
        if field.limit is not None and role is Role.TARGET:
            yield name, field.limit
