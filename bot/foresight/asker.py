"""Asks workers about many series at a time, and finds those that nobody can answer for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Generic, TypeVar

from bot.foresight.learning_jobs import Model, Question
from bot.foresight.workers import NoAnswer, NoWorkers, Workers
from forecasting.trading_days import Calendar

A = TypeVar("A")

HOPELESS = 3


class Asker(Generic[A]):
    """One kind of job. A series that gave no answer in company and none alone is barred.

    `trouble` says why the newest job gave no answer, "" when it did; `is_deserted`: nobody was
    there to be asked.
    """

    def __init__(
        self,
        workers: Workers,
        job: Callable[[Model, Sequence[Question], Calendar], Sequence[A]],
        model: Model,
        calendar: Calendar,
    ) -> None:
        self._workers, self._job = workers, job
        self._model, self._calendar = model, calendar
        self._barred: dict[str, datetime] = {}
        self.trouble = ""
        self.is_deserted = False

    async def ask(self, questions: Sequence[Question]) -> Sequence[A] | None:
        """All of them in one job; None when that gave no answer."""
        try:
            answers = await self._workers.run(self._job, self._model, questions, self._calendar)
        except NoAnswer as error:
            self.trouble, self.is_deserted = str(error), isinstance(error, NoWorkers)
            return None
        self.trouble, self.is_deserted = "", False
        return answers

    async def ask_singly(self, questions: Sequence[Question], now: datetime) -> Sequence[A]:
        """After a job without an answer: each alone. Where several in a row give none it is not
        they who are to blame, and the rest are spared the wait."""
        if self.is_deserted:
            return ()
        answers: list[A] = []
        silent = 0
        for number, question in enumerate(questions):
            try:
                found = await self._workers.run(self._job, self._model, (question,), self._calendar)
            except NoWorkers:
                break
            except NoAnswer:
                silent += 1
                last = silent == HOPELESS
                self._bar(questions[number:] if last else (question,), now)
                if last:
                    break
            else:
                silent = 0
                answers += found
        return answers

    def is_barred(self, series_id: str) -> bool:
        return series_id in self._barred

    def lift(self, night: datetime) -> None:
        """Those barred before then may be asked about again."""
        self._barred = {name: at for name, at in self._barred.items() if at >= night}

    def _bar(self, questions: Sequence[Question], now: datetime) -> None:
        self._barred |= {question.id: now for question in questions}
