"""What the demo's settings say of people: who there is, who is on call, who is told when."""

from __future__ import annotations

import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from bot.sandbox.pagers.server import PagerServer

HOST = "127.0.0.1"
PAGERS: Mapping[str, str] = {"pagerduty": "pagerduty", "desk": "webhook"}
"""The pagers of the settings, and the service that each of them is."""
TURNS_BACK = timedelta(weeks=4)
"""The rota has been kept for this long, a whole number of turns."""

RESPONSE = """
# Who there is, who is on call, and who is told when nobody takes an incident in hand.
[[person]]
name = "Priya"
email = "priya@acme.example"

[[person]]
name = "Alex"
email = "alex@acme.example"

[[person]]
name = "Marcus"
email = "marcus@acme.example"
quiet = "22:00-07:00"       # only what is critical

[[person]]
name = "Nora"
email = "nora@acme.example"
timezone = "America/New_York"

[[team]]
name = "integrations"
members = ["Priya", "Alex", "Marcus", "Nora"]
channel = "#integrations"
policy = "integrations"
working = "Mon-Fri 09:00-17:30"

[[rota]]
name = "integrations"
[[rota.layer]]
name = "nights"
members = ["Alex", "Nora"]
every = "weekly"
start = {start}
[[rota.layer]]
name = "office"             # above the nights
members = ["Priya", "Alex"]
every = "daily"
start = {start}
handover = "09:00"
hours = "Mon-Fri 09:00-17:30"

[[policy]]
name = "integrations"
repeats = 1
again_after = "15m"
fallback = ["channel:#retail-managers"]
[[policy.step]]
tell = ["rota:integrations"]
[[policy.step]]
after = "10m"
tell = ["person:Marcus", "pager:pagerduty"]

[[route]]
team = "integrations"       # of what is nobody's; a flow's owner is told first

[response]
policy = "integrations"     # of what no team is for

[[pager]]
kind = "pagerduty"
name = "pagerduty"
routing_key = "file:pagerduty.routing_key"
inbound_secret = "file:pagerduty.webhook_secret"
url = "{pagerduty_url}"

[[pager]]
kind = "webhook"
name = "desk"
url = "{desk_url}"
signing_secret = "file:desk.signing_secret"
inbound_secret = "file:desk.answer_secret"

[web]
listen = "{listen}"
dashboard = true            # all three for this machine alone
metrics = true
feeds = true
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BotsDoor:
    """Where the bot will listen for what pagers call back. `kept` is what keeps it free."""

    listen: str
    kept: socket.socket

    def callbacks(self) -> dict[str, str]:
        """Where each service calls back."""
        return {service: f"http://{self.listen}/inbound/{name}" for name, service in PAGERS.items()}


def find_door() -> BotsDoor:
    """At a port that nobody else is given until `kept` is closed.

    Linux lets a server listen where a socket is bound that does not listen, if both may reuse the
    address, and gives such a port to nobody who asks for any. https://man7.org/linux/man-pages/man7/socket.7.html
    Other systems would not let the bot in, so that there the port was free a moment ago.
    """
    kept = socket.socket()
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    kept.bind((HOST, 0))
    listen = f"{HOST}:{kept.getsockname()[1]}"
    if sys.platform != "linux":
        kept.close()
    return BotsDoor(listen=listen, kept=kept)


def response_text(pagers: PagerServer, door: BotsDoor, today: date) -> str:
    """The sections about people; `pagers` have started. The rota's turns begin on a Monday."""
    monday = today - timedelta(days=today.weekday())
    return RESPONSE.format(
        start=monday - TURNS_BACK,
        pagerduty_url=pagers.address("pagerduty"),
        desk_url=pagers.address("webhook"),
        listen=door.listen,
    )


def response_secrets(pagers: PagerServer) -> Mapping[str, str]:
    """The pagers' secrets by the name of the file that each is told by."""
    return {
        "pagerduty.routing_key": pagers.pagerduty.routing_key,
        "pagerduty.webhook_secret": pagers.pagerduty.webhook_secret,
        "desk.signing_secret": pagers.webhook.signing_secret,
        "desk.answer_secret": pagers.webhook.answer_secret,
    }
