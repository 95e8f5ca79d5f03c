"""Makes what foresees: the workers, and the loops that go on beside the rounds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial

from bot.clock import Clock
from bot.foresight.adviser import Adviser
from bot.foresight.learning_jobs import the_model
from bot.foresight.workers import Workers, make_quick_worker, make_workers
from bot.learn import Learner
from bot.settings import Settings
from bot.store import Store
from bot.usage import Around


def hire_workers(settings: Settings, stack: AsyncExitStack) -> tuple[Workers, Workers]:
    """One that is always near, and those for long work."""
    quick, heavy = make_quick_worker(settings.forecast), make_workers(settings.forecast)
    stack.push_async_callback(quick.close)
    stack.push_async_callback(heavy.close)
    return quick, heavy


@dataclass(frozen=True, slots=True, kw_only=True)
class Foresight:
    """What goes on beside the rounds: foreseeing, learning, advising."""

    learner: Learner
    adviser: Adviser

    def wake(self, around: Around) -> None:
        self.learner.wake(around)
        self.adviser.wake(around)

    @property
    def living(self) -> tuple[Callable[[], Awaitable[None]], ...]:
        learner = self.learner
        return learner.foresee_always, learner.learn_always, self.adviser.advise_always


def make_foresight(
    settings: Settings, store: Store, clock: Clock, quick: Workers, heavy: Workers
) -> Foresight:
    adviser = Adviser(
        store=store, clock=clock, workers=heavy, calendar=settings.calendar, model=the_model()
    )
    learner = _make_learner(settings, store, clock, quick, heavy)
    return Foresight(learner=learner, adviser=adviser)


def _make_learner(
    settings: Settings, store: Store, clock: Clock, quick: Workers, heavy: Workers
) -> Learner:
    from bot.foresight.call_history import (
        CallHistory,  # these bring numpy, which no other command needs
    )
    from bot.foresight.demand import demands

    return Learner(
        store=store,
        clock=clock,
        quick=quick,
        heavy=heavy,
        calendar=settings.calendar,
        learn_at=settings.forecast.learn_at,
        model=the_model(),
        demands=partial(demands, history=CallHistory()),
    )
