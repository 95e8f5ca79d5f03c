"""Writes down what differs while it is told: keys as they may be shown, in short transactions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from hashlib import blake2b
from types import MappingProxyType

from bot.reconciling.following import follow
from bot.store import Store, reconciliations
from bot.store.reconciliations import Kept, Written
from checks.reconcile.courses import followed
from checks.reconcile.evidence import Compared, Differing
from checks.reconcile.model import KEY, Difference, DifferenceKind, Outcome, Pairing
from checks.reconcile.showing import Keys, show_key, values
from checks.reconcile.values import loose

Limits = Mapping[str, int]
NO_LIMITS: Limits = MappingProxyType({})
AT_ONCE = 500
MOST_KEPT = 200_000
"""Where nothing at all arrived, a list of everything helps nobody."""


def digest_of(key: str, salt: bytes) -> str:
    """What a key is recognised by where it is not kept itself. As "00123" and "123" may be one
    order, they have one digest."""
    return blake2b(loose(key.casefold()).encode(), key=salt, digest_size=16).hexdigest()


def drop_others(store: Store, number: int, batch: int) -> None:
    """Delete what other looks at a period found, in short transactions."""
    left = 1
    while left:
        with store.writing() as db:
            left = reconciliations.drop_some(db, number, batch)


class Catch:
    """The differences of one look. `take` is a sink, called in one thread at a time."""

    def __init__(
        self, store: Store, kept: Kept, keys: Keys, salt: bytes, limits: Limits = NO_LIMITS
    ) -> None:
        """`limits` are those of `limits_of`."""
        self._store, self._keys, self._salt, self._limits = store, keys, salt, limits
        self._number, self._batch = kept.compared.id, kept.looks + 1
        self._waiting: list[Written] = []
        self._written = 0
        self._found: Counter[tuple[DifferenceKind, str]] = Counter()
        self._fingerprint = blake2b(key=salt, digest_size=16)
        self.left_out = 0

    def take(self, difference: Difference) -> None:
        written = self._as_written(difference)
        if difference.is_sure:
            self._found[difference.kind, difference.field] += 1
            self._fingerprint.update(repr(written).encode("utf-8", "replace"))
        if self._written + len(self._waiting) >= MOST_KEPT:
            self.left_out += 1
            return
        self._waiting.append(written)
        if len(self._waiting) == AT_ONCE:
            self._write()

    def keep(self, kept: Kept, outcome: Outcome) -> Compared:
        """What is remembered of the look, in place of the one before it."""
        self._write()
        compared = compared_of(kept.compared, outcome, self._found, self._limits)
        if self.left_out:
            note = f"{self.left_out:,} further differences are counted and not listed"
            compared = replace(compared, notes=(*compared.notes, note))
        follow(self._store, kept, compared, self._batch, self._written, whole=not self.left_out)
        with self._store.writing() as db:
            fingerprint = self._fingerprint.hexdigest() if self._found else ""
            reconciliations.keep(db, compared, self._batch, fingerprint)
        drop_others(self._store, self._number, self._batch)
        return compared

    def _write(self) -> None:
        if self._waiting:
            with self._store.writing() as db:
                reconciliations.add(db, self._number, self._batch, self._written, self._waiting)
            self._written += len(self._waiting)
            self._waiting = []

    def _as_written(self, told: Difference) -> Written:
        """Neither the key nor, where the key itself differs, its values stand there otherwise than
        they may be shown."""
        source, target = told.source_value, told.target_value
        held = digest_of(target, self._salt) if told.field == KEY and target else ""
        if told.field == KEY:
            source, target = values(told, self._keys)
        shown = replace(
            told,
            key=show_key(told.key, self._keys),
            source_value=source,
            target_value=target,
        )
        return Written(difference=shown, digest=digest_of(told.key, self._salt), held_digest=held)


def limits_of(pairing: Pairing) -> Limits:
    """How many signs the target has room for, by the name of the field."""
    return {each.name: each.limit for each in pairing.fields if each.limit is not None}


def compared_of(
    before: Compared,
    outcome: Outcome,
    found: Counter[tuple[DifferenceKind, str]],
    limits: Limits = NO_LIMITS,
) -> Compared:
    """A period after a look at it."""
    look = replace(
        before,
        until=outcome.until,
        looked_at=outcome.looked_at,
        standing=outcome.standing,
        source_records=outcome.source.records,
        target_records=outcome.target.records,
        differing=outcome.records_differing,
        doubtful=sum(outcome.doubtful.values()),
        found=tuple(
            Differing(
                kind=kind,
                field=field,
                count=count,
                limit=limits.get(field) if kind is DifferenceKind.TRUNCATED else None,
            )
            for (kind, field), count in sorted(found.items())
        ),
        looks=outcome.looks,
        doubts=outcome.doubts,
        notes=outcome.notes,
        presence_only=outcome.presence_only,
        blind="",
        blind_at=None,
    )
    return replace(look, courses=followed(before.courses, look))
