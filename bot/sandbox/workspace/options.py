"""What may be set on a sandbox workspace: how strict it is, how patient, and where it delivers."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceOptions:
    """Transport rules of the workspace. The defaults are Slack's own numbers.

    Budgets: https://docs.slack.dev/interactivity/handling-user-interaction ; redelivery:
    https://docs.slack.dev/apis/events-api . `monotonic` is read for every one of them, in seconds.
    """

    pace_messages: bool = False
    """Refuse a second chat.postMessage to the same channel within `pace` with HTTP 429."""
    pace: timedelta = timedelta(seconds=1)
    ack_within: timedelta = timedelta(seconds=3)
    trigger_life: timedelta = timedelta(seconds=3)
    response_url_life: timedelta = timedelta(minutes=30)
    response_url_uses: int = 5
    redelivery: tuple[timedelta, ...] = (timedelta(0), timedelta(minutes=1), timedelta(minutes=5))
    """How long after a failed delivery of an event the next one follows."""
    quiet: timedelta = timedelta(milliseconds=150)
    """The control API answers once the app has done nothing for this long."""
    settle: timedelta = timedelta(milliseconds=1500)
    """The control API waits this long after the acknowledgement for the app's first reaction."""
    request_url: str | None = None
    """Where to POST signed requests (HTTP mode). None: Socket Mode."""
    monotonic: Callable[[], float] = time.monotonic


SLACKS_OWN = WorkspaceOptions()
"""As strict and as patient as Slack itself."""
