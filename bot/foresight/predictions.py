"""Warnings ahead of a limit from opening to settlement: what a round makes of them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter

from bot.incidents.events import Settle
from bot.incidents.model import Actor
from bot.inventory import Inventory, find_limits
from bot.rules import Rules
from bot.store import Database, incidents, outbox, predictions, runs
from bot.store.predictions import Prediction
from bot.transitions import settle
from checks.allowances.look import kind_of
from checks.allowances.outlook import likeliest, opening, telling
from checks.allowances.policy import Policy
from checks.allowances.settling import (
    QUIET_BETWEEN,
    Outcome,
    Rerun,
    Settled,
    Warned,
    acts_on,
    is_reached,
)
from checks.allowances.settling import settle as settled_by
from checks.catalogue.rate_limit import subject_and_condition
from checks.limits import Allowance
from checks.model import Foreseen, Level, Verdict

log = logging.getLogger(__name__)

CHECK_NAME = "rate_limit"
BY = Actor(who=CHECK_NAME, via="check")
REACHED = "limits reached"
_REACHED = TypeAdapter(dict[str, datetime])


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a round saw of one limit. `before` is how the last round saw it; `reached`: now, and
    `lately`: within the hours that belong to the same breach."""

    limit: Allowance
    verdict: Verdict
    before: Allowance | None
    reached: bool
    lately: bool


def follow_warnings(
    db: Database,
    limits: Sequence[Allowance],
    verdicts: Sequence[Verdict],
    stock: Inventory | None,
    rules: Rules,
    now: datetime,
) -> None:
    """Settle the warnings that came true, did not, or were averted; count the breaches that none
    preceded; record those that begin.

    Inside the round's write transaction, after its incidents were judged and before what commands
    show of the allowances is kept anew, since that is how the last round saw them.
    """
    policy = rules.policies.get(CHECK_NAME)
    if not isinstance(policy, Policy):
        return
    looks = _look(db, limits, verdicts, policy, now)
    right = _settle_due(db, looks, stock, policy, rules.destination, now)
    for seen in looks.values():
        if seen.reached and not seen.lately and seen.limit.id not in right:
            _count_missed(db, seen, now)
    _record_new(db, looks.values(), policy, now)


def _look(
    db: Database,
    limits: Sequence[Allowance],
    verdicts: Sequence[Verdict],
    policy: Policy,
    now: datetime,
) -> dict[str, Seen]:
    """What was seen of each limit that was judged, by its id; remembers which are reached."""
    known = find_limits(db)
    before = {each.allowance.id: each.allowance for each in known.allowances} if known else {}
    judged = {(each.subject.kind, each.subject.id, each.condition): each for each in verdicts}
    lately = _reached_lately(db, now)
    looks: dict[str, Seen] = {}
    for limit in limits:
        subject, condition = subject_and_condition(limit)
        verdict = judged.get((subject.kind, subject.id, condition))
        if verdict is None or verdict.check != CHECK_NAME:
            continue
        looks[limit.id] = Seen(
            limit=limit,
            verdict=verdict,
            before=before.get(limit.id),
            reached=is_reached(limit, verdict, policy, now),
            lately=limit.id in lately,
        )
    after = lately | {seen.limit.id: now for seen in looks.values() if seen.reached}
    if after:
        runs.save_snapshot(db, REACHED, now, _REACHED.dump_python(after, mode="json"))
    return looks


def _reached_lately(db: Database, now: datetime) -> dict[str, datetime]:
    """When each limit was last seen reached, by its id, of those within the same breach."""
    found = runs.find_snapshot(db, REACHED)
    known = _REACHED.validate_python(found[1]) if found else {}
    return {limit_id: at for limit_id, at in known.items() if now - at <= QUIET_BETWEEN}


