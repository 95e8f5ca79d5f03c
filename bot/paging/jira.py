"""Jira Service Management, by the integration events of its Operations API.

They take the key of an API integration (GenieKey), and no OAuth. The alias is taken for the
alert's id where `identifierType=alias` says so.
https://developer.atlassian.com/cloud/jira/service-desk-ops/rest/v1/api-group-integration-events/
"""

from __future__ import annotations

import httpx
from pydantic import SecretStr

from bot.paging.alerts import Alerts


def jira(name: str, url: str, api_key: SecretStr, http: httpx.AsyncClient) -> Alerts:
    """An API integration of Jira Service Management's Operations as a pager."""
    return Alerts(name=name, called="Jira Service Management", url=url, api_key=api_key, http=http)
