"""What was learned of a series, and how it is kept: a fit, and how far to trust it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from forecasting.combine import Calibration, Trust, Width
from forecasting.design import Design
from forecasting.model import Skill
from forecasting.prophet_model import Fit

VERSION = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Learned:
    """A fit to all that was known of a series at `fitted_at` (UTC). `level_sd` is the spread of the
    daily means of its residuals, in roots."""

    series_id: str
    fitted_at: datetime
    fit: Fit
    trust: Trust
    level_sd: float


def dump(learned: Learned) -> bytes:
    """As text, so that any later version can say what it cannot read."""
    design, trust = learned.fit.design, learned.trust
    body = {
        "version": VERSION,
        "series_id": learned.series_id,
        "fitted_at": learned.fitted_at.isoformat(),
        "level_sd": learned.level_sd,
        "design": [
            design.start,
            design.step.total_seconds(),
            design.bins,
            design.weekly,
            design.daily,
            design.changepoints,
            design.marked,
        ],
        "coefficients": [float(each) for each in learned.fit.coefficients],
        "scale": learned.fit.scale,
        "calibrations": {
            hours: [each.slope, each.offset] for hours, each in trust.calibrations.items()
        },
        "skill": [trust.skill.brier, trust.skill.forecasts],
        "widths": [[each.hours, each.wide80, each.wide95] for each in trust.widths],
    }
    return json.dumps(body, allow_nan=False).encode()


def load(body: bytes) -> Learned:
    """Raises ValueError for what cannot be read, and what another version wrote."""
    try:
        told = json.loads(body)
        if told["version"] != VERSION:
            raise ValueError(f"it was written by version {told['version']}, not {VERSION}")
        return Learned(
            series_id=told["series_id"],
            fitted_at=datetime.fromisoformat(told["fitted_at"]).astimezone(UTC),
            level_sd=float(told["level_sd"]),
            fit=Fit(
                design=_design(told["design"]),
                coefficients=np.array(told["coefficients"], dtype=float),
                scale=float(told["scale"]),
            ),
            trust=_trust(told),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise ValueError(f"what was learned cannot be read ({error})") from None


def _design(told: list[Any]) -> Design:
    start, seconds, bins, weekly, daily, changepoints, marked = told
    return Design(
        start=int(start),
        step=timedelta(seconds=seconds),
        bins=int(bins),
        weekly=int(weekly),
        daily=int(daily),
        changepoints=int(changepoints),
        marked=tuple(tuple(int(day) for day in days) for days in marked),
    )


def _trust(told: dict[str, Any]) -> Trust:
    brier, forecasts = told["skill"]
    return Trust(
        calibrations={
            int(hours): Calibration(slope=slope, offset=offset)
            for hours, (slope, offset) in told["calibrations"].items()
        },
        skill=Skill(brier=brier, forecasts=int(forecasts)),
        widths=tuple(
            Width(hours=hours, wide80=wide80, wide95=wide95)
            for hours, wide80, wide95 in told["widths"]
        ),
    )
