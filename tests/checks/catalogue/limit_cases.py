"""Builders for the tests of allowances: a retailer's systems at one Monday morning."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from checks.catalogue.rate_limit import Policy, judge
from checks.declare import Cause, Shape, Whose
from checks.failures import Failure, FailureEvidence, FlowRuns, InstanceName
from checks.limits import Allowance, LimitEvidence, Pace, SizeFrom, Spend
from checks.model import Level, Verdict
from checks.runs import Run, RunStatus
from forecasting.usual import Spread, Usual

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)  # a Monday
NAMES = {"1": "Dispatch to ShipStation", "2": "Stock to ShipStation", "3": "Returns"}
SHIPSTATION = InstanceName(
    id="702", name="ShipStation UK", system="ShipStation", kind="shipstation"
)
SHOPIFY = InstanceName(id="703", name="Shop UK", system="Shopify", kind="shopify")
INSTANCES = {each.id: each for each in (SHIPSTATION, SHOPIFY)}
USUAL = Usual(middle=12, high=20, hours=4, basis="Mondays at this hour")
WARNED = RunStatus.PARTIAL_SUCCESS
TOO_MANY = "HTTP 429 Too Many Requests"


def s(amount: float) -> timedelta:
    return timedelta(seconds=amount)


def m(amount: float) -> timedelta:
    return timedelta(minutes=amount)


def h(amount: float) -> timedelta:
    return timedelta(hours=amount)


def d(amount: float) -> timedelta:
    return timedelta(days=amount)


@dataclass(frozen=True, kw_only=True)
class Case:
    limit: Allowance
    level: Level
    signal: str
    says: str
    flows: tuple[FlowRuns, ...] = ()
    in_: timedelta | None = None


A_MINUTE = m(1)
SIX_HOURS = h(6)
FIVE_MINUTES = m(5)
TEN_SECONDS = s(10)


def allowance(
    used: float | None = None,
    size: float | None = 40,
    per: timedelta | None = A_MINUTE,
    *,
    id: str = "system/shipping/calls",  # noqa: A002 (the field's own name)
    shape: Shape = Shape.WINDOW,
    whose: Whose = Whose.SHARED,
    seen: timedelta = TEN_SECONDS,
    resets_in: timedelta | None = None,
    instances: tuple[str, ...] = ("702",),
    unit: str = "calls",
    worst: float | None = None,
    derived: bool = False,
    usual: Usual | None = USUAL,
    spends: tuple[Spend, ...] = (),
    pace: Pace | None = None,
    time_sensitive: bool = False,
    blind: str = "",
    name: str = "calls",
    system: str = "ShipStation",
) -> Allowance:
    """ShipStation's 40 calls a minute, read ten seconds ago from a quota that others share."""
    return Allowance(
        id=id,
        system=system,
        name=name,
        shape=shape,
        unit=unit,
        at=NOW - seen,
        size=size,
        per=per,
        used=used,
        worst=worst,
        resets_at=None if resets_in is None else NOW + resets_in,
        size_from=SizeFrom.NOBODY if size is None else SizeFrom.READ,
        whose=whose,
        derived=derived,
        usual=usual,
        spends=spends,
        pace=pace,
        instance_ids=instances,
        system_kind="shipstation",
        time_sensitive=time_sensitive,
        blind=blind,
    )


def spend(amount: float, flow: str = "1") -> Spend:
    return Spend(flow_id=flow, flow_name=NAMES[flow], amount=amount)


def pace(lately: float, *, runs: int = 5, usually: float = 1, count: int = 200) -> Pace:
    """Seconds an operation takes; usually half of what 19 in 20 stay under."""
    usual = Spread(count=count, p50=s(usually / 2), p95=s(usually), p99=s(usually * 2))
    return Pace(lately=lately, runs=runs, usual=usual)


def refusal(
    run: str,
    flow: str = "1",
    *,
    ago: timedelta = FIVE_MINUTES,
    status: RunStatus = RunStatus.FAILURE,
    instance: str = "702",
    cause: Cause = Cause.LIMIT,
    line: str = TOO_MANY,
) -> Failure:
    return Failure(
        run_id=run,
        flow_id=flow,
        at=NOW - ago,
        status=status,
        cause=cause,
        line=line,
        instance_id=instance,
    )


def ended(
    run: str,
    flow: str = "1",
    *,
    ago: timedelta = FIVE_MINUTES,
    status: RunStatus = RunStatus.SUCCESS,
) -> Run:
    return Run(
        id=run,
        flow_id=flow,
        flow_name=NAMES[flow],
        status=status,
        started_at=NOW - ago - s(30),
        finished_at=NOW - ago,
    )


def flow(
    *failures: Failure,
    id: str = "1",  # noqa: A002 (the field's own name)
    instances: tuple[str, ...] = ("702",),
    good: int = 0,
    other: tuple[Run, ...] = (),
) -> FlowRuns:
    """A flow with these failed runs, and so many good ones in the last minutes."""
    bad = tuple(ended(each.run_id, id, ago=NOW - each.at, status=each.status) for each in failures)
    well = tuple(ended(f"g{number}", id, ago=m(number + 1)) for number in range(good))
    runs = sorted((*bad, *well, *other), key=lambda run: run.started_at, reverse=True)
    return FlowRuns(
        flow_id=id,
        flow_name=NAMES[id],
        runs=tuple(runs),
        failures=failures,
        instance_ids=instances,
    )


def failures(*flows: FlowRuns, blind: str = "") -> FailureEvidence:
    return FailureEvidence(flows=flows, instances=INSTANCES, blind=blind)


def evidence(
    *limits: Allowance, flows: tuple[FlowRuns, ...] = (), own: int = 0, blind: str = ""
) -> LimitEvidence:
    return LimitEvidence(
        limits=limits, failures=failures(*flows, blind=blind), own_calls_refused=own
    )


def judged(
    *limits: Allowance,
    flows: tuple[FlowRuns, ...] = (),
    own: int = 0,
    blind: str = "",
    policy: Policy | None = None,
) -> tuple[Verdict, ...]:
    known = evidence(*limits, flows=flows, own=own, blind=blind)
    return judge(known, policy or Policy(warned=1), NOW)


def the_verdict(limit: Allowance, *flows: FlowRuns, own: int = 0, blind: str = "") -> Verdict:
    (verdict,) = judged(limit, flows=flows, own=own, blind=blind)
    return verdict


def by_day(used: float, resets_in: timedelta = SIX_HOURS, spent: float = 30) -> Allowance:
    """1,000 calls a day, of which a flow spends so many an hour."""
    return allowance(used, 1000, d(1), resets_in=resets_in, spends=(spend(spent),))
