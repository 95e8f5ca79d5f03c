"""What systems announce of their own end: signals in any vendor's answers, and the dates they mean.

The headers are standards: Sunset (https://www.rfc-editor.org/rfc/rfc8594), the moment from which an
address no longer answers, and Deprecation (https://www.rfc-editor.org/rfc/rfc9745), the one since
which nobody should build on it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from checks.declare import Answer, Mark, Signal, Source

YEAR_AND_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?")


def http_date(told: str) -> datetime | None:
    """A moment as HTTP writes it, UTC; None for anything else."""
    try:
        at = parsedate_to_datetime(told)
    except (TypeError, ValueError):
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def years_after(told: str, years: int) -> datetime | None:
    """The end of a version named by its day or month, such as 2026-07, when it lives for so many
    years; None for a version that is not named so."""
    found = YEAR_AND_MONTH.fullmatch(told.strip())
    if found is None:
        return None
    day = int(found[4] or 1)
    try:
        return datetime(int(found[1]) + years, int(found[2]), day, tzinfo=UTC)
    except ValueError:  # the 29th of February, or a day that never was
        return datetime(int(found[1]) + years, int(found[2]), 28, tzinfo=UTC)


def _header(name: str) -> str:
    return f"the {name} header of its answers"


def _sunset(answer: Answer) -> str | None:
    return answer.headers.get("sunset") or None


def _deprecation(answer: Answer) -> str | None:
    """When it was or will be deprecated, for people; older drafts of the standard say "true"."""
    told = answer.headers.get("deprecation", "").strip()
    found = re.fullmatch(r"@(\d{1,11})", told)
    if found is not None:
        return f"deprecated since {datetime.fromtimestamp(int(found[1]), UTC):%d %b %Y}"
    return "deprecated" if told and told.casefold() not in ("false", "?0") else None


ANNOUNCED = (
    Signal(
        name="sunset",
        read=_sunset,
        source=Source(mark=Mark.CONFIRMED, url="https://www.rfc-editor.org/rfc/rfc8594"),
        ends=http_date,
        means="by " + _header("Sunset") + ", what was asked no longer answers",
    ),
    Signal(
        name="deprecation",
        read=_deprecation,
        source=Source(mark=Mark.CONFIRMED, url="https://www.rfc-editor.org/rfc/rfc9745"),
        warns=True,
        means="by " + _header("Deprecation") + ", what was asked should no longer be used",
    ),
)
