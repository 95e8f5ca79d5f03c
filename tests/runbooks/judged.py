"""Facts that the checks on limits, credentials and failing flows hand over, judged for real."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from checks.allowances.policy import Policy as LimitPolicy
from checks.catalogue import failing_flow, odd_flow, rate_limit, token_expiry
from checks.credentials import CredentialEvidence, Held, Holder, KnownBy
from checks.declare import Cause, Shape
from checks.expiry.policy import Policy as CredentialPolicy
from checks.failures import FailureEvidence, FlowRuns, InstanceName
from checks.flow_runs.policy import Policy as FlowPolicy
from checks.limits import Allowance, SizeFrom
from checks.oddities.evidence import OddEvidence
from checks.oddities.policy import Policy as OddPolicy
from forecasting.model import Reasons
from runbooks.book import Fact
from tests.checks import credential_cases as credentials
from tests.checks.catalogue import failing_cases as failing
from tests.checks.catalogue import forecast_cases as forecasts
from tests.checks.catalogue import limit_cases as limits
from tests.checks.catalogue import odd_cases as odd

Facts = Mapping[str, Fact]
TITLES = {
    "sap_b1": "SAP Business One",
    "peoplevox": "Peoplevox",
    "netsuite": "NetSuite live",
    "shopify_rest": "Shopify UK store",
    "klaviyo": "Klaviyo",
}
REJECTED = credentials.twelve_flows()
ONE_FAILED = credentials.went(
    credentials.flow(
        "Orders", credentials.failed(credentials.m(2)), credentials.ran(credentials.h(1))
    ),
    credentials.flow("Stock", credentials.ran(credentials.h(2))),
)


def of_credential(held: Held, failures: FailureEvidence | None = None, kind: str = "") -> Facts:
    """What the check says of a credential; `kind`: what kind of system it opens instead."""
    if kind:
        held = replace(held, system_kind=kind, system=TITLES[kind])
        named = InstanceName(id=credentials.SHOP, name=TITLES[kind], kind=kind)
        failures = failures and replace(failures, instances={credentials.SHOP: named})
    evidence = CredentialEvidence(register=(held,), failures=failures or credentials.went())
    found = token_expiry.judge(evidence, CredentialPolicy(), credentials.NOW)
    return next(each.facts for each in found if each.facts["what"] == held.what)


def of_limit(
    limit: Allowance,
    *flows: FlowRuns,
    own: int = 0,
    kind: str = "shipstation",
    signal: str,
) -> Facts:
    named = {**limits.INSTANCES, "702": InstanceName(id="702", name=limit.system, kind=kind)}
    evidence = limits.evidence(replace(limit, system_kind=kind), flows=flows, own=own)
    evidence = replace(evidence, failures=replace(evidence.failures, instances=named))
    found = rate_limit.judge(evidence, LimitPolicy(), limits.NOW)
    return next(each.facts for each in found if each.signal == signal)


def of_flow(flow: FlowRuns, blind: str = "") -> Facts:
    (found,) = failing_flow.judge(failing.estate(flow, blind=blind), FlowPolicy(), failing.NOW)
    return found.facts


def of_odd(evidence: OddEvidence, kind: str) -> Facts:
    """What is said of the flow, the instance or the queue, whichever comes first."""
    found = odd_flow.judge(evidence, OddPolicy(), odd.NOW)
    return next(each.facts for each in found if each.subject.kind == kind)


def ours(system: str = "klaviyo-live", *, id: str = "system/klaviyo") -> Held:  # noqa: A002 (the field's own name)
    """Our own key, refused for three hours."""
    return Held(
        id=id,
        system=system,
        what="API key",
        holder=Holder.OURS,
        known_by=KnownBy.ENDLESS,
        owner="Omar",
        refused_since=credentials.NOW - credentials.h(3),
        why="it answered with 401: its credential was not accepted",
    )


def certificate(left: timedelta, kind: str) -> Facts:
    return of_credential(credentials.certificate(left), kind=kind)


def of_patchworks(name: str, used: float, size: float, *, per: timedelta | None) -> Allowance:
    """A limit of Patchworks itself; its id tells what it is about."""
    return replace(
        limits.allowance(used, size, per, id=f"platform/main/{name}", instances=()),
        system="Patchworks",
        name={"operations": "operations a month", "api": "calls to its API"}[name],
        unit={"operations": "operations", "api": "calls"}[name],
    )


def brake() -> Allowance:
    """An instance's own limit in Patchworks, of 1,000 calls a day, all of them spent."""
    return replace(
        limits.by_day(1000),
        id="instance/702/rate",
        name="rate limit in Patchworks",
        size_from=SizeFrom.PLATFORM,
        derived=True,
    )


