"""What changes something: logging in, starting flows, retrying and stopping runs.

https://doc.wearepatchworks.com/product-documentation/developer-hub/patchworks-core-api
"""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from bot.sandbox.estate.answers.run_logs import find_run
from bot.sandbox.estate.estate import Estate
from bot.sandbox.estate.model import Flow, Trigger
from bot.sandbox.estate.query import Rejected
from bot.sandbox.estate.site import SITE


async def log_in(request: web.Request) -> web.Response:
    """POST of username (older form: email) and password. Raises Rejected (401, 422)."""
    site, body = request.app[SITE], await _json_object(request)
    username, password = body.get("username", body.get("email")), body.get("password")
    missing = {
        name: [f"The {name} field is required."]
        for name, value in (("username", username), ("password", password))
        if not isinstance(value, str)
    }
    if missing:
        raise Rejected(422, "The given data was invalid.", missing)
    token = site.credentials.log_in(str(username), str(password), site.clock.now())
    if token is None:
        raise Rejected(401, "Unauthenticated.")
    return web.json_response(
        {
            "message": "You have successfully logged in.",
            "token": token,
            "expires_in": int(site.options.token_lifetime.total_seconds()),
        }
    )


async def queue_flow(request: web.Request) -> web.Response:
    """POST of a start: the run joins the queue, and can be read when it was picked."""
    estate = request.app[SITE].live()
    flow, payload = _startable(estate, request), await _payload(request)
    if flow.id in estate.queue.disabled:
        raise _invalid("flow", "The flow is not enabled.")
    return _initialised(estate.queue.enqueue(flow, Trigger.API, payload).run_id)


async def start_flow(request: web.Request) -> web.Response:
    """POST of a manual start: the run starts at once, past the queue."""
    estate = request.app[SITE].live()
    flow, payload = _startable(estate, request), await _payload(request)
    return _initialised(estate.queue.start_now(flow, Trigger.MANUAL, payload).id)


async def retry_run(request: web.Request) -> web.Response:
    """POST of a retry: the same payload once more, at once."""
    estate = request.app[SITE].live()
    run = find_run(estate, request.match_info["run"])
    if not run.has_ended(estate.now) or run.flow.id in estate.queue.disabled:
        raise _invalid("run", "Only a finished run of an enabled flow can be retried.")
    again = estate.queue.start_now(run.flow, Trigger.RETRY, run.payload, retry_of=run.id)
    return _initialised(again.id)


async def stop_run(request: web.Request) -> web.Response:
    """POST of a stop. Raises Rejected (422) for a run that has ended."""
    estate = request.app[SITE].live()
    run = find_run(estate, request.match_info["run"])
    if estate.queue.stop(run.id, by="the Patchworks API") is None:
        raise _invalid("run", "The run is not running.")
    return web.json_response({"message": "Flow run stopped.", "data": {"id": run.id}})


def _startable(estate: Estate, request: web.Request) -> Flow:
    flow = estate.flows.get(int(request.match_info["flow"]))
    if flow is None:
        raise Rejected(404, f"No query results for flows {request.match_info['flow']}.")
    if not flow.deployed:
        raise _invalid("flow", "The flow has no deployed version.")
    if request.match_info.get("version", str(flow.version_id)) != str(flow.version_id):
        raise _invalid("version", "The flow has no such version.")
    return flow


async def _payload(request: web.Request) -> str | None:
    """What the run starts with: any JSON object on the raw paths, else a string in `payload`."""
    body = await _json_object(request)
    if "/raw" in request.path:
        return json.dumps(body) if body else None
    payload = body.get("payload")
    if payload is None or isinstance(payload, str):
        return payload
    raise _invalid("payload", "The payload field must be a string.")


async def _json_object(request: web.Request) -> dict[str, Any]:
    text = await request.text()
    try:
        body = json.loads(text) if text else {}
    except ValueError:
        raise _invalid("body", "The body must be JSON.") from None
    if not isinstance(body, dict):
        raise _invalid("body", "The body must be a JSON object.")
    return body


def _invalid(field: str, message: str) -> Rejected:
    return Rejected(422, message, {field: [message]})


def _initialised(run_id: int) -> web.Response:
    return web.json_response({"message": "Flow initialised.", "data": {"flow_run_id": run_id}})
