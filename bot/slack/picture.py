"""What is sent as a picture: a forecast, or the chart of a digest."""

from __future__ import annotations

from bot.digest.facts import Trend
from bot.digest.picture import draw_trend, says
from bot.foresight.chart import Chart, draw
from bot.slack.render.chart import alt_text
from bot.slack.render.message import Picture
from bot.slack.render.text import foreign_plain

ALT = 1000


def drawn(picture: Picture) -> bytes:
    """As PNG; some 0.2 s of work, so not for the loop."""
    return draw(picture) if isinstance(picture, Chart) else draw_trend(picture)


def name_of(picture: Picture) -> str:
    return "forecast.png" if isinstance(picture, Chart) else "digest.png"


def title_of(picture: Picture) -> str:
    return "Forecast" if isinstance(picture, Chart) else picture.title


def in_words(picture: Picture) -> str:
    """What it shows, in words and numbers; unescaped, for a plain field."""
    if isinstance(picture, Trend):
        return foreign_plain(says(picture), ALT)
    return alt_text(picture)
