"""Two lists of records compared in little memory: spread by key over parts on disk, part by part.

Every record is put into one of 128 parts by the hash of its key, as it is read. `look` then takes
part by part, where plain equality settles nearly all, and keeps what differs. Keys that differ are
asked for again by whoever reads, and `settle` judges them with what is there by then: while data
changes, a list read page by page shows some records twice, some old and some never.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Self
from zlib import crc32

from checks.reconcile.classes import Lengths
from checks.reconcile.judge import Asked, Judge
from checks.reconcile.model import Difference, Kind, Outcome, Pairing, Record, Role
from checks.reconcile.outcome import Reckoning, Sink
from checks.reconcile.rows import GROUP, KEYED, VALUES, WITHIN, Plain, Row, Rows
from checks.reconcile.spill import Spill
from checks.reconcile.window import Window
from checks.words import plain

PARTS = 128
WHY_FITS = 200
CROWD = 1000
"""More records than these with one key are not looked at: such a key identifies nothing."""
Keyed = Mapping[str, Sequence[Record]]
NOTHING: list[Plain] = []
Group = tuple[list[Plain], list[Plain]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """What each side told when asked for single keys, at `at` (UTC) or later.

    By common key, from all places of the side; an empty list says that it is not there. A key that
    is not among them was not asked for, or no answer came; `why` says why not.
    """

    at: datetime
    source: Keyed = field(default_factory=dict)
    target: Keyed = field(default_factory=dict)
    why: str = ""

    def told(self, role: Role) -> Keyed:
        return self.source if role is Role.SOURCE else self.target


class Comparison:
    """One pairing over one window. Takes records in any order, and again as often as pages repeat.

    `add` and `read_whole` while reading, then `look`, then `settle`, each once; `close` at the end.
    Blocking, and for one thread at a time.
    """

    def __init__(
        self,
        pairing: Pairing,
        window: Window,
        *,
        read_at: datetime,
        folder: Path | None = None,
        salt: bytes | None = None,
    ) -> None:
        """`read_at` (UTC) is when the reading begins: what changes later may be read in between.

        `folder` holds about 100 bytes a record until the end; none: the system's folder for
        temporary files, which on some machines is memory. `salt` makes digests of personal values
        worthless elsewhere; none: a new one.
        """
        salt = salt or secrets.token_bytes(16)
        self._read_at = read_at
        self._pairing, self._window = pairing, window
        self._rows = {role: Rows(pairing, window, role, salt) for role in Role}
        self._spills = {role: Spill(folder) for role in Role}
        self._differing = Spill(folder)
        self._reckoning = Reckoning(pairing)
        self._lengths = Lengths()
        self._texts = {field.name for field in pairing.fields if field.kind is Kind.TEXT}
        self._judge = Judge(pairing=pairing, settle=window.settle, lengths=self._lengths)
        self._crowded: set[Role] = set()
        self._unasked = 0
        self._unread = [(role, place) for role in Role for place in pairing.side(role).places]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        for spill in (*self._spills.values(), self._differing):
            spill.close()

    def add(self, role: Role, records: Iterable[Record]) -> None:
        """Takes in a page."""
        add = self._spills[role].add
        for row in self._rows[role].make(records):
            add(crc32(row[GROUP].encode()) % PARTS, row)

    def read_whole(self, role: Role, place: str = "") -> None:
        """Says that a list was read to its end; until then the outcome is not sure."""
        self._unread.remove((role, place or self._pairing.side(role).place))

    def look(self) -> tuple[str, ...]:
        """Finds what differs; gives the keys to ask both sides for again, what may be lost first.
        What differs in dated records that have long not changed is sure without asking. What only
        the target shows comes last: where it lists by change, that may be any older record."""
        lost: list[str] = []
        other: list[str] = []
        unexpected: list[str] = []
        asked = Asked(at=self._read_at)
        parts = set[int]().union(*(spill.parts() for spill in self._spills.values()))
        for part in sorted(parts):
            for source, target in self._unequal(part):
                ours, theirs = [Row(*row) for row in source], [Row(*row) for row in target]
                judged = self._judge.judge(ours, theirs, asked)
                if not judged.differences:
                    self._reckoning.judged(judged)
                    continue
                self._differing.add(0, (source, target))
                self._see_lengths(judged.differences)
                keys = lost if not target else other if source else unexpected
                doubtful = any(not each.is_sure for each in judged.differences)
                if doubtful and len(keys) <= self._pairing.asked:
                    keys += sorted({row.key for row in (*ours, *theirs)})
        found = [*lost, *other, *unexpected]
        self._unasked = max(0, len(found) - self._pairing.asked)
        return tuple(found[: self._pairing.asked])

    def settle(self, again: Again | None, sink: Sink) -> Outcome:
        """Judges what differs, with what was told again, and tells every difference to `sink`."""
        for source, target in self._differing.read(0):
            ours, asked_ours = self._renewed(Role.SOURCE, source, target, again)
            theirs, asked_theirs = self._renewed(Role.TARGET, source, target, again)
            sides = frozenset(asked_ours | asked_theirs)
            at = again.at if again is not None and len(sides) == len(Role) else self._read_at
            judged = self._judge.judge(ours, theirs, Asked(at=at, sides=sides))
            self._reckoning.judged(judged, sink)
        why = again.why if again is not None else ""
        if self._unasked and not why:
            why = f"at most {self._pairing.asked:,} keys are asked for again at a time"
        return self._reckoning.outcome(
            self._window, self._read_at, self._shortcomings(), self._notes(), plain(why, WHY_FITS)
        )

    def _unequal(self, part: int) -> Iterator[Group]:
        """The groups that are not plainly the same; what is the same is added up."""
        source, target = (self._grouped(role, part) for role in Role)
        same: list[tuple[Plain, Plain]] = []
        unequal: list[str] = []
        for group, ours in source.items():
            theirs = target.get(group, NOTHING)
            if _are_same(ours, theirs):
                same.append((ours[0], theirs[0]))
            else:
                unequal.append(group)
        unequal += target.keys() - source.keys()
        within = [pair for pair in same if pair[0][WITHIN]]
        self._reckoning.same([ours for ours, _ in within], [theirs for _, theirs in within])
        for group in sorted(unequal):
            yield source.get(group, []), target.get(group, [])

    def _grouped(self, role: Role, part: int) -> dict[str, list[Plain]]:
        groups: defaultdict[str, list[Plain]] = defaultdict(list)
        for row in self._spills[role].read(part):
            group = groups[row[GROUP]]
            if len(group) < CROWD:
                group.append(row)
            else:
                self._crowded.add(role)
        return groups

    def _see_lengths(self, differences: Iterable[Difference]) -> None:
        for each in differences:
            if each.field in self._texts and each.source_value and each.target_value:
                self._lengths.see(each.field, each.source_value, each.target_value)

    def _renewed(
        self, role: Role, source: list[Plain], target: list[Plain], again: Again | None
    ) -> tuple[list[Row], set[Role]]:
        """The rows of a group on one side: as told again where all of its keys were asked for."""
        told = again.told(role) if again else {}
        keys = {row[KEYED] for row in (*source, *target)}
        if keys <= told.keys():
            records = [record for key in sorted(keys) for record in told[key]]
            return [Row(*row) for row in self._rows[role].make(records)], {role}
        read = source if role is Role.SOURCE else target
        return [Row(*row) for row in read], set()

    def _shortcomings(self) -> Iterator[str]:
        for role, place in self._unread:
            where = plain(self._pairing.side(role).system) + (f" ({plain(place)})" if place else "")
            yield f"{self._pairing.entity} of {where} were not read to the end"
        for role in sorted(self._crowded):
            system = plain(self._pairing.side(role).system)
            yield f"more than {CROWD:,} {self._pairing.entity} of {system} share a key"

    def _notes(self) -> Iterator[str]:
        for role, rows in self._rows.items():
            if rows.lacks_keys:
                system = plain(self._pairing.side(role).system)
                yield f"some {self._pairing.entity} of {system} have no key and were left out"


def _are_same(ours: list[Plain], theirs: list[Plain]) -> bool:
    if not len(ours) == 1 == len(theirs):
        return False
    row, held = ours[0], theirs[0]
    return row[VALUES] == held[VALUES] and row[KEYED] == held[KEYED]
