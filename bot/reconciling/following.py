"""Remembers of single differences since when they are there, and when they were made good."""

from __future__ import annotations

from collections.abc import Callable

from bot.store import Database, Store, followed
from bot.store.followed import Looks
from bot.store.reconciliations import Kept
from checks.reconcile.evidence import Compared
from checks.reconcile.model import Standing


def follow(
    store: Store, before: Kept, look: Compared, batch: int, written: int, *, whole: bool
) -> None:
    """Put what a look wrote down beside what the one before it found, in short transactions.

    A difference that both found is as old as the first; one that only the first found is made good,
    unless the new look has doubts, or was not written down as a `whole`: then it is not known. To
    be called before the new look counts; done twice, it comes to the same.
    """
    if look.looked_at is None:
        return
    looks = Looks(number=look.id, before=before.batch, batch=batch, at=look.looked_at)
    _in_parts(store, written, lambda db, first: followed.grow_old(db, looks, first))
    if whole and (look.standing is Standing.SAME or not look.doubts):
        known = followed.written_in(store.db, look.id, before.batch)
        _in_parts(store, known, lambda db, first: followed.make_good(db, looks, first))


def _in_parts(store: Store, rows: int, work: Callable[[Database, int], None]) -> None:
    for first in range(0, rows, followed.AT_ONCE):
        with store.writing() as db:
            work(db, first)
