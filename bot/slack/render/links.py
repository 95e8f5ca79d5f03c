"""Where to look in Patchworks: addresses by template, and menu paths where no address is known."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

QUEUE_MENU = "run logs > queue"
ACTIVE_MENU = "run logs > active"

_WEB = re.compile(r"https?://[^\s<>|]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Address templates of the Patchworks dashboard; `{run_id}` stands for a run's id.

    Raises ValueError in one sentence for anything but http(s). Menu paths:
    https://doc.wearepatchworks.com/product-documentation
    """

    run_url: str = "https://app.wearepatchworks.com/flow-run-logs/{run_id}"
    dashboard_url: str = "https://app.wearepatchworks.com"

    def __post_init__(self) -> None:
        for name, url in (("run_url", self.run_url), ("dashboard_url", self.dashboard_url)):
            if not _WEB.fullmatch(url):
                raise ValueError(f"{name}: expected an address that starts with http(s)://")

    def run(self, run_id: str) -> str:
        """Where the log of a run stands. The id is percent-encoded, whatever is in it."""
        return self.run_url.replace("{run_id}", quote(run_id, safe="", errors="replace"))
