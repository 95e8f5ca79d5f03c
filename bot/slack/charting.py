"""Which kind of chart a workspace takes: Slack's own block, a picture, or none.

Slack rolled its charts out by and by, and a workspace without them refuses the whole message. So
"auto" tries the block; what was refused is remembered for a week, and a picture is sent instead.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from bot.clock import Clock
from bot.settings import Charts
from bot.store import Store, runs

log = logging.getLogger(__name__)

REFUSED = "charts_refused"
REMEMBERED = timedelta(days=7)


class Charting:
    """By the setting `[slack] charts`, and by what the workspace refused of late."""

    def __init__(self, wanted: Charts, store: Store, clock: Clock) -> None:
        self._wanted, self._store, self._clock = wanted, store, clock

    @property
    def native(self) -> bool:
        """Whether messages are to hold Slack's own chart."""
        if self._wanted is Charts.AUTO:
            return not self._was_refused()
        return self._wanted is Charts.NATIVE

    @property
    def pictures(self) -> bool:
        """Whether a picture is to be sent."""
        if self._wanted is Charts.AUTO:
            return self._was_refused()
        return self._wanted is Charts.PICTURE

    def refused(self) -> None:
        """The workspace has just refused a chart and taken the same message without it."""
        log.warning("this Slack workspace does not take charts; pictures are sent instead")
        with self._store.writing() as db:
            runs.save_snapshot(db, REFUSED, self._clock.now(), {})

    def _was_refused(self) -> bool:
        found = runs.find_snapshot(self._store.db, REFUSED)
        return found is not None and self._clock.now() - found[0] < REMEMBERED
