"""How grave: from the level, the time left, and whether a time-sensitive flow is concerned."""

from __future__ import annotations

from datetime import datetime

from bot.incidents.model import Severity
from checks.model import Level, Verdict


def severity_of(verdict: Verdict, now: datetime) -> Severity:
    """How grave a troubled verdict is.

    Low: early, and further away than the verdict calls urgent (four hours unless it says so) or
    without a known time. High: early and urgent, or a breach. Critical: a breach that stops a
    time-sensitive flow, or a dead credential.
    """
    if verdict.level is Level.BREACH:
        return Severity.CRITICAL if verdict.critical else Severity.HIGH
    soon = verdict.expected_at is not None and (verdict.expected_at - now <= verdict.urgent_within)
    return Severity.HIGH if soon else Severity.LOW