def _settle_due(
    db: Database,
    looks: Mapping[str, Seen],
    stock: Inventory | None,
    policy: Policy,
    destination: str,
    now: datetime,
) -> set[str]:
    """Settle what this round decides, and say so; the ids of the limits whose warning was right."""
    right: set[str] = set()
    known = find_limits(db)
    for standing in predictions.open_predictions(db).values():
        seen = looks.get(standing.limit_id)
        incident_id = incidents.incident_at(db, standing.key, standing.opened_at)
        settled = settled_by(
            Warned(
                opened_at=standing.opened_at,
                horizon=standing.horizon,
                told=incident_id is not None and outbox.is_posted(db, incident_id),
                seen_at=known.at if known else None,
            ),
            [now] if seen and seen.reached else [],
            _reruns(seen, stock, now) if seen else [],
            unlikely=policy.unlikely,
            now=now,
        )
        if settled is None:
            continue
        _keep(db, standing, settled)
        if incident_id is not None:
            settle(db, incident_id, Settle(said=settled.sentence), BY, destination, now)
        if settled.outcome is Outcome.HIT:
            right.add(standing.limit_id)
    return right


def _keep(db: Database, standing: Prediction, settled: Settled) -> None:
    predictions.settle(
        db,
        standing.id,
        settled.outcome.value,
        settled.at,
        reason=settled.sentence,
        breached_at=settled.at if settled.outcome is Outcome.HIT else None,
    )
    log.info("the warning of %s was settled: %s", standing.limit_id, settled.outcome)


def _reruns(seen: Seen, stock: Inventory | None, now: datetime) -> Iterator[Rerun]:
    """The forecast that took the place of the last round's, with what people did before it."""
    old, new = seen.before.forecast if seen.before else None, seen.limit.forecast
    if old is None or new is None or old == new or not (old.crossings and new.crossings):
        return
    changes = stock.changes if stock else ()
    yield Rerun(
        at=now,
        before=likeliest(old),
        after=likeliest(new),
        judged=new.skill.forecasts,
        acts=acts_on(seen.limit, seen.before, changes, _callers(seen.limit, stock)),
    )


def _callers(limit: Allowance, stock: Inventory | None) -> frozenset[str]:
    """The ids of the flows that spend it: all of them where it is the whole platform's."""
    ids, whole = set(limit.instance_ids), kind_of(limit) == "platform"
    flows = stock.flows if stock else ()
    return frozenset(flow.id for flow in flows if whole or ids & set(flow.instance_ids))


def _count_missed(db: Database, seen: Seen, now: datetime) -> None:
    """Count a breach that no warning preceded, of a limit that a forecast had an eye on."""
    forecast = seen.limit.forecast
    if forecast is None or not forecast.crossings:
        return
    predictions.record_missed(
        db,
        limit_id=seen.limit.id,
        key=seen.verdict.key,
        system=seen.limit.system,
        breached_at=now,
    )


def _record_new(db: Database, looks: Iterable[Seen], policy: Policy, now: datetime) -> None:
    """Record the warnings that people are told of now and that no open one covers.

    What comes within hours of a breach announces nothing: it is the same breach.
    """
    warning = [seen for seen in looks if _is_warning(seen)]
    if not warning:
        return
    told, standing = incidents.open_alerts(db), predictions.open_predictions(db)
    for seen in warning:
        if seen.verdict.key in told and seen.limit.id not in standing:
            _record(db, seen, policy, now)


def _record(db: Database, seen: Seen, policy: Policy, now: datetime) -> None:
    forecast = seen.limit.forecast
    opened_by = opening(forecast, policy.likely) if forecast else None
    moment = telling(forecast, policy.likely) if forecast else None
    if opened_by is None or moment is None:
        return
    predictions.open_prediction(
        db,
        limit_id=seen.limit.id,
        key=seen.verdict.key,
        system=seen.limit.system,
        opened_at=now,
        horizon=opened_by.horizon,
        chance=opened_by.chance,
        soonest=moment.soonest,
        middle=moment.middle,
        latest=moment.latest,
    )


def _is_warning(seen: Seen) -> bool:
    warns = seen.verdict.level is Level.EARLY and seen.verdict.foreseen is Foreseen.LIKELY
    return warns and not seen.reached and not seen.lately
