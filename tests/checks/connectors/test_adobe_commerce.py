"""Adobe Commerce's traps: a missing right is a 401, a rejected key a 403, and no usage is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from checks.connectors.adobe_commerce import PAAS, SAAS
from checks.declare import Answer, Connector, No, NotOffered
from tests.checks.connectors.sampled import answer

LACKS = {
    "message": "The consumer isn't authorized to access %resources.",
    "parameters": {"resources": "Magento_Sales::actions_view"},
}
both = pytest.mark.parametrize("connector", [PAAS, SAAS], ids=["PaaS", "SaaS"])


@both
@pytest.mark.parametrize(
    ("told", "no"),
    [
        (answer(401, LACKS), No.NOT_PERMITTED),
        (answer(401, {"message": "The token has been revoked."}), No.CREDENTIAL),
        (answer(401), No.CREDENTIAL),
        (answer(403, {"message": "permission_denied"}), No.NOT_PERMITTED),
        (answer(403, "oauth_problem=consumer_key_invalid"), No.CREDENTIAL),
        (answer(429, {"message": "Too Many Requests", "trace": None}), No.NOT_NOW),
        (answer(400, {"message": "Invalid data: %1", "parameters": ["x"]}), None),
        (answer(503, "<html>Maintenance</html>"), None),
        (answer(404, {"message": "Request does not match any route."}), None),
    ],
    ids=[
        "401 that names a resource",
        "401 for a token",
        "bare 401",
        "403",
        "403 for the key",
        "429",
        "400",
        "maintenance",
        "404",
    ],
)
def test_a_missing_right_and_a_rejected_key_are_told_apart(
    connector: Connector, told: Answer, no: No | None
) -> None:
    refusal = connector.refusal(told)
    assert (refusal.no if refusal else None) is no


@both
def test_what_a_shop_says_is_not_repeated_in_our_words(connector: Connector) -> None:
    hostile = {"message": "x", "parameters": {"resources": "<!channel> pay here"}}
    refusal = connector.refusal(answer(401, hostile))
    assert refusal is not None
    assert "channel" not in refusal.words


@both
def test_a_moment_is_written_in_utc_without_a_zone(connector: Connector) -> None:
    assert not isinstance(connector.counts, NotOffered)
    moment = datetime(2026, 11, 21, 13, 0, tzinfo=timezone(timedelta(hours=1)))
    assert {count.since(moment) for count in connector.counts} == {"2026-11-21 12:00:00"}
    assert moment == datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@both
def test_no_limit_is_invented(connector: Connector) -> None:
    assert [limit.published for limit in connector.limits] == [()]
    assert isinstance(connector.limits[0].read, NotOffered)


def test_every_call_to_the_cloud_service_says_whose_it_is() -> None:
    assert not isinstance(SAAS.counts, NotOffered)
    for call in (SAAS.probe.call, *(count.call for count in SAAS.counts)):
        assert set(call.headers) == {"x-api-key", "x-gw-ims-org-id"}
    assert PAAS.probe.call.headers == {}
