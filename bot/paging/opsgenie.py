"""Opsgenie, where it is still served.

Sold no more since 4 June 2025; Atlassian ends it on 5 April 2027, the REST API included. Then use
kind = "jira", which takes the same alerts.
https://support.atlassian.com/opsgenie/docs/what-happens-when-opsgenie-is-turned-off/
"""

from __future__ import annotations

import httpx
from pydantic import SecretStr

from bot.paging.alerts import Alerts


def opsgenie(name: str, url: str, api_key: SecretStr, http: httpx.AsyncClient) -> Alerts:
    """An Opsgenie API integration as a pager."""
    return Alerts(name=name, called="Opsgenie", url=url, api_key=api_key, http=http)
