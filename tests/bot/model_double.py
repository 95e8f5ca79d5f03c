"""A stand-in for the forecasting model: the id of a series says what becomes of it."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta

import numpy as np

from bot.foresight.learning_jobs import Model
from forecasting.model import Forecast, Kind, Limit
from forecasting.series import Series

START = datetime(2026, 11, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def series(name: str, hours: int = 24 * 14, amount: float = 10.0) -> Series:
    return Series(id=name, start=START, step=HOUR, values=np.full(hours, amount))


def limit(name: str) -> Limit:
    return Limit(id=f"{name}/limit", kind=Kind.BIN, amount=100.0)


def learn(many, calendar):
    for each in many:
        _misbehave(each.id, "learn")
    return tuple(f"{each.id}@{each.until.isoformat()}" for each in many)


def foresee_many(asked, calendar):
    return tuple(foresee(*each, calendar) for each in asked)


def foresee(learned, one, limits, calendar):
    if learned is not None:
        _misbehave(one.id, "foresee")
    elif "hopeless" in one.id:
        raise ArithmeticError("even the baseline fails")
    return tuple(
        Forecast(
            limit_id=each.id,
            made_at=one.until,
            model="mixture" if learned else "analogue",
            history=one.until - one.start,
            amount=each.amount,
            step=one.step,
        )
        for each in limits
    )


def dump(learned: str) -> bytes:
    return learned.encode()


def load(body: bytes) -> str:
    if body == b"of another version":
        raise ValueError("it cannot be read")
    return body.decode()


def has_drifted(learned: str, one: Series) -> bool:
    return "drifting" in one.id


def _misbehave(name: str, doing: str) -> None:
    if f"{doing}-fails" in name:
        raise ValueError(f"{name} cannot be understood")
    if f"{doing}-dies" in name:
        os._exit(9)
    if f"{doing}-hangs" in name:
        time.sleep(600)


MODEL = Model(
    learn=learn,
    foresee=foresee,
    foresee_many=foresee_many,
    dump=dump,
    load=load,
    has_drifted=has_drifted,
)
