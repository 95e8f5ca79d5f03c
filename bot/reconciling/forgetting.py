"""Deletes what is known of an order's or a customer's key; hides keys that may be shown no more."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bot.reconcile_settings import ReconcileSettings
from bot.reconciling.catching import digest_of
from bot.store import Database, Store, loss, reconciliations
from checks.reconcile.showing import Keys
from checks.reconcile.values import key_form, text


def forget(store: Store, pairs: Iterable[ReconcileSettings], key: str) -> int:
    """Delete every difference and tracked value of a key, as any of the systems may write it; how
    many.

    A masked key, and one that is not kept at all, is recognised by its digest. A comparison under
    way, and a later one that finds the same difference, stores it again; so does tracked data that
    is read later.
    """
    salt = reconciliations.known_salt(store.db)
    spellings = _spellings(pairs, key)
    digests = {digest_of(each, salt) for each in spellings} if salt is not None else set()
    with store.writing() as db:
        return reconciliations.forget_keys(db, digests) + loss.forget_tracked(db, spellings)


def _spellings(pairs: Iterable[ReconcileSettings], key: str) -> set[str]:
    """As it was typed, as it is compared, and as each of the systems writes it."""
    found = {key.strip(), text(key)}
    for settings in pairs:
        pairing = settings.pairing()
        for side in (pairing.source, pairing.target):
            common = key_form(pairing, side)(key)
            found |= {common, *(each.asks(common) for each in (pairing.source, pairing.target))}
    return found - {""}


def hide_keys(store: Store, how: Keys) -> int:
    """Have all keys stand in the database only as they may be shown now, in short transactions;
    how many that were. What is masked already cannot be shown in full again."""
    return sum(_until_none_is_left(store, hide, how) for hide in HIDDEN)


HIDDEN = (reconciliations.mask_keys, loss.mask_tracked)


def _until_none_is_left(store: Store, hide: Callable[[Database, Keys], int], how: Keys) -> int:
    total, done = 0, 1
    while done:
        with store.writing() as db:
            done = hide(db, how)
        total += done
    return total
