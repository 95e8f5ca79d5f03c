"""What the look-alikes were told: their alerts, and every request as it came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

Json = dict[str, Any]

ACTS = {"trigger": "triggered", "acknowledge": "acknowledged", "resolve": "resolved"}
PRESSES = {"acknowledge": "acknowledged", "unacknowledge": "triggered", "resolve": "resolved"}
HIDDEN = {"authorization"}


def _new_id() -> str:
    return uuid4().hex[:14].upper()


@dataclass(slots=True, kw_only=True)
class Alert:
    """One alert of one service. `count` is how often it was triggered."""

    service: str
    key: str
    title: str
    state: str = "triggered"
    count: int = 1
    id: str = field(default_factory=_new_id)
    told: list[Json] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.state != "resolved"


@dataclass(slots=True, kw_only=True)
class Came:
    """One request as it came; what proves who asked is left out."""

    service: str
    path: str
    headers: Mapping[str, str]
    body: Any
    status: int


class Board:
    """The alerts of all services, the oldest first, and what came."""

    def __init__(self) -> None:
        self.alerts: list[Alert] = []
        self.came: list[Came] = []
        self.mails: list[Json] = []

    def find(self, service: str, key: str | None = None) -> Alert | None:
        """The newest alert of a service that is open, by its key when one is given."""
        for alert in reversed(self.alerts):
            if alert.service == service and alert.is_open and key in (None, alert.key):
                return alert
        return None

    def apply(self, service: str, act: str, key: str, title: str, told: Json) -> Alert | None:
        """Carry out what was asked over the API. An acknowledge or resolve without an open alert
        is dropped; a trigger after a resolve is a new alert."""
        alert = self.find(service, key)
        if alert is None and act == "trigger":
            alert = Alert(service=service, key=key, title=title)
            self.alerts.append(alert)
        elif alert is None:
            return None
        elif act == "trigger":
            alert.count += 1
        else:
            alert.state = ACTS[act]
        alert.told.append({"act": act, "at": datetime.now(UTC).isoformat()} | told)
        return alert

    def note(self, service: str, path: str, headers: Mapping[str, str], body: Any) -> Came:
        kept = {name: value for name, value in headers.items() if name.lower() not in HIDDEN}
        came = Came(service=service, path=path, headers=kept, body=body, status=0)
        self.came.append(came)
        return came

    def as_json(self) -> Json:
        return {
            "alerts": [asdict(alert) for alert in self.alerts],
            "came": [asdict(each) for each in self.came],
            "mails": list(self.mails),
        }
