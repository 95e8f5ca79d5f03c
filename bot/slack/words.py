"""Turns what people type into a verb, an incident and the rest. Nothing is ever evaluated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

_MARKED = re.compile(r"<([@#!]|(?=https?:|mailto:))([^<>|]+)(?:\|([^<>]*))?>")
_WORD = re.compile(r"\"([^\"]*)\"|“([^“”]*)”|„([^“”„]*)[“”]|(\S+)")
_NUMBER = re.compile(r"(#?)([0-9]{1,15})")
_NUMBERS = re.compile(r"(?:(?:#?[0-9]{1,15}\b|and\b|&)[\s,;.]*)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """`word` is the verb as typed, in lower case, or ""; `rest` is what follows, untouched
    except for an incident's number at its start, which is `incident_id` instead. `said` is all
    that follows the verb, for verbs that take a name: "3PL stock", "3301". `accounts` is what
    `accounts_in` finds."""

    word: str
    incident_id: int | None = None
    rest: str = ""
    said: str = field(default="", compare=False)  # the same words once more
    accounts: Mapping[str, str] = field(default_factory=dict, compare=False)


def read(text: str, thread_incident: int | None = None) -> Typed:
    """`ack 42`, `resolve #42 the run was stopped`, `42`: see the tests for what is tolerated.

    In the thread of an incident that one is meant, and a bare number in front of more words is a
    part of the text: `resolve 3 runs stopped` there says how, not which.
    """
    typed = _read(as_shown(text), thread_incident)
    return replace(typed, accounts=accounts_in(text))


def _read(text: str, thread_incident: int | None) -> Typed:
    word, rest = first_and_rest(text)
    if number := _number(word):
        return Typed(word="show", incident_id=number[1], rest=rest, said=rest)
    first, after = first_and_rest(rest)
    number = _number(first)
    if number and (number[0] or thread_incident in (None, number[1]) or not after):
        return Typed(word=word.lower(), incident_id=number[1], rest=after, said=rest)
    return Typed(word=word.lower(), incident_id=thread_incident, rest=rest, said=rest)


def is_numbers(text: str) -> bool:
    """Whether it is a list of incidents and nothing else: "2 3", "#2, and 5"."""
    return bool(_NUMBERS.fullmatch(text))


def is_number_like(text: str) -> bool:
    """Whether digits without any letter stand there, as in "-1" or a number that is too long."""
    return any(sign.isdigit() for sign in text) and not any(sign.isalpha() for sign in text)


def first_word(text: str) -> str:
    return first_and_rest(text)[0]


def as_shown(text: str) -> str:
    """What the person saw while typing: Slack's own marks and entities undone.

    https://docs.slack.dev/messaging/formatting-message-text
    """
    text = _MARKED.sub(_label, text)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def accounts_in(text: str) -> dict[str, str]:
    """Which account each mention stands for, by what was seen of it: {"@priya": "U0PRIYA"}."""
    people = (mark for mark in _MARKED.finditer(text) if mark[1] == "@")
    return {f"@{mark[3] or mark[2]}": mark[2] for mark in people}


def without_mention(text: str, user_id: str) -> str:
    """What a message says after its first mention of this user, or before it if that is all."""
    before, *after = re.split(rf"<@{re.escape(user_id)}(?:\|[^<>]*)?>[:,]?", text, maxsplit=1)
    return "".join(after).strip() or before.strip()


def first_and_rest(text: str) -> tuple[str, str]:
    """The first word, its quotes taken off, and everything after it as typed."""
    found = _WORD.match(text.lstrip())
    if found is None:
        return "", ""
    word = next((part for part in found.groups() if part is not None), "")
    return word.strip(), text.lstrip()[found.end() :].strip()


def _number(word: str) -> tuple[bool, int] | None:
    """Whether it was written with "#", and the number; None when it is none."""
    found = _NUMBER.fullmatch(word.strip("\u2018\u2019'.,:"))
    return (bool(found[1]), int(found[2])) if found else None


def _label(mark: re.Match[str]) -> str:
    sign, target, label = mark[1].replace("!", "@"), mark[2], mark[3]
    return f"{sign}{label or target}"
