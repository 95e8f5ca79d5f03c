"""Proposals in words: the message with its preview and buttons, and the private answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from slack_sdk.models.blocks import ButtonElement

from bot.acting.proposal import SHORTEST_REASON, Approval, Deed, Proposal, Stage, Why
from bot.acting.routes import EXAMPLES, MENUS
from bot.slack.render.blocks import Block, actions, button, confirmation, context, section
from bot.slack.render.links import Links
from bot.slack.render.message import Message, answer, message
from bot.slack.render.text import ago, code, count, foreign, link, mention, when
from checks.runs import Run, RunStatus

APPROVE = "act_approve"
REFUSE = "act_refuse"
SENTENCE = 600
NAMED = 4
"""Runs or flows named in one sentence; of the others it says how many they are."""
MARKS = {
    Stage.PENDING: "🟡",
    Stage.APPROVED: "▶️",
    Stage.EXECUTING: "▶️",
    Stage.REFUSED: "✖️",
    Stage.EXPIRED: "✖️",
    Stage.EXECUTED: "☑️",
    Stage.FAILED: "❌",
    Stage.UNKNOWN: "❓",
}
WORDS = {
    Stage.PENDING: "waits for approval",
    Stage.APPROVED: "approved, being carried out",
    Stage.EXECUTING: "being carried out",
    Stage.REFUSED: "turned down",
    Stage.EXPIRED: "lapsed",
    Stage.EXECUTED: "carried out",
    Stage.FAILED: "not done",
    Stage.UNKNOWN: "not known whether it was done",
}
ENDS = {
    RunStatus.SUCCESS: "succeeded",
    RunStatus.PARTIAL_SUCCESS: "succeeded in part",
    RunStatus.FAILURE: "failed",
    RunStatus.STOPPED: "was stopped",
    RunStatus.UNKNOWN: "ended with an unknown status",
}
OPEN = "not ended yet, as far as I have read"
NOTHING: Mapping[int, Sequence[Run | None]] = MappingProxyType({})
BECAME = {
    Stage.APPROVED: "Approved{by}; it is being carried out.",
    Stage.EXECUTING: "Approved{by}; it is being carried out.",
    Stage.REFUSED: "Turned down{by}; nothing is done.",
    Stage.EXPIRED: "Nobody approved it in time, so nothing is done.",
    Stage.EXECUTED: "Approved{by}, and carried out.",
    Stage.FAILED: "Approved{by}, but not done.",
    Stage.UNKNOWN: "Approved{by}; it is not known whether it was done.",
}
"""What stands in the message in place of who has to decide, once somebody has."""


def value_of(proposal: Proposal) -> str:
    return f"{proposal.id}:{proposal.version}"


def proposal_message(proposal: Proposal) -> Message:
    """What is proposed, what it would do, who has to decide until when; with its buttons. Once that
    is decided, what became of it, and no buttons."""
    draft = proposal.draft
    head = (
        f"{MARKS[proposal.stage]} {mention(proposal.proposer)} proposes (proposal {proposal.id}):"
    )
    lines = [f"{head} {foreign(draft.preview[0], SENTENCE)}"]
    lines += [foreign(line, SENTENCE) for line in draft.preview[1:]]
    if draft.reason:
        lines.append(f"Reason: {foreign(draft.reason, SENTENCE)}")
    return message(
        f"{lines[0]} {_decides(proposal)}",
        [
            section("\n".join(lines)),
            *_warned(draft.against),
            *context([_forgotten(proposal), _decides(proposal)]),
            *actions(_buttons(proposal)),
        ],
    )


def said_message(
    said: str, mark: Stage, at: datetime, by: str | None, *, against: str = ""
) -> Message:
    """A line of the timeline as it was written, when the proposal has moved on since; and what was
    said `against` it, which is as true afterwards."""
    who = f" ({mention(by)})" if by else ""
    line = f"{MARKS[mark]} {foreign(said, 2 * SENTENCE)}{who} · {when(at)}"
    return message(line, [section(line), *_warned(against)])


def _warned(against: str) -> list[Block]:
    return [section(f"⚠️ {foreign(against, SENTENCE)}")] if against else []


def first_say_why(proposal: Proposal) -> Message:
    """For who approves by words what is advised against, without a reason: a button would ask."""
    typed = code(f"/seam approve {proposal.id} why it helps all the same")
    return answer(
        f"Proposal {proposal.id} is not approved yet: {foreign(proposal.draft.preview[0], 300)}",
        f"⚠️ {foreign(proposal.draft.against, SENTENCE)}",
        f"If it is to be done all the same, say why: {typed}.",
    )


def proposed(proposal: Proposal, is_new: bool) -> Message:
    """The private answer to whoever proposed it."""
    does = foreign(proposal.draft.preview[0], 300)
    if not is_new:
        return answer(
            f"That is proposed already: proposal {proposal.id} by {mention(proposal.proposer)} "
            f"{ago(proposal.proposed_at)}, {WORDS[proposal.stage]}. Nothing was added.",
            does,
        )
    where = "the thread of its incident" if proposal.draft.incident_id else "the channel"
    against = [f"⚠️ {foreign(proposal.draft.against, SENTENCE)}"] if proposal.draft.against else []
    why = f"Reason: {foreign(proposal.draft.reason, SENTENCE)}" if proposal.draft.reason else ""
    return answer(
        f"Proposal {proposal.id} stands in {where}: {does}",
        *filter(None, [why]),
        _decides(proposal),
        *against,
    )


def decided(proposal_id: int, found: tuple[Proposal, Why | None] | None, user_id: str) -> Message:
    """The private answer to whoever approved or refused; `found` None: there is no such."""
    if found is None:
        return no_such(proposal_id)
    proposal, why = found
    if why is None:
        said = "It is being carried out; the result follows where it was proposed."
        against = [foreign(proposal.draft.against, SENTENCE)] if proposal.draft.against else []
        if proposal.stage is not Stage.APPROVED:
            own = proposal.proposer == user_id
            said = "It is withdrawn." if own else "It is turned down, and nothing is done."
            against = []
        told = f"Proposal {proposal.id}: {foreign(proposal.draft.preview[0], 300)} {said}"
        return answer(told, *(f"⚠️ {each}" for each in against))
    return answer(_objection(proposal, why))


def no_such(proposal_id: int | None) -> Message:
    said = f"There is no proposal {proposal_id}." if proposal_id else "Which proposal?"
    return answer(f"{said} {code('/seam acts')} lists them.")


def by_menu(deed: Deed, names: Sequence[str], links: Links, first: str = "") -> Message:
    """For what Patchworks' API does not confirm and the settings name no route for; after `first`,
    a sentence of ours."""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    what = ", ".join(foreign(name, 80) for name in names[:NAMED]) + more
    where = link(links.dashboard_url, "the dashboard")
    example = code(f"{deed} = {EXAMPLES[deed]!r}")
    hint = "If your account has a request for it, whoever runs Seamwatch can name it under "
    return answer(
        f"{first}I cannot {_verb(deed)} {what} from here: Patchworks' public API does not say how. "
        f"In {where}: {foreign(MENUS[deed], 200)}.",
        small=[f"{hint}[acts.routes], such as {example}."],
    )


def listed(
    proposals: Sequence[Proposal], begun: Mapping[int, Sequence[Run | None]] = NOTHING
) -> Message:
    """The newest proposals, open ones with their buttons; of those that were carried out how the
    runs ended that began by them, by the proposal's id."""
    if not proposals:
        return answer(
            f"Nothing was proposed lately. {code('/seam start FLOW why')} or "
            f"{code('/seam replay 42')} proposes something."
        )
    blocks = []
    for each in proposals:
        what = foreign(each.draft.preview[0], 200)
        about = f" · #{each.draft.incident_id}" if each.draft.incident_id else ""
        by = f"{mention(each.proposer)} {ago(each.proposed_at)}{about}"
        head = f"{MARKS[each.stage]} *{each.id}* {WORDS[each.stage]}: {what} ({by})"
        blocks.append(section(" ".join(filter(None, [head, _ended(begun.get(each.id, ()))]))))
        blocks += actions(_buttons(each))
    waiting = sum(each.stage is Stage.PENDING for each in proposals)
    said = f"{count(waiting, 'proposal')} {'waits' if waiting == 1 else 'wait'} for approval."
    return message(said, [section(said), *blocks])


