"""Makes the pager that a section of the settings describes."""

from __future__ import annotations

import httpx

from bot.pager_settings import (
    EmailSettings,
    JiraSettings,
    OpsgenieSettings,
    PagerDutySettings,
    PagerSettings,
    WebhookSettings,
)
from bot.paging.email import Email
from bot.paging.jira import jira
from bot.paging.model import Pager
from bot.paging.opsgenie import opsgenie
from bot.paging.pagerduty import PagerDuty
from bot.paging.webhook import Webhook


def make_pager(settings: PagerSettings, http: httpx.AsyncClient) -> Pager:
    """A pager over a client that it shares with others and does not close."""
    match settings:
        case PagerDutySettings():
            return PagerDuty(
                name=settings.name, url=settings.url, routing_key=settings.routing_key, http=http
            )
        case JiraSettings():
            return jira(settings.name, settings.url, settings.api_key, http)
        case OpsgenieSettings():
            return opsgenie(settings.name, settings.url, settings.api_key, http)
        case WebhookSettings():
            return Webhook(
                name=settings.name,
                url=settings.url,
                signing_secret=settings.signing_secret,
                http=http,
            )
        case EmailSettings():
            return _email(settings)


def _email(settings: EmailSettings) -> Email:
    return Email(
        name=settings.name,
        host=settings.host,
        port=settings.port,
        security=settings.security,
        username=settings.username,
        password=settings.password,
        sender=settings.sender,
        recipients=settings.recipients,
    )
