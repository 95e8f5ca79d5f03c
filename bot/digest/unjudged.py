"""Sums up what can be seen and yet not be judged: of some things time alone is missing. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta

from bot.digest.facts import Unjudged
from bot.slack.render.text import count
from bot.store.shapes import Known

DAY = timedelta(days=1)
SHAPES = "changed_shape"
LEARNED: Mapping[str, tuple[str, str]] = {
    "odd_flow": ("what is usual for {}", "flow"),
    "stalled_queue": ("the schedule of {}", "flow"),
}
"""By check: what is not known yet, and of what."""
UNKNOWN: Mapping[str, tuple[str, str]] = {
    "rate_limit": ("the use of {}", "allowance"),
    "token_expiry": ("the end of {}", "credential"),
    "failing_flow": ("how the runs of {} end", "flow"),
    "silent_loss": ("whether anything is lost in {}", "flow"),
    "broken_promise": ("whether promises are kept in {}", "flow"),
    "reconciliation": ("whether everything arrived in {}", "comparison"),
}


def unjudged_of(by_check: Mapping[str, Sequence[str]], lists: Iterable[Known]) -> list[Unjudged]:
    """By check, with the names of what each verdict is about; `lists` are all that are looked at
    for changed answers. What is only being learned comes first."""
    found = list(_learned(by_check, lists))
    for check, names in by_check.items():
        if check not in {SHAPES, *LEARNED}:
            said, noun = UNKNOWN.get(check, (f"{check.replace('_', ' ')} of {{}}", "part"))
            found.append(Unjudged(what=_said(said, noun, names)))
    return found


def _learned(by_check: Mapping[str, Sequence[str]], lists: Iterable[Known]) -> Iterator[Unjudged]:
    if names := by_check.get(SHAPES):
        yield Unjudged(
            what=f"{count(len(names), 'list')} of {_said('{}', 'system', names)}",
            learning=True,
            until=_learned_at(lists),
        )
    for check, (said, noun) in LEARNED.items():
        if names := by_check.get(check):
            yield Unjudged(what=_said(said, noun, names), learning=True)


def _said(said: str, noun: str, names: Sequence[str]) -> str:
    return said.format(count(len(set(names)), noun))


def _learned_at(lists: Iterable[Known]) -> datetime | None:
    """A list is judged by the days (UTC) before: when the next one begins for those that were only
    looked at today. None where none is so new: what they lack is records."""
    new = [each.at for each in lists if not each.before]
    if not new:
        return None
    newest = max(new)
    return datetime.combine((newest + DAY).date(), time(), newest.tzinfo)
