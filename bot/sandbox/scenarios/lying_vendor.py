"""Answers that read like trouble and are none: every system is in truth well."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from bot.sandbox.estate.estate import Estate, Step
from bot.sandbox.estate.vendors.vendor import Answered
from bot.sandbox.scenarios.scenario import Scenario

_EVERY = timedelta(minutes=3)
_PEOPLEVOX_FAULT = """<?xml version="1.0" encoding="utf-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>
<GetDataResponse xmlns="http://www.peoplevox.net/"><GetDataResult>
<ResponseId>-1</ResponseId><TotalCount>0</TotalCount>
<Detail>System : Security - Invalid Session</Detail>
</GetDataResult></GetDataResponse></soap:Body></soap:Envelope>"""
_HTML = "<!DOCTYPE html><html><head><title>PIM</title></head><body>Please wait</body></html>"
_THROTTLED = {
    "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
    "extensions": {
        "cost": {
            "requestedQueryCost": 10.0,
            "actualQueryCost": None,
            "throttleStatus": {
                "maximumAvailable": 2000.0,
                "currentlyAvailable": 4.0,
                "restoreRate": 100.0,
            },
        }
    },
}
_INVALID_LOGIN = (
    "Invalid login attempt. For more details, see the Login Audit Trail in the NetSuite UI"
)


def _answer(status: int, body: object, **headers: str) -> Answered:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answered(status=status, body=json.dumps(body), headers=named)


def _says(
    system: str, answer: Answered, *, times: int = 1, within: str = ""
) -> Callable[[Estate], object]:
    return lambda estate: estate.trade.lie(system, lambda _: answer, times=times, within=within)


def _netsuite_problem(status: int, code: str, detail: str) -> Answered:
    error = {"detail": detail, "o:errorCode": code}
    return _answer(status, {"title": detail, "status": status, "o:errorDetails": [error]})


def _limit_in_netsuite(estate: Estate) -> None:
    code = "SSS_REQUEST_LIMIT_EXCEEDED"
    estate.trade.complain("NetSuite", f"HTTP 400: {code}", times=1)
    told = _answer(400, {"error": {"code": code, "message": "Request Limit Exceeded"}})
    estate.trade.lie("NetSuite", lambda _: told, times=2)


def _no_limit_headers(estate: Estate) -> None:
    estate.trade.lie("BigCommerce", _without_limits, times=4)


def _without_limits(honest: Answered) -> Answered:
    headers: Mapping[str, str] = {
        name: value for name, value in honest.headers.items() if "limit" not in name.lower()
    }
    return replace(honest, headers=headers)


def _slow_login_at_netsuite(estate: Estate) -> None:
    for flow in estate.flows.values():
        if "NetSuite" in (flow.source.system.name, flow.target.system.name):
            estate.queue.slowness[flow.id] = 4.0
    estate.trade.complain("NetSuite", f"HTTP 401: {_INVALID_LOGIN}", times=2)
    told = _netsuite_problem(401, "INVALID_LOGIN", _INVALID_LOGIN)
    estate.trade.lie("NetSuite", lambda _: told)


def _red_third_party(estate: Estate) -> None:
    estate.trade.redden("Shopify", "Payment provider (third party)")


def _be_well(estate: Estate) -> None:
    estate.calm()


_TRAPS: tuple[tuple[str, Callable[[Estate], object]], ...] = (
    (
        "Brightpearl throttles with a 503, as it always does",
        _says(
            "Brightpearl",
            _answer(
                503,
                {"errors": [{"code": "CMNC-015", "message": "too many requests"}]},
                brightpearl_requests_remaining="0",
                brightpearl_next_throttle_period="9000",
            ),
            times=2,
        ),
    ),
    ("NetSuite calls its limit a bad request", _limit_in_netsuite),
    ("Shopify throttles inside an HTTP 200", _says("Shopify", _answer(200, _THROTTLED), times=2)),
    (
        "Peoplevox forgets a session, inside an HTTP 200",
        _says("Peoplevox", Answered(body=_PEOPLEVOX_FAULT, content_type="text/xml")),
    ),
    (
        "Klaviyo refuses with Retry-After as its only header",
        _says(
            "Klaviyo",
            _answer(429, {"errors": [{"code": "throttled", "status": 429}]}, Retry_After="7"),
            times=2,
        ),
    ),
    ("BigCommerce leaves its limits untold", _no_limit_headers),
    (
        "Brightpearl answers 404 for an empty list",
        _says(
            "Brightpearl",
            _answer(404, {"errors": [{"code": "CMNC-404", "message": "Resource not found"}]}),
            within="-search",
        ),
    ),
    (
        "Akeneo answers a page instead of JSON, once",
        _says("Akeneo", Answered(body=_HTML, content_type="text/html")),
    ),
    (
        "Gorgias refuses a good key, once",
        _says("Gorgias", _answer(401, {"error": {"msg": "Unauthorized"}})),
    ),
    ("Shopify's status page is red for somebody else's part", _red_third_party),
    ("NetSuite is slow, and blames a login for it", _slow_login_at_netsuite),
    ("everybody tells the truth again", _be_well),
)

SCENARIO = Scenario(
    name="lying_vendor",
    title="Vendors cry wolf",
    steps=tuple(
        Step(after=timedelta(seconds=30) + _EVERY * number, happens=happens, do=do)
        for number, (happens, do) in enumerate(_TRAPS)
    ),
)
