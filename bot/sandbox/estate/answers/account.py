"""The company's account: allowances, activity log, notifications, message brokers.

https://doc.wearepatchworks.com/product-documentation/api-reference/company-management
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from aiohttp import web

from bot.sandbox.estate.company import COMPANY
from bot.sandbox.estate.estate import Estate
from bot.sandbox.estate.listing import Listing, Row, stamp
from bot.sandbox.estate.model import Activity, Run
from bot.sandbox.estate.query import Query
from bot.sandbox.estate.site import SITE
from bot.sandbox.estate.story import operations

_OPERATIONS_A_MONTH = 1_000_000


async def allowances(request: web.Request) -> web.Response:
    """GET of the limits, with what is used and left; POST to refresh answers the same.

    The names of the fields are ours: the platform's are not public.
    """
    site = request.app[SITE]
    estate = site.live()
    queue = estate.queue
    used = sum(sum(operations(run)) for run in _runs_of_this_month(estate))
    answer: Row = {
        "company": COMPANY,
        "concurrent_flows": _allowance(queue.allowance, len(queue.running)),
        "scheduled_flows": _allowance(queue.cap, len(queue.waiting)),
        "operations": _allowance(_OPERATIONS_A_MONTH, used),
        "api_requests_per_minute": _allowance(
            site.limiter.per_minute, site.limiter.per_minute - site.limiter.remaining
        ),
    }
    return web.json_response({"data": answer})


def _allowance(limit: int, used: int) -> dict[str, int]:
    return {"limit": limit, "used": used, "remaining": max(0, limit - used)}


def _runs_of_this_month(estate: Estate) -> Iterator[Run]:
    """They stand in the order of their starts, so that the latest come first here."""
    midnight = estate.now.replace(hour=0, minute=0, second=0, microsecond=0)
    first = midnight.replace(day=1)
    return takewhile(lambda run: run.started_at >= first, reversed(estate.queue.runs.values()))


def _select_activities(query: Query) -> list[Activity]:
    subjects = query.filters.get("subject_id")
    kind = query.value("subject_type")
    return [
        activity
        for activity in reversed(query.estate.activities)
        if (subjects is None or str(activity.subject_id) in subjects)
        and (kind is None or kind.lower().endswith(activity.subject.lower()))
    ]


def _show_activity(activity: Activity, _query: Query) -> Row:
    return {
        "id": activity.id,
        "log_name": f"{activity.subject.lower()}s",
        "description": activity.description,
        "subject_id": activity.subject_id,
        "subject_type": activity.subject,
        "causer_id": 12,
        "event": activity.event,
        "name": activity.by,
        "email": activity.email,
        "created_at": stamp(activity.at),
        "updated_at": stamp(activity.at),
    }


ACTIVITIES = Listing(
    kind="activity-logs",
    select=_select_activities,
    show=_show_activity,
    filters=frozenset({"subject_type", "subject_id"}),
)


def _nothing(_query: Query) -> list[Row]:
    return []


def _as_it_is(row: Row, _query: Query) -> Row:
    return row


NOTIFICATIONS = Listing(kind="notifications", select=_nothing, show=_as_it_is)
BROKERS = Listing(kind="message-brokers", select=_nothing, show=_as_it_is)
