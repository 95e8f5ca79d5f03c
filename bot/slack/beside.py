"""Which other open incidents may tell of the same fault.

The same flow loses records, or the same two systems differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.incidents.model import Alert, Incident
from bot.slack.desk import Desk
from bot.slack.render.text import foreign
from bot.store import incidents

LOSSES = frozenset({"silent_loss", "reconciliation"})
"""What one wrong mapping shows to both: its runs, and one comparison after the other."""
NAMED = 5
TITLE = 60


def say_beside(desk: Desk, incident: Incident, alerts: Sequence[Alert]) -> str:
    """ "Perhaps the same fault as #5 (Silent Data Loss) and #6 (Records do not match)."; ""."""
    own = {each for alert in alerts for each in _about(alert)}
    if not incident.is_open or not own:
        return ""
    found = {
        alert.incident_id: alert.check
        for alert in incidents.open_alerts(desk.store.db).values()
        if alert.incident_id != incident.id and own & {*_about(alert)}
    }
    named = [
        f"#{number} ({foreign(desk.check_titles.get(check, check), TITLE)})"
        for number, check in sorted(found.items())[:NAMED]
    ]
    if len(found) > NAMED:
        named.append(f"{len(found) - NAMED} more")
    return f"Perhaps the same fault as {_listed(named)}." if named else ""


def _about(alert: Alert) -> Iterator[tuple[str, str]]:
    """The flow and the two systems that a loss is about."""
    if alert.check in LOSSES:
        yield alert.subject.kind, alert.subject.id
        if flow_id := alert.facts.get("flow_id"):
            yield "flow", str(flow_id)


def _listed(named: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(named[:-1]), *named[-1:]]))
