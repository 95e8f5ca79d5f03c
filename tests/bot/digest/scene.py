"""Days that a digest tells of, in a real store: quiet ones, bad ones, days of 23 and 25 hours."""

from __future__ import annotations

import atexit
import shutil
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from zoneinfo import ZoneInfo

from bot import facts, inventory
from bot.digest.facts import Digest
from bot.digest.gathering import Around, gather
from bot.digest.period import Form, Timetable, period_of
from bot.digest.rules import DigestRules
from bot.facts import BlindPart, RoundFacts, SystemFacts
from bot.incidents.events import Acknowledge, Clear, Event, Resolve, Snooze, Vote
from bot.incidents.matchers import read_matchers
from bot.incidents.model import Actor
from bot.inventory import Inventory, Limits, Register
from bot.rules import Rules
from bot.store import Store, covered, open_store, readings, runs, silences
from bot.transitions import act, judge
from checks.model import Level, Reading, Subject, Verdict
from checks.policy import CheckPolicy, NofM
from checks.runs import Flow, Instance, Run, RunStatus, Step

LONDON = ZoneInfo("Europe/London")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SATURDAY = date(2026, 11, 21)
EIGHT = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
EVERY = 5 * MINUTE
TITLES = {
    "stalled_queue": "Stalled Queue Syndrome",
    "rate_limit": "Endpoint API Rate Limiting",
    "failing_flow": "Failing flow",
}
PEOPLE = {"U0PRIYA": "Priya", "U0ALEX": "Alex"}
PRIYA, ALEX = Actor(who="U0PRIYA", via="button"), Actor(who="U0ALEX", via="command")
CHECK = Actor(who="stalled_queue", via="check")
TIMETABLE = Timetable(at=time(8, 30), zone=LONDON)
AT_ONCE = CheckPolicy(opens_after=NofM(needed=1, of=1), stay_clear=timedelta(0), reopen_after=HOUR)
RULES = Rules(policies=dict.fromkeys(TITLES, AT_ONCE), destination="slack/C1")


def around(**rules: Any) -> Around:
    """By rules that are changed so."""
    told: dict[str, Any] = {
        "estate": "Acme Outdoors",
        "titles": TITLES,
        "rules": DigestRules(every=EVERY, **rules),
        "people": PEOPLE,
    }
    return Around(**told)


def digest(
    store: Store,
    day: date = SATURDAY,
    form: Form = Form.DAILY,
    *,
    later: timedelta = timedelta(0),
    **changes: Any,
) -> Digest:
    """As it is made `later` than it is due."""
    period = period_of(TIMETABLE, form, day)
    return gather(store.db, period, around(**changes), period.until + later)


