"""Deletes what is known of an order's or a customer's key; hides keys that may be shown no more."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.reconcile_settings import ReconcileSettings
from bot.reconciling.catching import digest_of
from bot.store import Database, Store, loss, reconciliations, striking
from checks.reconcile.showing import Keys
from checks.reconcile.values import key_form, text


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What is gone: `entries` that were about the key, and the key out of `sent` values, of which
    stays that they were received and sent on, and out of `texts`. These are not `searched` for a
    key that means other things too, such as a short number."""

    entries: int
    sent: int
    texts: int
    searched: bool


def forget(store: Store, pairs: Iterable[ReconcileSettings], key: str) -> Forgotten:
    """Delete every difference and tracked value of a key, as any of the systems may write it, and
    strike it out of values that were sent on, which show that nothing was lost, and of the texts
    that are kept, also of incidents that are over.

    A masked key, and one that is not kept at all, is recognised by its digest. A comparison under
    way, and a later one that finds the same difference, stores it again; so does tracked data that
    is read later.
    """
    salt = reconciliations.known_salt(store.db)
    spellings = _spellings(pairs, key)
    digests = {digest_of(each, salt) for each in spellings} if salt is not None else set()
    striking.overwrite_what_is_deleted(store.db)
    with store.writing() as db:
        unsent, sent = loss.forget_tracked(db, spellings)
        entries = unsent + reconciliations.forget_keys(db, digests)
        entries += striking.drop_differences(db, spellings)
        texts = striking.strike_out(db, spellings)
    striking.empty_log(store.db)
    searched = any(map(striking.can_be_searched_for, spellings))
    return Forgotten(entries=entries, sent=sent, texts=texts, searched=searched)


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
