"""What the verbs that act on the platform have in common: what is meant, propose, decide, show."""

from __future__ import annotations

from collections.abc import Sequence

from bot import acts, inventory
from bot.acting.preview import Case, draft_of
from bot.acting.proposal import Deed, Draft, Proposal, Stage
from bot.incidents.model import Actor, Entry
from bot.outbox import Needless, TryLater
from bot.slack.desk import Desk
from bot.slack.named import all_named, nearest_names, same_name
from bot.slack.render import acts as render
from bot.slack.render.choice import none_named, which
from bot.slack.render.flow import not_read
from bot.slack.render.message import Message, answer
from bot.slack.render.text import code
from bot.slack.verbs import Ask, spoken
from bot.slack.words import first_and_rest, first_word
from bot.store import acts as stored
from bot.store import incidents, outbox
from bot.store.outbox import Purpose, Row, incident_topic
from checks.runs import Flow

KEPT = 500
"""Characters of a reason that are stored."""
QUOTES = '"“„'
WORDS_OF_A_NAME = 20
"""So many are read for a name without quotes."""
WRITTEN = 80
"""Characters of a name that is written out for people to copy; of a longer one its id."""


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
    known = inventory.find_inventory(desk.store.db)
    if known is None:
        return not_read()
    command = f"{spoken(ask.via)} {deed} {value}".rstrip()
    found = meant_flow(ask.said, known.flows, command)
    if isinstance(found, Message):
        return found
    flow, reason = found
    if not reason and desk.acts.offers(deed):
        typed = code(f"{command} {clearly(flow, known.flows)} why")
        return answer(
            f"Say why after the name, for whoever approves it: {typed}. Nothing was done."
        )
    draft = draft_of(deed, [Case(flow=flow)], reason=reason[:KEPT], value=value)
    return propose(desk, ask, draft)


def meant_flow(said: str, flows: Sequence[Flow], command: str) -> tuple[Flow, str] | Message:
    """The flow whose whole name, or id, the words begin with, and what follows it.

    Nothing is done to a flow that was named in part: then the answer asks which one is meant.
    """
    if not said:
        return answer(
            f"Which flow? For example {code(f'{command} {QUOTES[0]}Orders{QUOTES[0]} why')}."
        )
    for name, reason in readings(said):
        found = called(name, flows)
        if len(found) == 1:
            return found[0], reason
        if found:
            choices = [(clearly(each, flows), each.name) for each in found]
            return which(said, choices, command, f"begins with a name of {len(found)} flows")
    choices = [(clearly(each, flows), each.name) for each in resembling(said, flows)]
    if not choices:
        return none_named("flow", first_word(said), (), [each.name for each in flows])
    return which(said, choices, command, "does not begin with the whole name of a flow")


def readings(said: str) -> list[tuple[str, str]]:
    """A name and what follows it, in the order to try: what is quoted, else the longest first."""
    first, rest = first_and_rest(said)
    if said[:1] in QUOTES and first[:1] not in QUOTES:
        return [(first, rest)]
    words = said.split()
    most = min(len(words), WORDS_OF_A_NAME)
    return [(" ".join(words[:n]), " ".join(words[n:])) for n in range(most, 0, -1)]


def called(name: str, flows: Sequence[Flow]) -> list[Flow]:
    """The flow of this whole name, or else of this id; several where they share it."""
    of_name = [each for each in flows if each.name and same_name(name, each.name)]
    return of_name or [each for each in flows if each.id == name.rstrip(".,:;")]


def resembling(said: str, flows: Sequence[Flow]) -> list[Flow]:
    """The flows that may be meant, those first that more of the words fit."""
    found: dict[str, Flow] = {}
    for name, _ in readings(said):
        near = nearest_names(name, [each.name for each in flows])
        fit = all_named(name, flows, lambda flow: (flow.name,))
        for each in [*fit, *(flow for flow in flows if flow.name in near)]:
            found.setdefault(each.id, each)
    return list(found.values())


def clearly(flow: Flow, flows: Sequence[Flow]) -> str:
    """How to write what means this flow and no other: its name in quotes, or its id."""
    is_short = len(flow.name.strip()) > 0 and len(flow.name) <= WRITTEN
    is_clear = is_short and not set(flow.name) & {*QUOTES, "`"}
    return f'"{flow.name}"' if is_clear and called(flow.name, flows) == [flow] else flow.id


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
