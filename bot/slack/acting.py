"""What the verbs that act on the platform have in common: what is meant, propose, decide, show."""

from __future__ import annotations

from bot import acts, inventory
from bot.acting.preview import Case, draft_of
from bot.acting.proposal import Deed, Draft, Proposal, Stage
from bot.incidents.model import Actor, Entry
from bot.outbox import Needless, TryLater
from bot.slack.desk import Desk
from bot.slack.named import find_named, nearest_names
from bot.slack.render import acts as render
from bot.slack.render.choice import none_named, several
from bot.slack.render.flow import not_read
from bot.slack.render.message import Message, answer
from bot.slack.render.text import code
from bot.slack.verbs import Ask, spoken
from bot.slack.words import first_word
from bot.store import acts as stored
from bot.store import incidents, outbox
from bot.store.outbox import Purpose, Row, incident_topic
from checks.runs import Flow

KEPT = 500
"""Characters of a reason that are stored."""
QUOTES = '"“„'


def propose(desk: Desk, ask: Ask, draft: Draft) -> Message:
    """Write it down and answer whoever proposed it; the menu path where it is not offered."""
    if not desk.acts.offers(draft.deed):
        names = [_named(each.flow_name, each.run_id) for each in draft.targets]
        return render.by_menu(draft.deed, names, desk.links)
    actor = Actor(who=ask.user_id, via=ask.via)
    home, now = desk.rules.destination, desk.clock.now()
    made, is_new = acts.propose(desk.store, draft, actor, desk.acts, home, now)
    return render.proposed(made, is_new)


def propose_for_flow(desk: Desk, ask: Ask, deed: Deed, *, value: str = "") -> Message:
    """For what is done to a flow: `/seam start "Orders to NetSuite" why`."""
    found = meant_flow(desk, ask, deed.value)
    if isinstance(found, Message):
        return found
    flow, reason = found
    if not reason and desk.acts.offers(deed):
        typed = code(f'{spoken(ask.via)} {deed} "{flow.name}" why')
        return answer(
            f"Say why after the name, for whoever approves it: {typed}. Nothing was done."
        )
    draft = draft_of(deed, [Case(flow=flow)], reason=reason[:KEPT], value=value)
    return propose(desk, ask, draft)


def meant_flow(desk: Desk, ask: Ask, verb: str) -> tuple[Flow, str] | Message:
    """The flow that was named, and what follows its name."""
    known = inventory.find_inventory(desk.store.db)
    if known is None:
        return not_read()
    command = f"{spoken(ask.via)} {verb}"
    if not ask.said:
        return answer(
            f"Which flow? For example {code(f'{command} {QUOTES[0]}Orders{QUOTES[0]} why')}."
        )
    for name, reason in readings(ask.said):
        found = find_named(name, known.flows, lambda flow: (flow.name, flow.id))
        if len(found) == 1:
            return found[0], reason
        if found:
            return several("flow", name, [(each.id, each.name) for each in found], command)
    names = [each.name for each in known.flows]
    asked = first_word(ask.said)
    return none_named("flow", asked, nearest_names(asked, names), names)


def readings(said: str) -> list[tuple[str, str]]:
    """A name and what follows it, in the order to try: what is quoted, else the longest first."""
    if said[:1] in QUOTES:
        name = first_word(said)
        return [(name, said[len(name) + 2 :].strip())]
    words = said.split()
    return [(" ".join(words[:n]), " ".join(words[n:])) for n in range(len(words), 0, -1)]


def line_of(desk: Desk, entry: Entry) -> Message | None:
    """The line of the thread for an entry of kind ACTED; None for one without its proposal.

    While the proposal waits, its line has the preview and the buttons.
    """
    number = entry.data.get("proposal")
    proposal = stored.find(desk.store.db, number) if isinstance(number, int) else None
    if proposal is None:
        return None
    if proposal.stage is Stage.PENDING:
        return render.proposal_message(proposal)
    by = entry.actor.who if entry.actor.is_known_to_slack else None
    return render.said_message(
        entry.reason, proposal.stage, entry.at, by, against=proposal.draft.against
    )


def beside_of(desk: Desk, row: Row) -> Message:
    """The message of a proposal outside any incident, as it stands; or the line under it that tells
    what came of it. Raises LookupError."""
    proposal = _of_topic(desk, row)
    if row.purpose in (Purpose.ROOT, Purpose.EDIT):
        return render.proposal_message(proposal)
    by = proposal.approver if proposal.stage is Stage.REFUSED else None
    return render.said_message(row.body, proposal.stage, row.created_at, by)


def decided_line(desk: Desk, row: Row) -> tuple[Message, str]:
    """What takes the place of the line that proposed something in a thread, and where that stands.

    Raises Needless where the line is told without buttons anyhow, TryLater while it is on its way.
    """
    db, proposal = desk.store.db, _of_topic(desk, row)
    number = proposal.draft.incident_id or 0
    entries = (e for e in incidents.timeline(db, number) if e.data.get("proposal") == proposal.id)
    entry = next(entries, None)
    said = line_of(desk, entry) if entry else None
    if entry is None or said is None:
        raise Needless
    ts, is_coming = outbox.find_line(db, incident_topic(number), row.destination, entry.seq)
    if is_coming:
        raise TryLater("the line of the proposal is still on its way")
    if ts is None:
        raise Needless
    return said, ts


def _of_topic(desk: Desk, row: Row) -> Proposal:
    """Raises LookupError."""
    number = row.topic.partition("/")[2]
    found = stored.find(desk.store.db, int(number)) if number.isdecimal() else None
    if found is None:
        raise LookupError(f"{row.topic} is about no proposal")
    return found


def _named(flow_name: str, run_id: str) -> str:
    return f"run {run_id} of {flow_name}" if run_id else flow_name
