"""Links between accounts and people: one account a person, one person an account."""

from __future__ import annotations

import sqlite3

import pytest

from bot.store import links
from bot.store.links import Link, save_link


def linked(store, user_id, person, at, email="a@b.example"):
    with store.writing() as db:
        save_link(db, Link(user_id=user_id, person=person, email=email, linked_at=at))


def pairs(store):
    return {(link.user_id, link.person) for link in links.links(store.db)}


def test_the_newest_link_of_an_account_and_of_a_person_holds(store, noon):
    linked(store, "U1", "Priya", noon)
    linked(store, "U2", "priya", noon)
    assert pairs(store) == {("U2", "priya")}
    linked(store, "U2", "Omar", noon)
    assert pairs(store) == {("U2", "Omar")}


def test_the_database_holds_one_account_a_person(store, noon):
    linked(store, "U1", "Priya", noon)
    with pytest.raises(sqlite3.IntegrityError), store.writing() as db:
        db.execute("INSERT INTO links VALUES ('U2', 'PRIYA', 'a@b.example', '2026')")


def test_a_link_without_an_address_is_not_taken(store, noon):
    with pytest.raises(sqlite3.IntegrityError):
        linked(store, "U1", "Priya", noon, email="@")
