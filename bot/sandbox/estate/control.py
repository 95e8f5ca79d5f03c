"""What only a sandbox has: its clock to follow, faults to inject, scenarios to start."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.sandbox.estate.estate import Estate
from bot.sandbox.estate.faults import BadFault
from bot.sandbox.estate.site import SITE
from bot.sandbox.estate.trade import UnknownVendor
from bot.sandbox.estate.vendors.reshaped import CHANGES
from bot.sandbox.scenarios import UnknownScenario

_LONGEST_WAIT = 25.0  # seconds, so that no proxy or client gives up first


async def show_clock(request: web.Request) -> web.Response:
    """GET of the clock; with `?after=N` when its version is past N, or after 25 seconds."""
    clock = request.app[SITE].clock
    after = request.query.get("after", "")
    if after.isdigit():
        await clock.changed(int(after), _LONGEST_WAIT)
    return web.json_response(clock.as_json())


async def set_fault(request: web.Request) -> web.Response:
    """POST of a fault, see faults.py; `{}` clears all."""
    try:
        request.app[SITE].faults.set(await _object(request))
    except BadFault as bad:
        return _refused(str(bad))
    return web.json_response({"ok": True})


async def set_scenario(request: web.Request) -> web.Response:
    """POST of `{"name": ...}`: start a scenario now."""
    name = str((await _object(request)).get("name"))
    try:
        request.app[SITE].play(name)
    except UnknownScenario as unknown:
        return _refused(str(unknown))
    return web.json_response({"ok": True, "scenario": name})


async def set_vendor(request: web.Request) -> web.Response:
    """POST of `{"name": ...}` with `lapse` ("platform" or "monitor"), `renew`, `crowd`, or, of a

    field of its answers, `drop`, `blank` or `retype`; `restore` takes these back.

    `name` is a vendor's address below /vendors, or the company's name for the system; `crowd` is
    the share of the allowance (0 to 1) that somebody else uses.
    """
    body, estate = await _object(request), request.app[SITE].live()
    try:
        _change(estate, str(body.pop("name", "")), body)
    except (UnknownVendor, ValueError) as bad:
        return _refused(str(bad))
    return web.json_response({"ok": True})


def _change(estate: Estate, name: str, told: dict[str, Any]) -> None:
    match told:
        case {"lapse": "platform" | "monitor" as whose, **rest} if not rest:
            estate.lapse(name, platforms=whose == "platform")
        case {"renew": True, **rest} if not rest:
            estate.renew(name)
        case {"crowd": share, **rest} if not rest and _is_share(share):
            estate.crowd(name, share)
        case {"restore": True, **rest} if not rest:
            estate.trade.restore(name)
        case _ if change := _change_of_field(told):
            estate.trade.change(name, *change)
        case _:
            raise ValueError(
                'a vendor takes one of lapse ("platform" or "monitor"), renew (true), '
                f"crowd (0 to 1), drop, blank or retype (a field), restore (true); got {told!r}"
            )


def _change_of_field(told: dict[str, Any]) -> tuple[str, str] | None:
    """Which field is to be changed, and how; None for anything else."""
    match list(told.items()):
        case [(how, str(field))] if how in CHANGES and field:
            return field, how
    return None


def _is_share(told: object) -> bool:
    return isinstance(told, int | float) and not isinstance(told, bool) and 0 <= told <= 1


async def deploy(request: web.Request) -> web.Response:
    """POST of `{"flow": NAME}`: a colleague deploys the flow once more."""
    name = str((await _object(request)).get("flow"))
    try:
        request.app[SITE].live().deploy(name)
    except KeyError:
        return _refused(f"no flow is called {name[:60]!r}")
    return web.json_response({"ok": True})


async def _object(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json() if request.can_read_body else {}
    except ValueError:
        body = None
    return body if isinstance(body, dict) else {"not a JSON object": body}


def _refused(sentence: str) -> web.Response:
    return web.json_response({"ok": False, "error": sentence}, status=400)
