"""Signing in to Microsoft Entra: what every connector of a Microsoft system has in common."""

from __future__ import annotations

from datetime import timedelta

from checks.declare import (
    Auth,
    Credential,
    Life,
    Mark,
    Scheme,
    Source,
)

RECALLED = Source(mark=Mark.RECALLED)
REFRESHING = Source(
    mark=Mark.CONFIRMED,
    url="https://docs.microsoft.com/en-us/azure/active-directory/develop/refresh-tokens",
)
TENANT = {
    "tenant": "the Entra tenant, an id or a domain",
    "client_id": "the application (client) id of the monitor's own app registration",
}
SECRET = Credential(
    name="client secret",
    life=Life.DECLARED,
    lasts=None,
    source=RECALLED,
    needs_person=True,
    note="the date stands in Entra under the app registration; declare it here",
)
ACCESS = Credential(
    name="access token",
    life=Life.SELF_DESCRIBING,
    lasts=timedelta(hours=1),
    source=RECALLED,
    renews_itself=True,
    note="between 60 and 90 minutes; its exp tells",
)
REFRESH = Credential(
    name="refresh token",
    life=Life.TOLD_AT_ISSUE,
    lasts=timedelta(days=90),
    source=REFRESHING,
    renews_itself=True,
    note="only where the platform signs in as a user: renewed at each use, revocable at any time",
)
CREDENTIALS = (SECRET, ACCESS, REFRESH)


def sign_in(resource: str) -> Auth:
    """The way in as an app of the monitor's own; an access token is all that it gives."""
    return Auth(
        name="app registration",
        scheme=Scheme.CLIENT_CREDENTIALS,
        secrets={"client_secret": "the value of a client secret, not its id"},
        credential=SECRET.name,
        source=RECALLED,
        details={
            "token_url": "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
            "client_id": "{client_id}",
            "scope": f"{resource}/.default",
        },
    )
