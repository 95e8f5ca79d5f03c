"""The look-alikes of Brightpearl, Dynamics 365, Fluent and Akeneo, asked directly."""

from __future__ import annotations

import json

import jwt
import pytest

from bot.sandbox.estate.vendors import akeneo, brightpearl, dynamics, entra, fluent
from bot.sandbox.estate.vendors.answering import basic
from tests.bot.sandbox.estate.vendor_asking import HOUR_AGO, NOON, Books, Caller, data

SINCE = HOUR_AGO.isoformat().replace("+00:00", "Z")
ORDERS = "/public-api/fellharbour/order-service/order-search"
TOKEN = f"/{entra.TENANT}/oauth2/v2.0/token"
CREDENTIALS = {
    "grant_type": "client_credentials",
    "client_id": entra.CLIENT,
    "scope": "https://api.businesscentral.dynamics.com/.default",
    **entra.SECRETS,
}
COMPANY = "/companies(5f8b2a10-7c3d-4e7e-9d0a-2f4b8c6d1e90)"


def ask_brightpearl(**headers: str) -> Caller:
    shown = {
        "brightpearl_account_token": "made-up-brightpearl-account-token",
        "brightpearl_app_ref": "fellharbour_watch",
    }
    return Caller(brightpearl.Brightpearl(Books()), **{**shown, **headers})


def sign_in(vendor: dynamics.Dynamics) -> Caller:
    caller = Caller(vendor)
    granted = data(caller.post(TOKEN, CREDENTIALS, form=True))
    caller.headers["authorization"] = f"Bearer {granted['access_token']}"
    return caller


def ask_akeneo() -> Caller:
    caller = Caller(akeneo.Akeneo(Books()))
    granted = log_in(caller)
    caller.headers["authorization"] = f"Bearer {granted['access_token']}"
    return caller


def log_in(caller: Caller, **told: str) -> dict[str, str]:
    caller.headers["authorization"] = basic("1_made-up-akeneo-client", "made-up-akeneo-secret")
    by_password = {
        "grant_type": "password",
        "username": "watch_0042",
        "password": "made-up-akeneo-password",
    }
    granted: dict[str, str] = data(caller.post("/api/oauth/v1/token", told or by_password))
    return granted


def ask_fluent() -> Caller:
    caller = Caller(fluent.Fluent(Books()))
    asked = {
        "grant_type": "password",
        "client_id": "FELLHARBOUR",
        "client_secret": "made-up-fluent-secret",
        "username": "fellharbour_watch",
        "password": "made-up-fluent-password",
        "scope": "api",
    }
    granted = data(caller.ask("POST", "/oauth/token", asked))
    assert granted["expires_in"] == 86_399
    caller.headers["authorization"] = f"Bearer {granted['access_token']}"
    return caller


class TestBrightpearl:
    def test_the_pool_of_the_private_apps_slides_and_is_told_in_milliseconds(self) -> None:
        caller = ask_brightpearl()
        assert caller.vendor.serve(199, NOON) == ""
        caller.pass_time(seconds=50)
        told = caller.get(ORDERS).headers
        assert told["brightpearl-requests-remaining"] == "0"
        assert told["brightpearl-next-throttle-period"] == "10000"

    def test_it_says_503_at_the_limit_in_words_of_its_own(self) -> None:
        caller = ask_brightpearl()
        assert caller.vendor.serve(201, NOON) == caller.vendor.says_too_many
        refused = caller.get(ORDERS)
        assert refused.status == 503
        assert "too many requests" in refused.body
        assert refused.headers["brightpearl-next-throttle-period"] == "60000"
        caller.pass_time(minutes=1)
        assert caller.get(ORDERS).status == 200

    @pytest.mark.parametrize(
        "missing", ["brightpearl_account_token", "brightpearl_app_ref"], ids=["token", "app"]
    )
    def test_a_missing_reference_is_refused_like_a_missing_token(self, missing: str) -> None:
        assert ask_brightpearl(**{missing: ""}).get(ORDERS).status == 401

    def test_a_search_tells_how_many_there_are(self) -> None:
        told = data(ask_brightpearl().get(ORDERS, updatedOn=f"{SINCE}/", pageSize="1"))
        assert told["response"]["metaData"]["resultsAvailable"] == 4050, "with purchase orders"
        sales = data(ask_brightpearl().get(ORDERS, updatedOn=f"{SINCE}/", orderTypeId="1"))
        assert sales["response"]["metaData"]["resultsAvailable"] == 3600
        assert sales["response"]["metaData"]["resultsReturned"] == 500

    @pytest.mark.parametrize(
        "wrong",
        [{"updated_on": f"{SINCE}/"}, {"updatedOn": "yesterday"}],
        ids=["no such filter", "no period"],
    )
    def test_a_wrong_filter_is_refused(self, wrong: dict[str, str]) -> None:
        assert ask_brightpearl().get(ORDERS, **wrong).status == 400


