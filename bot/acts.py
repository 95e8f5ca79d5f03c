"""What people have done on the platform: propose, approve or refuse, carry out once, tell.

Every decision is one conditional update in one transaction with its audit row. What is approved is
carried out by one loop, under one lock and the lease of the database, after everything was checked
again. A process that dies in between finds it again: what was perhaps sent is looked up, and never
sent twice.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

from bot.acting.executing import Executor
from bot.acting.proposal import Draft, Proposal, Stage, Why, lapses, objection
from bot.acting.routes import ActRules
from bot.acting.telling import ITSELF, place_of, tell
from bot.clock import Clock
from bot.incidents.model import Actor
from bot.permissions import Permission, Right
from bot.store import Database, Store, StoreRefused, acts, audit
from bot.store.audit import Audited

log = logging.getLogger(__name__)

LOOK_EVERY = 5.0
AGAIN = "command"  # what was not told in time is told as if typed


class May(Protocol):
    """Asks whether a person has a right, with the id of the channel that it is about."""

    def __call__(
        self, user_id: str, right: Right | None, *, channel: str = ""
    ) -> Awaitable[Permission]: ...


def propose(
    store: Store, draft: Draft, actor: Actor, rules: ActRules, destination: str, now: datetime
) -> tuple[Proposal, bool]:
    """Write a proposal down and have it shown; or give back the open one for the same act, and
    False."""
    with store.writing() as db:
        standing = acts.find_open(db, draft.subject)
        if standing is not None and not _expire(db, standing, now):
            _audit(db, standing, actor, "propose", now, "it is proposed already")
            return standing, False
        until = now + rules.expires
        number = acts.insert(db, draft, rules.approval, actor.who, now, until)
        made = _found(db, number)
        _audit(db, made, actor, "propose", now)
    tell(store, made, actor.via, destination, now)
    return made, True


def approve(
    store: Store,
    proposal_id: int,
    actor: Actor,
    rules: ActRules,
    destination: str,
    now: datetime,
    *,
    reason: str = "",
    seen_version: int | None = None,
) -> tuple[Proposal, Why | None] | None:
    """Approve it; why not, where that is not possible; None when there is no such proposal."""
    with store.writing() as db:
        before = acts.find(db, proposal_id)
        if before is None:
            return None
        why = objection(before, actor.who, reason, rules.approval, now, seen_version=seen_version)
        _expire(db, before, now)
        if why is None:
            acts.decide(db, before, Stage.APPROVED, actor.who, reason, now)
        _audit(db, before, actor, "approve", now, why.value if why else "")
        after = _found(db, proposal_id)
    tell(store, after, actor.via, destination, now)
    return after, why


def refuse(
    store: Store, proposal_id: int, actor: Actor, destination: str, now: datetime, reason: str = ""
) -> tuple[Proposal, Why | None] | None:
    """Turn it down, or withdraw one's own."""
    with store.writing() as db:
        before = acts.find(db, proposal_id)
        if before is None:
            return None
        why = None if before.stage is Stage.PENDING else Why.DECIDED
        if why is None and _expire(db, before, now):
            why = Why.LATE
        if why is None:
            acts.decide(db, before, Stage.REFUSED, actor.who, reason, now)
        _audit(db, before, actor, "refuse", now, why.value if why else "")
        after = _found(db, proposal_id)
    tell(store, after, actor.via, destination, now)
    return after, why


