"""Which series is set against which limit, and how; and which allowances have none."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.facts import LimitFacts, SystemFacts
from bot.foresight.call_history import CallHistory
from bot.foresight.demand import Demand, demands
from bot.inventory import Inventory
from bot.settings import load_settings
from bot.store import imports, open_store
from bot.store.columns import write_time
from bot.store.imports import ImportedHour
from bot.usage import Around, Habits, read_ledger
from checks.declare import Shape, Whose
from checks.limits import Allowance, Pace, SizeFrom
from checks.runs import Instance, Pool
from forecasting.model import Kind, Limit
from forecasting.usual import Spread

NOW = datetime(2026, 11, 21, 12, 20, tzinfo=UTC)
NOON = NOW.replace(minute=0)
SECOND, MINUTE, HOUR, DAY = (
    timedelta(seconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
)
FILE = """
[estate]
name = "Acme"
timezone = "Europe/London"
[slack]
token = "env:BOT"
app_token = "env:APP"
channel = "#x"
[patchworks]
api_key = "env:KEY"
operations_per_month = 400000
[[system]]
kind = "shopify_rest"
name = "shop"
shop = "acme"
token = "env:KEY"
instances = ["701"]
override = {"limit.calls.size" = "2", "limit.calls.per" = "1s"}
[[system]]
kind = "klaviyo"
name = "mail"
token = "env:KEY"
order_metric = "Placed"
instances = ["703", "704"]
"""
STOCK = Inventory(
    at=NOW,
    instances=(
        Instance(id="701", name="Shopify UK", rate_limit=3000, rate_limit_unit="hour"),
        Instance(id="702", name="NetSuite", rate_limit=60, rate_limit_unit="minute", pool_id="61"),
        Instance(id="703", name="Mail"),
        Instance(id="704", name="Mail"),
    ),
    pools=(Pool(id="61", name="ERP", limit=5),),
)
PACE = Pace(
    lately=9.0,
    runs=5,
    usual=Spread(count=40, p50=2 * SECOND, p95=3 * SECOND, p99=4 * SECOND),
)


@pytest.fixture
def around(tmp_path) -> Around:
    """Each of the last thirty hours: ten calls of each instance and as many as the hour tells, in
    its busiest minute five; operations alike."""
    path = tmp_path / "seamwatch.toml"
    path.write_text(FILE)
    settings = load_settings(path, {"BOT": "xoxb-1", "APP": "xapp-1", "KEY": "k"})
    store = open_store(tmp_path / "seamwatch.db")
    subjects = [*(f"instance/{each.id}" for each in STOCK.instances), "platform/main"]
    with store.writing() as db:
        for subject in subjects:
            metric = "operations" if subject.startswith("platform") else "calls"
            for back in range(1, 31):
                hour = NOON - back * HOUR
                db.execute(
                    "INSERT INTO rollups VALUES (?, ?, ?, 60, ?, 5, 1, 0)",
                    [subject, metric, write_time(hour), 10.0 + hour.hour],
                )
    yield Around(
        db=store.db,
        now=NOW,
        settings=settings,
        inventory=STOCK,
        ledger=read_ledger(store.db, STOCK, NOW),
        habits=Habits(),
    )
    store.close()


def allowance(**told) -> Allowance:
    usual: dict[str, object] = {
        "id": "system/mail/calls",
        "system": "mail",
        "name": "calls of the account to one endpoint",
        "shape": Shape.WINDOW,
        "unit": "calls",
        "at": NOW,
        "size": 120.0,
        "per": HOUR,
        "size_from": SizeFrom.DECLARED,
        "whose": Whose.SHARED,
        "instance_ids": ("703",),
    }
    return Allowance(**(usual | told))


def demand(around: Around, **told) -> Demand | None:
    found = demands(around, drawn=[allowance(**told)])
    return found[0] if found else None


def limit(around: Around, **told) -> Limit:
    found = demand(around, **told)
    assert found is not None
    assert found.limit.id == found.allowance_id == told.get("id", "system/mail/calls")
    return found.limit


def named(around: Around, **told) -> tuple[str, Kind, float]:
    found = demand(around, **told)
    assert found is not None
    return found.series.id, found.limit.kind, found.limit.amount


@pytest.mark.parametrize(
    ("per", "expected"),
    [
        (HOUR, ("system/mail/calls", Kind.BIN, 120.0)),
        (MINUTE, ("system/mail/busiest", Kind.BIN, 120.0)),
        (SECOND, ("system/mail/busiest", Kind.BIN, 7_200.0)),
        (30 * SECOND, ("system/mail/busiest", Kind.BIN, 240.0)),
        (5 * MINUTE, ("system/mail/calls in 5m", Kind.BIN, 120.0)),
        (DAY, ("system/mail/calls", Kind.QUOTA, 120.0)),
        (6 * HOUR, ("system/mail/calls", Kind.ROLLING, 120.0)),
    ],
    ids=[
        "an hour",
        "a minute",
        "a second",
        "half a minute",
        "five minutes",
        "a day",
        "six hours that start anew nobody knows when",
    ],
)
def test_the_window_decides_what_is_watched(around, per, expected):
    assert named(around, per=per) == expected


def test_a_day_starts_anew_at_midnight_utc_where_nobody_tells_otherwise(around):
    """It is noon: twelve hours of ten calls and as many as the hour tells are spent."""
    found = limit(around, per=DAY, derived=True, used=999.0)
    assert found.resets[0] == datetime(2026, 11, 22, tzinfo=UTC)
    assert len(found.resets) >= 3
    assert found.used == 12 * 10 + sum(range(12))


def test_a_day_starts_anew_when_the_system_tells_it_to(around):
    told = NOON - 30 * DAY + 3 * HOUR  # long ago: it is still three hours after noon
    found = limit(around, per=DAY, resets_at=told, derived=True)
    assert found.resets[0] == NOON + 3 * HOUR
    assert found.used == sum(10 + (15 + n) % 24 for n in range(21))


def test_what_the_system_tells_of_its_day_is_believed(around):
    assert limit(around, per=DAY, used=77.0).used == 77.0


def test_a_day_of_which_nothing_is_told_is_any_24_hours(around):
    found = limit(around, per=DAY, shape=Shape.UNREADABLE, whose=Whose.NOBODYS)
    assert (found.kind, found.window, found.resets) == (Kind.ROLLING, DAY, ())


def test_the_operations_of_the_month_are_a_running_sum(around):
    [month] = [each for each in demands(around) if each.limit.kind is Kind.QUOTA]
    assert (month.allowance_id, month.series.id) == ("platform/main/operations",) * 2
    assert month.limit.resets == (datetime(2026, 12, 1, tzinfo=UTC),)
    assert (month.limit.amount, month.limit.used) == (400_000, float(month.series.values.sum()))


def test_a_bucket_that_refills_in_a_moment_is_judged_by_single_minutes(around):
    """Forty, of which two drain a second: a minute of more than 160 calls does not fit."""
    told = SystemFacts(
        name="shop",
        title="Shopify",
        looked_at=NOW,
        seen_at=NOW,
        limits=(LimitFacts(name="calls", remaining=39, size=40),),
    )
    [shop] = [
        each
        for each in demands(replace(around, systems=(told,)))
        if each.allowance_id == "system/shop/calls"
    ]
    assert (shop.series.id, shop.limit.kind) == ("system/shop/busiest", Kind.BIN)
    assert shop.limit.amount == 40 + 120


def test_a_bucket_that_lasts_is_one(around):
    told = SystemFacts(
        name="shop",
        title="Shopify",
        looked_at=NOW,
        limits=(LimitFacts(name="calls", remaining=1, size=9_000),),
    )
    found = limit(
        replace(around, systems=(told,)),
        id="system/shop/calls",
        system="shop",
        name="calls",
        shape=Shape.LEAKY_BUCKET,
        size=9_000.0,
        used=500.0,
        instance_ids=("701",),
    )
    assert (found.kind, found.amount, found.drains, found.used) == (Kind.BUCKET, 9_000, 7_200, 500)


def test_places_are_taken_for_as_long_as_a_call_usually_takes(around):
    told = {"id": "pool/61/use", "shape": Shape.CONCURRENCY, "per": None, "instance_ids": ("702",)}
    assert demand(around, **told) is None
    found = demand(around, **told, pace=PACE)
    assert (found.series.id, found.limit.kind) == ("pool/61/calls", Kind.PLACES)
    assert (found.limit.amount, found.limit.seconds) == (120.0, 2.0)


def test_a_shared_points_bucket_is_watched_by_how_much_of_it_was_in_use(around):
    with_points = {"id": "system/mail/points", "name": "points", "shape": Shape.POINTS, "per": None}
    around.db.execute(
        "INSERT INTO rollups VALUES ('system/mail', ?, ?, 12, 840, 100, 1, 0)",
        ["limit.remaining.points", write_time(NOON - HOUR)],
    )
    found = demand(around, **with_points)
    assert (found.series.id, found.limit.kind) == ("system/mail/points", Kind.BIN)
    assert list(found.series.values) == [120.0 - 70.0]
    assert demand(around, **with_points, whose=Whose.OWN) is None


@pytest.mark.parametrize(
    "told",
    [
        {"size": None},
        {"size": 0.0},
        {"per": None},
        {"id": "platform/main/api", "instance_ids": ("703",)},
        {"instance_ids": ("799",)},
        {"instance_ids": ()},
        {"name": "calls of the account to one endpoint /api/profiles"},
        {"shape": Shape.LEAKY_BUCKET},
    ],
    ids=[
        "no published limit",
        "a limit of nothing",
        "nobody tells of how long a window",
        "the bot's own budget",
        "no hour of it is known",
        "no instance of it is known",
        "calls to one endpoint alone",
        "nobody tells how fast it drains",
    ],
)
def test_what_cannot_be_foreseen_has_no_demand(around, told):
    assert demand(around, **told) is None


def test_every_allowance_of_a_kind_that_can_be_foreseen_has_one(around):
    found = {each.allowance_id: each.series.id for each in demands(around)}
    assert found == {
        "system/shop/calls": "system/shop/busiest",
        "instance/701/rate": "instance/701/calls",
        "instance/702/rate": "instance/702/busiest",
        "platform/main/operations": "platform/main/operations",
    }


def test_limits_of_one_series_share_it(around):
    history = CallHistory()
    both = [allowance(), allowance(id="system/mail/others", size=60.0)]
    first, second = demands(around, history, both)
    assert first.series is second.series
    assert str(first.series.zone) == "Europe/London"
    assert demands(around, history, both)[0].series is first.series


def imported(around, subject, back, calls):
    hour = ImportedHour(
        subject=subject, hour=NOON - back * HOUR, minutes=0, calls=calls, busiest=0.0, observed=1.0
    )
    imports.add_hours(around.db, [hour])


@pytest.mark.parametrize(
    ("subject", "allowance_id", "ids"),
    [
        (imports.of_system("mail"), "system/mail/calls", ("703", "704")),
        (imports.of_instance("702"), "instance/702/rate", ("702",)),
        (imports.of_instance("netsuite"), "instance/702/rate", ("702",)),
        (imports.of_instance("netsuite"), "pool/61/rate", ("702",)),
    ],
    ids=["by system", "by instance id", "by instance name", "for a pool"],
)
def test_older_hours_come_from_what_was_imported(around, subject, allowance_id, ids):
    imported(around, subject, 40, 55.0)
    found = demand(around, id=allowance_id, instance_ids=ids)
    assert found.series.start == NOON - 40 * HOUR
    assert found.series.values[0] == 55.0


def test_what_was_imported_for_a_system_is_its_only_instances_too(around):
    imported(around, imports.of_system("shop"), 40, 55.0)
    [rate] = [each for each in demands(around) if each.allowance_id == "instance/701/rate"]
    assert rate.series.values[0] == 55.0


def test_a_name_that_two_instances_have_is_neither_ones(around):
    imported(around, imports.of_instance("mail"), 40, 55.0)
    found = demand(around)
    assert found.series.start == NOON - 30 * HOUR
