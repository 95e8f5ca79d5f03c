"""The days of the golden files, each in a store of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

from bot.costs import Pricing
from bot.digest.facts import Digest, Reconciled, Unjudged
from bot.digest.period import Form
from bot.flow_settings import FlowSettings
from bot.incidents.events import Acknowledge, Clear
from bot.inventory import Limits, Register
from bot.store import Store, failures
from bot.store.columns import read_time
from checks.declare import Cause
from checks.failures import Failure
from checks.runs import RunStatus
from tests.bot.digest import scene
from tests.bot.digest.scene import ALEX, CHECK, DAY, EIGHT, HOUR, MINUTE, PRIYA, digest
from tests.bot.slack import forecasts, samples

SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
PUT_FORWARD = datetime(2026, 3, 29, 7, 30, tzinfo=UTC)
PUT_BACK = datetime(2026, 10, 25, 8, 30, tzinfo=UTC)
NASTY = (
    "<!channel> <@U0PRIYA> <https://evil.example|Reset> *bold* `tick` "
    "<script>alert(1)</script> {{ 7 * 7 }} \" onload='x' a\u202eb"
)


PRICING = Pricing(
    told=(FlowSettings(id="f0", owner="Dana", cost_per_failed_record="2.10"),),
    currency="GBP",
)
FOUND = Reconciled(
    pairs=2,
    total=4,
    unsure=1,
    differences=("orders, Shopify and NetSuite: 3 missing in NetSuite (1001, 1002, 1003)",),
)
UNOWNED = ("Prices to Shopify", "Returns to NetSuite")


def quiet(store: Store) -> Digest:
    scene.quiet_day(store)
    return digest(store)


def costly_day(store: Store) -> None:
    """The bad day, with the logs of all failed runs of a flow read but for one."""
    scene.bad_day(store)
    sql = (
        "SELECT id, finished_at FROM runs WHERE flow_id = 'f0' AND status = 'failure'"
        " ORDER BY started_at DESC"
    )
    told = [
        Failure(
            run_id=run_id, flow_id="f0", at=read_time(at), status=RunStatus.FAILURE,
            cause=Cause.LASTING, line="", step="", instance_id="", records=4,
        )
        for run_id, at in store.db.execute(sql).fetchall()[1:]
    ]  # fmt: skip
    with store.writing() as db:
        failures.save_failures(db, told)


def bad(store: Store) -> Digest:
    costly_day(store)
    return digest(store, compared=lambda *_: FOUND, pricing=PRICING, unowned=lambda _: UNOWNED)


def past(store: Store) -> Digest:
    """The bad day, asked for a month later."""
    scene.bad_day(store)
    return digest(store, later=30 * DAY)


def spring(store: Store) -> Digest:
    return _on_a_clock_change(store, SPRING, PUT_FORWARD)


def autumn(store: Store) -> Digest:
    return _on_a_clock_change(store, AUTUMN, PUT_BACK)


def _on_a_clock_change(store: Store, day: date, until: datetime) -> Digest:
    scene.two_weeks(store, until)
    number = scene.opened(store, until - 8 * HOUR)
    scene.did(store, number, Acknowledge(), until - 7 * HOUR)
    scene.did(store, number, Clear(reason="fine"), until - 5 * HOUR, CHECK)
    store.db.execute("UPDATE outbox SET state = 'sent', ts = number")
    return digest(store, day)


def nothing(store: Store) -> Digest:
    return digest(store)


def weekly(store: Store) -> Digest:
    costly_day(store)
    return digest(store, form=Form.WEEKLY, compared=lambda *_: FOUND, pricing=PRICING)


def monthly(store: Store) -> Digest:
    costly_day(store)
    return digest(store, form=Form.MONTHLY, compared=lambda *_: FOUND, pricing=PRICING)


LONG = "Flow {n} of a rather long name that says what it brings"


def many(store: Store, name: str = LONG) -> Digest:
    """500 flows to 40 systems, 60 incidents, everything full."""
    systems = tuple(f"System {n} {name.format(n=n)}" for n in range(40))
    scene.knows(store, scene.estate(500, systems))
    scene.watched(store, EIGHT - 9 * DAY, EIGHT)
    for n in range(500):
        for days in (7, 0):
            until = EIGHT - days * DAY
            scene.ran(
                store,
                f"f{n}",
                until - DAY,
                until,
                every=8 * HOUR,
                failing=3 if n % 9 == days else 0,
            )
    for n in range(60):
        at = EIGHT - 20 * HOUR + n * MINUTE
        number = scene.opened(store, at, name.format(n=n), sentence=f"{name.format(n=n)} " * 4)
        if n % 3:
            scene.did(store, number, Acknowledge(), at + n * MINUTE, (PRIYA, ALEX)[n % 2])
        if n % 3 == 2:
            scene.did(store, number, Clear(reason="fine"), at + 2 * HOUR, CHECK)
    return _full(digest(store), name)


def _full(told: Digest, name: str) -> Digest:
    assert told.present is not None
    limits = Limits(at=EIGHT, allowances=forecasts.LIMITS.allowances)
    register = Register(at=EIGHT, credentials=samples.REGISTER.credentials)
    from bot.digest.presence import _ending
    from bot.foresight.foreseen import foreseen_of

    near = [each for each in foreseen_of(limits) if not each.is_withheld]
    sentences = tuple(f"{n}: {name.format(n=n)}" for n in range(30))
    present = replace(
        told.present,
        foreseen=tuple(near * 10),
        credentials=tuple(list(_ending(register, EIGHT)) * 20),
        blind=sentences,
        unjudged=tuple(Unjudged(what=each, learning=True) for each in sentences),
        gaps=sentences,
        health=replace(told.present.health, trouble=sentences, last_round=EIGHT - 3 * HOUR),
    )
    found = Reconciled(pairs=30, total=900, differences=sentences)
    return replace(told, present=present, reconciled=found)


def hostile(store: Store) -> Digest:
    told = many(store, "{n} " + NASTY.replace("{{", "{{{{").replace("}}", "}}}}"))
    return replace(told, estate=NASTY, people={PRIYA.who: NASTY})


ALL: dict[str, Callable[[Store], Digest]] = {
    made.__name__: made
    for made in (quiet, bad, past, spring, autumn, nothing, weekly, monthly, many)
}