SHOP_TOKEN = credentials.shop_token()
TOKEN_EXPIRY: Mapping[str, Facts] = {
    "rejected": of_credential(SHOP_TOKEN, REJECTED, "klaviyo"),
    "rejected-nobody-owns-it": of_credential(replace(SHOP_TOKEN, owner=""), REJECTED, "klaviyo"),
    "undecided": of_credential(SHOP_TOKEN, ONE_FAILED, "klaviyo"),
    "refused-to-us": of_credential(ours()),
    "patchworks-key": of_credential(ours("Patchworks", id="patchworks")),
    "ends-soon": certificate(credentials.d(6), "klaviyo"),
    "ended": certificate(-credentials.d(1), "klaviyo"),
    "vendor-date": of_credential(credentials.vendor_date(credentials.d(20)), kind="klaviyo"),
    "vendor-date-in-force": of_credential(
        credentials.vendor_date(-credentials.d(1)), kind="klaviyo"
    ),
    "unseen": of_credential(
        credentials.certificate(credentials.d(90)),
        credentials.went(blind="Patchworks did not answer within 10 s."),
    )
    | {"system_kind": "klaviyo"},
    "netsuite-rejected": of_credential(SHOP_TOKEN, REJECTED, "netsuite"),
    "netsuite-ends-soon": certificate(credentials.d(6), "netsuite"),
    "shopify-rejected": of_credential(SHOP_TOKEN, REJECTED, "shopify_rest"),
    "shopify-date": of_credential(credentials.vendor_date(credentials.d(20)), kind="shopify_rest"),
    "shopify-refused-to-us": of_credential(replace(ours("shop"), system_kind="shopify")),
    "sap-b1-rejected": of_credential(SHOP_TOKEN, REJECTED, "sap_b1"),
    "peoplevox-rejected": of_credential(SHOP_TOKEN, REJECTED, "peoplevox"),
    "no-incident": {},
}
THREE_REFUSED = limits.flow(
    limits.refusal("1"), limits.refusal("2", ago=limits.m(12)), limits.refusal("3", ago=limits.m(1))
)
SLOW = limits.allowance(20, pace=limits.pace(4.2), spends=(limits.spend(31),))
UNTOLD = limits.allowance(None, None, None, pace=limits.pace(4.2), shape=Shape.UNREADABLE)
PLACES = limits.allowance(15, 15, None, shape=Shape.CONCURRENCY, unit="concurrent calls")
A_MONTH = timedelta(days=31)
PEAK = forecasts.forecast(
    0.9,
    0.6,
    reasons=Reasons(growth=0.12, peak=2650, usual_peak=2000, occasions=("Black Friday weekend",)),
)
RATE_LIMIT: Mapping[str, Facts] = {
    "refused": of_limit(
        limits.allowance(38, spends=(limits.spend(31), limits.spend(4, "2"))),
        THREE_REFUSED,
        signal="refused",
    ),
    "refused-without-a-number": of_limit(UNTOLD, THREE_REFUSED, signal="refused"),
    "used-up": of_limit(limits.by_day(1000), signal="used_up"),
    "nearly": of_limit(limits.by_day(960, spent=90), signal="nearly"),
    "held": of_limit(SLOW, limits.flow(good=4), signal="held"),
    "used-up-in-patchworks": of_limit(brake(), signal="used_up"),
    "own-calls": of_limit(
        of_patchworks("api", 120, 240, per=limits.m(1)), own=4, signal="refused", kind=""
    ),
    "operations": of_limit(
        replace(
            of_patchworks("operations", 390_000, 400_000, per=A_MONTH),
            resets_at=limits.NOW + limits.d(3),
        ),
        signal="nearly",
        kind="",
    ),
    "foreseen": of_limit(forecasts.shipping(PEAK), limits.flow(good=1), signal="foreseen"),
    "foreseen-in-patchworks": of_limit(
        replace(
            forecasts.shipping(), id="instance/702/rate", size_from=SizeFrom.PLATFORM, derived=True
        ),
        limits.flow(good=1),
        signal="foreseen",
    ),
    "foreseen-operations": of_limit(
        replace(
            of_patchworks("operations", 190_000, 400_000, per=A_MONTH),
            forecast=forecasts.forecast(skill=forecasts.UNTRIED),
        ),
        signal="foreseen",
        kind="",
    ),
    "netsuite-foreseen": of_limit(
        replace(forecasts.shipping(), system="NetSuite live"),
        limits.flow(good=1),
        kind="netsuite",
        signal="foreseen",
    ),
    "unknown": of_limit(
        limits.allowance(None, blind="ShipStation answered with 503"), signal="unknown"
    ),
    "netsuite-refused": of_limit(
        replace(PLACES, system="NetSuite live"), THREE_REFUSED, kind="netsuite", signal="refused"
    ),
    "netsuite-used-up": of_limit(
        replace(PLACES, system="NetSuite live"), kind="netsuite", signal="used_up"
    ),
    "shopify-refused": of_limit(
        replace(SLOW, system="Shopify UK store"), THREE_REFUSED, kind="shopify", signal="refused"
    ),
    "shopify-held": of_limit(
        replace(SLOW, system="Shopify UK store"),
        limits.flow(good=4),
        kind="shopify_rest",
        signal="held",
    ),
    "sap-b1-held": of_limit(
        replace(UNTOLD, system="SAP live"), limits.flow(good=4), kind="sap_b1", signal="held"
    ),
    "peoplevox-refused": of_limit(
        replace(UNTOLD, system="Peoplevox"), THREE_REFUSED, kind="peoplevox", signal="refused"
    ),
    "no-incident": {},
}
FOUR_OF_FIVE = "FFFSF" + "S" * 15
FAILING_FLOW: Mapping[str, Facts] = {
    "passing": of_flow(
        failing.flow(FOUR_OF_FIVE, cause=Cause.PASSING, line="cURL error 28: timed out after 30 s")
    ),
    "limit": of_flow(failing.flow(FOUR_OF_FIVE, cause=Cause.LIMIT, line="HTTP 429")),
    "lasting": of_flow(failing.flow(FOUR_OF_FIVE, records=20)),
    "credential": of_flow(
        failing.flow(FOUR_OF_FIVE, cause=Cause.CREDENTIAL, line="401 Unauthorized", instance="")
    ),
    "not-permitted": of_flow(
        failing.flow(FOUR_OF_FIVE, cause=Cause.NOT_PERMITTED, line="INSUFFICIENT_PERMISSION")
    ),
    "unknown-line": of_flow(
        failing.flow(FOUR_OF_FIVE, cause=Cause.UNKNOWN, line="PHP error on line 12")
    ),
    "no-log": of_flow(replace(failing.flow(FOUR_OF_FIVE), failures=())),
    "undecided": of_flow(failing.flow("SFF" + "S" * 17)),
    "well-again": of_flow(failing.flow("S" * 20)),
    "unseen": of_flow(failing.flow(FOUR_OF_FIVE), blind="Patchworks did not answer within 10 s."),
    "no-incident": {},
}
ODD_FLOW: Mapping[str, Facts] = {
    "slower": of_odd(odd.evidence(odd.hours(slow=odd.sudden())), "flow"),
    "drifting": of_odd(odd.evidence(odd.hours(slow=odd.drifting())), "flow"),
    "failing": of_odd(odd.evidence(odd.hours(failing=odd.refused())), "flow"),
    "together": of_odd(
        odd.evidence(*(odd.hours(each, slow=odd.sudden()) for each in odd.NAMES)), "instance"
    ),
    "deeper": of_odd(odd.evidence(queue=odd.drifting(recent=14.0, usual=6.0)), "queue"),
    "well-again": of_odd(odd.evidence(odd.hours(slow=odd.usual())), "flow"),
    "no-incident": {},
}
