"""Rehearses a peak: which limits break first, when, how likely, and what would hold.

Everything comes from the store: the allowances of the last round, the hours that are over, what was
learned of them. It takes up to some seconds, so never on the loop. How much is rehearsed is counted
in limits and not in seconds, so that a busy machine gives the same answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import numpy as np

from bot import facts
from bot.foresight.demand import Demand, demands
from bot.foresight.learning_jobs import Model
from bot.foresight.rehearsal import Rehearsal, Rehearsed, in_order
from bot.foresight.spending import Ledger, read_ledger, read_spending
from bot.foresight.whatif_scene import Scene, set_scene
from bot.inventory import Inventory
from bot.settings import Settings
from bot.store import Database
from bot.usage import Around, Habits
from bot.usage import read_ledger as read_hour
from checks.allowances.outlook import range_end
from checks.limits import Allowance
from forecasting.advising import Case, advise
from forecasting.change import Change
from forecasting.model import Forecast, Limit
from forecasting.spending import times_of
from forecasting.whatif import Outcome, Peak, holds_until, lead_in, rehearse, span

MOST = 24
"""Limits that are rehearsed, some hundredths of a second each; of more it is said how many were
left out."""
ADVISED = 3  # limits for which it is worked out what would hold


def rehearse_peak(
    db: Database, settings: Settings, model: Model, text: str, now: datetime
) -> Rehearsal:
    """What the peak that was asked for does; `now` is UTC.

    Raises NotRehearsed in one sentence where the words are not understood or nothing is known.
    """
    scene = set_scene(db, settings, model, text, now)
    asked = sorted(_demands(scene, now), key=_nearness)
    told = {each.allowance_id: each for each in asked}
    by_id = {each.id: each for each in scene.chosen}
    done: list[Rehearsed] = []
    for demand in asked[:MOST]:
        advised = sum(bool(each.advice) for each in done) < ADVISED
        done.append(_rehearse(scene, demand, by_id[demand.allowance_id], advised))
    blank = [_unknown(each) for each in scene.chosen if each.id not in told]
    return Rehearsal(
        wanted=scene.wanted,
        since=scene.since,
        until=scene.until,
        as_of=max((each.series.until for each in asked), default=now),
        rehearsed=in_order([*done, *blank]),
        systems=tuple(dict.fromkeys(each.system for each in scene.chosen)),
        flow=scene.flow_name,
        left_out=len(asked) - len(done),
        promotions=scene.promotions,
    )


def _demands(scene: Scene, now: datetime) -> tuple[Demand, ...]:
    around = around_of(scene.db, scene.settings, scene.inventory, now)
    return demands(around, drawn=scene.chosen)


def around_of(db: Database, settings: Settings, stock: Inventory, now: datetime) -> Around:
    """What allowances are drawn up from, as far as the store knows it without a round."""
    queue = facts.find_queue(db)
    return Around(
        db=db,
        now=now,
        settings=settings,
        inventory=stock,
        ledger=read_hour(db, stock, now),
        systems=facts.find_systems(db),
        running=queue.running if queue else (),
        habits=Habits(),
    )


def _nearness(demand: Demand) -> tuple[float, str]:
    """Those nearest to their limits first, should there be too many."""
    highest = float(np.nan_to_num(demand.series.values).max(initial=0.0))
    return -highest / max(demand.limit.amount, 1e-9), demand.allowance_id


def _rehearse(scene: Scene, demand: Demand, allowance: Allowance, advised: bool) -> Rehearsed:
    ask, ledger = _asker(scene, demand), read_ledger(scene.db, allowance, demand.series.until)
    made_at, peak_of = demand.series.until, partial(_peak, scene, demand, allowance, ledger)
    peak = peak_of(scene.wanted.times)
    outcome = rehearse(ask, demand.limit, peak, made_at)
    found = _told(allowance, outcome)
    if not found.breaks or not advised:
        return found
    outcome = holds_until(ask, outcome, peak_of, scene.wanted.times, made_at)
    case = case_of(ask, outcome.limit, peak, demand)
    spending = read_spending(scene.db, ledger, scene.inventory, scene.settings)
    return replace(found, holds_until=outcome.holds_until, advice=advise(case, spending))


def _asker(
    scene: Scene, demand: Demand
) -> Callable[[Sequence[Limit], timedelta, Sequence[Change]], tuple[Forecast, ...]]:
    body = scene.learned.get(demand.series.id)
    learned = scene.model.load(body) if body is not None else None

    def ask(
        limits: Sequence[Limit], horizon: timedelta, changes: Sequence[Change]
    ) -> tuple[Forecast, ...]:
        return scene.model.foresee(
            learned, demand.series, limits, scene.calendar, horizons=(horizon,), changes=changes
        )

    return ask


def case_of(
    ask: Callable[[Sequence[Limit], timedelta, Sequence[Change]], Sequence[Forecast]],
    limit: Limit,
    peak: Peak,
    demand: Demand,
) -> Case:
    """What advice is to be sought for: the limit under the peak."""
    made_at = demand.series.until
    horizon, still = span(limit, peak, made_at), lead_in(limit, peak, made_at)

    def ask_more(limits: Sequence[Limit], changes: Sequence[Change]) -> Sequence[Forecast]:
        return ask(limits, horizon, (*still, peak.change, *changes))

    return Case(
        ask=ask_more,
        limit=limit,
        made_at=made_at,
        horizon=horizon,
        busiest=is_busiest(demand),
    )


def is_busiest(demand: Demand) -> bool:
    """Whether the series holds the busiest minute of every hour, and not the hour's sum."""
    return demand.series.id.endswith("/busiest")


