"""Builders for the tests of credentials: flows and how their runs went, at one Friday noon."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from checks.catalogue.token_expiry import Policy, judge
from checks.credentials import CredentialEvidence, Held, Holder, KnownBy
from checks.declare import Cause, Mark, Source
from checks.failures import Failure, FailureEvidence, FlowRuns, InstanceName
from checks.model import Verdict
from checks.runs import Run, RunStatus

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TOOK = timedelta(seconds=30)
SHOP, ERP = "702", "703"
INSTANCES = {
    SHOP: InstanceName(id=SHOP, name="Shopify UK store", system="Shopify", kind="shopify"),
    ERP: InstanceName(id=ERP, name="NetSuite live", system="NetSuite", kind="netsuite"),
}
SAYS_401 = "Re-authentication failed: 401 Unauthorized"

Told = tuple[Run, Failure | None]


def m(amount: float) -> timedelta:
    return timedelta(minutes=amount)


def h(amount: float) -> timedelta:
    return timedelta(hours=amount)


def d(amount: float) -> timedelta:
    return timedelta(days=amount)


def ran(
    ago: timedelta,
    status: RunStatus = RunStatus.SUCCESS,
    *,
    took: timedelta = TOOK,
    received: int | None = None,
    sent: int | None = None,
) -> Told:
    """A run that ended so long ago, and whose log holds no trouble that could be read."""
    ended = NOW - ago
    run = Run(
        id="",
        flow_id="",
        flow_name="",
        status=status,
        started_at=ended - took,
        finished_at=None if status is RunStatus.STARTED else ended,
        received=received,
        sent=sent,
    )
    return run, None


def failed(
    ago: timedelta,
    at: str = SHOP,
    *,
    cause: Cause = Cause.CREDENTIAL,
    line: str = SAYS_401,
    status: RunStatus = RunStatus.FAILURE,
) -> Told:
    """A run that failed so long ago, with what its log says; `at`: the instance of its step."""
    run, _ = ran(ago, status)
    failure = Failure(
        run_id="", flow_id="", at=NOW - ago, status=status, cause=cause, line=line, instance_id=at
    )
    return run, failure


def flow(
    name: str, *told: Told, uses: tuple[str, ...] = (SHOP,), time_sensitive: bool = False
) -> FlowRuns:
    """A flow and its runs; its id is its name, and its runs are numbered within it."""
    runs, failures = [], []
    for number, (run, failure) in enumerate(told):
        key = f"{name} {number}"
        runs.append(replace(run, id=key, flow_id=name, flow_name=name))
        if failure:
            failures.append(replace(failure, run_id=key, flow_id=name))
    return FlowRuns(
        flow_id=name,
        flow_name=name,
        runs=tuple(runs),
        failures=tuple(failures),
        instance_ids=uses,
        time_sensitive=time_sensitive,
    )


def went(*flows: FlowRuns, blind: str = "") -> FailureEvidence:
    return FailureEvidence(flows=flows, instances=INSTANCES, blind=blind)


def twelve_flows() -> FailureEvidence:
    """Nine flows have failed in the last 12 minutes, three of the shop's wait for their hour; a
    flow of another system is well."""
    broken = [flow(f"Flow {number}", failed(m(12 - number)), ran(h(1))) for number in range(9)]
    waiting = [flow(f"Later {number}", ran(m(20))) for number in range(3)]
    return went(*broken, *waiting, flow("Elsewhere", ran(m(1)), uses=(ERP,)))


def certificate(left: timedelta | None = None) -> Held:
    """NetSuite's, declared, of two years; it ends in so long."""
    return Held(
        id=f"instance/{ERP}",
        system="NetSuite live",
        what="certificate",
        holder=Holder.PLATFORM,
        known_by=KnownBy.DECLARED,
        ends_at=None if left is None else NOW + left,
        owner="Omar",
        needs_person=True,
        lasts_days=730,
        system_kind="netsuite",
        instance_id=ERP,
    )


def shop_token() -> Held:
    """The shop's, of which nobody knows when it ends."""
    return Held(
        id=f"instance/{SHOP}",
        system="Shopify UK store",
        what="access token",
        holder=Holder.PLATFORM,
        known_by=KnownBy.UNKNOWN,
        owner="Dana",
        system_kind="shopify",
        instance_id=SHOP,
    )


def our_key() -> Held:
    """Our own key of the shop: it does not end, and was accepted a minute ago."""
    return Held(
        id="system/shop",
        system="shop",
        what="API key",
        holder=Holder.OURS,
        known_by=KnownBy.ENDLESS,
        accepted_at=NOW - m(1),
        system_kind="shopify",
    )


def vendor_date(left: timedelta) -> Held:
    return Held(
        id="event/shopify/tokens",
        system="Shopify",
        what="Shopify refuses non-expiring tokens of public apps",
        holder=Holder.NOBODY,
        known_by=KnownBy.VENDOR,
        ends_at=NOW + left,
        whom="public apps",
        source=Source(mark=Mark.CONFIRMED, url="https://shopify.dev/tokens"),
    )


NOTHING = went()
WELL = went(flow("Orders", ran(m(5)), uses=(SHOP, ERP)))


def judged(
    *register: Held, failures: FailureEvidence = NOTHING, policy: Policy | None = None
) -> dict[str, Verdict]:
    found = judge(CredentialEvidence(register=register, failures=failures), policy or Policy(), NOW)
    return {f"{verdict.subject.kind}/{verdict.subject.id}": verdict for verdict in found}


def the_verdict(
    held: Held, failures: FailureEvidence = NOTHING, policy: Policy | None = None
) -> Verdict:
    return judged(held, failures=failures, policy=policy)[held.id]
