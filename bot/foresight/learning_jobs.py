"""What workers are asked to do for forecasts: to learn series, and to foresee limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from forecasting.model import Forecast, Limit
from forecasting.trading_days import Calendar

if TYPE_CHECKING:  # they bring numpy along, which only `run` and the workers need
    from forecasting.series import Series


Asked: TypeAlias = "tuple[Any, Series, tuple[Limit, ...]]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """The functions of `forecasting.learning`, or others in their place.

    What `learn` makes is only ever handed to the others. `foresee` is given it (or None), a series,
    its limits and the calendar; `foresee_many` the first three for many series at once, and it
    answers in their order.
    """

    learn: Callable[[Sequence[Series], Calendar], Sequence[Any]]
    foresee: Callable[..., tuple[Forecast, ...]]
    foresee_many: Callable[[Sequence[Asked], Calendar], Sequence[tuple[Forecast, ...]]]
    dump: Callable[[Any], bytes]
    load: Callable[[bytes], Any]
    has_drifted: Callable[[Any, Series], bool]


def the_model() -> Model:
    """That of `forecasting.learning`."""
    from forecasting import learning

    return Model(
        learn=learning.learn,
        foresee=learning.foresee,
        foresee_many=_foresee_many,
        dump=learning.dump,
        load=learning.load,
        has_drifted=learning.has_drifted,
    )


def _foresee_many(asked: Sequence[Asked], calendar: Calendar) -> Sequence[tuple[Forecast, ...]]:
    from forecasting import learning

    questions = [
        learning.Question(series=series, limits=limits, learned=learned)
        for learned, series, limits in asked
    ]
    return learning.foresee_many(questions, calendar, screen=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A series, the limits it is set against, and what was learned of it (None: nothing yet)."""

    series: Series
    limits: tuple[Limit, ...]
    learned: bytes | None = None

    @property
    def id(self) -> str:
        return self.series.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A forecast for each limit; `is_stale`: what was learned no longer fits the series."""

    series_id: str
    forecasts: tuple[Forecast, ...]
    is_stale: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What was learned of a series, as it is kept."""

    series_id: str
    body: bytes


def learn(model: Model, questions: Sequence[Question], calendar: Calendar) -> tuple[Lesson, ...]:
    """Learn each series anew. Heavy: seconds a series."""
    learned = model.learn([each.series for each in questions], calendar)
    return tuple(
        Lesson(series_id=question.id, body=model.dump(each))
        for question, each in zip(questions, learned, strict=True)
    )


def foresee(model: Model, questions: Sequence[Question], calendar: Calendar) -> tuple[Answer, ...]:
    """Foresee every limit by what was learned. Some milliseconds a series."""
    known = [_read(model, each.learned) for each in questions]
    asked = [
        (learned, each.series, each.limits)
        for each, (learned, _) in zip(questions, known, strict=True)
    ]
    return tuple(
        Answer(
            series_id=each.id,
            forecasts=forecasts,
            is_stale=unreadable
            or (learned is not None and model.has_drifted(learned, each.series)),
        )
        for each, (learned, unreadable), forecasts in zip(
            questions, known, model.foresee_many(asked, calendar), strict=True
        )
    )


def _read(model: Model, body: bytes | None) -> tuple[Any, bool]:
    """What was learned, and whether it cannot be read: another version may have written it."""
    if body is None:
        return None, False
    try:
        return model.load(body), False
    except ValueError:
        return None, True
