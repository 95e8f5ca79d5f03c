"""The runbook of an incident with its steps, and which of them were done by whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot import inventory
from bot.foresight.advice import find_advice
from bot.foresight.foreseen import limit_of
from bot.incidents.model import Alert, Entry, Kind
from bot.slack.desk import Desk
from bot.slack.letters import page_of
from bot.slack.render.advice import advice_lines
from bot.slack.render.incident import IncidentView
from bot.slack.render.message import Message
from bot.slack.render.runbook import checklist_answer
from bot.slack.render.text import when
from bot.slack.render.warning import is_warning
from runbooks.book import About, Page, Rendered
from runbooks.mrkdwn import Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """`page` with the facts of an incident filled in."""

    view: IncidentView
    alert: Alert
    page: Page
    filled: Rendered

    @property
    def done(self) -> Mapping[int, Entry]:
        """The entry that says so, by the number of each step that is done."""
        return done_of(self.view.entries, self.page.name)

    def find(self, told: str) -> tuple[int, Part] | None:
        """A step and its place, by the place that is shown ("3") or by its own number ("k1f2e")."""
        for place, step in enumerate(self.filled.steps, start=1):
            if told in (str(place), step.key):
                return place, step
        return None


def done_of(entries: Sequence[Entry], page: str) -> Mapping[int, Entry]:
    """The newest word on each step of a page, of those that are done by it."""
    newest = {
        int(entry.data["step"]): entry
        for entry in entries
        if entry.kind is Kind.CHECKED and entry.data.get("page") == page
    }
    return {step: entry for step, entry in newest.items() if entry.data.get("done", 1)}


def checklist_of(desk: Desk, view: IncidentView) -> Checklist | None:
    """None where there is no runbook for what the incident is about."""
    alert = view.alert
    page = page_of(desk.book, alert) if alert else None
    if alert is None or page is None:
        return None
    run_id = alert.facts.get("blocking_run_id") or alert.facts.get("run_id")
    about = About(
        incident=view.incident.id,
        incident_state=view.incident.state.value,
        run_url=desk.links.run(str(run_id)) if run_id else None,
        dashboard_url=desk.links.dashboard_url,
        read_at=alert.last_seen_at,
    )
    filled = desk.book.render(page, alert.facts, about)
    return Checklist(view=view, alert=alert, page=page, filled=filled)


def show(desk: Desk, known: Checklist) -> Message:
    """The page as a private answer, each step with its button."""
    small = [f"Filled in with what was seen {when(known.alert.last_seen_at)}."]
    incident, helps = known.view.incident, _helps(desk, known.alert)
    return checklist_answer(known.filled, incident, known.done, small, helps, _over(known))


def _over(known: Checklist) -> str:
    """For what is resolved: that the page tells how it was; "" while it is open."""
    ended = known.view.incident.resolved_at
    if ended is None:
        return ""
    seen = when(known.alert.last_seen_at)
    return (
        f"*#{known.view.incident.id} is resolved*, {when(ended)}. What follows tells how it was "
        f"when it was last seen, {seen}, and not how it is now."
    )


def _helps(desk: Desk, alert: Alert) -> Sequence[str]:
    """What would keep a foreseen limit from being reached; nothing for any other alert."""
    if not is_warning(alert):
        return ()
    limit = limit_of(alert.subject, alert.key, inventory.find_limits(desk.store.db))
    return advice_lines(find_advice(desk.store.db, limit.id), limit) if limit else ()
