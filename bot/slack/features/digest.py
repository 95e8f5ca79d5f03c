"""`/seam digest`: how it went and what lies ahead, as managers are told it."""

from __future__ import annotations

from datetime import date

from bot.digest.period import Form, Timetable
from bot.digest.reading import NoDigest, chosen_period
from bot.digest_settings import DigestSettings
from bot.permissions import Right
from bot.slack.desk import Desk
from bot.slack.digesting import made
from bot.slack.render.digest import digest_message
from bot.slack.render.message import Message, answer
from bot.slack.render.text import escape
from bot.slack.verbs import Ask, Example, Verb

HOW = "Say `/seam digest`, `/seam digest weekly`, or a date such as `/seam digest 2026-11-20`."


def tell(desk: Desk, ask: Ask) -> Message:
    """Up to now; of a date, what was told then."""
    form, rest = _form(ask.said.strip().lower())
    try:
        day = date.fromisoformat(rest) if rest else None
        period = chosen_period(_timetable(desk), form, day, desk.clock.now())
    except ValueError:
        return answer(HOW)
    except NoDigest as error:
        return answer(escape(str(error)))
    return digest_message(made(desk, period), native=desk.charting.native)


def _form(said: str) -> tuple[Form, str]:
    word, _, rest = said.partition(" ")
    return (Form(word), rest.strip()) if word in list(Form) else (Form.DAILY, said)


def _timetable(desk: Desk) -> Timetable:
    return DigestSettings().timetable(desk.zone)


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
        Example(typed="digest 2026-11-20", does="what managers were told on that date"),
    ),
)
