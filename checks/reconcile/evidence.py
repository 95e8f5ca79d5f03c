"""What the check of reconciliation is given: the newest look at each period. No keys are in it.

What a check says is kept for years and cannot be changed; keys of orders and customers have a
retention, and can be deleted. So they are looked up where they are shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from checks.reconcile.model import DifferenceKind, Look, Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Differing:
    """So many sure differences of one kind in one field; "" where the whole record is meant. Of
    what is shortened `limit` is how many signs the target is said to have room for."""

    kind: DifferenceKind
    field: str
    count: int
    limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How sure differences of one kind in one field went on over the looks at a period.

    At most `most` were there at a look; the first were found at `found_at`, the last were still
    there at `last_at`, and the look at `made_good_at` found none any more (None: they are there).
    `kind` is None where the totals alone are apart.
    """

    kind: DifferenceKind | None
    field: str
    most: int
    found_at: datetime
    last_at: datetime
    made_good_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One pairing over one period (UTC), as the newest look that succeeded found it.

    `id` is its number in the store. `differing` records surely differ, `doubtful` differences could
    not be settled. `blind` says why the newest look failed ("": it did not), at `blind_at`; where
    none has succeeded yet `looked_at` is None, and nothing else is known. `courses` are what its
    looks found so far: also what was made good since.
    """

    id: int
    pair: str
    entity: str
    source: str
    target: str
    since: datetime
    until: datetime
    looked_at: datetime | None
    standing: Standing = Standing.UNSURE
    source_records: int = 0
    target_records: int = 0
    differing: int = 0
    doubtful: int = 0
    found: tuple[Differing, ...] = ()
    looks: tuple[Look, ...] = ()
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    presence_only: int = 0
    blind: str = ""
    blind_at: datetime | None = None
    courses: tuple[Course, ...] = ()

    @property
    def differed_at(self) -> datetime | None:
        """When it was first found to differ; None: it never was."""
        return min((each.found_at for each in self.courses), default=None)

    @property
    def whole_at(self) -> datetime | None:
        """Since when all that differed is known to be made good; None: it is not, or never was."""
        ends = [each.made_good_at for each in self.courses]
        known = [each for each in ends if each is not None]
        return max(known) if known and len(known) == len(ends) else None

    @property
    def made_good(self) -> tuple[Course, ...]:
        """What differed once and does no more, the gravest first."""
        return tuple(each for each in self.courses if each.made_good_at is not None)

    @property
    def never_arrived(self) -> int:
        """How many records were missing in the target at a look, whether or not they came since."""
        missing = DifferenceKind.MISSING_IN_TARGET
        return sum(each.most for each in self.courses if each.kind is missing)

    @property
    def by_kind(self) -> Mapping[DifferenceKind, int]:
        counted: dict[DifferenceKind, int] = {}
        for each in self.found:
            counted[each.kind] = counted.get(each.kind, 0) + each.count
        return counted


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileEvidence:
    """`zone` is the estate's, by whose clocks periods are named. `flows` are the flow that carries
    a pairing's records, its id and name by the pairing's name, where that is known. `failed` are
    the records that failed runs of that flow tell of while a period was on its way, by the number
    of its reconciliation: they are known, and cost, as failed ones."""

    compared: tuple[Compared, ...] = field(default=())
    zone: tzinfo = UTC
    flows: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    failed: Mapping[int, int] = field(default_factory=dict)
