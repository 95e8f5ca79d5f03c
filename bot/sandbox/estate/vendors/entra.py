"""A look-alike of Entra's token endpoint: client credentials give an access token and nothing else.

Sources: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow (the
exchange), https://learn.microsoft.com/entra/identity-platform/reference-error-codes (AADSTS
numbers). That a token lives for about 60 to 90 minutes is recalled.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import jwt

from bot.sandbox.estate.vendors.answering import answer_json, form
from bot.sandbox.estate.vendors.tokens import Tokens
from bot.sandbox.estate.vendors.vendor import Answered, Asked

TOKEN_LASTS = timedelta(seconds=3899)
TENANT = "fell-harbour.example"
CLIENT = "0f1c7c1e-3a1b-4d43-9f55-6c2a6b3a9d10"
SECRETS = {"client_secret": "made-up-entra-client-secret"}
_SIGNED_WITH = "made-up-key-that-nobody-verifies-tokens-with"


class Entra:
    """One app registration of the tenant."""

    def __init__(self) -> None:
        self._tokens = Tokens(lasts=TOKEN_LASTS)

    def forget(self) -> None:
        self._tokens.forget()

    def accepts(self, access: str, at: datetime) -> bool:
        return self._tokens.accepts(access, at)

    def grant(self, asked: Asked, *, expired: bool) -> Answered | None:
        """The answer to a call for a token; None for any other call."""
        if (asked.method, asked.path) != ("POST", f"/{TENANT}/oauth2/v2.0/token"):
            return None
        told = form(asked)
        if told.get("grant_type") != "client_credentials" or not told.get("scope"):
            return _refused(400, "invalid_request", "AADSTS900144: a parameter is missing.")
        if told.get("client_id") != CLIENT:
            return _refused(400, "unauthorized_client", "AADSTS700016: Application not found.")
        if told.get("client_secret") != SECRETS["client_secret"]:
            return _refused(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.")
        if expired:
            text = f"AADSTS7000222: The provided client secret keys for app '{CLIENT}' are expired."
            return _refused(401, "invalid_client", text)
        return self._granted(told["scope"], asked.at)

    def _granted(self, scope: str, at: datetime) -> Answered:
        claims = {
            "aud": scope.removesuffix("/.default"),
            "iat": int(at.timestamp()),
            "exp": int((at + TOKEN_LASTS).timestamp()),
            "appid": CLIENT,
            "uti": uuid4().hex,  # no two tokens are alike
        }
        access = jwt.encode(claims, _SIGNED_WITH)
        self._tokens.issue(at, access)
        lasts = int(TOKEN_LASTS.total_seconds())
        return answer_json(
            {
                "token_type": "Bearer",
                "expires_in": lasts,
                "ext_expires_in": lasts,
                "access_token": access,
            }
        )


def _refused(status: int, error: str, text: str) -> Answered:
    number = int(text.removeprefix("AADSTS").partition(":")[0])
    told = {"error": error, "error_description": text, "error_codes": [number]}
    return answer_json(told, status)
