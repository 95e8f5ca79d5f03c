"""The look-alikes of Klaviyo, Dotdigital, Gorgias and LoyaltyLion, asked directly."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest

from bot.sandbox.estate.vendors import dotdigital, gorgias, klaviyo, loyaltylion
from bot.sandbox.estate.vendors.answering import basic
from tests.bot.sandbox.estate.vendor_asking import HOUR_AGO, NOON, Books, Caller, data

SINCE = HOUR_AGO.isoformat().replace("+00:00", "Z")


def ask_klaviyo(**headers: str) -> Caller:
    shown = {"authorization": "Klaviyo-API-Key pk_made_up_klaviyo", "revision": "2026-07-15"}
    return Caller(klaviyo.Klaviyo(Books()), **{**shown, **headers})


def ask_dotdigital(kind: type[dotdigital.Dotdigital] = dotdigital.Dotdigital) -> Caller:
    key = basic("apiuser-watch@apiconnector.com", "made-up-dotdigital")
    return Caller(kind(Books()), authorization=key)


def ask_gorgias() -> Caller:
    key = basic("watch@fell-harbour.example", "made-up-gorgias-key")
    return Caller(gorgias.Gorgias(Books()), authorization=key)


def ask_loyaltylion() -> Caller:
    return Caller(loyaltylion.LoyaltyLion(Books()), authorization="Bearer pat_made_up_loyaltylion")


class TestKlaviyo:
    def test_each_endpoint_has_windows_of_its_own(self) -> None:
        caller = ask_klaviyo()
        assert caller.get("/api/accounts").headers["RateLimit-Limit"] == "1, 1;w=1, 15;w=60"
        assert caller.get("/api/accounts").status == 429
        profiles = caller.get("/api/profiles").headers
        assert profiles["RateLimit-Limit"] == "75, 75;w=1, 750;w=60"
        assert profiles["RateLimit-Remaining"] == "74"
        assert profiles["RateLimit-Reset"] == "1"

    def test_the_minute_ends_calls_that_every_second_allows(self) -> None:
        caller = ask_klaviyo()
        for _ in range(15):
            assert caller.get("/api/accounts").status == 200
            caller.pass_time(seconds=2)
        refused = caller.get("/api/accounts")
        assert data(refused, 429)["errors"][0]["code"] == "throttled"
        assert dict(refused.headers) == {"Retry-After": "30"}, "the triplet vanishes"
        caller.pass_time(seconds=30)
        assert caller.get("/api/accounts").status == 200

    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            pytest.param({"revision": ""}, 400, id="no revision"),
            pytest.param({"revision": "2024-07-15"}, 410, id="retired revision"),
            pytest.param({"revision": "2025-01-15"}, 200, id="older revision"),
            pytest.param({"authorization": "Bearer pk_made_up_klaviyo"}, 401, id="wrong scheme"),
        ],
    )
    def test_what_must_be_said_with_a_call(self, headers: dict[str, str], status: int) -> None:
        assert ask_klaviyo(**headers).get("/api/accounts").status == status

    def test_profiles_are_paged_by_cursor_and_have_no_total(self) -> None:
        caller, wanted = ask_klaviyo(), {"filter": f"greater-than(updated,{SINCE})"}
        page = data(caller.get("/api/profiles", **wanted, **{"page[size]": "500"}))
        assert len(page["data"]) == 100
        seen = [row["id"] for row in page["data"]]
        while link := page["links"]["next"]:
            more = dict(parse_qsl(urlsplit(link).query))
            page = data(caller.get("/api/profiles", **wanted, **{"page[size]": "100"}, **more))
            seen += [row["id"] for row in page["data"]]
        assert len(seen) == len(set(seen)) == 3600

    def test_profiles_have_no_other_filter_by_change(self) -> None:
        refused = ask_klaviyo().get("/api/profiles", filter=f"greater-or-equal(updated,{SINCE})")
        assert refused.status == 400

    def test_a_metric_is_counted_by_the_hour(self) -> None:
        attributes = {
            "metric_id": "PlAcEd",
            "filter": [
                "greater-or-equal(datetime,2026-11-21T09:00:00Z)",
                "less-than(datetime,2026-11-21T10:30:00Z)",
            ],
        }
        told = data(
            ask_klaviyo().post("/api/metric-aggregates", {"data": {"attributes": attributes}})
        )
        assert told["data"]["attributes"]["data"][0]["measurements"]["count"] == [3600.0, 1800.0]


class TestDotdigital:
    def test_every_tier_is_counted_by_itself(self) -> None:
        caller = ask_dotdigital()
        count = caller.get("/v2/contacts/count")
        assert count.body == "86400"
        assert dict(count.headers) == {
            "X-RateLimit-Limit": "150",
            "X-RateLimit-Remaining": "149",
            "X-RateLimit-Reset": str(int(NOON.timestamp()) + 60),
            "X-RateLimit-Scope": "medium",
        }
        assert caller.get("/v2/account-info").headers["X-RateLimit-Remaining"] == "599"

    def test_a_full_tier_leaves_the_others_open(self) -> None:
        caller = ask_dotdigital()
        while (answer := caller.get("/contacts/v3")).status == 200:
            pass
        assert answer.status == 429
        assert answer.headers["X-RateLimit-Remaining"] == "0"
        assert caller.get("/v2/account-info").status == 200
        caller.pass_time(minutes=1)
        assert caller.get("/contacts/v3").status == 200

    def test_a_page_without_a_marker_is_the_last(self) -> None:
        caller, wanted = ask_dotdigital(), {"~modified": f"gte::{SINCE}"}
        first = data(caller.get("/contacts/v3", **wanted))
        assert len(first["_items"]) == 1000
        last = data(caller.get("/contacts/v3", **wanted, marker="3000"))
        assert len(last["_items"]) == 600
        assert "next" not in last["_links"]

    def test_the_older_scheme_says_400_and_tells_nothing(self) -> None:
        caller = ask_dotdigital(dotdigital.OlderDotdigital)
        assert caller.vendor.serve(2000, NOON) == ""
        refused = caller.get("/v2/account-info")
        assert "temporarily capped" in data(refused, 400)["message"]
        assert not refused.headers
        caller.pass_time(hours=1)
        assert caller.get("/v2/account-info").status == 200


class TestGorgias:
    def test_the_bucket_of_the_account_is_told_with_every_answer(self) -> None:
        caller = ask_gorgias()
        assert caller.vendor.serve(9, NOON) == ""
        told = caller.get("/api/account").headers
        assert told["X-Gorgias-Account-Api-Call-Limit"] == "10/40"
        caller.pass_time(seconds=2)
        assert caller.get("/api/account").headers["X-Gorgias-Account-Api-Call-Limit"] == "7/40"
        caller.pass_time(seconds=20)
        assert caller.get("/api/account").headers["X-Gorgias-Account-Api-Call-Limit"] == "1/40"

    def test_the_platform_fills_it_for_everybody(self) -> None:
        caller = ask_gorgias()
        assert caller.vendor.serve(41, NOON) == caller.vendor.says_too_many
        refused = caller.get("/api/account")
        assert refused.status == 429
        assert refused.headers["Retry-after"] == "1"
        assert refused.headers["X-Gorgias-Account-Api-Call-Limit"] == "40/40"
        caller.pass_time(seconds=0.5)
        assert caller.get("/api/account").status == 200


class TestLoyaltyLion:
    def test_the_twenty_first_call_of_a_second_is_refused(self) -> None:
        caller = ask_loyaltylion()
        answers = [caller.get("/v2/customers", limit="1") for _ in range(21)]
        assert [answer.status for answer in answers].count(200) == 20
        assert answers[-1].status == 429
        assert not any(answer.headers for answer in answers)
        caller.pass_time(seconds=1)
        assert caller.get("/v2/customers", limit="1").status == 200

    def test_customers_of_a_stretch_of_time_are_paged_by_five_hundred(self) -> None:
        caller, found, cursor = ask_loyaltylion(), 0, "0"
        while cursor is not None:
            page = data(
                caller.get("/v2/customers", updated_at_min=SINCE, limit="900", cursor=cursor)
            )
            assert len(page["customers"]) <= 500
            found, cursor = found + len(page["customers"]), page["cursor"]["next"]
        assert found == 3600
