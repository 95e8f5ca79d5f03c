"""One round, looked at and told, and nothing else: it sends nothing and remembers nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

import httpx

from bot.build import make_watch
from bot.build_outside import make_clock, make_http, make_patchworks, make_surveyor
from bot.rules import Rules
from bot.settings import Settings
from bot.store import Store
from bot.store.copying import copied_store
from checks.budget import Budget
from checks.model import Level, Verdict
from checks.registry import discover
from checks.words import plain, say_count

NOWHERE = "nowhere"
SAID_FITS = 1000
GRAVEST_FIRST = (Level.BREACH, Level.EARLY, Level.UNKNOWN)


class Ending(IntEnum):
    """The exit status that a round ends with; 1 and 2 are for what hindered it."""

    ALL_OK = 0
    TROUBLE = 3
    NOT_ALL_KNOWN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one round saw; verdicts in the order in which a person wants to read them."""

    verdicts: tuple[Verdict, ...]

    @property
    def told(self) -> Sequence[Verdict]:
        """Those worth a line: all but the ok."""
        return [verdict for verdict in self.verdicts if verdict.level is not Level.OK]

    @property
    def ending(self) -> Ending:
        if any(verdict.level.is_trouble for verdict in self.verdicts):
            return Ending.TROUBLE
        all_ok = self.verdicts and not self.told
        return Ending.ALL_OK if all_ok else Ending.NOT_ALL_KNOWN


async def look_once(settings: Settings) -> Look:
    """Look once at Patchworks and every system, and judge by what the database remembers, if any.

    The database is only read; the round works on a copy. Raises NotStarted or StoreRefused.
    """
    with copied_store(settings.watch.database) as store:
        async with make_http() as http:
            return look_of(await _verdicts(settings, store, http))


async def _verdicts(settings: Settings, store: Store, http: httpx.AsyncClient) -> Sequence[Verdict]:
    clock = await make_clock(settings.clock.url, http)
    budget = Budget(settings.patchworks.budget_per_minute)
    patchworks = make_patchworks(settings.patchworks, http, budget, clock)
    rules = Rules(policies=settings.policies, destination=NOWHERE)  # and nobody is there to send
    watch = make_watch(settings, store, clock, patchworks, budget, rules, lambda: None)
    surveyor = make_surveyor(settings, store, clock, http)
    try:
        await surveyor.survey()
        return await watch.look()
    finally:
        await surveyor.close()


def look_of(verdicts: Sequence[Verdict]) -> Look:
    def rank(verdict: Verdict) -> tuple[int, bool, str]:
        levels = (*GRAVEST_FIRST, Level.OK)
        return levels.index(verdict.level), not verdict.critical, verdict.key

    return Look(verdicts=tuple(sorted(verdicts, key=rank)))


def lines_of(look: Look) -> Iterator[tuple[Level, str]]:
    """What is to be printed, line by line, each with the level that colours it."""
    titles = {name: check.title for name, check in discover().items()}
    for verdict in look.told:
        title = titles.get(verdict.check, verdict.check)
        yield verdict.level, f"{title}: {plain(verdict.sentence, SAID_FITS)}"
    fine = len(look.verdicts) - len(look.told)
    if not look.verdicts:
        yield Level.UNKNOWN, "Nothing could be judged; the lines above say why."
    elif fine:
        what = say_count(fine, "other condition" if look.told else "condition")
        yield Level.OK, f"{what} {'is' if fine == 1 else 'are'} in order."


def as_json(verdict: Verdict) -> dict[str, object]:
    """A verdict as one JSON object; times as ISO 8601 in UTC."""
    subject = verdict.subject
    return {
        "level": verdict.level.value,
        "critical": verdict.critical,
        "check": verdict.check,
        "condition": verdict.condition,
        "subject": {"kind": subject.kind, "id": subject.id, "name": subject.name},
        "signal": verdict.signal,
        "sentence": verdict.sentence,
        "expected_at": verdict.expected_at.isoformat() if verdict.expected_at else None,
        "explained_by": verdict.explained_by,
        "measures": [
            {"label": each.label, "measured": each.measured, "usual": each.usual}
            for each in verdict.measures
        ],
    }
