"""Remembers what has been seen lately, because Slack delivers an event at least once."""

from __future__ import annotations

from collections import OrderedDict

MOST = 2000


class Once:
    """Says of each id whether it comes for the first time, among the newest ones.

    https://docs.slack.dev/apis/events-api
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._seen: OrderedDict[str, None] = OrderedDict()

    def first(self, event_id: str | None) -> bool:
        """True for an id not seen before; always for none."""
        if event_id is None:
            return True
        if event_id in self._seen:
            return False
        self._seen[event_id] = None
        if len(self._seen) > self._most:
            self._seen.popitem(last=False)
        return True
