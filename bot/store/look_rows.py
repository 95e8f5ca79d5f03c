"""How the cheap looks of a comparison stand in the database: counts, sums, freshness."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from checks.reconcile.model import Look, Standing, Summed
from checks.reconcile.values import write_amount


def write_look(look: Look) -> dict[str, Any]:
    """Sums stand there as texts with all their digits."""
    sums = [
        {
            "currency": each.currency,
            "source": None if each.source is None else write_amount(each.source),
            "target": None if each.target is None else write_amount(each.target),
        }
        for each in look.sums
    ]
    return asdict(look) | {"sums": sums}


def read_look(told: dict[str, Any]) -> Look:
    sums = tuple(
        Summed(
            currency=each["currency"],
            source=None if each["source"] is None else Decimal(each["source"]),
            target=None if each["target"] is None else Decimal(each["target"]),
        )
        for each in told.get("sums", ())
    )
    return Look(**told | {"standing": Standing(told["standing"]), "sums": sums})
