"""`[[pager]]`: who else is told of incidents, and how they answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from bot.section import Section
from bot.values import LOOPBACK, Secret, Url
from bot.web.signatures import standard_key
from bot.web_settings import Token

PAGERDUTY_URL = "https://events.pagerduty.com/v2/enqueue"
JIRA_URL = "https://api.atlassian.com/jsm/ops/integration/v2"
OPSGENIE_URL = "https://api.opsgenie.com/v2"
LAST_PORT = 65_535
ADDRESS = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+$"


def _check_key(secret: SecretStr) -> SecretStr:
    standard_key(secret)
    return secret


SigningSecret = Annotated[Secret, AfterValidator(_check_key)]
Address = Annotated[str, Field(pattern=ADDRESS, max_length=254)]


class PagerBase(Section):
    """What every pager has. Its name stands in policies (pager:NAME) and in its inbound address."""

    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9_-]*$",
        max_length=40,
        description="as policies call it: small letters, digits, - and _",
    )


class PagerDutySettings(PagerBase):
    kind: Literal["pagerduty"]
    routing_key: Secret = Field(description="the integration key of an Events API v2 integration")
    url: Url = Field(
        default=PAGERDUTY_URL,
        description="in the EU https://events.eu.pagerduty.com/v2/enqueue",
    )
    inbound_secret: Token | None = Field(
        default=None, description="the secret of the webhook subscription; none: nothing is heard"
    )


class JiraSettings(PagerBase):
    kind: Literal["jira"]
    api_key: Secret = Field(description="the key of an API integration of Operations")
    url: Url = Field(default=JIRA_URL, description="where /alerts begins")
    inbound_secret: Token | None = Field(
        default=None, description="a token that its webhook brings; none: nothing is heard"
    )


class OpsgenieSettings(PagerBase):
    kind: Literal["opsgenie"]
    api_key: Secret = Field(description="the key of an API integration")
    url: Url = Field(
        default=OPSGENIE_URL,
        description="where /alerts begins; in the EU https://api.eu.opsgenie.com/v2",
    )
    inbound_secret: Token | None = Field(
        default=None, description="a token that its webhook brings; none: nothing is heard"
    )


class WebhookSettings(PagerBase):
    kind: Literal["webhook"]
    url: Url = Field(description="where the JSON is posted to")
    signing_secret: SigningSecret = Field(description="what we sign with: whsec_ and base64")
    inbound_secret: SigningSecret | None = Field(
        default=None, description="what its answers are signed with; none: nothing is heard"
    )


class EmailSettings(PagerBase):
    kind: Literal["email"]
    host: str = Field(pattern=r"^[A-Za-z0-9.:-]+$", description="the mail server")
    port: int = Field(default=587, ge=1, le=LAST_PORT, description="465 with tls, 25 to a relay")
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description='"starttls", "tls", or "none" to this machine only'
    )
    username: str | None = Field(default=None, description="to log in with")
    password: Secret | None = Field(default=None, description="and its password")
    sender: Address = Field(description="the address that mails come from")
    recipients: tuple[Address, ...] = Field(min_length=1, description="the addresses they go to")

    @classmethod
    def conflicts(cls, told: Mapping[str, object]) -> Iterator[str]:
        if ("username" in told) != ("password" in told):
            yield "expected username and password together"
        if told.get("security") == "none" and told.get("host") not in LOOPBACK:
            yield 'expected security = "starttls" or "tls": without it mails can be read on the way'


PagerSettings = Annotated[
    PagerDutySettings | JiraSettings | OpsgenieSettings | WebhookSettings | EmailSettings,
    Field(discriminator="kind"),
]
