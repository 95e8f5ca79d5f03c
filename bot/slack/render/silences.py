"""Silences and maintenance in words: what began, what ended, and the lists of what holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.incidents.matchers import Matcher, say_matchers
from bot.incidents.silences import Maintenance, Silence
from bot.slack.render.blocks import context, section
from bot.slack.render.message import Message, answer, message
from bot.slack.render.text import code, count, foreign, mention, stopped, when

LISTED = 10
NAMED = 10
MATCHERS = 240
REASON = 160
RECORDED = "It is recorded all the same, and an end of it is told."
HOW_TO_SILENCE = (
    "Say what, for how long, and why: `/seam silence system=netsuite 2h they upgrade`, or with an "
    "incident's number, `/seam silence 42 2h known to the vendor`."
)
HOW_TO_MAINTAIN = (
    "Say for how long, what it touches, and what is done: "
    '`/seam maintenance start 1h flow="Orders to NetSuite" new mapping`. Without a flow, a system '
    "or a check it is everything."
)
ELSEWHERE = "It stands in the settings, so whoever runs Seamwatch has to end it there."


def refused(sentence: str, how: str = "") -> Message:
    """Nothing was done. `sentence` may hold what was typed."""
    return answer(stopped(foreign(sentence, 600)), how)


def unknown_name(
    label: str, asked: str, near: Sequence[str], names: Sequence[str], *, like: bool = False
) -> str:
    """For a system or a flow that nothing is called by, or `like` which no name is; it may come
    yet, so it is silenced."""
    meant = f" Did you mean {code(near[0], 80)}?" if near else ""
    more = f" and {len(names) - LISTED:,} more" if len(names) > LISTED else ""
    known = ", ".join(foreign(name, 60) for name in names[:LISTED])
    told = f"; known: {known}{more}" if known else ""
    none = f"The name of no {label} matches" if like else f"No {label} is called"
    return f"⚠️ {none} {code(asked, 60)}{told}.{meant}"


def holds_already(silence: Silence, now: datetime) -> Message:
    """What was typed is silenced for at least as long."""
    by = f", begun by {mention(silence.by)}" if silence.by else ""
    number = f"`/seam unsilence {silence.id}` ends it." if silence.id else ELSEWHERE
    return answer(
        f"{_headed(silence.label)} holds that already, {_from(silence.since, silence.until, now)}"
        f"{by}: {foreign(silence.reason, REASON)}. Nothing was changed.",
        small=[number],
    )


def silenced(
    silence: Silence, concerned: Sequence[int], now: datetime, doubts: Sequence[str] = ()
) -> Message:
    """A silence was begun; `concerned` are the open incidents that it matches, `doubts` what is
    said first of names that nothing has."""
    return answer(
        *doubts,
        f"Silence {silence.id} holds {_from(silence.since, silence.until, now)}: what matches "
        f"{_matchers(silence.matchers)} is neither announced nor escalated. {RECORDED}",
        _open_now(concerned),
        small=[f"`/seam unsilence {silence.id}` ends it at once."],
    )


def began(
    maintenance: Maintenance,
    now: datetime,
    concerned: Sequence[int] = (),
    doubts: Sequence[str] = (),
) -> Message:
    """A person began it, or planned it for later; `concerned` are the open incidents it matches,
    `doubts` what is said first of names that nothing has."""
    said = "*nothing at all* is announced or escalated"
    if maintenance.matchers:
        said = f"what matches {_matchers(maintenance.matchers)} is neither announced nor escalated"
    return answer(
        *doubts,
        f"Maintenance {maintenance.id} is {_on(maintenance, now)}: {said}. {RECORDED}",
        _open_now(concerned),
        small=[f"`/seam maintenance end {maintenance.id}` ends it at once."],
    )


def ended(label: str) -> Message:
    return answer(f"{_headed(label)} has ended. What still stands is announced with the next look.")


def none_such(label: str, what: str) -> Message:
    return answer(
        f"{_headed(label)} does not hold: it is over already, or never was. "
        f"{code(f'/seam {what}')} lists what does."
    )


def in_settings(label: str) -> Message:
    return answer(f"{_headed(label)} was not ended. {ELSEWHERE}")


def silence_list(
    silences: Sequence[Silence], hidden: Mapping[str, Sequence[int]], now: datetime
) -> Message:
    """Every silence that holds or will, the people's first; `hidden` by label."""
    if not silences:
        return answer("Nothing is silenced.", small=[HOW_TO_SILENCE])
    said = f"{count(len(silences), 'silence')} {'holds' if len(silences) == 1 else 'hold'} or will."
    rows = [
        _row(
            each.label,
            f"{_matchers(each.matchers)} · {_from(each.since, each.until, now)}",
            each.by,
            each.reason,
            hidden.get(each.label, ()),
        )
        for each in silences[:LISTED]
    ]
    return _list(said, rows, len(silences), "`/seam unsilence 7` ends one.")


def maintenance_list(
    windows: Sequence[Maintenance], hidden: Mapping[str, Sequence[int]], now: datetime
) -> Message:
    """All maintenance that is on or comes."""
    if not windows:
        return answer("No maintenance is on or planned.", small=[HOW_TO_MAINTAIN])
    on = [each for each in windows if each.window.under_way(now)]
    said = f"{count(len(on), 'maintenance window')} {'is' if len(on) == 1 else 'are'} on"
    said += f", {len(windows) - len(on)} planned." if len(windows) > len(on) else "."
    rows = [
        _row(
            each.label,
            f"{_matchers(each.matchers) if each.matchers else 'everything'} · {_on(each, now)}",
            each.by,
            each.reason,
            hidden.get(each.label, ()),
        )
        for each in windows[:LISTED]
    ]
    return _list(said, rows, len(windows), "`/seam maintenance end 7` ends one.")


def _list(said: str, rows: Sequence[str], total: int, small: str) -> Message:
    shown = [section(row) for row in rows]
    if total > len(rows):
        shown += context([f"{total - len(rows)} more hold or come."])
    return message(said, [section(f"*{said}*"), *shown, *context([small])])


def _row(label: str, what: str, by: str, reason: str, hidden: Sequence[int]) -> str:
    who = mention(by) if by else "the settings"
    has = f"has held back {_numbers(hidden)}" if hidden else "has held back nothing"
    first = f"*{_headed(label)}* · {what}"
    return f"{first}\nBy {who}: {foreign(reason, REASON)} · {has}"


def _open_now(concerned: Sequence[int]) -> str:
    if not concerned:
        return "No open incident matches it at the moment."
    matches = "matches" if len(concerned) == 1 else "match"
    return f"{_numbers(concerned)} {matches} it at the moment."


def _numbers(incidents: Sequence[int]) -> str:
    shown = ", ".join(f"#{each}" for each in incidents[:NAMED])
    return shown + (f" and {len(incidents) - NAMED} more" if len(incidents) > NAMED else "")


def _matchers(matchers: Sequence[Matcher]) -> str:
    return code(say_matchers(matchers), MATCHERS)


def _from(since: datetime, until: datetime, now: datetime) -> str:
    """ "until ...", or "from ... until ..." for what has not begun."""
    begins = f"from {when(since)} " if since > now else ""
    return f"{begins}until {when(until)}"


def _on(window: Maintenance, now: datetime) -> str:
    if span := window.window.under_way(now):
        return f"on until {when(span[1])}"
    span = window.window.coming(now)
    return f"planned from {when(span[0])} until {when(span[1])}" if span else "over"


def _headed(label: str) -> str:
    """ "silence 7" -> "Silence 7" """
    return foreign(label[:1].upper() + label[1:], 80)
