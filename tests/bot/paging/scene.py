"""Pagers as the settings make them, pointed at the look-alikes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter

from bot.pager_settings import PagerSettings
from bot.paging.model import Page, PageAct, key_of

ESTATE = "Acme Outdoors"
KEY = key_of(ESTATE, 42)
ALIAS = "seamwatch-Acme-Outdoors-42"
NAMES = ("pagerduty", "jira", "opsgenie", "webhook")
ADAPTER = TypeAdapter(PagerSettings)


def settings(environ=None, **told):
    """One [[pager]] section; secrets are looked up in `environ`."""
    context = {"environ": environ or {}, "folder": Path()}
    return ADAPTER.validate_python(told, context=context)


def section(server, kind, **more):
    """The section that connects a pager to its look-alike."""
    url = {"url": server.address(kind)} if kind != "email" else {}
    secrets = {
        "pagerduty": {"routing_key": server.pagerduty.routing_key},
        "jira": {"api_key": server.jira.api_key},
        "opsgenie": {"api_key": server.opsgenie.api_key},
        "webhook": {"signing_secret": server.webhook.signing_secret},
        "email": {},
    }[kind]
    inbound = {
        "pagerduty": server.pagerduty.webhook_secret,
        "jira": server.jira.webhook_token,
        "opsgenie": server.opsgenie.webhook_token,
        "webhook": server.webhook.answer_secret,
    }.get(kind)
    environ = secrets | ({"inbound_secret": inbound} if inbound else {})
    told = {name: f"env:{name}" for name in environ}
    return settings(environ, **({"kind": kind, "name": kind} | url | told | more))


def a_page(act=PageAct.TRIGGER, **changes):
    told = {
        "act": act,
        "incident_id": 42,
        "key": KEY,
        "title": "#42 Nothing has started for 2 min.",
        "sentence": "Nothing has started for 2 min; 14 runs wait.",
        "severity": "critical",
        "by": "Priya",
        "at": datetime(2026, 11, 21, 3, 12, tzinfo=UTC),
        "url": "https://acme.slack.com/archives/C1/p1",
        "facts": (("waiting", "14 runs"), ("usual", "2 runs")),
        "row_id": "0f" * 16,
    }
    return Page(**(told | changes))