class TestEntra:
    def test_a_token_tells_its_own_end_and_ends_then(self) -> None:
        caller = sign_in(dynamics.BusinessCentral(Books()))
        token = caller.headers["authorization"].removeprefix("Bearer ")
        claims = jwt.decode(token, options={"verify_signature": False})
        assert claims["exp"] == int((NOON + entra.TOKEN_LASTS).timestamp())
        assert claims["aud"] == "https://api.businesscentral.dynamics.com"
        caller.pass_time(seconds=entra.TOKEN_LASTS.total_seconds() - 1)
        assert caller.get("/companies").status == 200
        caller.pass_time(seconds=1)
        assert caller.get("/companies").status == 401

    @pytest.mark.parametrize(
        ("told", "number"),
        [
            pytest.param({"client_secret": "wrong"}, 7000215, id="wrong secret"),
            pytest.param({"client_id": "nobody"}, 700016, id="unknown app"),
            pytest.param({"scope": ""}, 900144, id="no scope"),
        ],
    )
    def test_a_refusal_has_its_number(self, told: dict[str, str], number: int) -> None:
        caller = Caller(dynamics.Dataverse(Books()))
        refused = caller.post(TOKEN, {**CREDENTIALS, **told}, form=True)
        assert refused.status in (400, 401)
        assert json.loads(refused.body)["error_codes"] == [number]

    def test_an_expired_secret_gets_no_token_any_more(self) -> None:
        caller = sign_in(dynamics.Dataverse(Books()))
        caller.vendor.lapse(platforms=False)
        assert caller.get("/WhoAmI").status == 401
        refused = data(caller.post(TOKEN, CREDENTIALS, form=True), 401)
        assert refused["error_codes"] == [7000222]
        assert caller.vendor.serve(1, NOON) == ""


class TestBusinessCentral:
    def test_the_6001st_request_of_five_minutes_is_refused_without_a_wait(self) -> None:
        caller = sign_in(dynamics.BusinessCentral(Books()))
        for _ in range(6000):
            assert caller.get("/companies").status == 200
        refused = caller.get("/companies")
        assert refused.status == 429
        assert not refused.headers
        caller.pass_time(minutes=5)
        assert caller.get("/companies").status == 200

    def test_posted_orders_are_found_among_the_invoices(self) -> None:
        caller, asked = sign_in(dynamics.BusinessCentral(Books())), {"$count": "true", "$top": "1"}
        changed = {**asked, "$filter": f"lastModifiedDateTime ge {SINCE}"}
        orders = data(caller.get(f"{COMPANY}/salesOrders", **changed))
        invoices = data(caller.get(f"{COMPANY}/salesInvoices", **changed))
        assert (orders["@odata.count"], invoices["@odata.count"]) == (
            2800,
            2400,
        )  # two thirds are posted after 40 minutes

    def test_a_batch_has_an_answer_for_each_of_its_calls(self) -> None:
        caller = sign_in(dynamics.BusinessCentral(Books()))
        told = f"$filter=lastModifiedDateTime%20ge%20{SINCE}"
        requests = [
            {"id": "good", "method": "GET", "url": f"{COMPANY[1:]}/items/$count?{told}"},
            {"id": "bad", "method": "GET", "url": f"{COMPANY[1:]}/gadgets"},
        ]
        answers = data(caller.post("/$batch", {"requests": requests}))["responses"]
        assert [(each["id"], each["status"]) for each in answers] == [("good", 200), ("bad", 404)]
        assert answers[0]["body"] == "3600"

    def test_a_property_that_it_does_not_have_is_refused(self) -> None:
        caller = sign_in(dynamics.BusinessCentral(Books()))
        asked = {"$count": "true", "$filter": f"modifiedon ge {SINCE}"}
        assert caller.get(f"{COMPANY}/items", **asked).status == 400


