"""Advice as lines of a message: what would help, each with what it does."""

from __future__ import annotations

from collections.abc import Sequence

from bot.foresight.advice_words import say_advice
from bot.slack.render.text import foreign
from checks.limits import Allowance
from forecasting.advice import Advice

SENTENCE = 500


def advice_lines(advice: Sequence[Advice], allowance: Allowance) -> Sequence[str]:
    """A line each, escaped; the best first."""
    return [f"↳ {foreign(say_advice(each, allowance), SENTENCE)}" for each in advice]
