"""A vendor's public status page, in the form that Atlassian's Statuspage gives it.

https://metastatuspage.com/api
"""

from __future__ import annotations

import json
from datetime import datetime

from bot.sandbox.estate.vendors.vendor import Answered

_WELL = "operational"
_OWN = ("API", "Admin")
_WORST = {"operational": 0, "degraded_performance": 1, "partial_outage": 2, "major_outage": 3}
_INDICATORS = (
    ("none", "All Systems Operational"),
    ("minor", "Minor Service Outage"),
    ("major", "Partial System Outage"),
    ("critical", "Major System Outage"),
)


class StatusPage:
    """The components of one vendor, some of which are third parties'."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._troubled: dict[str, str] = {}

    def set(self, component: str, status: str) -> None:
        """How a component is, in Statuspage's words (`partial_outage`, `major_outage`, ...)."""
        self._troubled[component] = status

    @property
    def is_well(self) -> bool:
        return not self._troubled

    def clear(self) -> None:
        self._troubled.clear()

    def answer(self, at: datetime) -> Answered:
        """`GET summary.json`; a troubled component colours the whole page, whosever it is."""
        statuses = dict.fromkeys((*_OWN, "Payment provider (third party)"), _WELL) | self._troubled
        indicator, says = _INDICATORS[max(_WORST.get(one, 0) for one in statuses.values())]
        stamp = at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        summary = {
            "page": {"id": self._name, "name": self._name, "updated_at": stamp},
            "components": [
                {"id": f"{number}", "name": name, "status": status, "updated_at": stamp}
                for number, (name, status) in enumerate(statuses.items(), start=1)
            ],
            "incidents": [],
            "scheduled_maintenances": [],
            "status": {"indicator": indicator, "description": says},
        }
        return Answered(body=json.dumps(summary))
