"""A store whose every foreign name is hostile."""

from __future__ import annotations

from dataclasses import replace

from bot import facts, inventory
from bot.store import Store
from tests.bot.digest import scene as days
from tests.bot.export import scene
from tests.bot.slack import forecasts

NASTY = (
    "Orders <script>alert(1)</script>\"'><img src=x onerror=alert(2)> {{ 7 * 7 }} \u202e" + "W" * 60
)


def make_hostile(store: Store) -> None:
    flows = days.estate(30)
    allowances = tuple(
        replace(each, sentence=NASTY, allowance=replace(each.allowance, system=NASTY, name=NASTY))
        for each in {one.allowance.id: one for one in forecasts.LIMITS.allowances}.values()
    )
    number = days.opened(store, scene.EIGHT, NASTY, sentence=NASTY)
    assert number
    with store.writing() as db:
        inventory.save_inventory(
            db,
            replace(
                flows,
                flows=tuple(replace(each, name=NASTY) for each in flows.flows),
                owners={each.id: NASTY for each in flows.flows},
            ),
        )
        inventory.save_limits(db, inventory.Limits(at=forecasts.NOON, allowances=allowances))
        blind = facts.BlindPart(since=scene.EIGHT, why=NASTY, refused=False)
        facts.save_blindness(db, {NASTY: blind}, scene.EIGHT)
        system = facts.SystemFacts(
            name=NASTY, title=NASTY, looked_at=scene.EIGHT, blind_since=scene.EIGHT, why=NASTY
        )
        facts.save_systems(db, (system,), scene.EIGHT)
        db.execute("UPDATE reconciliations SET pair = ?, entity = ?, blind = ?", [NASTY] * 3)
