"""A large estate: its settings, what its Patchworks tells of it, and a week of it in a database.

Runs follow from the time alone: the estate starts one every `APART`, flow after flow, so that the
server and the database cannot disagree about what ran.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.store import Database, call_rollups, open_store, readings, runs
from bot.store.calls import count_runs_into_calls
from bot.store.columns import write_time
from bot.store.covered import cover
from checks.declare import Connector
from checks.runs import Direction, Flow, Run, RunStatus, Step
from checks.systems import all_connectors

FLOWS = 1_000
"""Of the full size; there are half as many instances, and a system for each instance."""
APART = timedelta(seconds=7.2)
"""Between two starts: of a thousand flows each runs every two hours."""
LASTS = timedelta(seconds=15)
DAYS = 7
CALLS_PER_MINUTE = 600
"""To one system. Surveys follow each other at once here, and not every five minutes; the default of
thirty calls a minute would make each wait for two seconds."""
KINDS = (
    "bigcommerce",
    "gorgias",
    "klaviyo",
    "lightspeed_x",
    "netsuite",
    "sap_b1",
    "shipstation_v1",
    "shopify",
)
MAIN = """\
[estate]
name = "Large"
[slack]
token = "file:secret"
app_token = "file:app_token"
channel = "#integrations"
[patchworks]
api_key = "file:secret"
core_url = "{url}/patchworks"
budget_per_minute = 240
[watch]
database = "seamwatch.db"
"""


class FastClock:
    """Domain time that runs `speed` times as fast as the machine's from `start` on.

    Both are told as seconds since 1970, so that every process makes the same clock.
    """

    def __init__(self, start: float, speed: float) -> None:
        self._start, self._speed = start, speed

    def now(self) -> datetime:
        gone = (time.time() - self._start) * self._speed
        return datetime.fromtimestamp(self._start + gone, UTC)

    async def follow(self) -> None:
        return


def write_settings(folder: Path, url: str, flows: int) -> Path:
    """The settings of systems and a Patchworks that all live at `url`."""
    for name, secret in {"secret": "xoxb-made-up", "app_token": "xapp-made-up"}.items():
        (folder / name).write_text(secret, encoding="utf-8")
    connectors = all_connectors()
    sections = (
        _section(number, connectors[KINDS[number % len(KINDS)]], url)
        for number in range(flows // 2)
    )
    path = folder / "seamwatch.toml"
    path.write_text(MAIN.format(url=url) + "\n".join(sections), encoding="utf-8")
    return path


def _section(number: int, connector: Connector, url: str) -> str:
    way_in = connector.auths[0]
    keys = {
        "kind": connector.kind,
        "name": f"system {number}",
        "auth": way_in.name,
        "calls_per_minute": CALLS_PER_MINUTE,
        "base_url": f"{url}/{connector.kind}/{number}",
        **dict.fromkeys(way_in.secrets, "file:secret"),
        **{name: "1" for name in connector.placeholders if name not in connector.defaults},
    }
    lines = [f"{name} = {json.dumps(value)}" for name, value in keys.items()]
    return "\n".join(["[[system]]", *lines, f'instances = ["{number}"]'])


def flow(number: int, flows: int) -> Flow:
    """A flow that reads of one instance and writes to another."""
    first, second = number % (flows // 2), (7 * number + 1) % (flows // 2)
    return Flow(
        id=str(number),
        name=f"Flow {number}",
        enabled=True,
        deployed=True,
        schedules=("0 */2 * * *",),
        steps=(
            Step(id="1", name="Get", instance_id=str(first), direction=Direction.RECEIVE),
            Step(id="2", name="Put", instance_id=str(second), direction=Direction.SEND),
        ),
    )


def runs_between(since: datetime, until: datetime, now: datetime, flows: int) -> Iterator[Run]:
    """The runs that start in this span, newest first, as they stand at `now`."""
    first = math.ceil(since.timestamp() / APART.total_seconds())
    last = math.ceil(until.timestamp() / APART.total_seconds()) - 1
    for number in range(last, first - 1, -1):
        started_at = datetime.fromtimestamp(number * APART.total_seconds(), UTC)
        ended = started_at + LASTS <= now
        failed = number % 97 == 0
        yield Run(
            id=str(number),
            flow_id=str(number % flows),
            flow_name=f"Flow {number % flows}",
            status=(RunStatus.FAILURE if failed else RunStatus.SUCCESS)
            if ended
            else RunStatus.STARTED,
            started_at=started_at,
            finished_at=started_at + LASTS if ended else None,
            trigger="Schedule",
            received=2 + number % 5 if ended else None,
            sent=3 + number % 7 if ended else None,
        )


def fill(database: Path, now: datetime, flows: int) -> None:
    """A week of runs, their calls and what was left of each system's allowances."""
    store = open_store(database)
    store.db.execute("PRAGMA synchronous = OFF")  # nothing here has to survive a power cut
    told, since = [flow(number, flows) for number in range(flows)], now - timedelta(days=DAYS)
    with store.writing() as db:
        runs.save_runs(db, runs_between(since, now, now, flows))
        cover(db, since, now)
        while count_runs_into_calls(db, told):
            pass
        while call_rollups.roll_up(db):
            pass
        _add_rollups(db, now, flows // 2)
    store.close()


def _add_rollups(db: Database, now: datetime, systems: int) -> None:
    """What surveys every five minutes have left behind."""
    this_hour = readings.hour_of(now)
    names = {
        number: [limit.name for limit in all_connectors()[KINDS[number % len(KINDS)]].limits]
        for number in range(systems)
    }
    rows = (
        (f"system/system {number}", f"limit.remaining.{name}", write_time(hour), 12, 480, 45, 1.0)
        for number in range(systems)
        for name in names[number]
        for hour in (this_hour - timedelta(hours=back) for back in range(1, DAYS * 24))
    )
    sql = (
        "INSERT OR REPLACE INTO rollups"
        " (subject, metric, hour, count, total, busiest, observed) VALUES (?, ?, ?, ?, ?, ?, ?)"
    )
    db.conn.executemany(sql, rows)