def watched(store: Store, since: datetime, until: datetime, *, but: Iterable[int] = ()) -> None:
    """A round every five minutes, without those that are numbered in `but`; of what is long ago the
    readings are left out."""
    left_out = set(but)
    first = max(since, until - 8 * DAY)
    moments = [first + n * EVERY for n in range((until - first) // EVERY)]
    kept = [since, *(at for n, at in enumerate(moments) if n not in left_out and at > since)]
    with store.writing() as db:
        told = (
            Reading(subject="queue/main", metric="queue.waiting", at=at, value=1.0) for at in kept
        )
        readings.add_readings(db, told)
        covered.cover(db, since, until)
        last = kept[-1] if kept else since
        facts.save_round(db, round_at(last))


def round_at(at: datetime, **changes: Any) -> RoundFacts:
    told: dict[str, Any] = {
        "at": at,
        "took_seconds": 1.2,
        "judged": 12,
        "troubled": 0,
        "unknown": 0,
        "calls_last_minute": 34,
        "calls_per_minute": 120,
    }
    return RoundFacts(**(told | changes))


def ran(
    store: Store,
    flow_id: str,
    since: datetime,
    until: datetime,
    *,
    every: timedelta = 15 * MINUTE,
    failing: int = 0,
    seconds: int = 60,
) -> None:
    """A run every so often; every `failing`th fails (0: none)."""
    count = (until - since) // every
    made = []
    for number in range(count):
        bad = failing and number % failing == failing - 1
        at = since + number * every
        made.append(
            Run(
                id=f"{flow_id}-{at.isoformat()}",
                flow_id=flow_id,
                flow_name=f"flow {flow_id}",
                status=RunStatus.FAILURE if bad else RunStatus.SUCCESS,
                started_at=at,
                finished_at=at + timedelta(seconds=seconds * (3 if number % 10 == 9 else 1)),
                received=1,
                sent=1,
            )
        )
    with store.writing() as db:
        runs.save_runs(db, made)


def estate(flows: int = 3, systems: tuple[str, ...] = ("NetSuite", "Shopify")) -> Inventory:
    """Flows that send to one system after the other."""
    return Inventory(
        at=EIGHT,
        flows=tuple(
            Flow(
                id=f"f{n}",
                name=f"flow f{n}",
                enabled=True,
                deployed=True,
                steps=(Step(id="1", name="post", instance_id=str(n % len(systems))),),
            )
            for n in range(flows)
        ),
        instances=tuple(Instance(id=str(n), name=name) for n, name in enumerate(systems)),
    )


def knows(store: Store, stock: Inventory) -> None:
    with store.writing() as db:
        inventory.save_inventory(db, stock)


def opened(
    store: Store,
    at: datetime,
    name: str = "the run queue",
    *,
    check: str = "stalled_queue",
    sentence: str = "Nothing has started for 2 min although 3 of 5 slots are free.",
    level: Level = Level.BREACH,
    critical: bool = False,
) -> int:
    """An incident about a flow of this name; its number."""
    told = Verdict(
        check=check,
        condition="queue",
        subject=Subject(kind="flow", id=name, name=name),
        level=level,
        signal="stall",
        sentence=sentence,
        critical=critical,
    )
    with store.writing() as db:
        judge(db, [told], RULES, at)
    return int(store.db.execute("SELECT max(id) FROM incidents").fetchone()[0])


def gone(store: Store, at: datetime, name: str) -> None:
    """A look at this flow that finds nothing."""
    opened(store, at, name, level=Level.OK)


def did(store: Store, number: int, event: Event, at: datetime, by: Actor = PRIYA) -> None:
    act(store, number, event, by, at, destination="slack/C1")


def two_weeks(store: Store, until: datetime = EIGHT, *, failing: int = 500) -> None:
    """Three flows that ran all the time and were watched."""
    since = until - 22 * DAY
    knows(store, estate())
    watched(store, since, until)
    for n in range(3):
        ran(store, f"f{n}", since, until, failing=failing)


def quiet_day(store: Store) -> None:
    _fill(store, two_weeks)


def bad_day(store: Store) -> None:
    """Everything that can be told."""
    _fill(store, _bad_day)


def _fill(store: Store, happen: Callable[[Store], None]) -> None:
    """As it is made once for all tests of a run."""
    with closing(sqlite3.connect(_made(happen))) as made:
        made.backup(store.db.conn)


@cache
def _made(happen: Callable[[Store], None]) -> Path:
    folder = Path(mkdtemp(prefix="digest-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with closing(open_store(folder / "made.db")) as store:
        happen(store)
        store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder / "made.db"


def _bad_day(store: Store) -> None:
    knows(store, estate(4, ("NetSuite", "Shopify", "Klaviyo")))
    watched(store, EIGHT - 22 * DAY, EIGHT - DAY)
    missed = range(200, 212)
    watched(store, EIGHT - DAY, EIGHT - 2 * MINUTE, but=missed)
    for n in range(4):
        ran(store, f"f{n}", EIGHT - 22 * DAY, EIGHT - DAY, failing=300)
        ran(
            store,
            f"f{n}",
            EIGHT - DAY,
            EIGHT,
            failing=7 if n == 0 else 0,
            seconds=90 if n == 0 else 50,
        )
    _incidents(store)
    _kept(store)
    store.db.execute("UPDATE outbox SET state = 'sent', ts = number")


def _incidents(store: Store) -> None:
    early = EIGHT - 30 * HOUR
    held = opened(
        store, early, "Orders to NetSuite", check="failing_flow", sentence="9 runs failed."
    )
    did(store, held, Acknowledge(), early + 4 * MINUTE)
    done = opened(store, EIGHT - 20 * HOUR, "Stock to Shopify")
    did(store, done, Acknowledge(), EIGHT - 20 * HOUR + 12 * MINUTE, ALEX)
    did(store, done, Vote(word="noisy"), EIGHT - 19 * HOUR, ALEX)
    did(
        store,
        done,
        Resolve(summary="Stopped r-77, which waited for NetSuite."),
        EIGHT - 19 * HOUR,
        ALEX,
    )
    gone(store, EIGHT - 19 * HOUR + MINUTE, "Stock to Shopify")
    well = opened(store, EIGHT - 10 * HOUR, "Prices")
    did(store, well, Clear(reason="Nothing waits."), EIGHT - 9 * HOUR, CHECK)
    asleep = opened(
        store,
        EIGHT - 8 * HOUR,
        "shop calls",
        check="rate_limit",
        level=Level.EARLY,
        sentence="shop is likely (61 %) to use up its calls.",
    )
    did(store, asleep, Snooze(until=EIGHT + 4 * HOUR), EIGHT - 7 * HOUR)
    opened(store, EIGHT - 3 * HOUR - 20 * MINUTE, "the run queue", critical=True)


def _kept(store: Store) -> None:
    """What is silent, what cannot be seen, what ends."""
    from tests.bot.slack import forecasts, samples

    with store.writing() as db:
        matchers, _ = read_matchers("system=netsuite")
        told = {"matchers": matchers, "by": "U0ALEX", "reason": "they upgrade"}
        silences.add(db, "silence", since=EIGHT - DAY, until=EIGHT + 2 * HOUR, **told)
        facts.save_blindness(
            db, {"queue": BlindPart(since=EIGHT - HOUR, why="it answers 503", refused=False)}, EIGHT
        )
        pim = SystemFacts(
            name="pim", title="Akeneo", looked_at=EIGHT, blind_since=EIGHT - HOUR, why="timed out"
        )
        facts.save_systems(db, (pim,), EIGHT)
        inventory.save_register(db, Register(at=EIGHT, credentials=samples.REGISTER.credentials))
        inventory.save_limits(db, Limits(at=EIGHT, allowances=forecasts.LIMITS.allowances))
