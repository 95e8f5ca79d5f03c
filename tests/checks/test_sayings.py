"""What systems say in a run's log when they refuse: the promises of every connector's sayings."""

from __future__ import annotations

import re

import pytest

from checks.classify import GENERAL, cause_of
from checks.declare import Cause, Connector, Mark, Saying
from checks.systems import all_connectors
from checks.words import plain
from tests.checks.connectors.sampled import samples_of

CONNECTORS = all_connectors()
each = pytest.mark.parametrize("connector", CONNECTORS.values(), ids=CONNECTORS)

MEANS = {
    "not now": {Cause.LIMIT, Cause.PASSING},
    "not permitted": {Cause.NOT_PERMITTED},
    "credential": {Cause.CREDENTIAL},
}
ENTRA = {
    "AADSTS7000222: The provided client secret keys for app '***' are expired.": Cause.CREDENTIAL,
    "AADSTS7005003: The provided client secret keys for app 'x' are revoked.": Cause.CREDENTIAL,
    "invalid_grant: AADSTS700082: The refresh token has expired.": Cause.CREDENTIAL,
    "AADSTS65001: The administrator has not consented to use it.": Cause.NOT_PERMITTED,
    "AADSTS90033: A transient error has occurred. Please try again.": Cause.PASSING,
    "AADSTS50196: The server terminated an operation: a client loop.": Cause.LIMIT,
}
SHOPIFY = {
    '{"errors":[{"message":"Throttled","extensions":{"code":"THROTTLED"}}]}': Cause.LIMIT,
    "Exceeded 2 calls per second for api client. Reduce request rates.": Cause.LIMIT,
    '{"message":"Access denied for orders field.","code":"ACCESS_DENIED"}': Cause.NOT_PERMITTED,
    "[API] Invalid API key or access token (unrecognized login or wrong password)": (
        Cause.CREDENTIAL
    ),
    "HTTP 402 Payment Required: Unavailable Shop": Cause.LASTING,
    '{"message":"Looks like something went wrong","code":"INTERNAL_SERVER_ERROR"}': Cause.PASSING,
}
ADOBE = {
    '{"category":"graphql-too-many-requests"}': Cause.LIMIT,
    "HTTP 401: The consumer isn't authorized to access Magento_Sales::sales": Cause.NOT_PERMITTED,
    "oauth_problem=permission_denied": Cause.NOT_PERMITTED,
    '{"error_code":"403000","message":"Api Key is invalid"}': Cause.NOT_PERMITTED,
    "oauth_problem=token_rejected": Cause.CREDENTIAL,
    "The signature is invalid. Verify and try again.": Cause.CREDENTIAL,
}
EXAMPLES: dict[str, dict[str, Cause]] = {
    "shopify": SHOPIFY,
    "shopify_rest": SHOPIFY,
    "adobe_commerce": ADOBE,
    "adobe_commerce_saas": ADOBE,
    "bigcommerce": {
        "You don't have a required scope to access the endpoint": Cause.NOT_PERMITTED,
    },
    "netsuite": {
        "HTTP 400: SSS_REQUEST_LIMIT_EXCEEDED": Cause.LIMIT,
        "ExceededConcurrentRequestLimitFault: WS_REQUEST_BLOCKED": Cause.LIMIT,
        "WS_CONCUR_SESSION_DISALLWD": Cause.LIMIT,
        "429 CONCURRENCY_LIMIT_EXCEEDED": Cause.LIMIT,
        "SuiteTalk concurrent request limit exceeded. Request blocked.": Cause.LIMIT,
        "HTTP 401: INVALID_LOGIN: Invalid login attempt.": Cause.CREDENTIAL,
        "consumer_key_refused": Cause.CREDENTIAL,
        "InvalidSessionFault": Cause.CREDENTIAL,
        "HTTP 400: INSUFFICIENT_PERMISSION": Cause.NOT_PERMITTED,
        "HTTP 400: Your current role does not have permission to do this.": Cause.NOT_PERMITTED,
        "HTTP 400: Invalid reference key 1234 for field entity": Cause.LASTING,
    },
    "business_central": ENTRA,
    "finance_operations": {
        **ENTRA,
        "Rejected because of high resource utilization": Cause.LIMIT,
    },
    "dataverse": {
        **ENTRA,
        "0x80072322: Number of requests exceeded": Cause.LIMIT,
        "0x80072321: Combined execution time exceeded": Cause.LIMIT,
        "-2147015898: Number of concurrent requests exceeded": Cause.LIMIT,
    },
    "sap_b1": {
        '{"error":{"code":100000027,"message":{"value":"Login failed"}}}': Cause.CREDENTIAL,
        '{"code":"301","message":"Invalid session or session already timeout."}': Cause.CREDENTIAL,
        '{"error":{"code":-5006,"message":{"value":"No right"}}}': Cause.NOT_PERMITTED,
    },
    "lightspeed_r": {"HTTP 429: Burst rate limit exceeded": Cause.LIMIT},
    "peoplevox": {
        "ResponseId -1: System : Security - Invalid Session": Cause.CREDENTIAL,
        "ResponseId -1: System : Security - No permission": Cause.NOT_PERMITTED,
    },
    "shipstation_v2": {
        '{"error_source":"carrier","error_code":"unauthorized"} HTTP 401': Cause.UNKNOWN,
    },
    "brightpearl": {
        "HTTP 503: You have sent too many requests": Cause.LIMIT,
        "HTTP 503 brightpearl-requests-remaining: 0": Cause.LIMIT,
    },
    "fluent": {
        "Query rejected: its complexity is 12000": Cause.LASTING,
        '{"errors":[{"message":"UNAUTHENTICATED"}]}': Cause.CREDENTIAL,
        '{"errors":[{"message":"Access denied"}]}': Cause.NOT_PERMITTED,
    },
    "klaviyo": {
        "Request was throttled. Expected available in 37 seconds.": Cause.LIMIT,
        '{"status":401,"code":"not_authenticated"}': Cause.CREDENTIAL,
        '{"status":403,"code":"permission_denied"}': Cause.NOT_PERMITTED,
        "[409] A profile already exists with one of these identifiers.": Cause.LASTING,
        "HTTP 410: the revision 2022-10-17 is retired": Cause.LASTING,
    },
    "dotdigital": {
        "HTTP 400: ERROR_APIUSAGE_EXCEEDED": Cause.LIMIT,
        "Your account is being temporarily capped": Cause.LIMIT,
        "HTTP 400: ERROR_INVALID_LOGIN": Cause.CREDENTIAL,
        "HTTP 400: ERROR_FEATURENOTACTIVE": Cause.NOT_PERMITTED,
        "HTTP 400: ERROR_ADDRESSBOOK_IN_USE": Cause.PASSING,
        "HTTP 400: ERROR_CONTACT_INVALID": Cause.LASTING,
    },
    "akeneo": {
        '{"code": 401, "message": "Authentication is required"}': Cause.CREDENTIAL,
        "422: parameter client_id does not match any client, or secret is invalid": (
            Cause.CREDENTIAL
        ),
        "422: No user found for the given username and password": Cause.CREDENTIAL,
        "HTTP 422: No user found for the given username and password": Cause.CREDENTIAL,
        "HTTP 422: client_id does not match any client, or secret is invalid": Cause.CREDENTIAL,
        '{"code": 400, "message": "Invalid json message received"}': Cause.LASTING,
    },
}
BENIGN = (
    "Flow run started by Schedule",
    "Received 401 orders from Shopify UK store",
    "Sent 429 of 429 products to Akeneo catalogue",
    "Mapped 403 payloads",
    "Order 100000027 was created; the price is -5006",
    "Postal code 301 was looked up",
    "Logged in; the session lasts 30 minutes",
    "Sending to NetSuite production: POST /services/rest/record/v1/salesOrder",
    "The token was renewed",
    "Customer 5030 has a new profile",
    "3 requests left of 200",
)


