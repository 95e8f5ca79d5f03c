"""What a digest tells of reconciliation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from itertools import islice

from bot.digest.facts import Reconciled
from bot.reconcile_settings import ReconcileSettings
from bot.reconciling.behind import all_behind, name_behind
from bot.store import Database, reconciliations
from bot.store.followed import keys_made_good
from bot.store.reconciliations import Kept
from checks.reconcile.courses import say_mended
from checks.reconcile.evidence import Compared
from checks.reconcile.model import Standing
from checks.reconcile.sentences import say
from checks.reconcile.showing import Keys, show_key
from checks.words import plain

NAMED = 3
"""So many keys of a period are named."""


def reconciled(
    db: Database,
    since: datetime,
    until: datetime,
    keys: Keys,
    zone: tzinfo = UTC,
    pairs: Sequence[ReconcileSettings] = (),
) -> Reconciled | None:
    """Of the periods first compared in this time, or found to differ, or made good, as they are
    known now; None: there are none.

    One sentence a period that differs, by the clocks of `zone`, and one a pairing whose periods did
    and are whole by now, each with its first keys as they may be shown; one a pairing of `pairs` of
    which later periods wait.
    """
    found = reconciliations.between(db, since, until)
    behind = all_behind(db, pairs, zone, until)
    if not found and not behind:
        return None
    different = [each for each in found if _is_different(each.compared)]
    periods = [each.compared for each in found]
    mended = [each for each in periods if each.whole_at is not None]
    return Reconciled(
        pairs=len({each.pair for each in periods}),
        unsure=len(_unsure(periods)),
        total=sum(max(each.compared.differing, 1) for each in different),
        mended_total=_made_good([*(each.compared for each in different), *mended]),
        differences=tuple(
            say(each.compared, zone) + _first_keys(db, each, keys) for each in different
        ),
        mended=tuple(
            say_mended(told, zone) + _first_mended(db, told, keys) for told in _by_pair(mended)
        ),
        behind=tuple(name_behind(each, zone, until) for each in behind),
    )


def _made_good(periods: Iterable[Compared]) -> int:
    return sum(course.most for each in periods for course in each.made_good)


def _by_pair(periods: Iterable[Compared]) -> list[list[Compared]]:
    found: dict[tuple[str, str], list[Compared]] = {}
    for each in periods:
        found.setdefault((each.pair, each.entity), []).append(each)
    return list(found.values())


def _first_keys(db: Database, kept: Kept, keys: Keys) -> str:
    """Those of what is missing before those of what is otherwise."""
    found = (each.key for each in reconciliations.differences(db, kept, sure=True))
    return _among_them(islice(found, 2 * NAMED), keys)


def _first_mended(db: Database, periods: Iterable[Compared], keys: Keys) -> str:
    numbers = [each.id for each in periods]
    return _among_them(keys_made_good(db, numbers, 2 * NAMED), keys)


def _among_them(found: Iterable[str], keys: Keys) -> str:
    shown = (plain(show_key(each, keys)) for each in found)
    named = list(dict.fromkeys(filter(None, shown)))[:NAMED]
    return f" Among them: {', '.join(named)}." if named else ""


def _is_different(each: Compared) -> bool:
    return each.looked_at is not None and each.standing is Standing.DIFFERENT


def _unsure(found: Iterable[Compared]) -> set[str]:
    """The pairings of which some period is neither known to be whole nor to differ."""
    return {
        each.pair
        for each in found
        if not _is_different(each) and (each.blind or each.standing is Standing.UNSURE)
    }
