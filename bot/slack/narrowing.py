"""What part of a long list of incidents somebody wants: which page, and which of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.incidents.matchers import Matcher, NotAMatcher, Op, match_all, read_matchers
from bot.incidents.model import Alert, Incident, Severity
from bot.incidents.routing import labels_of
from bot.slack.desk import Desk
from bot.slack.storms import storm_named
from bot.store import handling, incidents

HOW = (
    "Say for example `/seam incidents 2`, `/seam incidents critical`, "
    "`/seam incidents system=netsuite` or `/seam incidents storm`."
)
_PAGE = re.compile(r"(?:^|(?<=\s))(?:page\s+)?#?([0-9]{1,4})(?=\s|$)", re.IGNORECASE)
_STORM = re.compile(r"(?:^|(?<=\s))storm(?:\s+#?[0-9]{1,9})?(?=\s|$)", re.IGNORECASE)


class NotUnderstood(ValueError):
    """What was typed names no part of the list; the message is a sentence in plain text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """`page` counts from 1; `typed` is what narrows the list, as it may be typed again."""

    page: int = 1
    matchers: tuple[Matcher, ...] = ()
    storm_id: int | None = None

    @property
    def typed(self) -> str:
        storm = [f"storm {self.storm_id}"] if self.storm_id is not None else []
        return " ".join([*storm, *map(str, self.matchers)])


def read_wanted(desk: Desk, said: str) -> Wanted:
    """ "2", "critical", "storm", "system=netsuite 2", "failing flow". Raises NotUnderstood."""
    storm = _STORM.search(said)
    storm_id = storm_named(desk, storm[0]) if storm else None
    if storm and storm_id is None:
        raise NotUnderstood("There is no such storm, and nothing of an older one is open.")
    said = _STORM.sub("", said, count=1)
    try:
        before, rest = read_matchers(said)
        page = _PAGE.search(rest)
        after, word = read_matchers(_PAGE.sub("", rest, count=1))
    except NotAMatcher as error:
        raise NotUnderstood(str(error)) from None
    matchers = (*before, *after, *([_named(desk, word)] if word else []))
    return Wanted(page=max(1, int(page[1])) if page else 1, matchers=matchers, storm_id=storm_id)


def _named(desk: Desk, word: str) -> Matcher:
    """What a bare word means: a severity, a check by name or title, else a system."""
    if word.casefold() in [str(each.word) for each in Severity]:
        return Matcher(label="severity", op=Op.IS, value=word.casefold())
    key = word.casefold().replace(" ", "_").replace("-", "_")
    titled = {title.casefold(): name for name, title in desk.check_titles.items()}
    if check := titled.get(word.casefold()) or (key if key in desk.check_titles else None):
        return Matcher(label="check", op=Op.IS, value=check)
    return Matcher(label="system", op=Op.IS, value=word[:200])


def narrowed(desk: Desk, standing: Sequence[Incident], wanted: Wanted) -> list[Incident]:
    """Those of the open incidents that are wanted, of all pages."""
    found = list(standing)
    if wanted.storm_id is not None:
        told = set(handling.in_storm(desk.store.db, wanted.storm_id))
        found = [each for each in found if each.id in told]
    if wanted.matchers:
        db = desk.store.db
        alerts, teams = incidents.alerts_of(db, [each.id for each in found]), handling.teams(db)
        found = [each for each in found if _matches(each, alerts[each.id], teams, wanted.matchers)]
    return found


def _matches(
    incident: Incident,
    alerts: Sequence[Alert],
    teams: Mapping[int, str],
    matchers: Sequence[Matcher],
) -> bool:
    team = teams.get(incident.id, "")
    labels = (
        labels_of(each.check, each.subject, each.facts, incident.severity, team) for each in alerts
    )
    return any(match_all(matchers, each) for each in labels)
