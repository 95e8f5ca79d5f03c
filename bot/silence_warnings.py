"""What `[[silence]]` and `[[maintenance]]` may say and hardly mean: told by `config check`, and no
fault."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches
from zoneinfo import ZoneInfo

from bot.incidents.matchers import Matcher, Op
from bot.incidents.windows import Once, Window
from bot.settings import Settings

LONG = timedelta(days=8)
"""What comes every day of the week, around the clock, is on for longer than this."""


def silence_warnings(settings: Settings, now: datetime) -> Iterator[str]:
    """One sentence for each that is over, for each maintenance that never ends, and for each system
    that they name and no section has."""
    zone = ZoneInfo(settings.estate.timezone)
    for each in settings.silence:
        silence, about = each.silence(zone), f"The [[silence]] {each.name!r}"
        if silence.until <= now:
            yield f"{about} is over; it silences nothing."
        yield from _unknown_systems(about, silence.matchers, settings)
    for section in settings.maintenance:
        planned, about = section.maintenance(zone), f"The [[maintenance]] {section.name!r}"
        if _never_ends(planned.window, now):
            held = "what it matches" if planned.matchers else "everything, for it names nothing,"
            yield f"{about} never ends: {held} is held back for ever; expected hours that end."
        elif isinstance(planned.window, Once) and planned.window.until <= now:
            yield f"{about} is over; it holds nothing back."
        yield from _unknown_systems(about, planned.matchers, settings)


def _never_ends(window: Window, now: datetime) -> bool:
    """Whether each time of it joins the next, for longer than a week."""
    at = now
    while not isinstance(window, Once) and at - now <= LONG:
        span = window.under_way(at)
        if span is None:
            return False
        at = span[1]
    return at > now


def _unknown_systems(about: str, matchers: Sequence[Matcher], settings: Settings) -> Iterator[str]:
    """Without any `[[system]]` there is nothing to set systems against. A pattern may mean what is
    yet to come."""
    known = {
        name.casefold(): name
        for each in settings.system
        for name in (each.name, each.connector.kind, *each.instances)
    }
    for matcher in matchers if known else ():
        value = matcher.value.casefold()
        if matcher.label == "system" and matcher.op is not Op.LIKE and value not in known:
            near = get_close_matches(value, known, n=1)
            names = sorted({each.name for each in settings.system})
            hint = f"did you mean {known[near[0]]!r}?" if near else f"known: {', '.join(names)}."
            yield f"{about} names the system {matcher.value!r}, which no [[system]] has; {hint}"
