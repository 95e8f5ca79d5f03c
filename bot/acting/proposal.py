"""A proposal to do something on the platform, and who may decide on it when. Pure.

The practice is that of GitLab's agents and of most change control: propose, show what it would do,
have a second person approve, carry it out once. The person who proposed may not approve, unless the
settings say `confirm_with_reason`, for a night shift of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SHORTEST_REASON = 8
"""Characters that a reason for approving one's own proposal has at least."""
PAYLOADS_KEPT = timedelta(hours=72)
"""https://doc.wearepatchworks.com/product-documentation/process-flows, page "run logs & queue"."""


class Deed(StrEnum):
    """What can be done. Starting and replaying are documented; the rest needs a route."""

    START = "start"
    REPLAY = "replay"
    RETRY = "retry"
    STOP = "stop"
    DISABLE = "disable"
    PRIORITY = "priority"

    @property
    def is_of_a_run(self) -> bool:
        return self in (Deed.REPLAY, Deed.RETRY, Deed.STOP)

    @property
    def begins_a_run(self) -> bool:
        """Which may fail, whatever was asked for was taken."""
        return self in (Deed.START, Deed.REPLAY, Deed.RETRY)


class Stage(StrEnum):
    """Where a proposal stands. UNKNOWN: it may have been carried out, and it cannot be told."""

    PENDING = "pending"
    APPROVED = "approved"
    EXECUTING = "executing"
    REFUSED = "refused"
    EXPIRED = "expired"
    EXECUTED = "executed"
    FAILED = "failed"
    UNKNOWN = "unknown"

    @property
    def is_over(self) -> bool:
        return self not in (Stage.PENDING, Stage.APPROVED, Stage.EXECUTING)


class Approval(StrEnum):
    """Who approves: somebody else, or whoever proposed it after giving a reason."""

    SECOND_PERSON = "second_person"
    CONFIRM_WITH_REASON = "confirm_with_reason"


class Came(StrEnum):
    """What came of one attempt. INTENDED: it was about to be sent, and nothing is recorded yet."""

    INTENDED = "intended"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What it is done to: a flow, or one of its runs. Patchworks forgets its payload then (UTC)."""

    flow_id: str
    flow_name: str
    run_id: str = ""
    forgotten_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One request to the platform, written down before it is sent. `target` counts from 0.

    `run_id` is the run that began by it, "" where that is not known; `said` one sentence.
    """

    proposal_id: int
    target: int
    came: Came
    sent_at: datetime
    run_id: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is proposed. `preview` are plain sentences of what it would do, `against` the sentence
    that advises against it, "" when nothing does. `value` is what is to be set, where it takes one.
    """

    deed: Deed
    targets: tuple[Target, ...]
    preview: tuple[str, ...]
    against: str = ""
    reason: str = ""
    value: str = ""
    incident_id: int | None = None

    @property
    def subject(self) -> str:
        """What no second open proposal may be about."""
        about = (each.run_id or each.flow_id for each in self.targets)
        return f"{self.deed} {' '.join(sorted(about))}"

    @property
    def forgotten_at(self) -> datetime | None:
        """When the first of the payloads is forgotten."""
        return min((each.forgotten_at for each in self.targets if each.forgotten_at), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A draft with its fate. `proposer` and `approver` are Slack user ids; `approver` is also who
    refused it. `version` rises with every change; times are UTC."""

    id: int
    version: int
    stage: Stage
    draft: Draft
    approval: Approval
    proposer: str
    proposed_at: datetime
    expires_at: datetime
    approver: str | None = None
    decided_at: datetime | None = None
    approval_reason: str = ""
    result: str = ""


class Why(StrEnum):
    """Why a decision on a proposal is not taken."""

    DECIDED = "decided"  # it is not pending any more
    LATE = "late"
    CHANGED = "changed"  # since the person saw it
    OWN = "own"  # a second person has to
    NO_REASON = "no_reason"


def objection(
    proposal: Proposal,
    user_id: str,
    reason: str,
    required: Approval,
    now: datetime,
    *,
    seen_version: int | None = None,
) -> Why | None:
    """Why this person cannot approve it now; None when nothing stands against it.

    The stricter of what was required when it was proposed and of what is `required` now holds.
    """
    if proposal.stage is not Stage.PENDING:
        return Why.DECIDED
    if now >= proposal.expires_at:
        return Why.LATE
    if seen_version is not None and seen_version != proposal.version:
        return Why.CHANGED
    if user_id != proposal.proposer:
        return None
    if Approval.SECOND_PERSON in (required, proposal.approval):
        return Why.OWN
    return None if len(reason.strip()) >= SHORTEST_REASON else Why.NO_REASON


def lapses(proposal: Proposal, required: Approval, now: datetime) -> str:
    """Why an approved proposal must not be begun after all, as the end of a sentence; else ""."""
    if now >= proposal.expires_at:
        return "its approval had expired before it could be begun"
    if proposal.approver is None:
        return "nobody has approved it"
    own = proposal.approver == proposal.proposer
    if own and Approval.SECOND_PERSON in (required, proposal.approval):
        return "a second person has to approve it"
    return ""


def outcome(attempts: Sequence[Attempt]) -> Stage:
    """What its attempts add up to: one that is not known makes the whole not known."""
    came = {attempt.came for attempt in attempts}
    if came & {Came.UNKNOWN, Came.INTENDED}:
        return Stage.UNKNOWN
    return Stage.EXECUTED if came == {Came.DONE} else Stage.FAILED
