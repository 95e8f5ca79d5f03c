"""Flows that lose records and flows that do not, for the tests of what is said about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from checks.catalogue.silent_loss import judge
from checks.declare import Cause
from checks.failures import Failure, FailureEvidence, FlowRuns, InstanceName
from checks.loss.evidence import LossEvidence, PoolGrowth, Told, Tracked
from checks.loss.policy import Policy
from checks.loss.usual import FlowSpan, Norm, Traffic, Weighed
from checks.model import Fact
from checks.runs import Flow, Run, RunStatus

NOW = datetime(2026, 3, 2, 10, 4, tzinfo=UTC)
UNTIL = NOW.replace(minute=0)
HOUR = timedelta(hours=1)
FLOW, NAME = "5", "Orders to NetSuite"
ERP, SHOP = "702", "701"
INSTANCES = {
    ERP: InstanceName(id=ERP, name="NetSuite production", system="NetSuite", kind="netsuite"),
    SHOP: InstanceName(id=SHOP, name="Shopify UK store", system="Shopify", kind="shopify"),
}
REFUSED = "HTTP 400: Invalid reference key for field entity"
SENDS = Norm(fed=400, unsent=2, blocks=120, usual=1.0, lowest=0.9, a_day=200)


def run(
    number: int = 0,
    *,
    ago: timedelta | None = None,
    received: int | None = 10,
    sent: int | None = 10,
    status: RunStatus = RunStatus.SUCCESS,
    warned: bool | None = False,
) -> Run:
    """The newest run but `number`; ids grow with time."""
    at = NOW - (timedelta(minutes=3 + 5 * number) if ago is None else ago)
    return Run(
        id=f"{900 - number}",
        flow_id=FLOW,
        flow_name=NAME,
        status=status,
        started_at=at - timedelta(seconds=12),
        finished_at=at,
        received=received,
        sent=sent,
        warned=warned,
    )


def runs(*sent: int | None, received: int | None = 10) -> tuple[Run, ...]:
    """Green runs that sent so much, newest first."""
    return tuple(run(n, sent=amount, received=received) for n, amount in enumerate(sent))


def partial(*ago: timedelta) -> tuple[Run, ...]:
    return tuple(
        run(50 + n, ago=each, status=RunStatus.PARTIAL_SUCCESS) for n, each in enumerate(ago)
    )


def told(
    of: Run, cause: Cause = Cause.LASTING, *, line: str = REFUSED, records: int | None = None
) -> Failure:
    """What the log of a run said."""
    return Failure(
        run_id=of.id,
        flow_id=FLOW,
        at=of.finished_at or of.started_at,
        status=of.status,
        cause=cause,
        line=line,
        step="Send orders to NetSuite",
        instance_id=ERP,
        records=records,
    )


def traffic(received: int = 120, *, started: int = 36, empty: int = 0) -> Traffic:
    return Traffic(
        started=started,
        told=started,
        received=received,
        sent=received,
        fed=started - empty,
        empty=empty,
    )


def none() -> Traffic:
    return Traffic()


def span(
    now: Traffic | None,
    *,
    usual: Traffic | None = None,
    days: int = 20,
    norm: Norm | None = SENDS,
) -> FlowSpan:
    """Three hours of the flow beside as many like days."""
    past = usual or traffic()
    return FlowSpan(
        flow_id=FLOW,
        now=now,
        alike=(past,) * min(4, days),
        kind=(past,) * days,
        basis="Mondays at this time",
        norm=norm,
    )


def weighed(found: FlowSpan, *, until: datetime = UNTIL, closed: str = "") -> Weighed:
    return Weighed(since=until - 3 * HOUR, until=until, flows={FLOW: found}, closed=closed)


def flow(*, schedules: tuple[str, ...] = (), enabled: bool = True) -> Flow:
    return Flow(id=FLOW, name=NAME, enabled=enabled, deployed=True, schedules=schedules)


def tracked(unsent: int, *, received: int = 1000, before: int = 3000, usual: int = 0) -> Tracked:
    return Tracked(
        since=NOW - 48 * HOUR,
        until=NOW - HOUR / 2,
        lag=HOUR / 2,
        received=received,
        unsent=unsent,
        before=before,
        before_unsent=usual,
        first_at=NOW - 2 * HOUR if unsent else None,
    )


def pool(gained: int) -> PoolGrowth:
    return PoolGrowth(
        id="31", name="Sent orders", since=NOW - 6 * HOUR, until=NOW - HOUR / 60, gained=gained
    )


def elsewhere(
    check: str,
    kind: str = "flow",
    id: str = FLOW,  # noqa: A002 (the field's own name)
    *,
    over: timedelta | None = None,
) -> Told:
    """An alert of another check that stands, or has been over for so long."""
    until = None if over is None else NOW - over
    return Told(check=check, kind=kind, id=id, incident=12, until=until)


def evidence(
    newest: tuple[Run, ...] | None = None,
    *,
    failures: tuple[Failure, ...] = (),
    blind: str = "",
    **more: object,
) -> LossEvidence:
    """A flow whose newest runs passed on what they received, but for what is told."""
    of = FlowRuns(
        flow_id=FLOW,
        flow_name=NAME,
        runs=runs(10, 10, 10, 10, 10, 10) if newest is None else newest,
        failures=failures,
        instance_ids=(SHOP, ERP),
    )
    known: dict[str, object] = {"flows": {FLOW: flow()}, "weighed": weighed(span(traffic()))}
    return LossEvidence(
        failures=FailureEvidence(flows=(of,), instances=INSTANCES, blind=blind),
        **(known | {"tracked": {}} | more),  # type: ignore[arg-type]
    )


def facts_of(found: LossEvidence) -> Mapping[str, Fact]:
    (verdict,) = judge(found, Policy(), NOW)
    return verdict.facts


def _situations() -> dict[str, Mapping[str, Fact]]:
    in_part = partial(HOUR / 2, 2 * HOUR)
    often = replace(SENDS, unsent=150)
    moved = {
        "empty": span(traffic(0, empty=36)),
        "low-volume": span(traffic(20)),
        "silent": span(none()),
    }
    return {
        "partial": facts_of(
            evidence(
                partial={FLOW: in_part}, failures=tuple(told(each, records=4) for each in in_part)
            )
        ),
        "green-errors": facts_of(evidence(green_errors={FLOW: (told(run(), records=1),)})),
        "unsent": facts_of(evidence(runs(0, 0, 0, 10, 10))),
        "tracked": facts_of(evidence(tracked={FLOW: tracked(3)})),
        **{name: facts_of(evidence(weighed=weighed(found))) for name, found in moved.items()},
        "pool": facts_of(
            evidence(
                runs(0), pools={FLOW: (pool(40),)}, weighed=weighed(span(traffic(), norm=often))
            )
        ),
        "clear": facts_of(evidence()),
        "unseen": facts_of(evidence((), weighed=None)),
        "no-incident": {},
    }


SITUATIONS = _situations()
"""What the check hands over to its page, by the name of the situation."""
