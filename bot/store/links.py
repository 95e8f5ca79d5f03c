"""Which Slack account is which person of the settings, as people linked themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from bot.store.columns import read_time, write_time
from bot.store.rows import read
from bot.store.runs import find_snapshot, save_snapshot

ACCOUNTS = "accounts by e-mail"
"""A snapshot."""

SCHEMA = """
CREATE TABLE links (
  user_id TEXT PRIMARY KEY CHECK (user_id <> ''),
  person TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (person <> ''),
  email TEXT NOT NULL COLLATE NOCASE CHECK (email LIKE '%_@_%'),
  linked_at TEXT NOT NULL
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """`email` is the address by which the account and the person were found to be the same; the
    link holds as long as the settings name it for that person."""

    user_id: str
    person: str
    email: str
    linked_at: datetime


def save_link(db: Database, link: Link) -> None:
    """Link an account to a person, in the open transaction; older links of either are undone."""
    db.execute("DELETE FROM links WHERE user_id = ? OR person = ?", [link.user_id, link.person])
    db.execute(
        "INSERT INTO links (user_id, person, email, linked_at) VALUES (?, ?, ?, ?)",
        [link.user_id, link.person, link.email, write_time(link.linked_at)],
    )


def links(db: Database) -> list[Link]:
    """Every link, by user id."""
    return [_read(row) for row in read(db, "SELECT * FROM links ORDER BY user_id")]


def _read(row: Mapping[str, Any]) -> Link:
    return Link(
        user_id=row["user_id"],
        person=row["person"],
        email=row["email"],
        linked_at=read_time(row["linked_at"]),
    )


def save_accounts(db: Database, by_email: Mapping[str, str], now: datetime) -> None:
    """The accounts that Slack told by e-mail, in the place of those of before."""
    save_snapshot(db, ACCOUNTS, now, dict(by_email))


def find_accounts(db: Database) -> dict[str, str]:
    """Slack user ids by e-mail, as Slack told them last."""
    found = find_snapshot(db, ACCOUNTS)
    return dict(found[1]) if found else {}
