"""What a digest tells of reconciliation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, tzinfo

from bot.digest.facts import Reconciled
from bot.reconcile_settings import ReconcileSettings
from bot.reconciling.behind import all_behind, name_behind
from bot.store import Database, reconciliations
from bot.store.reconciliations import Kept
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
    """Of the periods first compared in this time, as they are known now; None: there are none.

    One sentence a period that differs, by the clocks of `zone`, with its first keys as they may be
    shown; one sentence a pairing of `pairs` of which later periods wait.
    """
    found = reconciliations.between(db, since, until)
    behind = all_behind(db, pairs, zone, until)
    if not found and not behind:
        return None
    different = [each for each in found if _is_different(each.compared)]
    periods = [each.compared for each in found]
    return Reconciled(
        pairs=len({each.pair for each in periods}),
        unsure=len(_unsure(periods)),
        total=sum(max(each.compared.differing, 1) for each in different),
        differences=tuple(
            say(each.compared, zone) + _first_keys(db, each, keys) for each in different
        ),
        behind=tuple(name_behind(each, zone, until) for each in behind),
    )


def _first_keys(db: Database, kept: Kept, keys: Keys) -> str:
    found = reconciliations.differences(db, kept, 2 * NAMED)
    shown = (plain(show_key(each.key, keys)) for each in found if each.is_sure)
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
