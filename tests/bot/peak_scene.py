"""A small estate with five weeks of calls: two flows that start at the same minute of each hour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot import inventory
from bot.allowances import allowances
from bot.foresight.demand import demands
from bot.foresight.learning_jobs import the_model
from bot.foresight.whatif import around_of
from bot.inventory import Inventory, JudgedAllowance, Limits
from bot.settings import Settings, load_settings
from bot.store import Store
from bot.store.columns import write_time
from bot.store.forecasts import save_learned
from checks.limits import Allowance
from checks.model import Level
from checks.runs import Flow, Instance, Pool, Step

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)  # a Saturday
HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)
WEEKS = 5
ENVIRONMENT = {"BOT": "xoxb-1", "APP": "xapp-1", "KEY": "k"}
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
operations_per_month = 4000000
[[promotion]]
name = "Winter sale"
first = 2026-12-04
last = 2026-12-06
times = 2.0
"""


def flow(flow_id: str, name: str, cron: str, *instance_ids: str) -> Flow:
    return Flow(
        id=flow_id,
        name=name,
        enabled=True,
        deployed=True,
        schedules=(cron,) if cron else (),
        steps=tuple(
            Step(id=f"{flow_id}-{each}", name="Send", instance_id=each) for each in instance_ids
        ),
    )


STOCK = Inventory(
    at=NOON,
    flows=(
        flow("1", "Stock sync", "0 * * * *", "702"),
        flow("2", "Orders to NetSuite", "0 * * * *", "702"),
        flow("3", "Products to Shopify", "30 * * * *", "701"),
    ),
    instances=(
        Instance(id="701", name="Shopify UK", rate_limit=1000, rate_limit_unit="minute"),
        Instance(id="702", name="NetSuite", rate_limit=150, rate_limit_unit="minute"),
        Instance(id="703", name="Klaviyo", rate_limit=50, rate_limit_unit="minute"),
    ),
    pools=(Pool(id="61", name="ERP", limit=None, instance_ids=("701", "702")),),
)


def calls_at(flow_id: str, at: datetime) -> int:
    """In each of the first three minutes of its hour: orders come by day."""
    by_day = 8 <= at.hour < 18
    return {"1": 40, "2": 20 if by_day else 5, "3": 30}[flow_id]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate:
    store: Store
    settings: Settings


def make_estate(folder: Path, store: Store, weeks: int = WEEKS) -> Estate:
    path = folder / "seamwatch.toml"
    path.write_text(FILE)
    settings = load_settings(path, ENVIRONMENT)
    with store.writing() as db:
        db.conn.executemany(
            "INSERT INTO rollups (subject, metric, hour, count, total, busiest, observed, refusals)"
            " VALUES (?, ?, ?, 60, ?, ?, 1, 0)",
            [row for n in range(weeks * 168) for row in _rollups(NOON - (n + 1) * HOUR)],
        )
        db.conn.executemany(
            "INSERT INTO calls (instance_id, flow_id, minute, calls) VALUES (?, ?, ?, ?)",
            [row for n in range(168) for row in _minutes(NOON - (n + 1) * HOUR)],
        )
        db.conn.executemany(
            "INSERT INTO runs (id, flow_id, flow_name, status, started_at, finished_at,"
            " run_trigger, summary, counted) VALUES (?, ?, '', 'success', ?, ?, '', '', 1)",
            [row for n in range(168) for row in _runs(NOON - (n + 1) * HOUR)],
        )
        inventory.save_inventory(db, STOCK)
        around = around_of(db, settings, STOCK, NOON)
        inventory.save_limits(
            db, Limits(at=NOON, allowances=tuple(map(_judged, allowances(around))))
        )
    return Estate(store=store, settings=settings)


def learn(estate: Estate) -> None:
    """As the nightly learning does."""
    model, db = the_model(), estate.store.db
    around = around_of(db, estate.settings, STOCK, NOON)
    series = {each.series.id: each.series for each in demands(around)}
    learned = model.learn(list(series.values()), estate.settings.calendar)
    with estate.store.writing() as db:
        for name, each in zip(series, learned, strict=True):
            save_learned(db, name, NOON - HOUR, model.dump(each))


def _judged(allowance: Allowance) -> JudgedAllowance:
    return JudgedAllowance(allowance=allowance, level=Level.OK)


def _rollups(hour: datetime) -> list[tuple[object, ...]]:
    busiest = {"702": calls_at("1", hour) + calls_at("2", hour), "701": calls_at("3", hour)}
    at = write_time(hour)
    rows: list[tuple[object, ...]] = [
        (f"instance/{name}", "calls", at, 3 * most, most) for name, most in busiest.items()
    ]
    together = sum(busiest.values())
    return [*rows, ("platform/main", "operations", at, 3 * together, together)]


def _minutes(hour: datetime) -> list[tuple[object, ...]]:
    places = (("1", "702", 0), ("2", "702", 0), ("3", "701", 30))
    return [
        (instance_id, flow_id, write_time(hour + (start + n) * MINUTE), calls_at(flow_id, hour))
        for flow_id, instance_id, start in places
        for n in range(3)
    ]


def _runs(hour: datetime) -> list[tuple[object, ...]]:
    at, end = write_time(hour), write_time(hour + 3 * MINUTE)
    return [(f"{flow_id}-{at}", flow_id, at, end) for flow_id in ("1", "2", "3")]