class TestDataverse:
    def test_requests_and_seconds_are_told_as_two_allowances(self) -> None:
        told = sign_in(dynamics.Dataverse(Books())).get("/WhoAmI").headers
        assert told["x-ms-ratelimit-burst-remaining-xrm-requests"] == "5999"
        assert told["x-ms-ratelimit-time-remaining-xrm-requests"] == "1,199.88"

    def test_a_refusal_says_which_of_them_is_used_up(self) -> None:
        caller = sign_in(dynamics.Dataverse(Books()))
        for _ in range(6000):
            assert caller.get("/WhoAmI").status == 200
        caller.pass_time(minutes=4)
        refused = caller.get("/WhoAmI")
        assert data(refused, 429)["error"]["code"] == "0x80072322"
        assert refused.headers["Retry-After"] == "60"

    def test_it_never_counts_further_than_5000(self) -> None:
        caller = sign_in(dynamics.Dataverse(Books()))
        assert data(caller.get("/contacts", **{"$count": "true"}))["@odata.count"] == 5000
        asked = {"$count": "true", "$filter": f"modifiedon ge {SINCE}"}
        assert data(caller.get("/contacts", **asked))["@odata.count"] == 3600


class TestFinanceOperations:
    def test_it_refuses_only_when_the_whole_environment_is_busy(self) -> None:
        caller = sign_in(dynamics.FinanceOperations(Books()))
        caller.vendor.crowd(0.99, NOON)
        assert caller.get("/data/LegalEntities").status == 200
        caller.vendor.crowd(1, NOON)
        refused = caller.get("/data/LegalEntities")
        assert (refused.status, refused.headers["Retry-After"]) == (429, "60")
        assert "high resource utilization" in refused.body


class TestFluent:
    def test_a_connection_is_paged_and_has_no_total(self) -> None:
        caller, cursor, found = ask_fluent(), None, 0
        query = (
            "query ($since: DateTime, $cursor: String) { orders(first: 2000, after: $cursor, "
            "updatedOn: { from: $since }) "
            "{ pageInfo { hasNextPage } edges { cursor node { id } } } }"
        )
        for more in (True, False):
            variables = {"since": SINCE, "cursor": cursor}
            told = data(caller.post("/graphql", {"query": query, "variables": variables}))
            orders = told["data"]["orders"]
            assert orders["pageInfo"] == {"hasNextPage": more}
            found, cursor = found + len(orders["edges"]), orders["edges"][-1]["cursor"]
        assert found == 3600

    @pytest.mark.parametrize(
        ("query", "complexity"),
        [
            pytest.param("{ me { id } }", 0, id="no connection"),
            pytest.param("{ orders(first: 5000) { edges { node { id } } } }", 1, id="one"),
            pytest.param(
                "{ orders(first: 100) { edges { node { items(first: 10) "
                "{ edges { node { id } } } } } } }",
                101,
                id="items of a hundred orders",
            ),
            pytest.param(
                "{ a(first: 10) { b(first: 10) { c(first: 10) { d(first: 10) { e(first: 10) "
                "{ id } } } } } }",
                11_111,
                id="five deep by ten",
            ),
        ],
    )
    def test_complexity_is_how_many_lookups_it_may_cause(self, query: str, complexity: int) -> None:
        assert fluent.complexity_of(query) == complexity

    @pytest.mark.parametrize(
        ("query", "says"),
        [
            ("{ orders(first: 5001) { edges { cursor } } }", "between 1 and 5000"),
            ("{ orders(changed: 7) { edges { cursor } } }", "UnknownArgument: changed"),
            ("{ gadgets(first: 5) { edges { cursor } } }", "FieldUndefined"),
            (
                "{ orders(first: 5000) { items(first: 5) { notes(first: 2) { edges } } } }",
                "maximum query complexity exceeded",
            ),
        ],
        ids=["page too long", "unknown filter", "unknown field", "too complex"],
    )
    def test_errors_come_with_status_200(self, query: str, says: str) -> None:
        told = data(ask_fluent().post("/graphql", {"query": query}))
        assert told["data"] is None
        assert says in told["errors"][0]["message"]

    def test_a_request_may_be_two_megabytes_long(self) -> None:
        refused = ask_fluent().post("/graphql", {"query": "#" * 2 * 1024**2})
        assert refused.status == 413

    def test_a_token_of_a_day_ends(self) -> None:
        caller = ask_fluent()
        caller.pass_time(days=1)
        refused = caller.post("/graphql", {"query": "{ me { id } }"})
        assert data(refused, 401)["error_description"] == "Access token expired"


