"""Works out what would keep a foreseen limit from being reached, beside the rounds, in a worker."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot import inventory
from bot.clock import Clock
from bot.foresight.advice import Advised, find_all_advice, save_advice
from bot.foresight.learning_jobs import Model
from bot.foresight.learning_pace import whenever
from bot.foresight.workers import NoAnswer, Workers
from bot.store import Store
from bot.store.forecasts import find_learned
from bot.usage import Around
from checks.limits import Allowance
from forecasting.advice import HOLDS, Advice
from forecasting.model import DAY, HORIZONS, Forecast, Limit
from forecasting.trading_days import Calendar

if TYPE_CHECKING:  # they bring numpy along, which only `run` and the workers need
    from forecasting.change import Change
    from forecasting.series import Series
    from forecasting.spending import Spending

log = logging.getLogger(__name__)

AT_ONCE = 10  # limits a job; one takes up to a second
FAR_NEEDS = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """One limit for which advice is sought: its series, what was learned of it, who spends it."""

    series: Series
    limit: Limit
    learned: bytes | None
    spending: Spending | None


class Adviser:
    """Keeps advice beside the forecasts. `wake` it after each round; its loop runs until it is
    cancelled. A forecast is advised on once."""

    def __init__(
        self, *, store: Store, clock: Clock, workers: Workers, calendar: Calendar, model: Model
    ) -> None:
        self._store, self._clock, self._workers = store, clock, workers
        self._calendar, self._model = calendar, model
        self._around: Around | None = None
        self._round_over = asyncio.Event()

    def wake(self, around: Around) -> None:
        """A round is over; this is what its allowances were drawn up from. Returns at once."""
        self._around = around
        self._round_over.set()

    async def advise_always(self) -> None:
        """After each round; one that ends meanwhile is made up for by the next one."""
        await whenever(self._round_over, self.advise, "advising")

    async def advise(self) -> None:
        """Seek advice for what has become likely since, and forget what no longer is."""
        if self._around is None:
            return
        likely, kept = await asyncio.to_thread(self._look)
        new = [
            each
            for each in likely
            if each.forecast and not (each.id in kept and kept[each.id].is_of(each.forecast))
        ]
        found: dict[str, tuple[Advice, ...]] = {each.id: () for each in new}
        for start in range(0, len(new), AT_ONCE):
            sought = await asyncio.to_thread(self._seek, self._around, new[start : start + AT_ONCE])
            found |= await self._work_out(sought)
        await asyncio.to_thread(self._keep, likely, found)

    def _look(self) -> tuple[Sequence[Allowance], Mapping[str, Advised]]:
        """The allowances that are likely to be reached, and what was advised before."""
        db = self._store.db
        limits = inventory.find_limits(db)
        known = [each.allowance for each in limits.allowances] if limits else []
        likely = [each for each in known if each.forecast and is_likely(each.forecast)]
        return likely, find_all_advice(db)

    def _seek(self, around: Around, chosen: Sequence[Allowance]) -> Sequence[Sought]:
        return tuple(seek(replace(around, db=self._store.db), chosen))

    async def _work_out(self, sought: Sequence[Sought]) -> dict[str, tuple[Advice, ...]]:
        try:
            return await self._workers.run(work_out, self._model, sought, self._calendar)
        except NoAnswer:
            return {}  # said once in the log; sought again with the next forecast

    def _keep(self, likely: Sequence[Allowance], found: Mapping[str, tuple[Advice, ...]]) -> None:
        before = find_all_advice(self._store.db)
        after = {each.id: before[each.id] for each in likely if each.id in before}
        for each in likely:
            if each.id in found and each.forecast:
                forecast = each.forecast
                after[each.id] = Advised(
                    made_at=forecast.made_at,
                    fitted_at=forecast.fitted_at,
                    advice=found[each.id],
                )
        if after != before:
            with self._store.writing() as db:
                save_advice(db, after, self._clock.now())


def is_likely(forecast: Forecast) -> bool:
    """Whether the limit is not passed yet and may well be."""
    far = forecast.crossings[-1] if forecast.crossings else None
    return far is not None and HOLDS <= far.chance < 1


def seek(around: Around, chosen: Sequence[Allowance]) -> Sequence[Sought]:
    """What advice on these allowances is worked out from; those that cannot be foreseen are left
    out."""
    from bot.foresight.demand import demands
    from bot.foresight.spending import read_ledger, read_spending

    by_id = {each.id: each for each in chosen}
    learned = find_learned(around.db)
    found = []
    for demand in demands(around, drawn=chosen):
        ledger = read_ledger(around.db, by_id[demand.allowance_id], demand.series.until)
        found.append(
            Sought(
                series=demand.series,
                limit=demand.limit,
                learned=learned.get(demand.series.id),
                spending=read_spending(around.db, ledger, around.inventory, around.settings),
            )
        )
    return found


def work_out(
    model: Model, sought: Sequence[Sought], calendar: Calendar
) -> dict[str, tuple[Advice, ...]]:
    """In a worker: the advice on each limit, by its id; up to a second a limit."""
    return {each.limit.id: _advise(model, each, calendar) for each in sought}


def _advise(model: Model, sought: Sought, calendar: Calendar) -> tuple[Advice, ...]:
    from forecasting.advising import Case, advise

    learned = model.load(sought.learned) if sought.learned is not None else None
    series = sought.series
    horizon = HORIZONS[-1] if series.until - series.start >= FAR_NEEDS else DAY

    def ask(limits: Sequence[Limit], changes: Sequence[Change]) -> tuple[Forecast, ...]:
        return model.foresee(
            learned, series, limits, calendar, horizons=(horizon,), changes=changes
        )

    case = Case(
        ask=ask,
        limit=sought.limit,
        made_at=series.until,
        horizon=horizon,
        busiest=series.id.endswith("/busiest"),
    )
    return advise(case, sought.spending)
