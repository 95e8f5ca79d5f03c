"""Odd flow: the runs of a flow take longer, fail more often, or queue deeper than is usual.

What goes wrong: a system grows slower week by week, a flow carries more in each call, one record in
ten is refused. Nothing stops, so nobody looks, until the peak finds it at its limit.

Who suffers: nobody yet. That is why it is told early, and never as more than that.

How early we can know: with the second odd hour for what is sudden, within about two days for what
creeps, with the hour's end for failures. At least seven days must be known. What another check
tells already (a failing flow, a used-up allowance, a stalled queue) is explained by it and not told
again; volumes are the forecast's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from checks.failures import FlowRuns
from checks.model import Level, Subject, Verdict
from checks.oddities.elsewhere import Elsewhere, look_elsewhere
from checks.oddities.evidence import FlowHours, OddEvidence, Oddity, Weighed
from checks.oddities.facts import (
    FACTS,
    facts,
    instance_facts,
    measures,
    queue_facts,
    queue_measures,
)
from checks.oddities.look import Look, Together, shared, slow_together
from checks.oddities.policy import Policy
from checks.oddities.strength import Strength, failing, strength
from checks.oddities.words import say_deep, say_failing, say_slow, say_together
from checks.registry import Check
from checks.words import say_count

__all__ = ["CHECK", "FACTS", "Policy", "judge"]

CHECK_NAME = "odd_flow"
CONDITION = "odd"
ALL_FLOWS = Subject(kind="flows", id="all", name="the flows")
QUEUE = Subject(kind="queue", id="main", name="the run queue")


def judge(evidence: OddEvidence, policy: Policy, now: datetime) -> tuple[Verdict, ...]:
    """One verdict a flow of which enough is known, one an instance with several flows, one for the
    queue, and one that says of how many flows too little is known; that is UNKNOWN while it is so.
    """
    weighed = evidence.weighed
    if weighed is None or now - weighed.until > policy.fresh:
        return (_usual_known("What is usual has not been worked out of late.", Level.UNKNOWN),)
    return tuple(_judge_all(evidence, weighed, policy, now))


def _judge_all(
    evidence: OddEvidence, weighed: Weighed, policy: Policy, now: datetime
) -> Iterator[Verdict]:
    hours = {each.flow_id: each for each in weighed.flows}
    ran = [flow for flow in evidence.failures.flows if flow.flow_id in hours]
    looks = [_look(flow, hours[flow.flow_id], policy) for flow in ran]
    known = sorted((look for look in looks if look.is_known), key=lambda look: look.flow.flow_id)
    elsewhere = look_elsewhere(evidence, now)
    own = [look for look in known if not elsewhere.slow(look.flow)]
    together = slow_together(own, evidence, policy)
    for each in together:
        yield _instance_verdict(each)
    for look in known:
        yield _flow_verdict(look, elsewhere, together, weighed.until)
    if weighed.queue is not None:
        yield _queue_verdict(weighed.queue, elsewhere, policy, weighed.until)
    yield _learning(len(looks) - len(known), weighed)


def _look(flow: FlowRuns, hours: FlowHours, policy: Policy) -> Look:
    least = policy.least_slower.total_seconds()
    return Look(
        flow=flow,
        hours=hours,
        slow=strength(hours.slow, policy, least=least) if hours.slow else Strength.NONE,
        failing=failing(hours.failing, policy) if hours.failing else Strength.NONE,
    )


def _flow_verdict(
    look: Look, elsewhere: Elsewhere, together: Sequence[Together], until: datetime
) -> Verdict:
    signal, level, sentence, explained = _calm(look)
    if look.failing.is_odd and look.hours.failing:
        signal, sentence = "failing", say_failing(look.name, look.hours.failing)
        level, explained = Level.EARLY, elsewhere.failing(look.flow)
    elif look.slow.is_odd and look.hours.slow:
        signal, sentence = "slower", say_slow(look.name, look.hours.slow, look.slow, until)
        level, explained = Level.EARLY, elsewhere.slow(look.flow) or shared(look, together)
    if explained:
        level, sentence = Level.UNKNOWN, f"That {look.name} is odd is explained by {explained}."
    return Verdict(
        check=CHECK_NAME,
        condition=CONDITION,
        subject=Subject(kind="flow", id=look.flow.flow_id, name=look.name),
        level=level,
        signal=signal,
        sentence=sentence,
        measures=measures(look),
        explained_by=explained,
        facts=facts(look, signal),
    )


def _calm(look: Look) -> tuple[str, Level, str, str]:
    """What is said of a flow that is not odd, or not clearly so; nothing explains it."""
    if Strength.PERHAPS in (look.slow, look.failing):
        says = f"{look.name} is not quite as usual, which is not decided yet."
        return "undecided", Level.UNKNOWN, says, ""
    return "clear", Level.OK, f"{look.name} is as usual.", ""


def _instance_verdict(each: Together) -> Verdict:
    """An instance whose flows are slow together, or are no more."""
    signal = "together" if each.looks else "clear"
    return Verdict(
        check=CHECK_NAME,
        condition=CONDITION,
        subject=Subject(kind="instance", id=each.instance.id, name=each.name),
        level=Level.EARLY if each.looks else Level.OK,
        signal=signal,
        sentence=say_together(each),
        facts=instance_facts(each, signal),
    )


def _queue_verdict(
    oddity: Oddity, elsewhere: Elsewhere, policy: Policy, until: datetime
) -> Verdict:
    deep = strength(oddity, policy, least=policy.least_deeper)
    signal, level, explained = "clear", Level.OK, ""
    sentence = "About as many runs wait in the queue as usually do."
    if deep is Strength.PERHAPS:
        signal, level = "undecided", Level.UNKNOWN
        sentence = "The queue is not quite as deep as usual, which is not decided yet."
    if deep.is_odd:
        signal, sentence, explained = "deeper", say_deep(oddity, deep, until), elsewhere.queue()
        level = Level.EARLY
    if explained:
        level, sentence = Level.UNKNOWN, f"That the queue is deep is explained by {explained}."
    return Verdict(
        check=CHECK_NAME,
        condition=CONDITION,
        subject=QUEUE,
        level=level,
        signal=signal,
        sentence=sentence,
        measures=queue_measures(oddity, deep),
        explained_by=explained,
        facts=queue_facts(oddity, deep, signal),
    )


def _learning(missing: int, weighed: Weighed) -> Verdict:
    if not missing and weighed.queue is not None:
        return _usual_known("What is usual is known.", Level.OK)
    what = say_count(missing, "flow") if missing else "the queue"
    age = weighed.until - weighed.known_since if weighed.known_since else timedelta(0)
    return _usual_known(
        f"What is usual for {what} is not known yet: that takes seven days with runs at the same "
        f"time of day, and what is known goes back {say_count(age.days, 'day')}.",
        Level.UNKNOWN,
    )


def _usual_known(sentence: str, level: Level) -> Verdict:
    """It never opens: nothing is wrong, and what is not known is said where somebody asks."""
    signal = "clear" if level is Level.OK else "unseen"
    return Verdict(
        check=CHECK_NAME,
        condition="known",
        subject=ALL_FLOWS,
        level=level,
        signal=signal,
        sentence=sentence,
        facts=dict.fromkeys(FACTS) | {"signal": signal},
    )


CHECK = Check(
    name=CHECK_NAME,
    title="Odd flow",
    judge=judge,
    policy=Policy,
    runbook="odd-flow",
    needs="oddities",
)
