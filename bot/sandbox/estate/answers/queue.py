"""The queue: the platform lists its waiting jobs as scheduled flows, apart from the runs.

https://doc.wearepatchworks.com/product-documentation/api-reference/flow-logs-and-queue/scheduled-flows
"""

from __future__ import annotations

from bot.sandbox.estate.answers.flows import show_version
from bot.sandbox.estate.listing import Listing, Row, stamp
from bot.sandbox.estate.model import Job
from bot.sandbox.estate.query import Query

WAITING = 1
"""The only status a row has: what was picked is no longer listed. Patchworks documents neither."""


def _select(query: Query) -> list[Job]:
    version = query.filters.get("flow_version_id")
    jobs = [
        job
        for job in sorted(query.estate.queue.waiting, key=lambda job: (job.queued_at, job.id))
        if version is None or str(job.flow.version_id) in version
    ]
    if str(WAITING) not in query.filters.get("status", str(WAITING)):
        return []
    return jobs[::-1] if query.sort == ("-created_at",) else jobs


def _show(job: Job, query: Query) -> Row:
    return {
        "id": job.id,
        "created_at": stamp(job.queued_at),
        "updated_at": stamp(job.queued_at),
        "flow_version_id": job.flow.version_id,
        "flow_version": show_version(job.flow, query.bare()),
        "virtual_environment_version_id": None,
        "virtual_environment_version": None,
        "payload_metadata_id": None,
        "payload_metadata": None,
        "trigger": job.trigger,
        "status": WAITING,
        "flow_id": job.flow.id,
        "flow": {"id": job.flow.id, "name": job.flow.name},
    }


QUEUE = Listing(
    kind="scheduled-flows",
    select=_select,
    show=_show,
    filters=frozenset({"status", "flow_version_id"}),
    includes=frozenset({"flow", "flowVersion"}),
    sorts=frozenset({"created_at", "id"}),
)
