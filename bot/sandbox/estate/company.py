"""The made-up retailer of the sandbox: its systems, its instances of them and its flows."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.sandbox.estate.model import Flow, Instance, System

COMPANY = "Fell & Harbour Outdoors"
POOLS: dict[int, tuple[str, int]] = {61: ("NetSuite concurrency", 5), 62: ("Warehouse", 3)}
"""Connection pools: id to name and the most requests at once."""

_TABLES = Path(__file__).parent / "company_tables"


def _rows(table: str) -> list[dict[str, str]]:
    with (_TABLES / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _instance(row: dict[str, str]) -> Instance:
    number = int(row["id"])
    system = System(
        id=number - 400,
        name=row["system"],
        auth_type=row["auth_type"],
        entry=row["entry"],
        complaint=row["complaint"],
    )
    return Instance(
        id=number,
        name=row["name"],
        system=system,
        rate_limit=int(row["rate_limit"]),
        rate_limit_unit=row["rate_limit_unit"],
        pool_id=int(row["pool_id"]) if row["pool_id"] else None,
    )


def _flow(row: dict[str, str], of_system: dict[str, Instance]) -> Flow:
    return Flow(
        id=int(row["id"]),
        name=row["name"],
        source=of_system[row["source"]],
        target=of_system[row["target"]],
        entity=row["entity"],
        usual=timedelta(seconds=int(row["usual_s"])),
        priority=int(row["priority"]),
        cron=row["cron"] or None,
        recording=row["recording"],
        per_minute=float(row["per_minute"] or 0),
        records_an_hour=int(row["records_an_hour"] or 0),
        per_page=int(row["per_page"] or 50),
        per_call=int(row["per_call"] or 50),
        deployed=row["deployed"] == "yes",
    )


INSTANCES: tuple[Instance, ...] = tuple(_instance(row) for row in _rows("instances"))
_NEW_INSTANCES = tuple(_instance(row) for row in _rows("new_instances"))
_OF_SYSTEM = {instance.system.name: instance for instance in (*INSTANCES, *_NEW_INSTANCES)}
FLOWS: tuple[Flow, ...] = tuple(_flow(row, _OF_SYSTEM) for row in _rows("flows"))
NEW_FLOWS: tuple[Flow, ...] = tuple(
    replace(_flow(row, _OF_SYSTEM), failures=0.0, partials=0.0) for row in _rows("new_flows")
)
"""What the company has only once a scenario brings it. No run of these fails by chance: the books
say what arrives."""
(TO_THE_ERP,) = NEW_FLOWS
"""Takes the shop's orders to Business Central."""