def _peak(scene: Scene, demand: Demand, allowance: Allowance, ledger: Ledger, times: float) -> Peak:
    """Where only a part of what spends the allowance grows, by its share of every hour."""
    whole = Peak(since=scene.since, until=scene.until, times=times)
    shared = bool(scene.own_ids) and not set(allowance.instance_ids) <= scene.own_ids
    if allowance.id.startswith("platform/"):
        shared = bool(scene.own_ids)
    if not scene.flow_id and not shared:
        return whole
    if ledger.is_empty:  # nobody can tell the share, so all of it grows
        return whole
    ids = scene.own_ids if not scene.flow_id else ()
    part = ledger.part(flow_ids={scene.flow_id} - {""}, instance_ids=ids)
    by_hour = times_of(
        ledger.part(instance_ids={each.instance_id for each in ledger.minutes}),
        part,
        times,
        ledger.since,
        demand.series.zone,
        is_busiest(demand),
    )
    return replace(whole, by_hour=by_hour)


def _told(allowance: Allowance, outcome: Outcome) -> Rehearsed:
    """In the allowance's own unit: a limit of a second is rehearsed by the minute."""
    crossing, highest = outcome.crossing, outcome.highest
    scale = (allowance.size or outcome.limit.amount) / (outcome.limit.amount or 1.0)
    return Rehearsed(
        allowance=replace(allowance, forecast=None, record=None),
        usual=outcome.usual,
        chance=crossing.chance if crossing else None,
        soonest=crossing.soonest if crossing else None,
        middle=crossing.middle if crossing else None,
        latest=range_end(crossing, outcome.forecast) if crossing else None,
        highest=highest * scale if highest is not None else None,
        holds_until=outcome.holds_until,
        judged=outcome.forecast.skill.forecasts,
        learned_at=outcome.forecast.fitted_at,
        withheld=outcome.forecast.withheld if crossing is None else "",
    )


def _unknown(allowance: Allowance) -> Rehearsed:
    why = "its calls are not known" if allowance.size else "it has no published limit"
    return Rehearsed(allowance=allowance, withheld=why)
