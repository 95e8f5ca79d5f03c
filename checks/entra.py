"""Signing in to Microsoft Entra: what every connector of a Microsoft system has in common."""

from __future__ import annotations

from datetime import timedelta

from checks.declare import (
    Auth,
    Cause,
    Credential,
    Life,
    Mark,
    Saying,
    Scheme,
    Source,
)

RECALLED = Source(mark=Mark.RECALLED)
REFRESHING = Source(
    mark=Mark.CONFIRMED,
    url="https://docs.microsoft.com/en-us/azure/active-directory/develop/refresh-tokens",
)
CODES = Source(
    mark=Mark.CONFIRMED,
    url="https://learn.microsoft.com/entra/identity-platform/reference-error-codes",
)
REVOKED = Source(
    mark=Mark.CONFIRMED,
    url="https://learn.microsoft.com/en-us/entra/workload-id/troubleshoot-revoked-credentials",
)
GRANTS = Source(
    mark=Mark.THIRD_PARTY,
    url="https://nango.dev/blog/microsoft-oauth-refresh-token-invalid-grant",
)
SAYINGS = (
    Saying(  # secrets that ended or are wrong, users and apps that may not sign in as they do
        pattern=r"AADSTS(?:7000(?:222|215|112)|700016|7000[0128]|50012|50013|50034|5005[3567]"
        r"|50064|5007[469]|50126|5013[23]|50144)\b",
        cause=Cause.CREDENTIAL,
        source=CODES,
    ),
    Saying(pattern=r"AADSTS(?:700027|700500[3-6])\b", cause=Cause.CREDENTIAL, source=REVOKED),
    Saying(pattern=r"AADSTS(?:70008[24]|50173)\b", cause=Cause.CREDENTIAL, source=GRANTS),
    Saying(
        pattern=r"AADSTS(?:6500[14]|90094|53003|530032|50105)\b",
        cause=Cause.NOT_PERMITTED,
        source=CODES,
    ),
    Saying(
        pattern=r"AADSTS(?:50033|50087|90006|90012|90024|90033|90090)\b",
        cause=Cause.PASSING,
        source=CODES,
    ),
    Saying(pattern=r"AADSTS(?:50196|90055)\b", cause=Cause.LIMIT, source=CODES),
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
