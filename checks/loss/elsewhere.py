"""What other checks tell already of a flow, so that the same trouble is not told twice."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from checks.loss.evidence import Told
from checks.loss.finding import Finding, Signal
from checks.loss.look import Look

MOVES_LITTLE = frozenset({Signal.UNSENT, Signal.EMPTY, Signal.LOW_VOLUME, Signal.SILENT})
"""What a stalled queue, a used-up allowance or a dead credential makes of any flow."""
HOURS = frozenset({Signal.EMPTY, Signal.LOW_VOLUME, Signal.SILENT})
"""What is read off whole hours, and so shows trouble for hours after it is over."""
FAILING = ("failing_flow",)
SYSTEM = ("token_expiry", "rate_limit")
STALLED = ("stalled_queue",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """Alerts of other checks, by the kind and id of their subject."""

    about: Mapping[tuple[str, str], tuple[Told, ...]]

    def explains(self, look: Look, troubles: Sequence[Finding]) -> str:
        """The trouble of which these are but symptoms, ready to read; "" when they are their own.

        A flow whose runs fail is told as failing. What was lost by then is not explained away. Of
        hours that moved little, trouble is the reason that stood in them, though it is over now.
        """
        flow = look.flow
        signals = {each.signal for each in troubles}
        since = look.weighed.since if look.weighed and signals <= HOURS else None
        if told := self._told([("flow", flow.flow_id)], FAILING, since):
            return f"its failing runs (#{told.incident})"
        if not signals <= MOVES_LITTLE:
            return ""
        instances = [("instance", each) for each in flow.instance_ids]
        if told := self._told(instances, SYSTEM, since):
            return f"the trouble of its system (#{told.incident})"
        if told := self._told([("flow", flow.flow_id), ("queue", "main")], STALLED, since):
            return f"the stalled queue (#{told.incident})"
        return ""

    def _told(
        self,
        subjects: Iterable[tuple[str, str]],
        checks: Collection[str],
        since: datetime | None,
    ) -> Told | None:
        """What stands, or stood after `since`; the newest first."""
        found = (each for subject in subjects for each in reversed(self.about.get(subject, ())))
        return next((e for e in found if e.check in checks and _stood(e, since)), None)


def _stood(told: Told, since: datetime | None) -> bool:
    return told.until is None or (since is not None and told.until > since)


def look_elsewhere(told: Iterable[Told]) -> Elsewhere:
    about: dict[tuple[str, str], tuple[Told, ...]] = {}
    for each in sorted(told, key=lambda one: (one.incident, one.check)):
        about[each.kind, each.id] = (*about.get((each.kind, each.id), ()), each)
    return Elsewhere(about=about)
