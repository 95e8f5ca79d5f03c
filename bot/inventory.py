"""What the estate is made of, and how its credentials and allowances stand: kept for commands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from pydantic import TypeAdapter

from bot.store import Database, runs
from checks.credentials import Held
from checks.limits import Allowance
from checks.model import Level
from checks.runs import Changed, Flow, Instance, Pool


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """The flows, instances and pools of Patchworks as last read, at `at`, and what was changed.

    `changes` are of the last days, newest first; `changes_blind` says why the activity log could
    not be read, "" when it could, and `changes_of` how far back they are read (None: not told).
    `owners`, `kinds` and `time_sensitive` are the operator's word: who owns a flow, by flow id,
    which kind of connector an instance is, by instance id, and the ids of the flows a stop of which
    is critical.
    """

    at: datetime
    flows: tuple[Flow, ...] = ()
    instances: tuple[Instance, ...] = ()
    pools: tuple[Pool, ...] = ()
    changes: tuple[Changed, ...] = ()
    changes_blind: str = ""
    owners: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    changes_of: timedelta | None = None
    time_sensitive: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedCredential:
    """A credential of the register with what the newest round said of it."""

    held: Held
    level: Level
    signal: str = ""
    sentence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedAllowance:
    """An allowance with what the newest round said of it."""

    allowance: Allowance
    level: Level
    signal: str = ""
    sentence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """Every credential, as of `at`."""

    at: datetime
    credentials: tuple[JudgedCredential, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Every allowance, as of `at`."""

    at: datetime
    allowances: tuple[JudgedAllowance, ...]


_INVENTORY = TypeAdapter(Inventory)
_REGISTER = TypeAdapter(Register)
_LIMITS = TypeAdapter(Limits)


def save_inventory(db: Database, inventory: Inventory) -> None:
    body = _INVENTORY.dump_python(inventory, mode="json")
    runs.save_snapshot(db, "inventory", inventory.at, body)


def find_inventory(db: Database) -> Inventory | None:
    """None before the first round that could read the flows."""
    text = runs.find_snapshot_text(db, "inventory")
    return _read_inventory(text) if text else None


def save_register(db: Database, register: Register) -> None:
    body = _REGISTER.dump_python(register, mode="json")
    runs.save_snapshot(db, "register", register.at, body)


def find_register(db: Database) -> Register | None:
    """None before the first round."""
    text = runs.find_snapshot_text(db, "register")
    return _read_register(text) if text else None


def save_limits(db: Database, limits: Limits) -> None:
    runs.save_snapshot(db, "limits", limits.at, _LIMITS.dump_python(limits, mode="json"))


def find_limits(db: Database) -> Limits | None:
    """None before the first round."""
    text = runs.find_snapshot_text(db, "limits")
    return _read_limits(text) if text else None


# Between two rounds the same is read for every command and message, and a large estate is long.
@lru_cache(maxsize=2)
def _read_inventory(text: str) -> Inventory:
    return _INVENTORY.validate_json(text)


@lru_cache(maxsize=2)
def _read_register(text: str) -> Register:
    return _REGISTER.validate_json(text)


@lru_cache(maxsize=2)
def _read_limits(text: str) -> Limits:
    return _LIMITS.validate_json(text)
