"""Makes text safe and fitting for Slack: escaping, clipping, masking, times, mentions, links.

Foreign text (flow names, error lines, what people type) is hostile until it has been through
`foreign` or `plain`. Formatting: https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta

from checks.durations import say_duration

READ = 8000
"""Characters of a foreign text that are looked at; far more than is ever shown."""
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_PIECE = re.compile(r"&(?:amp|lt|gt);|<[^<>]*>|.", re.DOTALL)
_MEMBER = re.compile(r"[UW][A-Z0-9]{2,30}")
_WEB = re.compile(r"https?://[^\s<>|]+")

MASK = "•••"


def _rule(hints: str, pattern: str, instead: str = MASK) -> tuple[list[str], re.Pattern[str], str]:
    """`hints` are lower-case words without one of which the pattern need not be tried."""
    return hints.split(), re.compile(pattern), instead


_SEPARATOR = r"[\"'\\]{0,3} ?[:=] ?[\"'\\]{0,3}"
_SECRETS = (
    _rule("://", r"(://)[^/\s:@]*:[^/\s@]+@", rf"\1{MASK}@"),
    _rule("xox xapp xwfp", r"\b(?:xox[a-z]|xapp|xwfp)-[\w.%-]+"),
    _rule("eyj", r"\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?"),
    _rule("sk pk rk shp gh glpat", r"\b(?:sk|pk|rk|shp[a-z]{2}|gh[a-z]|glpat)[_-][\w-]{12,}"),
    _rule(
        "bearer basic",
        r"\b([Bb]earer|[Bb]asic|BEARER|BASIC) (?=\S*(?:[\d=]|[a-z][A-Z]))[\w.~+/=-]{6,}",
        rf"\1 {MASK}",
    ),
    _rule(
        "password passwd pwd secret signature authorization cookie",
        r"(?i)((?:password|passwd|pwd|secret|signature|authorization|cookie)"
        rf"{_SEPARATOR})[^\s\"'&,;}}\\]+",
        rf"\1{MASK}",
    ),
    _rule(
        "token key credential",
        r"(?i)((?:token|(?:api|access|private)[_ -]?key|credential)"
        rf"{_SEPARATOR})[^\s\"'&,;}}\\]{{8,}}",
        rf"\1{MASK}",
    ),
)


def escape(text: str) -> str:
    """Exactly the three characters that Slack gives a meaning to in mrkdwn."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain(text: str) -> str:
    """One line without control, bidirectional or zero-width characters, for plain_text fields."""
    text = text[:READ]
    if not (text.isprintable() and _INVISIBLE.isdisjoint(text)):
        text = "".join(map(_visible, text))
    return " ".join(text.split())


def mask(text: str) -> str:
    """The text with what looks like a credential struck out."""
    lowered = text.lower()
    for hints, pattern, instead in _SECRETS:
        if any(hint in lowered for hint in hints):
            text = pattern.sub(instead, text)
    return text


def size(text: str) -> int:
    """Length as the strictest reading of Slack's limits counts it: UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def clip(text: str, most: int) -> str:
    """At most `most` characters, ending in "…" when cut; an entity or a <token> is kept whole.

    Clip after escaping, never before.
    """
    if size(text) <= most:
        return text
    kept, room = [], most - 1
    for piece in _PIECE.finditer(text):
        room -= size(piece[0])
        if room < 0:
            break
        kept.append(piece[0])
    return "".join(kept).rstrip() + "…"


def foreign(text: str, most: int) -> str:
    """Foreign text as mrkdwn: one line, secrets masked, escaped, clipped."""
    return clip(escape(mask(plain(text))), most)


def foreign_plain(text: str, most: int) -> str:
    """Foreign text for a plain_text field, where Slack interprets nothing."""
    return clip(mask(plain(text)), most)


def code(line: str, most: int = 200) -> str:
    """One line of evidence or input as inline code; back-ticks in it cannot end it."""
    shown = foreign(line.replace("`", "'"), most)
    return f"`{shown or '…'}`"


def stopped(text: str) -> str:
    """With a full stop at its end, unless it ends a sentence already or is empty."""
    return text if not text or text.endswith((".", "!", "?", "…")) else f"{text}."


def when(at: datetime) -> str:
    """A moment in each reader's own time zone; the fallback says it in UTC."""
    return _date(at, "{date_short_pretty} at {time}")


def day(at: datetime) -> str:
    """The day of a moment in each reader's own time zone."""
    return _date(at, "{date_short_pretty}")


def ago(at: datetime) -> str:
    """How long ago, kept current by the reader's own Slack."""
    return _date(at, "{ago}")


def lasted(since: datetime, until: datetime) -> str:
    return say_duration(max(timedelta(0), until - since))


def mention(user_id: str) -> str:
    """A person by Slack id; anything that is not one stays foreign text."""
    return f"<@{user_id}>" if _MEMBER.fullmatch(user_id) else foreign(user_id, 80)


def link(url: str, label: str) -> str:
    """A link; only its label when the address is not a plain http(s) one."""
    shown = foreign(label, 200).replace("|", "¦")
    return f"<{escape(url)}|{shown}>" if _WEB.fullmatch(url) else shown


def count(amount: int, noun: str) -> str:
    """1, "run" -> "1 run"; 3, "run" -> "3 runs"."""
    return f"{amount:,} {noun}" if amount == 1 else f"{amount:,} {noun}s"


def _date(at: datetime, tokens: str) -> str:
    utc = at.astimezone(UTC)
    return f"<!date^{int(utc.timestamp())}^{tokens}|{utc:%-d %b %Y %H:%M} UTC>"


def _visible(sign: str) -> str:
    category = unicodedata.category(sign)
    if category == "Cf" or sign in _INVISIBLE:
        return ""
    return " " if category in ("Cc", "Cs", "Co") else sign
