"""From what single keys came to, to what the whole comparison came to."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from checks.reconcile.judge import Judged
from checks.reconcile.looks import looks_of
from checks.reconcile.model import (
    Difference,
    DifferenceKind,
    Doubt,
    Outcome,
    Pairing,
    Role,
    Standing,
)
from checks.reconcile.rows import Plain
from checks.reconcile.tally import Adding
from checks.reconcile.window import Window
from checks.words import say_count

PLURAL = {
    Doubt.CHANGED_LATELY: "they were changed so lately that they may still be on their way",
    Doubt.SEEN_CHANGING: "they were seen changing while the lists were read",
    Doubt.NOT_ASKED_AGAIN: "they could not be asked for again one by one",
}
Sink = Callable[[Difference], None]


class Reckoning:
    """Adds up judged keys. Every difference goes to the sink; a few of each kind are kept."""

    def __init__(self, pairing: Pairing) -> None:
        self._pairing = pairing
        self.adding = {role: Adding(pairing, role) for role in Role}
        self._sure: Counter[DifferenceKind] = Counter()
        self._doubtful: Counter[DifferenceKind] = Counter()
        self._doubts: Counter[Doubt] = Counter()
        self._listed: defaultdict[tuple[DifferenceKind, bool], list[Difference]]
        self._listed = defaultdict(list)
        self._records_sure = self._records_doubtful = self._presence_only = 0

    def same(self, source: Sequence[Plain], target: Sequence[Plain]) -> None:
        """Records that are the same on both sides."""
        self.adding[Role.SOURCE].add(source, len(source))
        self.adding[Role.TARGET].add(target, len(target))

    def judged(self, judged: Judged, sink: Sink | None = None) -> None:
        for role, share in judged.shares.items():
            self.adding[role].add(share.rows, share.records, share.repeats)
        self._presence_only += judged.presence_only
        for difference in judged.differences:
            self._keep(difference)
            if sink is not None:
                sink(difference)
        keys = {each.key for each in judged.differences}
        sure = {each.key for each in judged.differences if each.is_sure}
        self._records_sure += len(sure)
        self._records_doubtful += len(keys - sure)

    def _keep(self, difference: Difference) -> None:
        (self._sure if difference.is_sure else self._doubtful)[difference.kind] += 1
        if not difference.is_sure:
            self._doubts[difference.doubt] += 1
        kept = self._listed[difference.kind, difference.is_sure]
        if len(kept) < self._pairing.listed:
            kept.append(difference)

    def outcome(
        self,
        window: Window,
        looked_at: datetime,
        shortcomings: Iterable[str],
        notes: Iterable[str],
        unasked: str = "",
    ) -> Outcome:
        """`shortcomings` are why the whole may be wrong; `notes` are for people; `unasked` says why
        some keys were not asked for again."""
        source, target = (self.adding[role].tally() for role in Role)
        reasons = tuple(shortcomings)
        standing = self._standing(source.records, whole=not reasons)
        if left := self._records_doubtful:
            why = self._why_unsettled(unasked)
            reasons += (f"{say_count(left, 'record')} could not be settled: {why}",)
        return Outcome(
            pairing=self._pairing.name,
            entity=self._pairing.entity,
            since=window.since,
            until=window.until,
            looked_at=looked_at,
            source=source,
            target=target,
            sure=dict(self._sure),
            doubtful=dict(self._doubtful),
            records_differing=self._records_sure,
            listed=self._shown(),
            presence_only=self._presence_only,
            looks=looks_of(self._pairing, source, target, exact=not reasons, lag=window.margin),
            doubts=reasons,
            notes=tuple(notes),
            standing=standing,
        )

    def _why_unsettled(self, unasked: str) -> str:
        """The reason that holds for most of them."""
        doubt, _ = self._doubts.most_common(1)[0]
        return unasked if doubt is Doubt.NOT_ASKED_AGAIN and unasked else PLURAL[doubt]

    def _standing(self, of: int, *, whole: bool) -> Standing:
        """A loss that is sure is one in spite of all doubts; without one, doubts leave it open."""
        tolerance = self._pairing.tolerance
        if not tolerance.allows(self._records_sure, of):
            return Standing.DIFFERENT
        may_differ = self._records_sure + self._records_doubtful
        return Standing.SAME if whole and tolerance.allows(may_differ, of) else Standing.UNSURE

    def _shown(self) -> tuple[Difference, ...]:
        """The sure before the doubtful, kinds in their order, of each kind at most `listed`."""
        shown: list[Difference] = []
        for kind in DifferenceKind:
            both = self._listed[kind, True] + self._listed[kind, False]
            shown += sorted(both[: self._pairing.listed], key=lambda each: (each.key, each.field))
        return tuple(sorted(shown, key=lambda each: not each.is_sure))
