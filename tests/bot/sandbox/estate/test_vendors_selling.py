"""The look-alikes of BigCommerce, Lightspeed Retail and ShipStation, asked directly."""

from __future__ import annotations

from datetime import timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl, urlsplit

import pytest

from bot.sandbox.estate.vendors import bigcommerce, lightspeed, rotating, shipstation
from bot.sandbox.estate.vendors.answering import basic
from tests.bot.sandbox.estate.vendor_asking import HOUR_AGO, NOON, Books, Caller, data

SINCE = HOUR_AGO.isoformat().replace("+00:00", "Z")


def ask_bigcommerce() -> Caller:
    return Caller(bigcommerce.BigCommerce(Books()), x_auth_token="made-up-bigcommerce-token")


def ask_r(shown: str = "made-up-lightspeed-r-token") -> Caller:
    return Caller(lightspeed.LightspeedR(Books()), authorization=f"Bearer {shown}")


def ask_x(shown: str = "made-up-lightspeed-x-token") -> Caller:
    return Caller(lightspeed.LightspeedX(Books()), authorization=f"Bearer {shown}")


def ask_v1() -> Caller:
    key = basic("made-up-shipstation-key", "made-up-shipstation-secret")
    return Caller(shipstation.ShipStationV1(Books()), authorization=key)


def ask_v2() -> Caller:
    return Caller(shipstation.ShipStationV2(Books()), api_key="made-up-shipstation-v2-key")


class TestBigCommerce:
    def test_the_quota_of_the_store_is_told_in_milliseconds(self) -> None:
        caller = ask_bigcommerce()
        caller.pass_time(seconds=12.5)
        assert caller.vendor.serve(100, caller.at) == ""
        told = caller.get("/v2/time").headers
        assert told["X-Rate-Limit-Time-Window-Ms"] == "30000"
        assert told["X-Rate-Limit-Time-Reset-Ms"] == "17500"
        assert told["X-Rate-Limit-Requests-Quota"] == "150"
        assert told["X-Rate-Limit-Requests-Left"] == "49"
        assert told["X-BC-ApiLimit-Remaining"] == "19899"

    def test_a_full_window_ends_at_its_reset(self) -> None:
        caller = ask_bigcommerce()
        assert caller.vendor.serve(151, NOON) == caller.vendor.says_too_many
        refused = caller.get("/v2/time")
        assert (refused.status, refused.headers["X-Retry-After"]) == (429, "30")
        assert refused.headers["X-Rate-Limit-Requests-Left"] == "0"
        caller.pass_time(seconds=30)
        assert caller.get("/v2/time").status == 200

    def test_orders_are_counted_by_status_and_unfinished_ones_too(self) -> None:
        told = data(ask_bigcommerce().get("/v2/orders/count", min_date_modified=SINCE))
        by_name = {each["name"]: each["count"] for each in told["statuses"]}
        assert by_name == {"Incomplete": 360, "Shipped": 1800, "Awaiting Fulfillment": 1800}
        assert told["count"] == 3960

    def test_a_moment_may_be_written_as_in_mail(self) -> None:
        written = "Sat, 21 Nov 2026 12:30:00 +0100"
        told = data(ask_bigcommerce().get("/v2/orders/count", min_date_modified=written))
        assert told["statuses"][1]["count"] == 900

    @pytest.mark.parametrize("path", ["/v3/catalog/products", "/v3/customers"])
    def test_lists_tell_their_total_and_refuse_what_is_no_filter(self, path: str) -> None:
        caller = ask_bigcommerce()
        told = data(caller.get(path, limit="1", **{"date_modified:min": SINCE}))
        assert told["meta"]["pagination"]["total"] == 3600
        assert len(told["data"]) == 1
        assert caller.get(path, date_modified_min=SINCE).status == 422


