"""Values that a flow tracked as received and that were never tracked as sent.

Track-data steps record a value, its direction and its success as records pass:
https://doc.wearepatchworks.com/product-documentation/process-flows/building-process-flows/process-flow-shapes/advanced-shapes/track-data-shape
They exist only where the flow's builder placed them, on both sides or on one.
"""

from __future__ import annotations

from datetime import datetime

from checks.durations import say_duration
from checks.loss.evidence import Tracked
from checks.loss.finding import Finding, Signal, State, Sure, clear, undecided, unseen
from checks.loss.look import Look
from checks.loss.policy import Policy
from checks.model import Level, Measure
from checks.oddities.evidence import Failed
from checks.oddities.strength import chance

KNOWN_FROM = 100  # values; fewer do not tell whether all of them are usually sent
ALL_SENT = 0.01  # at most so many are unsent where all are usually sent
SENDS = 0.5  # more unsent than this: what it receives is usually not tracked as sent


def judge_tracked(look: Look, policy: Policy, now: datetime) -> Finding:
    """D4: exact, where all that is received is usually sent; else by how unusual it is."""
    found = look.tracked
    if look.tracked_blind:
        return undecided(Signal.TRACKED, f"tracked values could not be read: {look.tracked_blind}")
    if found is None or not found.received:
        return unseen(Signal.TRACKED, "it tracked no received values of late")
    if not found.unsent:
        return clear(Signal.TRACKED)
    if _all_are_sent(found.before_unsent, found.before) or _all_are_sent(
        found.before_unsent + found.unsent, found.before + found.received
    ):
        return _missing(look, found, Sure.CERTAIN, now)
    if found.before < KNOWN_FROM:
        return undecided(Signal.TRACKED, "whether all tracked values are sent is not known yet")
    if found.before_unsent > SENDS * found.before:
        return unseen(Signal.TRACKED, "what it tracks as received is usually not tracked as sent")
    odd = chance(
        Failed(
            failed=found.unsent,
            runs=found.received,
            usual_failed=found.before_unsent,
            usual_runs=found.before,
        )
    )
    if odd < policy.chance and found.received >= policy.least_received:
        return _missing(look, found, Sure.LIKELY, now)
    return clear(Signal.TRACKED)


def _all_are_sent(unsent: int, of: int) -> bool:
    """Whether so many values tell that nearly all of them are sent, but for what is lost."""
    return of >= KNOWN_FROM and unsent <= ALL_SENT * of


def _missing(look: Look, found: Tracked, sure: Sure, now: datetime) -> Finding:
    age = say_duration(now - found.since)
    were = "was" if found.unsent == 1 else "were"
    usual = f"{found.before_unsent:,} of {found.before:,}" if found.before else None
    return Finding(
        signal=Signal.TRACKED,
        state=State.TROUBLE,
        sure=sure,
        level=Level.BREACH,
        says=f"{found.unsent:,} of {found.received:,} records that {look.name} received in the "
        f"last {age} {were} not sent within {say_duration(found.lag)}, nor since"
        f"{f'; usually {usual}' if usual else ''}",
        lost=found.unsent,
        since=found.first_at,
        unsent_in=(found.since, found.until),
        measure=Measure(
            label="Tracked and never sent",
            measured=f"{found.unsent:,} of {found.received:,}",
            usual=usual,
        ),
    )
