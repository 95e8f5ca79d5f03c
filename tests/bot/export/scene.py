"""A store with something in every table that leaves."""

from __future__ import annotations

import atexit
import json
import shutil
from contextlib import closing
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from bot import inventory
from bot.inventory import Limits
from bot.store import Store, forecasts, open_store, predictions, run_days
from bot.store.columns import write_time
from tests.bot.digest import scene
from tests.bot.slack import forecasts as foreseen

EIGHT = scene.EIGHT
HOSTILE = '=HYPERLINK("http://x","a"),\n"<script>alert(1)</script>" \u2603'


@cache
def made() -> Path:
    """A filled database, made once for all tests of a process."""
    folder = Path(mkdtemp(prefix="seamwatch-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with closing(open_store(folder / "made.db")) as store:
        fill(store)
        store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder / "made.db"


def filled(path: Path) -> Store:
    """A store of its own that is filled already."""
    shutil.copy(made(), path)
    return open_store(path)


def fill(store: Store) -> None:
    """A bad day, its forecasts, one comparison with three differences, and a hostile flow."""
    scene.bad_day(store)
    with store.writing() as db:
        forecasts.save_forecasts(
            db,
            [
                replace(each.allowance.forecast, band=foreseen.BAND)
                for each in foreseen.LIMITS.allowances
                if each.allowance.forecast is not None
            ],
        )
        predictions.open_prediction(
            db,
            limit_id="system/oms/calls",
            key="k",
            system="oms",
            opened_at=EIGHT,
            horizon=scene.DAY,
            chance=0.5,
        )
        for day in (date(2026, 11, 19), date(2026, 11, 20)):
            run_days.save_day(db, run_days.count_day(db, day))
        _compare(db)
        apart = {each.allowance.id: each for each in foreseen.LIMITS.allowances}
        inventory.save_limits(db, Limits(at=foreseen.NOON, allowances=tuple(apart.values())))
        db.execute("UPDATE runs SET flow_name = ? WHERE flow_id = 'f1'", [HOSTILE])
        rolled = ["queue/main", "queue.waiting", write_time(EIGHT.replace(minute=0)), 12, 1.5, 3.0]
        db.execute(
            "INSERT INTO rollups (subject, metric, hour, count, total, busiest, observed)"
            " VALUES (?, ?, ?, ?, ?, ?, 1)",
            rolled,
        )


LOOKS = [
    {"name": "count", "standing": "same", "sentence": "", "source": "", "target": "", "doubt": ""},
    {
        "name": "total",
        "standing": "different",
        "sentence": "",
        "source": "",
        "target": "",
        "doubt": "",
        "sums": [
            {"currency": "EUR", "source": "9.1", "target": None},
            {"currency": "GBP", "source": "12345678901234567.89", "target": "-0.1"},
            {"currency": "JPY", "source": "1000", "target": "0.000000000000000001"},
        ],
    },
]
"""One look from before sums were kept, and one with them."""


def _courses(since: str, until: str) -> list[dict[str, object]]:
    """Three that are missing still, and totals that were apart and are not any more."""
    told = {"found_at": since, "last_at": since}
    return [
        told | {"kind": "missing in target", "field": "", "most": 3, "made_good_at": None},
        told | {"kind": None, "field": "", "most": 1, "made_good_at": until},
    ]


def _compare(db) -> None:
    since, until = write_time(EIGHT - scene.DAY), write_time(EIGHT)
    db.execute(
        "INSERT INTO reconciliations (id, pair, entity, source, target, since, until, first_at,"
        " looked_at, looks, standing, source_records, target_records, differing, batch, totals,"
        " courses, differed_at)"
        " VALUES (7, 'orders', 'orders', 'shop', 'erp', ?, ?, ?, ?, 1, 'different', 1000, 997, 3,"
        " 2, ?, ?, ?)",
        [since, until, until, until, json.dumps(LOOKS), json.dumps(_courses(since, until)), since],
    )
    rows = [
        (7, 1, 1, "missing_in_target", "old", "", None, None),
        (7, 2, 1, "missing_in_target", "1000423", "", None, None),
        (7, 2, 2, "value_differs", "1000424", "total", "0.10", "12345678901234567.89"),
        (7, 2, 3, "value_differs", "1000425", "key", "1000425", "01000425"),
    ]
    for row in rows:
        db.execute(
            "INSERT INTO differences (reconciliation_id, batch, number, kind, key, field,"
            " source_value, target_value, digest, held_digest, doubt)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', '', ?)",
            (*row, "NOT_ASKED_AGAIN" if row[2] == 3 else "NOTHING"),
        )
