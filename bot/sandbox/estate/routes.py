"""Every path of the look-alike, in one table.

Patchworks publishes the paths of runs, logs, flows, payloads and the Start API; those of the
other lists, of the allowances, of retry and stop follow its naming and are not confirmed.
"""

from __future__ import annotations

from aiohttp import web

from bot.sandbox.estate import acts, control
from bot.sandbox.estate.answers.account import ACTIVITIES, BROKERS, NOTIFICATIONS, allowances
from bot.sandbox.estate.answers.flows import DEPLOYMENTS, FLOWS, VERSIONS
from bot.sandbox.estate.answers.instances import INSTANCE_LIST, POOL_LIST, SYSTEM_LIST
from bot.sandbox.estate.answers.queue import QUEUE
from bot.sandbox.estate.answers.records import DATA_POOLS, DEDUPED, PAYLOADS, TRACKED, download
from bot.sandbox.estate.answers.run_logs import LOGS
from bot.sandbox.estate.answers.runs import RUNS
from bot.sandbox.estate.vendors.mount import VENDOR_ROUTES

CORE, START, LOGIN = "/api/v1", "/start/api/v1", "/fabric/api/login"
_RUN = CORE + r"/flow-runs/{run:\d{1,18}}"
_FLOW = START + r"/flows/{flow:\d{1,18}}"
_ID = r"{id:\d{1,18}}"
_VERSION = r"{version:\d{1,18}}"

ROUTES: tuple[web.RouteDef, ...] = (
    web.get(f"{CORE}/flow-runs", RUNS.many),
    web.get(f"{CORE}/flow-runs/{_ID}", RUNS.one),
    web.get(f"{_RUN}/flow-run-logs", LOGS.many),
    web.post(f"{_RUN}/retry", acts.retry_run),
    web.post(f"{_RUN}/stop", acts.stop_run),
    web.get(f"{CORE}/scheduled-flows", QUEUE.many),
    web.get(f"{CORE}/flows", FLOWS.many),
    web.get(f"{CORE}/flows/{_ID}", FLOWS.one),
    web.get(CORE + r"/flows/{flow:\d{1,18}}/versions", VERSIONS.many),
    web.get(f"{CORE}/flow-version-deployments", DEPLOYMENTS.many),
    web.get(f"{CORE}/connectors", INSTANCE_LIST.many),
    web.get(f"{CORE}/connectors/{_ID}", INSTANCE_LIST.one),
    web.get(f"{CORE}/systems", SYSTEM_LIST.many),
    web.get(f"{CORE}/connection-pools", POOL_LIST.many),
    web.get(f"{CORE}/payload-metadata", PAYLOADS.many),
    web.get(f"{CORE}/payload-metadata/{_ID}/download", download),
    web.get(f"{CORE}/tracked-data", TRACKED.many),
    web.get(f"{CORE}/data-pool", DATA_POOLS.many),
    web.get(f"{CORE}/data-pool/{_ID}", DATA_POOLS.one),
    web.get(f"{CORE}/data-pool/{{pool}}/deduped-data", DEDUPED.many),
    web.get(f"{CORE}/allowances", allowances),
    web.post(f"{CORE}/allowances/refresh", allowances),
    web.get(f"{CORE}/activity-logs", ACTIVITIES.many),
    web.get(f"{CORE}/notifications", NOTIFICATIONS.many),
    web.get(f"{CORE}/message-brokers", BROKERS.many),
    *(
        web.post(f"{_FLOW}/{verb}{rest}", act)
        for verb, act in (("start", acts.queue_flow), ("manual", acts.start_flow))
        for rest in ("", f"/{_VERSION}", "/raw", f"/raw/{_VERSION}")
    ),
    web.post(LOGIN, acts.log_in),
    web.get("/clock", control.show_clock),
    web.post("/control/fault", control.set_fault),
    web.post("/control/scenario", control.set_scenario),
    web.post("/control/vendor", control.set_vendor),
    web.post("/control/deploy", control.deploy),
    *VENDOR_ROUTES,
)