def _ended(runs: Sequence[Run | None]) -> str:
    """How many of them ended how, as far as a round has read it."""
    how = [ENDS.get(run.status, OPEN) if run else OPEN for run in runs]
    if len(how) == 1:
        return f"Its run: {how[0]}."
    told = ", ".join(f"{number} {words}" for words, number in Counter(how).items())
    return f"Its runs: {told}." if told else ""


def _verb(deed: Deed) -> str:
    return {Deed.PRIORITY: "change the priority of"}.get(deed, deed.value)


def _buttons(proposal: Proposal) -> list[ButtonElement]:
    if proposal.stage is not Stage.PENDING:
        return []
    value = value_of(proposal)
    asked = None
    if proposal.draft.against:
        asked = confirmation(
            "Advised against",
            foreign(proposal.draft.against, 280) or "It lasts.",
            "Approve all the same",
            "No",
        )
    return [
        button("Approve", APPROVE, value, primary=True, confirm=asked),
        button("Refuse", REFUSE, value),
    ]


def _decides(proposal: Proposal) -> str:
    if proposal.stage is not Stage.PENDING:
        by = f" by {mention(proposal.approver)}" if proposal.approver else ""
        return BECAME[proposal.stage].format(by=by)
    until = f"until {when(proposal.expires_at)}"
    if proposal.approval is Approval.SECOND_PERSON:
        return f"A second person has to approve it, {until}."
    own = code(f"/seam approve {proposal.id} why")
    return f"Somebody else approves it, or {mention(proposal.proposer)} with {own}, {until}."


