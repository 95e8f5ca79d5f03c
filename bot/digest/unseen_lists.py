"""The lists that a system has not shown for a day: a change in what it answers would not be seen.
Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.facts import BlindPart
from bot.slack.render.text import stopped

LONG = timedelta(days=1)


def long_unseen(
    lists: Mapping[str, Mapping[str, BlindPart]], now: datetime
) -> dict[str, Mapping[str, BlindPart]]:
    """Of the lists that could not be looked at, by system, those that have been so for a day."""
    long = {
        system: {what: each for what, each in own.items() if now - each.since >= LONG}
        for system, own in lists.items()
    }
    return {system: own for system, own in long.items() if own}


def say_unseen(lists: Mapping[str, BlindPart]) -> str:
    """ "changed answers would not be seen in its orders: it answers 404."; foreign words in it."""
    whys = " ".join(dict.fromkeys(stopped(each.why) for each in lists.values()))
    return f"changed answers would not be seen in its {', '.join(lists)}: {whys}"
