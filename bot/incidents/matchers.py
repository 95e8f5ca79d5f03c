"""What a silence is about: `check=rate_limit flow="Orders to NetSuite" system=~"netsuite.*"`.

Read by a tokeniser and never evaluated. Case does not matter, because this is typed on phones. A
label that an alert does not have is empty, as in Prometheus Alertmanager
(https://prometheus.io/docs/alerting/latest/configuration/#matcher).
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache

LABELS = ("check", "kind", "subject", "id", "system", "flow", "severity", "team")
ALSO = {"system": ("system_kind", "instance")}
"""What a label equals as well: a system is also called by its kind ("netsuite"), and by the name of
its instance in Patchworks ("netsuite-production")."""
MOST = 8
LONGEST = 200
LONGEST_PATTERN = 100
MOST_WEIGHT = 6

_START = re.compile(r"\s*([A-Za-z_]+)\s*(=~|!=|!~|=)\s*")
_VALUE = re.compile(r'"((?:[^"\\]|\\.)*)"|[“„]([^“”„]*)[“”]|([^\s"“”„]+)', re.DOTALL)
_ESCAPED = re.compile(r'\\(["\\])')
_BARE = re.compile(r"[\w.*+-]+")
_CLASS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)


class NotAMatcher(ValueError):
    """What was typed matches nothing we know; the message is a sentence in plain text."""


class Op(StrEnum):
    IS = "="
    IS_NOT = "!="
    LIKE = "=~"


@dataclass(frozen=True, slots=True, kw_only=True)
class Matcher:
    """One condition on one label. LIKE takes a regular expression for the whole value."""

    label: str
    op: Op
    value: str

    def matches(self, labels: Mapping[str, str]) -> bool:
        also = (labels.get(name, "") for name in ALSO.get(self.label, ()))
        found = [labels.get(self.label, ""), *filter(None, also)]
        match self.op:
            case Op.IS:
                return self.value.casefold() in map(str.casefold, found)
            case Op.IS_NOT:
                return self.value.casefold() not in map(str.casefold, found)
            case Op.LIKE:
                pattern = _compiled(self.value)
                return any(pattern.fullmatch(each[:LONGEST]) for each in found)

    def __str__(self) -> str:
        """As it is typed."""
        if _BARE.fullmatch(self.value):
            return f"{self.label}{self.op}{self.value}"
        quoted = self.value.replace("\\", "\\\\").replace('"', '\\"')
        return f'{self.label}{self.op}"{quoted}"'


def say_matchers(matchers: Sequence[Matcher]) -> str:
    """As they are typed; "" for none, which match everything."""
    return " ".join(map(str, matchers))


def match_all(matchers: Sequence[Matcher], labels: Mapping[str, str]) -> bool:
    return all(matcher.matches(labels) for matcher in matchers)


def are_too_wide(matchers: Sequence[Matcher]) -> bool:
    """Whether they match even what has no label at all, and so name nothing."""
    return match_all(matchers, {})


def read_matchers(text: str) -> tuple[tuple[Matcher, ...], str]:
    """The matchers that a text begins with, and what follows them.

    Raises NotAMatcher for an unknown label, a missing value, or a regular expression that is wrong
    or could take too long.
    """
    found: list[Matcher] = []
    while start := _START.match(text):
        value = _VALUE.match(text, start.end())
        label = start[1].lower()
        if value is None:
            raise NotAMatcher(f"After {label}{start[2]} something has to stand, such as a name.")
        found.append(_matcher(label, start[2], _unquoted(value)))
        text = text[value.end() :].lstrip(" \t,")
    if len(found) > MOST:
        raise NotAMatcher(f"That are {len(found)} conditions; expected at most {MOST}.")
    return tuple(found), text.strip()


def _unquoted(value: re.Match[str]) -> str:
    if value[1] is not None:
        return _ESCAPED.sub(r"\1", value[1])
    return value[2] if value[2] is not None else value[3].rstrip(",")


def _matcher(label: str, op: str, value: str) -> Matcher:
    if label not in LABELS:
        near = get_close_matches(label, LABELS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(LABELS)}."
        raise NotAMatcher(f"There is no label {label[:40]}; {hint}")
    if op not in tuple(Op):
        raise NotAMatcher(f"{op} is not known; expected =, != or =~ (a regular expression).")
    if len(value) > LONGEST:
        raise NotAMatcher(f"What stands after {label} is longer than {LONGEST} characters.")
    if op == Op.LIKE:
        _check_pattern(value)
    return Matcher(label=label, op=Op(op), value=value)


def _check_pattern(pattern: str) -> None:
    """Few repeats, and none of a group, so that no value takes long to be compared: an expression
    such as (a+)+ takes exponential time in Python's `re`."""
    shown = f"The regular expression {pattern[:60]}"
    if len(pattern) > LONGEST_PATTERN:
        raise NotAMatcher(f"{shown}… is longer than {LONGEST_PATTERN} characters.")
    try:
        _compiled(pattern)
    except (re.error, OverflowError, RecursionError):
        raise NotAMatcher(f"{shown} is not a valid one.") from None
    bare = _CLASS.sub(lambda part: "1" if part[0][1:2].isdigit() else "x", pattern)
    special = bare.replace("(?:", "(")
    repeats = len(re.findall(r"[*+?]|\{\d*,?\d*\}", special))
    if "(?" in special or re.search(r"\)\s*[*+?{]", special) or re.search(r"\\\d", pattern):
        raise NotAMatcher(f"{shown} is too intricate: repeat no group and refer back to none.")
    if 2 * repeats + special.count("(") > MOST_WEIGHT:
        raise NotAMatcher(
            f"{shown} is too intricate: expected at most three of * + ?, or two and two groups."
        )


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # "[[" may mean more one day; no fault now
        return re.compile(pattern, re.IGNORECASE)