class TestLightspeedR:
    def test_a_call_weighs_more_with_its_relations(self) -> None:
        caller = ask_r()
        assert caller.get("/Account.json").headers["X-LS-API-Bucket-Level"] == "1/90"
        told = caller.get("/Account/83050/Item.json", load_relations="all").headers
        assert told["X-LS-API-Request-Cost"] == "10"
        assert told["X-LS-API-Bucket-Level"] == "11/90"
        assert told["X-LS-API-Burst-Level"] == "2/20"
        caller.pass_time(seconds=1.5)
        assert caller.get("/Account.json").headers["X-LS-API-Bucket-Level"] == "10.5/90"

    def test_the_call_that_overflows_the_bucket_is_the_last(self) -> None:
        caller = ask_r()
        for _ in range(9):
            assert caller.get("/Account/83050/Sale.json", load_relations="all").status == 200
        refused = caller.get("/Account.json")
        assert refused.status == 429
        assert refused.headers["X-LS-API-RateLimit-Type"] == "api-leaky-bucket"
        assert refused.headers["Retry-After"] == "1"

    def test_a_burst_is_refused_although_the_bucket_has_room(self) -> None:
        caller = ask_r()
        answers = [caller.get("/Account.json") for _ in range(21)]
        assert [answer.status for answer in answers] == [200] * 20 + [429]
        assert answers[-1].headers["X-LS-API-RateLimit-Type"] == "api-burst-limiter"
        assert "burst rate limit exceeded" in answers[-1].body
        caller.pass_time(seconds=1)
        assert caller.get("/Account.json").status == 200

    def test_the_platform_has_a_bucket_of_its_own(self) -> None:
        caller = ask_r()
        assert caller.vendor.serve(20, NOON) == ""
        assert caller.get("/Account.json").headers["X-LS-API-Bucket-Level"] == "1/90"

    def test_an_empty_list_is_left_out_and_a_full_one_leads_on(self) -> None:
        caller = ask_r()
        empty = data(caller.get("/Account/83050/Sale.json", timeStamp=f">,{NOON.isoformat()}"))
        assert "Sale" not in empty
        page = data(caller.get("/Account/83050/Sale.json", timeStamp=f">=,{SINCE}", limit="500"))
        assert len(page["Sale"]) == 100
        assert len({sale["saleID"] for sale in page["Sale"]}) == 100
        link = dict(parse_qsl(urlsplit(page["@attributes"]["next"]).query))
        following = data(caller.get("/Account/83050/Sale.json", **link))
        assert int(following["Sale"][0]["saleID"]) == int(page["Sale"][-1]["saleID"]) + 1
        assert caller.get("/Account/83050/Sale.json", timeStamp=f"after,{SINCE}").status == 400

    def test_both_tokens_change_at_every_refresh(self) -> None:
        caller = ask_r("none yet")
        assert caller.get("/Account.json").status == 401
        asked = {**rotating.CLIENT, "grant_type": "refresh_token"}
        first = data(caller.post("/auth/oauth/token", refreshing(asked), form=True))
        assert first["expires_in"] == 1800
        caller.headers["authorization"] = f"Bearer {first['access_token']}"
        assert caller.get("/Account.json").status == 200
        caller.pass_time(minutes=30)
        assert caller.get("/Account.json").status == 401
        used = caller.post("/auth/oauth/token", refreshing(asked), form=True)
        assert data(used, 400) == {"error": "invalid_grant"}
        renewed = refreshing(asked, first["refresh_token"])
        assert caller.post("/auth/oauth/token", renewed, form=True).status == 200


