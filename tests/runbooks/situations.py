"""The book as it ships, and facts such as the checks hand over, in named situations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from checks.catalogue import (
    broken_promise,
    changed_shape,
    failing_flow,
    odd_flow,
    rate_limit,
    reconciliation,
    silent_loss,
    token_expiry,
    unreadable,
)
from checks.run_queue import facts as run_queue
from runbooks.book import About, Book, Fact, Page, Rendered
from tests.checks.catalogue import loss_cases, promise_cases, reconcile_cases
from tests.runbooks.judged import FAILING_FLOW, ODD_FLOW, RATE_LIMIT, TOKEN_EXPIRY

QUEUE: dict[str, Fact] = {
    "waiting": 14,
    "oldest_age": "1 min 40 s",
    "oldest_flow": "Stock to Shopify",
    "idle_for": "1 min 40 s",
    "running": 1,
    "allowance": 10,
    "slot_holders": "Orders to NetSuite (1)",
    "usual_waiting": "2, up to 6 on Mondays at this hour",
}
BLOCKING: dict[str, Fact] = {
    "blocking_flow": "Orders to NetSuite",
    "blocking_flow_id": "101",
    "blocking_run_id": "81234",
    "blocking_elapsed": "1 min 52 s",
    "blocking_usual": "12 s",
}
FLOW: dict[str, Fact] = {"flow": "Stock to Shopify", "flow_id": "102"}
DUE = {
    "schedule": "0 * * * *",
    "due_at": "2026-03-02T08:00:00+00:00",
    "last_start_at": "2026-03-02T07:00:04+00:00",
    "state": "disabled",
}
BLIND: dict[str, Fact] = {
    "blind_for": "16 min",
    "blind_since": "2026-03-02T08:44:00+00:00",
    "seen_at": "2026-03-02T08:43:00+00:00",
}
PATCHWORKS: dict[str, Fact] = {**BLIND, "system": "Patchworks", "system_id": "patchworks"}
NETSUITE: dict[str, Fact] = {
    **BLIND,
    "system": "netsuite-live (NetSuite)",
    "system_id": "netsuite-live",
}

ORDERS: dict[str, Fact] = {
    "system": "Shopify UK store",
    "what": "orders",
    "flows": "Orders to Business Central, Orders to NetSuite",
    "looked_at": "2026-03-02T08:44:00+00:00",
}
SHAPES: Mapping[str, Mapping[str, Fact]] = {
    "vanished": {
        "signal": "vanished",
        **ORDERS,
        "field": "shippingAddress.zip",
        "before": "in all of 412",
        "now": "in none of 60",
        "fields": "zip, province",
        "compared": "Shop to Business Central",
    },
    "other-kind": {
        "signal": "other_kind",
        **ORDERS,
        "field": "total",
        "before": "number",
        "now": "text",
        "fields": "total",
        "flows": None,
    },
    "emptied": {
        "signal": "emptied",
        **ORDERS,
        "field": "phone",
        "before": "1% empty",
        "now": "97% empty",
        "fields": "phone",
    },
    "at-limit": {
        "signal": "at_limit",
        **ORDERS,
        "field": "address1",
        "before": "up to 48 characters long",
        "now": "17 of 60 exactly 30 characters long, none longer",
        "fields": "address1",
    },
    "well-again": {"signal": "clear", **ORDERS},
    "no-incident": {},
}

RECONCILED: Mapping[str, Mapping[str, Fact]] = {
    name: reconcile_cases.facts_of(name) for name in reconcile_cases.PERIODS
} | {"no-incident": {}}

SITUATIONS: Mapping[str, Mapping[str, Mapping[str, Fact]]] = {
    "stalled_queue": {
        "stall": {"signal": "stall", **QUEUE, **BLOCKING},
        "stall-without-suspect": {"signal": "stall", **QUEUE, "allowance": None},
        "saturation": {
            "signal": "saturation",
            **QUEUE,
            "running": 10,
            "drains_at": "2026-03-02T10:30:00+00:00",
        },
        "plateau": {"signal": "plateau", **QUEUE, "fills_at": None},
        "ageing": {
            "signal": "ageing",
            **QUEUE,
            **FLOW,
            "usual_wait": "20 s",
            "priority": "lowest",
            "limit": "40 min",
        },
        "slot-hog": {
            "signal": "slot_hog",
            **QUEUE,
            **BLOCKING,
            **FLOW,
            "flow": "Orders to NetSuite",
        },
        "missed-schedule": {"signal": "missed_schedule", **QUEUE, **FLOW, **DUE},
        "no-incident": {},
    },
    "unreadable": {
        "patchworks-refused": {
            "signal": "refused",
            **PATCHWORKS,
            "part": "queue, flows",
            "why": "Patchworks answered GET /api/v1/scheduled-flows with 401",
            "refused": True,
        },
        "patchworks-unavailable": {
            "signal": "unavailable",
            **PATCHWORKS,
            "part": "queue",
            "why": "Patchworks did not answer within 10 s",
            "refused": False,
        },
        "system-refused": {
            "signal": "refused",
            **NETSUITE,
            "why": "netsuite-live answered with 401: its credential was not accepted",
            "refused": True,
        },
        "system-unavailable": {
            "signal": "unavailable",
            **NETSUITE,
            "why": "netsuite-live answered with 503: the trouble is on its side",
            "refused": False,
            "vendor": "EU Data Centre: major outage",
        },
        "no-incident": {},
    },
    "rate_limit": RATE_LIMIT,
    "token_expiry": TOKEN_EXPIRY,
    "failing_flow": FAILING_FLOW,
    "odd_flow": ODD_FLOW,
    "changed_shape": SHAPES,
    "broken_promise": promise_cases.SITUATIONS,
    "silent_loss": loss_cases.SITUATIONS,
    "reconciliation": RECONCILED,
}
FACTS: Mapping[str, tuple[str, ...]] = {
    "stalled_queue": run_queue.FACTS,
    "unreadable": unreadable.FACTS,
    "rate_limit": rate_limit.FACTS,
    "token_expiry": token_expiry.FACTS,
    "failing_flow": failing_flow.FACTS,
    "odd_flow": odd_flow.FACTS,
    "reconciliation": reconciliation.FACTS,
    "changed_shape": changed_shape.FACTS,
    "broken_promise": broken_promise.FACTS,
    "silent_loss": silent_loss.FACTS,
}
ALL = [(check, name) for check, named in SITUATIONS.items() for name in named]

INCIDENT = About(
    incident=42,
    run_url="https://app.wearepatchworks.com/flow-run-logs/81234",
    dashboard_url="https://app.wearepatchworks.com",
    read_at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
)
BOOK = Book()


def page_on(check: str, kind: Fact = None) -> Page:
    page = BOOK.find(check, str(kind) if kind else None)
    assert page is not None
    return page


def render(check: str, name: str) -> Rendered:
    """The check's page, for the kind of system that is told, in one of its SITUATIONS."""
    about = About() if name == "no-incident" else INCIDENT
    facts = SITUATIONS[check][name]
    return BOOK.render(page_on(check, facts.get("system_kind")), facts, about)


def text_of(rendered: Rendered) -> str:
    parts = [f"== {section.heading} ==\n{section.body}" for section in rendered.sections]
    return "\n\n".join([rendered.title, *parts]) + "\n"
