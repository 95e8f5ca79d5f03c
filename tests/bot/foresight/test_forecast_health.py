"""What the doctor says of forecasts: how old, how learned, what is withheld and why."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from bot.facts import LearningFacts
from bot.finding import State
from bot.foresight.forecast_health import say_forecasts
from bot.slack.render.status import status_answer
from checks.declare import Shape
from checks.limits import Allowance
from forecasting.model import Forecast

NOW = datetime(2026, 11, 21, 12, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)


def allowance(name: str, system: str = "shop") -> Allowance:
    return Allowance(
        id=f"system/{system}/{name}", system=system, name=name, shape=Shape.WINDOW, unit="calls",
        at=NOW,
    )  # fmt: skip


def forecast(name: str, system: str = "shop", **changes) -> Forecast:
    told = {
        "limit_id": f"system/{system}/{name}", "made_at": NOW - timedelta(minutes=20),
        "model": "mixture", "history": 60 * 24 * HOUR, "amount": 100.0, "step": HOUR,
        "fitted_at": NOW - 10 * HOUR,
    }  # fmt: skip
    return Forecast(**(told | changes))


FOUND = {
    "all is fresh": (
        [forecast("calls"), forecast("points", fitted_at=NOW - 5 * HOUR)],
        State.WELL,
        "2 limits foreseen from what was known 20 min ago; learned from what was known 10 h ago.",
    ),
    "nothing is learned yet": (
        [forecast("calls", model="analogue", fitted_at=None)],
        State.WELL,
        "1 limit foreseen from what was known 20 min ago; by the plain baseline alone.",
    ),
    "one is withheld": (
        [forecast("calls"), forecast("points", model="none", withheld="only 20 h are known.")],
        State.UNKNOWN,
        (
            "1 limit foreseen from what was known 20 min ago; learned from what was known 10 h "
            "ago; points: only 20 h are known."
        ),
    ),
    "one is old": (
        [forecast("calls", made_at=NOW - 4 * HOUR)],
        State.TROUBLE,
        (
            "1 limit foreseen from what was known 4 h ago; learned from what was known 10 h ago; "
            "too old to warn of anything; is `seamwatch run` running?"
        ),
    ),
}


@pytest.mark.parametrize(("forecasts", "state", "sentence"), FOUND.values(), ids=FOUND.keys())
def test_a_line_for_a_system(forecasts, state, sentence):
    known = [allowance("calls"), allowance("points"), allowance("unforeseen")]
    told = {each.limit_id: each for each in forecasts}
    [found] = say_forecasts(known, told, None, NOW)
    assert found.about == "Forecasts: shop"
    assert (found.state, found.sentence) == (state, sentence)


def test_systems_without_forecasts_have_no_line_and_the_others_go_by_name():
    known = [allowance("calls", system) for system in ("till", "erp", "silent")]
    told = {each.limit_id: each for each in (forecast("calls", "till"), forecast("calls", "erp"))}
    found = [each.about for each in say_forecasts(known, told, None, NOW)]
    assert found == ["Forecasts: erp", "Forecasts: till"]


def test_how_learning_stands():
    well = LearningFacts(at=NOW, learned=38, of=40, refreshed_at=NOW - HOUR / 60, took_seconds=1.25)
    [found] = say_forecasts([], {}, well, NOW)
    assert found.sentence == (
        "38 of 40 series learned; everything foreseen 1 min ago, which took 1.2 s."
    )
    ill = LearningFacts(at=NOW, trouble="it took longer than 2 min")
    [found] = say_forecasts([], {}, ill, NOW)
    assert found.state is State.TROUBLE
    assert "baseline speaks for what gave no answer: it took longer than 2 min" in found.sentence


STATUS = {
    "never": (None, False, ""),
    "well": ("", True, "38 of 40 series learned, looked ahead"),
    "with trouble": ("it took *long*", True, "a plain baseline stands in: it took"),
}


@pytest.mark.parametrize(("trouble", "is_told", "said"), STATUS.values(), ids=STATUS.keys())
def test_the_status_tells_how_forecasts_stand(trouble, is_told, said):
    facts = trouble is not None and LearningFacts(
        at=NOW, learned=38, of=40, refreshed_at=NOW, trouble=trouble
    )
    answer = status_answer(None, [], 0, "connected", NOW, learning=facts or None)
    told = json.dumps(answer.blocks, ensure_ascii=False)
    assert ("Forecasts" in told) is is_told
    assert said in told
