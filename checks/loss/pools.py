"""De-dupe pools that grow while nothing is delivered.

A pool that takes a record down before the target has accepted it makes every later run skip that
record, and keeps it for 90 days:
https://doc.wearepatchworks.com/product-documentation/process-flows/building-process-flows/process-flow-shapes/advanced-shapes/de-dupe-shape
"""

from __future__ import annotations

from checks.durations import say_duration
from checks.flow_runs.tally import ended_at
from checks.loss.evidence import PoolGrowth
from checks.loss.finding import Finding, Signal, State, Sure, clear, undecided, unseen
from checks.loss.look import Look
from checks.loss.policy import Policy
from checks.model import Level, Measure
from checks.words import plain, say_count

KNOWN_FROM = 20
SENDS = 0.5  # of the runs that receive something; else it is not this flow that delivers


def judge_pools(look: Look, policy: Policy) -> Finding:
    """D7: a pool of the flow gained entries in a time in which its good runs sent nothing."""
    if not look.pools:
        return unseen(Signal.POOL, "no de-dupe pool of it is known")
    norm = look.norm
    if norm is None:
        return undecided(Signal.POOL, "whether it usually sends on is being worked out")
    if norm.fed < KNOWN_FROM or norm.unsent > SENDS * norm.fed:
        return unseen(Signal.POOL, "whether it usually sends what it receives is not known")
    grown = [
        pool
        for pool in look.pools
        if pool.gained >= policy.pool_growth and _delivered_nothing(look, pool)
    ]
    if not grown:
        return clear(Signal.POOL)
    pool = max(grown, key=lambda each: (each.gained, each.id))
    took = say_duration(pool.until - pool.since)
    return Finding(
        signal=Signal.POOL,
        state=State.TROUBLE,
        sure=Sure.POSSIBLE,
        level=Level.EARLY,
        says=f'the de-dupe pool "{plain(pool.name)}" of {look.name} gained '
        f"{pool.gained} entries within {took} while its runs sent nothing",
        since=pool.since,
        measure=Measure(
            label="Pool gained", measured=say_count(pool.gained, "record"), usual="as much as sent"
        ),
    )


def _delivered_nothing(look: Look, pool: PoolGrowth) -> bool:
    """Whether good runs that tell what they sent ended in that time, and none sent anything."""
    sent = [
        run.sent
        for run in look.green
        if run.sent is not None and pool.since <= ended_at(run) <= pool.until
    ]
    return bool(sent) and not any(sent)