class TestAkeneo:
    def test_a_connection_has_four_calls_at_a_time_and_the_instance_ten(self) -> None:
        caller = ask_akeneo()
        served = [caller.vendor.serve(5, NOON) for _ in range(5)]
        assert served == [""] * 4 + [caller.vendor.says_too_many]
        assert caller.get("/api/rest/v1/system-information").status == 200, (
            "a connection of its own"
        )
        caller.pass_time(seconds=2)
        assert caller.vendor.serve(5, caller.at) == ""

    def test_a_refusal_tells_a_wait_and_nothing_else(self) -> None:
        caller = ask_akeneo()
        caller.vendor.crowd(1, NOON)
        refused = caller.get("/api/rest/v1/system-information")
        assert (refused.status, dict(refused.headers)) == (429, {"Retry-After": "15"})

    def test_a_refresh_brings_a_new_pair_once(self) -> None:
        caller = Caller(akeneo.Akeneo(Books()))
        first = log_in(caller)
        assert first["expires_in"] == 3600
        again = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
        assert log_in(caller, **again)["access_token"] != first["access_token"]
        assert caller.post("/api/oauth/v1/token", again).status == 422

    def test_a_refresh_token_ends_after_a_fortnight(self) -> None:
        caller = Caller(akeneo.Akeneo(Books()))
        again = {"grant_type": "refresh_token", "refresh_token": log_in(caller)["refresh_token"]}
        caller.pass_time(days=14)
        assert caller.post("/api/oauth/v1/token", again).status == 422

    def test_a_token_ends_after_an_hour(self) -> None:
        caller = ask_akeneo()
        caller.pass_time(minutes=60)
        refused = data(caller.get("/api/rest/v1/system-information"), 401)
        assert refused["message"] == "The access token provided has expired."

    @pytest.mark.parametrize(
        ("compared", "total"),
        [
            pytest.param({"operator": ">", "value": "2026-11-21 10:59:59"}, 3600, id="after"),
            pytest.param({"operator": "SINCE LAST N DAYS", "value": 1}, 86_400, id="days"),
        ],
    )
    def test_products_are_counted_only_when_asked(self, compared: object, total: int) -> None:
        caller, search = ask_akeneo(), json.dumps({"updated": [compared]})
        asked = {"search": search, "limit": "1"}
        counted = data(caller.get("/api/rest/v1/products-uuid", **asked, with_count="true"))
        assert counted["items_count"] == total
        assert "items_count" not in data(caller.get("/api/rest/v1/products-uuid", **asked))

    @pytest.mark.parametrize(
        "query",
        [
            {"search": "{"},
            {"search": '{"changed": []}'},
            {"search": '{"updated": [{"operator": ">", "value": "2026-11-21T10:00:00Z"}]}'},
            {"limit": "101"},
        ],
        ids=["no JSON", "no such property", "another way to write a date", "page too long"],
    )
    def test_a_wrong_search_is_refused(self, query: dict[str, str]) -> None:
        assert ask_akeneo().get("/api/rest/v1/products-uuid", **query).status == 422
