"""What the check of our own sight is given: each source, and since when it cannot be read."""

from __future__ import annotations

from datetime import datetime

from bot import facts
from bot.facts import BlindPart, SystemFacts
from bot.gather import Gathered
from bot.store import Database
from checks.sight import Seen, SightEvidence

PATCHWORKS = "patchworks"
PARTS = ("queue", "flows", "instances", "runs")


def remember_blindness(db: Database, gathered: Gathered) -> None:
    """Since when each part of Patchworks is out of sight; inside a write transaction."""
    before = facts.find_blindness(db)
    parts = {
        part: BlindPart(
            since=before[part].since if part in before else gathered.at,
            why=why,
            refused=part in gathered.refused,
            rejected=part in gathered.rejected,
            looks=before[part].looks + 1 if part in before else 1,
        )
        for part, why in gathered.blind.items()
    }
    facts.save_blindness(db, parts, gathered.at)


def sight(db: Database, now: datetime) -> SightEvidence:
    """Patchworks by its parts, and every configured system."""
    systems = (_system(system) for system in facts.find_systems(db))
    return SightEvidence(sources=(*_patchworks(db, now), *systems))


def _patchworks(db: Database, now: datetime) -> list[Seen]:
    blind, queue = facts.find_blindness(db), facts.find_queue(db)
    last = queue.read_at if queue else None
    return [
        Seen(
            id=PATCHWORKS,
            title="Patchworks",
            part=part,
            seen_at=last if part in blind else now,
            blind_since=blind[part].since if part in blind else None,
            why=blind[part].why if part in blind else "",
            refused=part in blind and blind[part].refused,
            rejected=part in blind and blind[part].rejected,
            looks=blind[part].looks if part in blind else None,
        )
        for part in PARTS
    ]


def _system(system: SystemFacts) -> Seen:
    return Seen(
        id=system.name,
        title=f"{system.name} ({system.title})",
        seen_at=system.seen_at,
        blind_since=system.blind_since,
        why=system.why if system.blind_since else "",
        refused=system.refused,
        rejected=system.rejected,
        resting=system.resting,
        vendor=system.vendor,
    )