class TestLightspeedX:
    def test_the_window_follows_the_registers(self) -> None:
        told = ask_x().get("/2026-07/retailer").headers
        assert (told["X-RateLimit-Limit"], told["X-RateLimit-Remaining"]) == ("650", "649")

    def test_a_refusal_tells_a_date_to_come_back(self) -> None:
        caller = ask_x()
        caller.pass_time(seconds=70)
        while (answer := caller.get("/2026-07/retailer")).status == 200:
            pass
        assert answer.headers["Retry-After"] == "Sat, 21 Nov 2026 12:05:00 GMT"
        caller.at = parsedate_to_datetime(answer.headers["Retry-After"])
        assert caller.get("/2026-07/retailer").status == 200

    def test_only_the_first_lists_tell_a_total(self) -> None:
        caller = ask_x()
        first = data(caller.get("/register_sales", since=SINCE, page_size="1"))
        assert first["pagination"]["results"] == 3600
        search = data(caller.get("/2026-07/search", type="sales", date_from=SINCE, page_size="1"))
        assert len(search["data"]) == 1
        assert search.keys() == {"data"}

    def test_the_version_is_an_exact_feed_of_changes(self) -> None:
        caller, after, seen = ask_x(), 80_000, []
        while rows := data(caller.get("/2.0/sales", after=str(after), page_size="1000")):
            if not rows["data"]:
                break
            seen += [row["version"] for row in rows["data"]]
            after = rows["version"]["max"]
        assert seen == list(range(80_001, 86_401))

    def test_a_retired_version_is_not_found(self) -> None:
        assert ask_x().get("/2025-07/retailer").status == 404

    def test_a_token_of_a_week_says_when_it_ends(self) -> None:
        caller = ask_x("none yet")
        asked = {**rotating.CLIENT, "grant_type": "refresh_token"}
        granted = data(caller.post("/1.0/token", refreshing(asked), form=True))
        assert granted["expires_in"] == 604_800
        assert granted["expires"] == int((NOON + timedelta(days=7)).timestamp())


def refreshing(asked: dict[str, str], shown: str = rotating.FIRST_REFRESH) -> dict[str, str]:
    return {**asked, "refresh_token": shown}


class TestShipStation:
    def test_v1_tells_seconds_to_the_next_window(self) -> None:
        caller = ask_v1()
        caller.pass_time(seconds=45)
        told = caller.get("/stores").headers
        assert dict(told) == {
            "X-Rate-Limit-Limit": "40",
            "X-Rate-Limit-Remaining": "39",
            "X-Rate-Limit-Reset": "15",
        }

    def test_v1_refuses_the_forty_first_call_and_no_platforms_call_for_it(self) -> None:
        caller = ask_v1()
        assert [caller.get("/stores").status for _ in range(41)].count(200) == 40
        assert caller.vendor.serve(40, NOON) == ""
        assert caller.vendor.serve(1, NOON) == caller.vendor.says_too_many

    def test_v1_takes_every_time_for_a_pacific_one(self) -> None:
        caller = ask_v1()
        pacific = data(caller.get("/orders", modifyDateStart="2026-11-21 03:00:00", pageSize="1"))
        assert pacific["total"] == 3600, "eight hours behind UTC in November"
        in_utc = data(caller.get("/orders", modifyDateStart="2026-11-21T11:00:00Z", pageSize="1"))
        assert in_utc["total"] == 0, "whoever says UTC asks about the future"

    def test_v1_overlooks_a_filter_that_it_does_not_have(self) -> None:
        told = data(ask_v1().get("/orders", modified_at_start=SINCE, pageSize="1"))
        assert told["total"] == 86_400

    def test_v2_tells_only_how_long_to_wait_and_who_refused(self) -> None:
        caller = ask_v2()
        assert not caller.get("/tags").headers
        assert caller.vendor.serve(200, NOON) == caller.vendor.says_too_many
        caller.pass_time(seconds=18)
        refused = caller.get("/tags")
        assert data(refused, 429)["errors"][0]["error_source"] == "shipstation"
        assert refused.headers["Retry-After"] == "42"

    def test_v2_counts_what_changed(self) -> None:
        told = data(ask_v2().get("/shipments", modified_at_start=SINCE, page_size="1"))
        assert (told["total"], told["pages"], len(told["shipments"])) == (3600, 3600, 1)