@pytest.mark.parametrize(
    ("kind", "line", "cause"),
    [(kind, line, cause) for kind, told in EXAMPLES.items() for line, cause in told.items()],
    ids=[f"{kind}: {line}"[:70] for kind, told in EXAMPLES.items() for line in told],
)
def test_a_refusal_is_understood(kind: str, line: str, cause: Cause) -> None:
    assert cause_of(line, [*CONNECTORS[kind].sayings, *GENERAL]) is cause


@each
def test_every_saying_has_an_example_that_it_is_the_first_to_fit(connector: Connector) -> None:
    seen = {
        next(each.pattern for each in connector.sayings if _fits(each, line))
        for line in EXAMPLES.get(connector.kind, {})
    }
    quick = [each for each in connector.sayings if not each.slower_than]
    assert {saying.pattern for saying in quick} == seen


@each
def test_every_saying_has_a_source_and_says_something(connector: Connector) -> None:
    for saying in connector.sayings:
        assert saying.source.mark is Mark.RECALLED or saying.source.url.startswith("https://")
        assert not re.search(saying.pattern, "", re.IGNORECASE), "it fits on everything"


@each
def test_an_ordinary_line_is_no_refusal(connector: Connector) -> None:
    for line in BENIGN:
        assert not any(_fits(saying, line) for saying in connector.sayings), line


def test_an_ordinary_line_means_nothing_in_general_either() -> None:
    passing = {"The token was renewed": Cause.PASSING}
    for line in BENIGN:
        assert cause_of(line, GENERAL) is passing.get(line, Cause.UNKNOWN), line


@each
def test_what_the_system_itself_answers_is_understood_in_a_log(connector: Connector) -> None:
    """The recorded refusals of each system, as a log quotes them."""
    for sample in samples_of(connector, *MEANS):
        line = plain(f"HTTP {sample.status}: {sample.body}", 4000)
        assert cause_of(line, [*connector.sayings, *GENERAL]) in MEANS[sample.of], line


def test_every_connector_with_sayings_has_examples() -> None:
    assert {kind for kind, each in CONNECTORS.items() if each.sayings} == set(EXAMPLES)


def test_every_general_saying_compiles_and_has_a_source() -> None:
    for saying in GENERAL:
        assert not re.search(saying.pattern, "", re.IGNORECASE), saying.pattern
        assert saying.source.mark is Mark.RECALLED or saying.source.url.startswith("https://")


def _fits(saying: Saying, line: str) -> bool:
    found = re.search(saying.pattern, line, re.IGNORECASE)
    return found is not None and not saying.slower_than
