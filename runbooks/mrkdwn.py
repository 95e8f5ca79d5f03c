"""Turns the Markdown of our pages into Slack's mrkdwn, with foreign values kept inert in it.

The subset that pages may use: `###` headings, paragraphs, `1.` and `-` lists of one level, bold,
code and links. Converters to be had as packages were tried: one lets `<@U...>` pass as a mention,
none rejoins wrapped lines or numbers a list anew after a condition left a step out.
https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

VALUE_FITS = 120  # characters of one value after escaping, so that no value crowds out a step
HELD = 3000  # characters of one value that are looked at; no link in Slack is longer
NOT_KNOWN = "not known"

# A value travels through the Markdown as one opaque token, so nothing in it is read as markup.
_TOKEN = re.compile("\ue000([tv])([0-9a-f]*)\ue001")
_ITEM = re.compile(r"(\d+\.|-) +(.*)")
_WRITTEN_STEP = re.compile(r"^( *\d+\. +)(.+)$", re.MULTILINE)
_KEY = re.compile("\ue002([0-9a-f]+)\ue003")
_INLINE = re.compile(
    r"`(?P<code>[^`]+)`|\[(?P<label>[^\]]+)\]\((?P<url>[^)\s]+)\)|\*\*(?P<bold>.+?)\*\*"
)
_URL = re.compile(r"https?://[^\s<>|\"]+")
_JOINER = "\u2060"  # invisible, no break: keeps "@here" and "https://" from being read as such
_BACKTICK = "\u02cb"
_LOOKALIKES = str.maketrans({"*": "\u2217", "~": "\u223c", "|": "\u2223"})
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def hold(value: object) -> str:
    """A value as a token that `to_mrkdwn` opens again; datetimes become Slack dates."""
    if isinstance(value, datetime):
        return f"\ue000t{int(value.timestamp()):x}\ue001"
    text = "" if value is None else str(value)[:HELD]
    return f"\ue000v{text.encode('utf-8', 'replace').hex()}\ue001"


def mark_steps(source: str) -> str:
    """The Markdown of a page in which each numbered step carries a number of its own, which stays
    the same as long as its first line is written so, whatever stands around it."""
    return _WRITTEN_STEP.sub(_marked_step, source)


def _marked_step(found: re.Match[str]) -> str:
    return f"{found[1]}\ue002{zlib.crc32(found[2].encode()):x}\ue003{found[2]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of a section as mrkdwn: one step (without its place in the list, with the number that
    `mark_steps` gave it), or what stands between steps."""

    text: str
    step: int | None = None

    @property
    def key(self) -> str:
        """The step's own number as a word, which no place in a list is taken for."""
        return f"k{self.step or 0:x}"


def to_mrkdwn(markdown: str) -> str:
    """The body of one section. Lists are numbered in order, wrapped lines are joined."""
    body, before, number = "", "", 0
    for kind, text in _pieces(_KEY.sub("", markdown)):
        number = number + 1 if kind == "step" else number if kind == "bullet" else 0
        mark = f"{number}. " if kind == "step" else ""
        body += _join(before, kind) + mark + _line_of(kind, text)
        before = kind
    return _TOKEN.sub(_shown, body).strip()


def to_parts(markdown: str) -> Sequence[Part]:
    """The same body, taken apart into its steps and what stands between them."""
    parts: list[Part] = []
    held, before = "", ""
    for kind, text in _pieces(markdown):
        found = _KEY.match(text) if kind == "step" else None
        if found is None:
            held += _join(before, kind) + _line_of(kind, _KEY.sub("", text))
        else:
            parts += _between(held)
            held = ""
            step = _TOKEN.sub(_shown, _inline(text[found.end() :]))
            parts.append(Part(text=step, step=int(found[1], 16)))
        before = kind
    return [*parts, *_between(held)]


def _between(held: str) -> list[Part]:
    text = _TOKEN.sub(_shown, held).strip()
    return [Part(text=text)] if text else []


def _join(before: str, kind: str) -> str:
    listed = ("step", "bullet")
    close = before == "heading" or (before in listed and kind in listed)
    return "\n" if close else "\n\n"


def _line_of(kind: str, text: str) -> str:
    mark = "\u2022 " if kind == "bullet" else ""
    return f"*{_inline(text)}*" if kind == "heading" else mark + _inline(text)


def escape(text: str) -> str:
    """Exactly the three characters that Slack asks for."""
    return text.translate(_ESCAPES)


def foreign(text: str) -> str:
    """Text of unknown origin on one line, escaped, at most VALUE_FITS long, unable to format,
    link, mention or reorder."""
    line = _line(text).translate(_LOOKALIKES)
    line = re.sub(r"(?<!\w)_|_(?!\w)", "\u02cd", line)
    return _clip(re.sub(r"[@#](?=\w)|:(?=//)", rf"\g<0>{_JOINER}", line)) or NOT_KNOWN


def foreign_code(text: str) -> str:
    """The same for use between back-ticks, where Slack reads nothing but the closing one."""
    return _clip(_line(text)) or NOT_KNOWN


def _line(text: str) -> str:
    visible = "".join(" " if unicodedata.category(sign)[0] == "C" else sign for sign in text)
    return " ".join(visible.replace("`", _BACKTICK).split())


def _pieces(markdown: str) -> Iterator[tuple[str, str]]:
    """Headings, steps, bullets and paragraphs, each with its wrapped lines joined."""
    kind, held = "text", list[str]()
    for line in (*markdown.splitlines(), ""):
        stripped = line.strip()
        item = _ITEM.match(stripped)
        starts = item or not stripped or stripped.startswith("### ")
        if starts and held:
            yield kind, " ".join(held)
            kind, held = "text", []
        if item:
            kind, held = "bullet" if item[1] == "-" else "step", [item[2]]
        elif stripped.startswith("### "):
            yield "heading", stripped.removeprefix("### ")
        elif stripped:
            held.append(stripped)


def _inline(text: str) -> str:
    done, at = "", 0
    for found in _INLINE.finditer(text):
        done += escape(text[at : found.start()]) + _marked(found)
        at = found.end()
    return done + escape(text[at:])


def _marked(found: re.Match[str]) -> str:
    if found["code"]:
        code = _TOKEN.sub(lambda token: foreign_code(_opened(token)), escape(found["code"]))
        return f"`{code}`"
    if found["bold"]:
        return f"*{_inline(found['bold'])}*"
    url = _TOKEN.sub(_opened, found["url"])
    label = escape(found["label"])
    return f"<{escape(url)}|{label}>" if _URL.fullmatch(url) else label


def _opened(token: re.Match[str]) -> str:
    return bytes.fromhex(token[2]).decode("utf-8") if token[1] == "v" else ""


def _shown(token: re.Match[str]) -> str:
    if token[1] == "v":
        return foreign(_opened(token))
    at = datetime.fromtimestamp(int(token[2], 16), UTC)
    return f"<!date^{int(token[2], 16)}^{{date_short_pretty}} at {{time}}|{at:%d %b %Y %H:%M} UTC>"


def _clip(line: str) -> str:
    """At most VALUE_FITS characters after escaping, never within an escape."""
    if len(escape(line)) <= VALUE_FITS:
        return escape(line)
    kept = ""
    for sign in line:
        if len(kept) + len(escape(sign)) >= VALUE_FITS:
            break
        kept += escape(sign)
    return kept.rstrip() + "\u2026"
