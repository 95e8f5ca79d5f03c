"""Carries out one approved proposal: each attempt is written down, sent once, and recorded.

What is found written down and not recorded was perhaps sent (the process died, or the answer was
lost): it is looked up on the platform and never sent again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime

from bot.acting.looking import Found, look
from bot.acting.proposal import Attempt, Came, Deed, Proposal, Stage, Target, lapses, outcome
from bot.acting.routes import ActRules
from bot.acting.transport import Begun, Lost, Rejected, Starter
from bot.clock import Clock
from bot.store import Store, acts
from checks.patchworks import Patchworks

log = logging.getLogger(__name__)

TAKEN: Mapping[Deed, str] = {
    **dict.fromkeys(Deed, "taken by Patchworks"),
    Deed.REPLAY: "started again",
    Deed.RETRY: "started again",
}
STILL_OPEN = (
    "Whether it succeeds is not known yet; /seam acts tells it once it has ended.",
    "Whether they succeed is not known yet; /seam acts tells it once they have ended.",
)
"""That a run began says nothing of how it ends; of one, and of several."""
SETTLE_SECONDS = 40.0
"""A job is added to the queue within 30 s, by Patchworks' page on the run queue; then it shows."""


class Executor:
    """`pause` waits so many real seconds before a look; `patchworks` reads, `starter` acts."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        patchworks: Patchworks,
        starter: Starter,
        rules: ActRules,
        pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._store, self._clock, self._pause = store, clock, pause
        self._patchworks, self._starter, self._rules = patchworks, starter, rules

    async def carry_out(self, proposal: Proposal) -> Stage:
        """Every target that was not attempted yet, and the end of the proposal. It must be
        EXECUTING; it may have been so before a crash."""
        attempted = {each.target: each for each in acts.attempts_of(self._store.db, proposal.id)}
        for number, target in enumerate(proposal.draft.targets):
            attempt = attempted.get(number)
            if attempt is None:
                await self._attempt(proposal, number, target)
            elif attempt.came is Came.INTENDED:
                await self._look_up(attempt, proposal.draft.deed, target, "It was being sent")
        return self._finish(proposal)

    async def _attempt(self, proposal: Proposal, number: int, target: Target) -> None:
        now = self._clock.now()
        attempt = Attempt(proposal_id=proposal.id, target=number, came=Came.INTENDED, sent_at=now)
        if why := lapses(proposal, self._rules.approval, now) or forgotten(target, now):
            self._record(attempt, Found(came=Came.FAILED, said=f"Not done: {why}"))
            return
        try:
            request = await self._prepare(proposal, target)
        except Rejected as error:
            self._record(attempt, Found(came=Came.FAILED, said=error.what))
            return
        attempt = replace(attempt, sent_at=self._clock.now())
        with self._store.writing() as db:
            acts.intend(db, proposal.id, number, attempt.sent_at)
        await self._send(attempt, request, proposal.draft.deed, target)

    async def _prepare(self, proposal: Proposal, target: Target) -> Callable[[], Awaitable[Begun]]:
        """The request, with all that has to be read for it beforehand. Raises Rejected."""
        draft = proposal.draft
        if draft.deed is Deed.START:
            return lambda: self._starter.start(target.flow_id)
        if draft.deed is Deed.REPLAY:
            payload = await self._starter.payload_of(target.run_id)
            return lambda: self._starter.start(target.flow_id, payload)
        route = self._rules.routes.get(draft.deed)
        if route is None:
            raise Rejected(f"The settings name no route for {draft.deed} any more")
        thing = target.run_id if draft.deed.is_of_a_run else target.flow_id
        return lambda: self._starter.call(route, thing, draft.value)

    async def _send(
        self,
        attempt: Attempt,
        request: Callable[[], Awaitable[Begun]],
        deed: Deed,
        target: Target,
    ) -> None:
        try:
            begun = await request()
        except Rejected as error:
            found = Found(came=Came.FAILED, said=error.what)
        except Lost as error:
            await self._look_up(attempt, deed, target, error.what)
            return
        else:
            found = Found(came=Came.DONE, run_id=begun.run_id, said="")
        self._record(attempt, found)

    async def _look_up(self, attempt: Attempt, deed: Deed, target: Target, what: str) -> None:
        """After a while, because what was queued does not show at once."""
        log.warning("act %d may or may not have been done; looking", attempt.proposal_id)
        await self._pause(SETTLE_SECONDS)
        others = acts.runs_begun(self._store.db)
        found = await look(self._patchworks, deed, target, attempt.sent_at, others)
        self._record(attempt, replace(found, said=f"{found.said} ({what})"))

    def _record(self, attempt: Attempt, found: Found) -> None:
        done = replace(attempt, came=found.came, run_id=found.run_id, said=found.said)
        with self._store.writing() as db:
            acts.record(db, done)

    def _finish(self, proposal: Proposal) -> Stage:
        attempts = acts.attempts_of(self._store.db, proposal.id)
        stage = outcome(attempts)
        with self._store.writing() as db:
            acts.advance(db, proposal, stage, say_result(proposal, attempts))
        return stage


def forgotten(target: Target, now: datetime) -> str:
    """Why it is too late for its payload, as the end of a sentence; "" when it is not."""
    if target.forgotten_at is None or now < target.forgotten_at:
        return ""
    return "Patchworks keeps payloads for 72 hours, and this one is older by now"


def say_result(proposal: Proposal, attempts: list[Attempt]) -> str:
    """What came of it, in plain sentences."""
    targets = proposal.draft.targets
    done = [each for each in attempts if each.came is Came.DONE]
    said = []
    if len(targets) > 1:
        said.append(f"{len(done)} of {len(targets)} {TAKEN[proposal.draft.deed]}.")
    begun = [each.run_id for each in done if each.run_id]
    if begun and proposal.draft.deed is not Deed.STOP:
        noun = "run" if len(begun) == 1 else "runs"
        said.append(f"Began {noun} {', '.join(begun)}.")
    elif done and len(targets) == 1:
        said.append("Patchworks took it.")
    if done and proposal.draft.deed.begins_a_run:
        said.append(STILL_OPEN[0] if len(done) == 1 else STILL_OPEN[1])
    for each in attempts:
        if each.said:
            target = targets[each.target]
            about = f"Run {target.run_id}: " if target.run_id else ""
            said.append(f"{about}{each.said.rstrip('.')}.")
    return " ".join(dict.fromkeys(said))
