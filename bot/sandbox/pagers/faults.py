"""How a look-alike is told to fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SERVICES = ("pagerduty", "opsgenie", "jira", "webhook", "email")
STAGES = ("CONNECT", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "END")
_KNOWN = {"status", "body", "headers", "times", "delay", "after", "lost", "stage"}


class BadFault(ValueError):
    """The description of a fault cannot be used; the text says why."""


@dataclass(slots=True, kw_only=True)
class Fault:
    """What happens to the next `times` requests to `service`.

    `status` is answered in its place (an SMTP code for e-mail, at `stage`), with `body` as text;
    `lost` cuts the connection without an answer; `after` first carries out what was asked; `delay`
    is in seconds.
    """

    service: str
    status: int | None = None
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int = 1
    delay: float = 0.0
    after: bool = False
    lost: bool = False
    stage: str = "MAIL"


class Faults:
    """The faults ordered and not yet used up."""

    def __init__(self) -> None:
        self._ordered: list[Fault] = []

    def order(self, service: str, told: Mapping[str, Any]) -> None:
        """Raises BadFault; `{}` forgets those of the service."""
        if service not in SERVICES:
            raise BadFault(f"service is one of {', '.join(SERVICES)}")
        if not told:
            self._ordered = [each for each in self._ordered if each.service != service]
            return
        if strange := sorted(set(told) - _KNOWN):
            raise BadFault(f"a fault has no {', '.join(strange)}; it has {', '.join(_KNOWN)}")
        if told.get("stage", "MAIL") not in STAGES:
            raise BadFault(f"stage is one of {', '.join(STAGES)}")
        self._ordered.append(Fault(service=service, **told))

    def take(self, service: str, stage: str | None = None) -> Fault | None:
        """The fault that meets this request, or this stage of a mail, counted down."""
        for fault in self._ordered:
            if fault.service == service and stage in (None, fault.stage):
                fault.times -= 1
                if fault.times <= 0:
                    self._ordered.remove(fault)
                return fault
        return None
