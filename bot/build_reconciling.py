"""Makes what compares systems with each other."""

from __future__ import annotations

from collections.abc import Iterable

from bot.reconciling.comparing import Means
from bot.reconciling.running import Reconciler
from bot.settings import Settings
from bot.slack.desk import Desk
from checks.records import RecordSource


def make_reconciler(settings: Settings, desk: Desk, systems: Iterable[RecordSource]) -> Reconciler:
    """`systems` are the configured ones, within whose budgets is read."""
    means = Means(
        systems={each.name: each for each in systems},
        clock=desk.clock,
        folder=settings.watch.database.parent,
    )
    return Reconciler(
        settings.reconcile,
        means,
        desk.store,
        zone=settings.estate.zone,
        privacy=settings.privacy,
        periods_for=settings.watch.rollups_for,
        rules=desk.rules,
        wake=desk.wake,
    )
