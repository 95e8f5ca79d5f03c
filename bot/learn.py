"""Keeps forecasts fresh and what they are learned from: beside the rounds, in worker processes.

After each round every limit is foreseen anew from what its series has become. Each night, and when
a series is new or has drifted, it is learned anew. What gives no answer is foreseen by the baseline
alone, here in a thread, so that there is always an answer; no round ever waits for any of it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from typing import TYPE_CHECKING, TypeVar

from bot.clock import Clock
from bot.facts import LearningFacts, find_learning, save_learning
from bot.foresight.asker import Asker
from bot.foresight.learning_jobs import Answer, Lesson, Model, Question, foresee, learn
from bot.foresight.learning_pace import Progress, batches, is_due, last_night, whenever
from bot.foresight.workers import Workers
from bot.store import Store
from bot.store.forecasts import find_fitted, find_learned, save_forecasts, save_learned
from bot.usage import Around
from forecasting.trading_days import Calendar

if TYPE_CHECKING:
    from bot.foresight.demand import Demand

T = TypeVar("T")
log = logging.getLogger(__name__)

FORESEEN_AT_ONCE = 200  # series a job: some seconds
LEARNED_AT_ONCE = 10  # series a job: so that it ends in time, and progress can be told
ENOUGH = timedelta(hours=48)  # with less nothing is foreseen, so nothing is learned


class Learner:
    """Learns and foresees. `wake` it after each round; its two loops run until they are cancelled.

    `demands` draws up, from what the round was given, which series are set against which limits.
    Foreseeing is for `quick`, which is always near, learning for `heavy`. Nightly learning begins
    at `learn_at` by the calendar's zone.
    """

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        quick: Workers,
        heavy: Workers,
        calendar: Calendar,
        learn_at: time_of_day,
        model: Model,
        demands: Callable[[Around], Sequence[Demand]],
    ) -> None:
        self._store, self._clock, self._heavy = store, clock, heavy
        self._calendar, self._learn_at = calendar, learn_at
        self._model, self._demands = model, demands
        self._foreseeing: Asker[Answer] = Asker(quick, foresee, model, calendar)
        self._learning: Asker[Lesson] = Asker(heavy, learn, model, calendar)
        self._around: Around | None = None
        self._questions: Sequence[Question] = ()
        self._answered: dict[str, int] = {}
        self._stale: set[str] = set()
        self._facts = find_learning(store.db) or LearningFacts(at=clock.now())
        self._round_over, self._demands_known = asyncio.Event(), asyncio.Event()

    def wake(self, around: Around) -> None:
        """A round is over; this is what its allowances were drawn up from. Returns at once."""
        self._around = around
        self._round_over.set()

    async def foresee_always(self) -> None:
        """After each round; one that ends meanwhile is made up for by the next one."""
        await whenever(self._round_over, self.foresee, "foreseeing")

    async def learn_always(self) -> None:
        """Whenever something is to be learned."""
        await whenever(self._demands_known, self.learn, "learning")

    async def foresee(self) -> None:
        """Foresee what has changed since it was foreseen."""
        if self._around is None:
            return
        began = time.monotonic()
        self._foreseeing.lift(self._night())
        self._questions = await asyncio.to_thread(self._gather, self._around)
        changed = [each for each in self._questions if self._answered.get(each.id) != _mark(each)]
        plain = [each for each in changed if self._is_plain(each)]
        await self._speak_plainly(plain)
        self._answered |= {each.id: _mark(each) for each in plain}
        asked = [each for each in changed if not self._is_plain(each)]
        for batch in batches(asked, FORESEEN_AT_ONCE):
            await self._foresee_batch(batch)
        now, took = self._clock.now(), time.monotonic() - began
        await self._tell(refreshed_at=now, took_seconds=took)
        self._demands_known.set()

    def _is_plain(self, question: Question) -> bool:
        """Whether no worker is worth asking: it is too short yet, or was of no use."""
        return self._foreseeing.is_barred(question.id) or not _is_long_enough(question)

    async def _foresee_batch(self, batch: Sequence[Question]) -> None:
        answers = await self._foreseeing.ask(batch)
        if answers is None:
            await self._speak_plainly(batch)
            answers = await self._foreseeing.ask_singly(batch, self._clock.now())
        await asyncio.to_thread(self._keep_forecasts, answers)
        marks = {each.id: _mark(each) for each in batch}
        self._answered |= {each.series_id: marks[each.series_id] for each in answers}
        self._stale = {each for each in self._stale if each not in marks}
        self._stale |= {each.series_id for each in answers if each.is_stale}

    async def _speak_plainly(self, questions: Sequence[Question]) -> None:
        """By the baseline alone, which learns nothing and so cannot have learned it wrongly."""
        answers = await asyncio.to_thread(self._baseline, questions)
        await asyncio.to_thread(self._keep_forecasts, answers)

    async def learn(self) -> None:
        """Learn what is due: what is new first, then what was learned longest ago."""
        night = self._night()
        self._learning.lift(night)
        known = [each for each in self._questions if _is_long_enough(each)]
        fitted = await asyncio.to_thread(lambda: find_fitted(self._store.db))
        now = self._clock.now()
        due = [
            each
            for each in known
            if is_due(fitted.get(each.id), now, night, drifted=each.id in self._stale)
            and not self._learning.is_barred(each.id)
        ]
        due.sort(key=lambda each: (fitted.get(each.id, datetime.min.replace(tzinfo=UTC)), each.id))
        learned = sum(each.id in fitted for each in known)
        if due:
            learned += await self._learn_all(due, fitted.keys())
        if due or (learned, len(known)) != (self._facts.learned, self._facts.of):
            await self._tell(learned=learned, of=len(known))

    async def _learn_all(self, due: Sequence[Question], fitted: Iterable[str]) -> int:
        """How many of them were learned for the first time."""
        before, done = set(fitted), set[str]()
        progress = Progress(len(due))
        portions = batches(due, LEARNED_AT_ONCE)

        async def take_turns() -> None:
            for batch in portions:
                if self._learning.is_deserted:
                    return
                lessons = await self._learn_batch(batch)
                done.update(each.series_id for each in lessons)
                progress.move(len(batch))

        async with asyncio.TaskGroup() as group:
            for _ in range(self._heavy.size):
                group.create_task(take_turns())
        progress.end(len(done))
        return len(done - before)

    async def _learn_batch(self, batch: Sequence[Question]) -> Sequence[Lesson]:
        lessons = await self._learning.ask(batch)
        if lessons is None:
            lessons = await self._learning.ask_singly(batch, self._clock.now())
        await asyncio.to_thread(self._keep_lessons, lessons)
        self._stale -= {each.series_id for each in lessons}
        return lessons

    def _gather(self, around: Around) -> Sequence[Question]:
        """In a thread: the series and their limits, with what was learned of them."""
        db = self._store.db
        learned = find_learned(db)
        found: dict[str, Question] = {}
        for demand in self._demands(replace(around, db=db)):
            series = demand.series
            known = found.get(series.id) or Question(
                series=series, limits=(), learned=learned.get(series.id)
            )
            found[series.id] = replace(known, limits=(*known.limits, demand.limit))
        return tuple(found.values())

    def _baseline(self, questions: Sequence[Question]) -> Sequence[Answer]:
        """In a thread."""
        answers: list[Answer] = []
        for each in questions:
            try:
                answers += foresee(self._model, (replace(each, learned=None),), self._calendar)
            except Exception:
                log.exception("nothing can be foreseen of %s; the others go on", each.id)
        return answers

    def _keep_forecasts(self, answers: Sequence[Answer]) -> None:
        if answers:
            with self._store.writing() as db:
                save_forecasts(db, (one for each in answers for one in each.forecasts))

    def _keep_lessons(self, lessons: Sequence[Lesson]) -> None:
        now = self._clock.now()
        if lessons:
            with self._store.writing() as db:
                for each in lessons:
                    save_learned(db, each.series_id, now, each.body)

    async def _tell(self, **changes: object) -> None:
        """For the doctor and `/seam status`."""
        trouble = self._foreseeing.trouble or self._learning.trouble
        self._facts = replace(self._facts, at=self._clock.now(), trouble=trouble, **changes)  # type: ignore[arg-type]  # the callers name fields
        await asyncio.to_thread(self._keep_facts)

    def _keep_facts(self) -> None:
        with self._store.writing() as db:
            save_learning(db, self._facts)

    def _night(self) -> datetime:
        return last_night(self._clock.now(), self._learn_at, self._calendar.zone)


def _is_long_enough(question: Question) -> bool:
    return question.series.until - question.series.start >= ENOUGH


def _mark(question: Question) -> int:
    """Another one when the answer may be another; foreseeing is the same for the same."""
    series = question.series
    return hash((series.start, series.values.tobytes(), question.limits, question.learned))
