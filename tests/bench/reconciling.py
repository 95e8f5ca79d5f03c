"""Two lists of orders compared in a process of its own; tells what it cost and what was found.

Arguments: "ours" or "pandas", and how many orders a side.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path

from checks.reconcile.compare import Again, Comparison
from checks.reconcile.model import Difference, Field, Kind, Pairing, Record, Role, Side
from checks.reconcile.window import Window

START = datetime(2026, 11, 21, tzinfo=UTC)
DAY = timedelta(days=1)
WINDOW = Window(since=START, until=START + DAY)
PAGE = 250
LOST, CUT = 300_001, 70_001
"""Every so many-th order never arrives, or arrives with its address cut off."""
LIMIT = 20
PAIRING = Pairing(
    name="orders",
    entity="orders",
    source=Side(system="shop", key_prefix="#"),
    target=Side(system="books"),
    fields=(
        Field(name="total", kind=Kind.MONEY, currency="currency"),
        Field(name="currency"),
        Field(name="lines", kind=Kind.INTEGER),
        Field(name="street", limit=LIMIT),
    ),
)
NAMES = ("total", "currency", "lines", "street")


def orders(number: int, role: Role) -> Iterator[tuple[str, str, str, int, str]]:
    """Key, total, currency, lines, street; the target's come in another order and form."""
    turn = 0 if role is Role.SOURCE else number // 2
    for place in chain(range(turn, number), range(turn)):
        street = f"{place % 977} Long Acre, Floor {place % 13:02}"
        if role is Role.SOURCE:
            yield f"#{place:08}", f"{place % 500}.50", "GBP", place % 7, street
        elif place % LOST:
            cut = street if place % CUT else street[:LIMIT]
            yield f"{place:08}", f"{place % 500}.5000", "GBP", place % 7, cut


def records(number: int, role: Role) -> Iterator[Record]:
    at = START
    for place, (key, *values) in enumerate(orders(number, role)):
        if place % PAGE == 0:
            at = START + DAY * (place / number)
        fields = dict(zip(NAMES, values, strict=True))
        yield Record(key=key, fields=fields, id=key, at=at, changed_at=at)


def ours(number: int) -> tuple[int, int]:
    """How many are missing and how many cut off."""
    found: list[Difference] = []
    with Comparison(PAIRING, WINDOW, read_at=START + 2 * DAY) as comparison:
        for role in Role:
            comparison.add(role, records(number, role))
            comparison.read_whole(role)
        asked = comparison.look()
        again = Again(at=START + 2 * DAY)
        comparison.settle(again if asked else None, found.append)
    missing = sum(each.field == "" for each in found)
    return missing, len(found) - missing


def merged(number: int) -> tuple[int, int]:
    """The same with pandas, as one would write it down; amounts are read as floats."""
    import pandas as pd

    frames = []
    for role in Role:
        frame = pd.DataFrame(orders(number, role), columns=["key", *NAMES])
        frames.append(frame.assign(key=frame.key.str.lstrip("#"), total=frame.total.astype(float)))
    both = frames[0].merge(frames[1], on="key", how="outer", indicator=True)
    matched = both[both["_merge"] == "both"]
    differ = sum((matched[f"{name}_x"] != matched[f"{name}_y"]).sum() for name in NAMES)
    return int((both["_merge"] != "both").sum()), int(differ)


def peak_mb() -> float:
    """The most memory that was ever resident."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def main(how: str, number: int) -> None:
    began = time.process_time()
    missing, cut = (ours if how == "ours" else merged)(number)
    took = time.process_time() - began
    told = {"took": took, "peak_mb": peak_mb(), "missing": missing, "cut": cut}
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
