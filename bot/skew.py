"""Whether this machine's clock agrees with the platform's, whose stamps are compared with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

from bot.finding import Finding, State
from checks.durations import say_duration

APART = timedelta(seconds=20)
"""A stall is told after minutes, so that seconds do no harm; `Date` tells whole seconds."""
ANSWER_SECONDS = 5.0


async def find_skew(url: str, http: httpx.AsyncClient) -> Finding | None:
    """Trouble when the machine's own clock is further from the `Date` of an answer of `url` than
    `APART`; None when it is not, or when nothing was told. Every HTTP answer of a server with a
    clock has that header, whatever its status: https://www.rfc-editor.org/rfc/rfc9110#section-6.6.1
    """
    try:
        answer = await http.get(url, timeout=ANSWER_SECONDS)
        told = parsedate_to_datetime(answer.headers.get("Date", ""))
    except (httpx.HTTPError, ValueError):
        return None
    ahead = datetime.now(UTC) - told.astimezone(UTC)
    if abs(ahead) < APART:
        return None
    where, looks = ("ahead of", "older") if ahead > timedelta(0) else ("behind", "younger")
    by = say_duration(abs(ahead))
    sentence = (
        f"This machine's clock is {by} {where} Patchworks', so runs look {by} {looks} than they "
        "are: set it by a time server."
    )
    return Finding(about="Clock", state=State.TROUBLE, sentence=sentence)
