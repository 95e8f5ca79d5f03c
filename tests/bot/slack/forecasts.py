"""Forecasts of a small estate, made by hand: one likely, one calm, one far, one withheld."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.foresight.chart import Chart
from bot.incidents.model import Alert, Severity
from bot.inventory import JudgedAllowance, Limits
from bot.slack.render.incident import IncidentView
from checks.allowances.outlook import forecast_facts, forecast_measures
from checks.limits import TrackRecord
from checks.model import FORESEEN, Level, Measure, Subject
from forecasting.model import BandPoint, Crossing, Forecast, Kind, Reasons, Skill
from tests.bot.slack import samples
from tests.bot.slack.scene import NOON, alert_of, view_of

HOUR = timedelta(hours=1)
DAY = 24 * HOUR
LONDON = ZoneInfo("Europe/London")
SENTENCE = (
    "dispatch is likely (83 %) to use up its 2,400 calls an hour in 1 d 3 h (between 1 d and 2 d "
    "3 h from now); most is spent by Dispatch to ShipStation (61 %), and Sunday is its weekly peak."
)
RECORD = TrackRecord(
    since=NOON - 30 * DAY,
    right=9,
    false=2,
    averted=1,
    missed=2,
    median_lead=timedelta(hours=2, minutes=10),
)


def amount(at: datetime) -> float:
    """Calls an hour: a day with a peak at two in the afternoon."""
    return max(0.0, 900 + 800 * math.sin((at.hour - 8) / 24 * 2 * math.pi))


def point(at: datetime, middle: float) -> BandPoint:
    return BandPoint(
        at=at,
        lowest=middle * 0.6,
        low=middle * 0.75,
        middle=middle,
        high=middle * 1.25 + 50,
        highest=middle * 1.5 + 80,
    )


BAND = tuple(point(NOON + n * HOUR, amount(NOON + n * HOUR) * 1.25) for n in range(72))
HISTORY = tuple(
    (at, None if 60 < n < 70 else amount(at)) for n in range(168, 0, -1) if (at := NOON - n * HOUR)
)
CHART = Chart(
    name="dispatch",
    unit="calls an hour",
    made_at=NOON,
    zone=LONDON,
    step=HOUR,
    history=HISTORY,
    band=BAND,
    limit=2400.0,
    soonest=NOON + 24 * HOUR,
    middle=NOON + 27 * HOUR,
    latest=NOON + 51 * HOUR,
)


def crossing(hours: int, chance: float, **changes: Any) -> Crossing:
    told: dict[str, Any] = {
        "horizon": hours * HOUR,
        "chance": chance,
        "soonest": CHART.soonest,
        "middle": CHART.middle,
        "latest": CHART.latest,
        "headroom": -140.0,
    }
    return Crossing(**(told | changes))


def forecast(limit_id: str, near: float, far: float, **changes: Any) -> Forecast:
    """Chances within 24 and 72 h; anything else may be set otherwise."""
    told: dict[str, Any] = {
        "limit_id": limit_id,
        "made_at": NOON,
        "model": "mixture",
        "history": 56 * DAY,
        "amount": 2400.0,
        "step": HOUR,
        "kind": Kind.BIN,
        "fitted_at": NOON - 9 * HOUR,
        "crossings": (crossing(24, near), crossing(72, far)),
        "skill": Skill(brier=0.31, forecasts=40),
        "reasons": Reasons(
            growth=0.08,
            peak_at=NOON + 27 * HOUR,
            peak=2540.0,
            usual_peak=2100.0,
            occasions=("Black Friday", "Winter <sale>"),
        ),
    }
    return Forecast(**(told | changes))


def foreseen(
    limit_id: str, system: str, ahead: Forecast, level: Level = Level.OK, **changes: Any
) -> JudgedAllowance:
    told = {"id": limit_id, "system": system, "size": ahead.amount, "per": HOUR, "used": 700.0}
    judged = samples.allowance(level, **(told | {"forecast": ahead} | changes))
    if level is Level.EARLY:
        return replace(judged, sentence=SENTENCE, signal=FORESEEN)
    return judged


DISPATCH, SHOP, PIM, OMS, ERP = (
    "system/dispatch/calls",
    "system/shop/calls",
    "system/pim/calls",
    "system/oms/calls",
    "system/erp/calls",
)
CALM = forecast(
    SHOP,
    0.004,
    0.12,
    crossings=(
        crossing(24, 0.004, soonest=None, middle=None, latest=None, headroom=900.0),
        crossing(72, 0.12, headroom=610.0),
    ),
    reasons=Reasons(peak=1790.0, usual_peak=1800.0),
)
YOUNG = Skill(brier=None, forecasts=3)
LIKELY = foreseen(DISPATCH, "dispatch", forecast(DISPATCH, 0.41, 0.83), Level.EARLY, record=RECORD)
QUIET = foreseen(SHOP, "shop", CALM)
NEW = foreseen(ERP, "erp", forecast(ERP, 0.2, 0.38, skill=YOUNG, fitted_at=None))
UNPROVEN = foreseen(
    "system/crm/calls",
    "crm",
    forecast("system/crm/calls", 0.3, 0.6, skill=Skill(brier=-0.04, forecasts=30)),
)
FAR = foreseen(PIM, "pim", forecast(PIM, 0.001, 0.001, model="screen", band=()))
HELD = foreseen(
    OMS,
    "fluent <!here>",
    forecast(
        OMS,
        0,
        0,
        crossings=(),
        model="none",
        history=20 * HOUR,
        withheld="too little history: 20 h",
    ),
)
LIMITS = Limits(at=NOON, allowances=(HELD, FAR, UNPROVEN, NEW, QUIET, LIKELY, samples.BLIND))


def warning(**changes: Any) -> Alert:
    """The alert of what is likely, as its check tells it."""
    limit = LIKELY.allowance
    told: dict[str, Any] = {
        "key": "system/dispatch/rate_limit/calls",
        "check": "rate_limit",
        "subject": Subject(kind="system", id="dispatch", name="dispatch"),
        "level": Level.EARLY,
        "signal": FORESEEN,
        "sentence": SENTENCE,
        "measures": (
            Measure(label="Used", measured="700 of 2,400 calls an hour (29 %)", usual="650"),
            Measure(label="Limit", measured="calls: 2,400 calls an hour (declared)"),
            *forecast_measures(limit, NOON),
            Measure(label="Refused", measured="none"),
        ),
        "facts": {"system": "dispatch", **forecast_facts(limit, 0.5, NOON)},
        "expected_at": CHART.middle,
    }
    return alert_of(**(told | changes))


def warning_view(**changes: Any) -> IncidentView:
    """Its incident, ten minutes old, in a channel that draws no charts unless told to."""
    titles = {"rate_limit": "Endpoint API Rate Limiting"}
    told: dict[str, Any] = {
        "alert": warning(),
        "chart": CHART,
        "check_titles": titles,
        "now": NOON + HOUR / 6,
    }
    return view_of(severity=Severity.LOW, **(told | changes))