def _forgotten(proposal: Proposal) -> str:
    at = proposal.draft.forgotten_at
    waits = proposal.stage is Stage.PENDING
    if at is None or not waits or proposal.draft.deed not in (Deed.REPLAY, Deed.RETRY):
        return ""
    first = "the first of these payloads" if len(proposal.draft.targets) > 1 else "this payload"
    return f"Patchworks forgets {first} {when(at)}, 72 hours after its run."


def _objection(proposal: Proposal, why: Why) -> str:
    number = f"Proposal {proposal.id}"
    match why:
        case Why.DECIDED:
            by = f" by {mention(proposal.approver)}" if proposal.approver else ""
            at = f" {when(proposal.decided_at)}" if proposal.decided_at else ""
            how = "turned down" if proposal.stage is Stage.REFUSED else "approved"
            decided = f"{how}{by}{at}; it is {WORDS[proposal.stage]} now" if by else ""
            return f"{number} was {decided or 'closed, because it lapsed'}. Nothing was done twice."
        case Why.LATE:
            return (
                f"{number} lapsed {when(proposal.expires_at)}, so nothing is done. Propose it "
                "anew if it still helps."
            )
        case Why.CHANGED:
            return f"{number} has changed since you saw it; look at it again. Nothing was done."
        case Why.OWN:
            return (
                f"You proposed {number.lower()} yourself: a second person has to approve it. "
                "Nothing was done."
            )
        case Why.NO_REASON:
            typed = code(f"/seam approve {proposal.id} why it cannot wait")
            return (
                f"To approve your own proposal, say why in {SHORTEST_REASON} characters or more: "
                f"{typed}. Nothing was done."
            )
