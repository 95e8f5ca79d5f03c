"""Flows that are odd and flows that are not, for the tests of what is said about them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from checks.failures import FailureEvidence, FlowRuns
from checks.oddities.evidence import Failed, FlowHours, OddEvidence, Oddity, Told, Weighed
from tests.checks.catalogue import failing_cases as failing

NOW = datetime(2026, 3, 2, 10, 4, tzinfo=UTC)
UNTIL = NOW.replace(minute=0)
HOUR = timedelta(hours=1)
ORDERS, STOCK, PRICES, IMAGES = "5", "6", "7", "8"
NAMES = {
    ORDERS: "Orders to NetSuite",
    STOCK: "Stock to Shopify",
    PRICES: "Prices to Shopify",
    IMAGES: "Images to Shopify",
}


def usual(seconds: float = 30.0) -> Oddity:
    """Runs that take as long as ever."""
    return amount(measured=seconds * 1.02, usual=seconds)


def amount(
    *,
    measured: float,
    usual: float,
    hours: tuple[float, ...] = (0.2, -0.1, 0.4),
    drift: float = 0.0,
    since: datetime | None = None,
    recent: float | None = None,
) -> Oddity:
    return Oddity(
        measured=measured,
        usual=usual,
        at=UNTIL - HOUR,
        hours=hours,
        drift=drift,
        since=since,
        recent=usual if recent is None else recent,
        recent_usual=usual,
    )


def sudden(measured: float = 95.0, usual: float = 30.0) -> Oddity:
    return amount(measured=measured, usual=usual, hours=(9.0, 8.0, 0.3), recent=usual)


def drifting(recent: float = 44.0, usual: float = 30.0, hours: float = 31) -> Oddity:
    return amount(
        measured=recent,
        usual=usual,
        hours=(2.5, 2.0, 3.1),
        drift=24.0,
        since=UNTIL - hours * HOUR,
        recent=recent,
    )


def refused(failed: int = 9, runs: int = 80, usual_failed: int = 20, odd: float = 12.0) -> Failed:
    return Failed(failed=failed, runs=runs, usual_failed=usual_failed, usual_runs=3200, odd=odd)


def hours(
    flow_id: str = ORDERS, slow: Oddity | None = None, failing: Failed | None = None
) -> FlowHours:
    return FlowHours(flow_id=flow_id, slow=slow, failing=failing)


def runs_of(flow_id: str, went: str = "SSSSS", **told: object) -> FlowRuns:
    return failing.flow(went, flow_id=flow_id, name=NAMES.get(flow_id, ""), **told)  # type: ignore[arg-type]


def evidence(
    *flows: FlowHours,
    queue: Oddity | None = None,
    told: tuple[Told, ...] = (),
    runs: tuple[FlowRuns, ...] = (),
    until: datetime = UNTIL,
) -> OddEvidence:
    """What is known when these flows, and no others, ran; `runs` instead of all going well."""
    other = {each.flow_id: each for each in runs}
    return OddEvidence(
        weighed=Weighed(
            until=until,
            known_since=until - timedelta(days=20),
            flows=flows,
            queue=queue if queue is not None else amount(measured=2.0, usual=2.0),
        ),
        failures=FailureEvidence(
            flows=tuple(other.get(each.flow_id) or runs_of(each.flow_id) for each in flows),
            instances=failing.INSTANCES,
        ),
        told=told,
    )