class Acts:
    """The loop that carries out what was approved. `may` is asked again before anything is sent;
    `home` is where incidents are announced, `told` is called when messages wait."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        executor: Executor,
        rules: ActRules,
        *,
        may: May,
        home: str,
        told: Callable[[], None],
    ) -> None:
        self._store, self._clock, self._executor, self._rules = store, clock, executor, rules
        self._may, self._home, self._told = may, home, told
        self._awake = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()

    def wake(self) -> None:
        """Something was approved. On the loop's own thread."""
        self._awake.set()

    async def run(self) -> None:
        """Carry out what is approved, until cancelled; first of all what an earlier process left.

        Approved proposals are looked for every few seconds, so that no wake-up can be missed.
        """
        while True:
            self._awake.clear()
            try:
                await self.work()
            except sqlite3.OperationalError as error:
                log.warning("acts are looked for again soon: %s", error)
            try:
                async with asyncio.timeout(LOOK_EVERY):
                    await self._awake.wait()
            except TimeoutError:
                continue

    async def work(self) -> None:
        """Everything that is due now: let old ones lapse, carry out what is approved, tell."""
        async with self._one_at_a_time:
            self._let_lapse()
            self._tell_all()
            for each in acts.in_stages(self._store.db, (Stage.EXECUTING, Stage.APPROVED)):
                await self._safely(each)

    async def _safely(self, proposal: Proposal) -> None:
        """One that breaks does not hold up the others; it is looked up the next time."""
        try:
            await self._carry_out(proposal)
        except StoreRefused:
            raise
        except Exception as error:  # noqa: BLE001 (its text may quote what was sent)
            log.error("act %d broke off: %s", proposal.id, type(error).__name__)  # noqa: TRY400

    async def _carry_out(self, proposal: Proposal) -> None:
        claimed: Proposal | None = proposal
        if proposal.stage is Stage.APPROVED:
            self._tell(proposal)
            claimed = await self._begin(proposal)
        if claimed is None:
            self._tell_all()
            return
        proposal = claimed
        stage = await self._executor.carry_out(proposal)
        log.info("act %d: %s", proposal.id, stage.value)
        with self._store.writing() as db:
            after = _found(db, proposal.id)
            _audit(db, after, ITSELF, "execute", self._clock.now(), _trouble(after))
        self._tell(after)

    async def _begin(self, proposal: Proposal) -> Proposal | None:
        """Check everything again, then claim it; None when it is not to be done, or is not ours."""
        channel = place_of(self._store, proposal, self._home).removeprefix("slack/")
        permission = await self._may(proposal.approver or "", Right.APPROVE, channel=channel)
        now = self._clock.now()
        with self._store.writing() as db:
            known = _found(db, proposal.id)
            if known != proposal:
                return None
            why = lapses(known, self._rules.approval, now)
            if not permission.allowed:
                why = f"whoever approved it may not: {permission.because}"
            stage = Stage.FAILED if why else Stage.EXECUTING
            acts.advance(db, known, stage, f"Not done: {why.rstrip('.')}." if why else "")
            if why:
                _audit(db, known, ITSELF, "execute", now, why)
            claimed = _found(db, proposal.id)
        return None if why else claimed

    def _let_lapse(self) -> None:
        now = self._clock.now()
        for each in acts.in_stages(self._store.db, (Stage.PENDING,)):
            if now >= each.expires_at:
                with self._store.writing() as db:
                    _expire(db, each, now)

    def _tell_all(self) -> None:
        """What a process that died had not told any more."""
        for each in acts.untold(self._store.db):
            self._tell(each)

    def _tell(self, proposal: Proposal) -> None:
        tell(self._store, proposal, AGAIN, self._home, self._clock.now())
        self._told()


def _expire(db: Database, proposal: Proposal, now: datetime) -> bool:
    """Let it lapse, if it is pending and its time is over."""
    if proposal.stage is not Stage.PENDING or now < proposal.expires_at:
        return False
    acts.advance(db, proposal, Stage.EXPIRED, "Nobody approved it in time.")
    _audit(db, proposal, ITSELF, "expire", now)
    return True


def _found(db: Database, proposal_id: int) -> Proposal:
    found = acts.find(db, proposal_id)
    if found is None:
        raise LookupError(f"proposal {proposal_id} has gone, although none is ever deleted")
    return found


def _trouble(proposal: Proposal) -> str:
    return "" if proposal.stage is Stage.EXECUTED else proposal.result


def _audit(
    db: Database, proposal: Proposal, actor: Actor, what: str, now: datetime, because: str = ""
) -> None:
    audit.write(
        db,
        Audited(
            at=now,
            who=actor.who,
            team="",
            what=f"{what} {proposal.draft.deed}",
            subject=f"proposal {proposal.id}",
            via=actor.via,
            allowed=not because,
            because=because,
        ),
    )
