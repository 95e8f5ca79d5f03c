"""`/seam digest`: how it went and what lies ahead, as managers are told it."""

from __future__ import annotations

import re
from datetime import date, timedelta

from bot.digest.period import Form
from bot.digest.reading import NoDigest, chosen_period
from bot.permissions import Right
from bot.slack.desk import Desk
from bot.slack.digesting import made
from bot.slack.render.digest import digest_message
from bot.slack.render.message import Message, answer
from bot.slack.render.text import code, escape
from bot.slack.verbs import Ask, Example, Verb

HOW = (
    "Say `/seam digest`, `/seam digest weekly`, `/seam digest monthly`, or a date such as "
    "`/seam digest 2026-11-20` or `/seam digest yesterday`."
)
DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
TODAY, YESTERDAY = "today", "yesterday"


def tell(desk: Desk, ask: Ask) -> Message:
    """Up to now; of a date, what was told then."""
    form, rest = _form(ask.said.strip().lower())
    timetable, now = desk.digest.timetable, desk.clock.now()
    try:
        day = _day(rest, now.astimezone(timetable.zone).date())
        period = chosen_period(timetable, form, day, now)
    except ValueError:
        return answer(_why_not(rest))
    except NoDigest as error:
        return answer(escape(str(error)))
    charting = desk.charting
    return digest_message(made(desk, period), native=charting.native, pictures=charting.pictures)


def _day(said: str, today: date) -> date | None:
    """A local date; None for what ends now. Today does too: what was told this morning leaves out
    nearly all of it. Raises ValueError."""
    if said in ("", TODAY):
        return None
    return today - timedelta(days=1) if said == YESTERDAY else date.fromisoformat(said)


def _why_not(said: str) -> str:
    if DATE.fullmatch(said):
        return f"{code(said)} is no day of the calendar, written as 2026-11-20. {HOW}"
    return f"{code(said, 60)} is neither a form of the digest nor a date. {HOW}"


def _form(said: str) -> tuple[Form, str]:
    word, _, rest = said.partition(" ")
    return (Form(word), rest.strip()) if word in list(Form) else (Form.DAILY, said)


VERB = Verb(
    name="digest",
    place=49,
    answer=tell,
    aliases=("summary",),
    slow=True,
    right=Right.READ,
    examples=(
        Example(typed="digest", does="how the last day went, and what lies ahead"),
        Example(typed="digest weekly", does="the last seven days, with the trend"),
        Example(typed="digest monthly", does="the last month, with the trend"),
        Example(typed="digest 2026-11-20", does="what managers were told on that date"),
    ),
)
