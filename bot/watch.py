"""One round of the watch: gather, decide, act. The first file to read."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot import facts
from bot.clock import Clock
from bot.evidence import remember
from bot.facts import QueueFacts, RoundFacts
from bot.failure_evidence import remember_failures
from bot.foresight.predictions import follow_warnings
from bot.gather import Gathered, Gatherer
from bot.inventory import Inventory
from bot.loss_evidence import remember_losses
from bot.parts import Calls, Memory, Parts, keep_judgements, take_stock
from bot.rules import Rules
from bot.settings import Settings
from bot.sight import remember_blindness
from bot.store import Store, calls, runs
from bot.transitions import judge
from bot.usage import Around
from checks.budget import Budget
from checks.catalogue.stalled_queue import Evidence
from checks.model import Fact, Level, Verdict
from checks.registry import Check

log = logging.getLogger(__name__)

SHOWN_JOBS = 50
WHOLE_QUEUE = "queue/main/stalled_queue/queue"


class Watch:
    """Runs rounds; one at a time. `wake` tells the outbox that messages may wait; `on_round` is
    told after each round what its allowances were drawn up from, and returns at once."""

    def __init__(
        self,
        *,
        settings: Settings,
        store: Store,
        clock: Clock,
        gatherer: Gatherer,
        budget: Budget,
        checks: Mapping[str, Check[Any, Any]],
        rules: Rules,
        wake: Callable[[], None],
        on_round: Callable[[Around], None] = lambda _: None,
    ) -> None:
        self._settings, self._store, self._clock = settings, store, clock
        self._gatherer, self._budget = gatherer, budget
        self._checks, self._rules, self._wake = checks, rules, wake
        self._on_round = on_round
        self._around: Around | None = None
        self._blind: Mapping[str, str] = {}
        self._memory = Memory()

    async def run_round(self) -> None:
        """Look once at everything, and say what has changed."""
        await self.look()
        self._wake()
        if self._around is not None:
            self._on_round(self._around)

    async def look(self) -> Sequence[Verdict]:
        """Look once at everything, and remember it and what has changed; the verdicts."""
        began = time.monotonic()
        gathered = await self._gather()
        self._log_blindness(gathered.blind)
        return await asyncio.to_thread(self._decide_and_act, gathered, began)

    async def _gather(self) -> Gathered:
        before = facts.find_queue(self._store.db)
        return await self._gatherer.gather(
            self._clock.now(),
            before.read_at if before else None,
            runs.unfinished_runs(self._store.db),
        )

    def _decide_and_act(self, gathered: Gathered, began: float) -> Sequence[Verdict]:
        now = self._clock.now()
        stock = self._remember(gathered, now)
        own = self._own_calls()
        parts = Parts(self._store.db, gathered, stock, self._settings, own, self._memory, now)
        verdicts = self._judge(parts, now)
        with self._store.writing() as db:
            judge(db, verdicts, self._rules, now)
            if any(
                verdict.check == "rate_limit" for verdict in verdicts
            ):  # else no limits are known
                follow_warnings(db, parts.limits.limits, verdicts, stock, self._rules, now)
            facts.save_queue(db, self._queue_facts(parts.queue, verdicts, now), now)
            keep_judgements(db, parts, verdicts, now)
            facts.save_round(db, self._round_facts(gathered, verdicts, began, now))
        knows_limits = any(verdict.check == "rate_limit" for verdict in verdicts)
        self._around = parts.around if knows_limits else None
        return verdicts

    def _own_calls(self) -> Calls:
        budget = self._budget
        return Calls(last_minute=budget.spent_last_minute, refused=budget.refused_last_hour)

    def _remember(self, gathered: Gathered, now: datetime) -> Inventory | None:
        with self._store.writing() as db:
            remember(db, gathered)
            remember_blindness(db, gathered)
            stock = take_stock(db, gathered, self._settings, now)
            remember_failures(db, gathered, stock, self._settings)
            remember_losses(db, gathered)
            if stock is not None:
                calls.count_runs_into_calls(db, stock.flows)
        return stock

    def _judge(self, parts: Parts, now: datetime) -> list[Verdict]:
        """Every check's verdicts on its part of the evidence.

        A check that fails does not stop the others, and claims nothing.
        """
        verdicts: list[Verdict] = []
        for name, check in self._checks.items():
            try:
                verdicts += check.judge(parts[check.needs], self._settings.policies[name], now)
            except Exception:
                log.exception("the check %s failed; the other checks go on", name)
        return verdicts

    def _queue_facts(
        self, seen: Evidence, verdicts: Sequence[Verdict], now: datetime
    ) -> QueueFacts:
        whole = next((v for v in verdicts if v.key == WHOLE_QUEUE), None)
        if seen.queue is None:
            before = facts.find_queue(self._store.db) or QueueFacts(read_at=None)
            return before.gone_blind(seen.blind, now)
        told = dict(whole.facts) if whole else {}
        return QueueFacts(
            read_at=seen.queue.at,
            waiting_total=seen.queue.waiting_total,
            waiting=seen.queue.waiting[:SHOWN_JOBS],
            running=seen.queue.running,
            allowance=seen.allowance,
            usual=str(told.get("usual_waiting") or ""),
            drains_at=_time(told.get("drains_at")),
            fills_at=_time(told.get("fills_at")),
            level=whole.level if whole else Level.UNKNOWN,
            signal=whole.signal if whole else "",
            sentence=whole.sentence if whole else "The check of the queue failed; see the log.",
        )

    def _round_facts(
        self, gathered: Gathered, verdicts: Sequence[Verdict], began: float, now: datetime
    ) -> RoundFacts:
        unknown = [v for v in verdicts if v.level is Level.UNKNOWN and not v.explained_by]
        lost = gathered.queue is None or gathered.flows is None  # that is why, then
        unseen, unjudged = ((), ()) if lost else facts.why_unknown(unknown)
        by_check = {} if lost else facts.unjudged_by(unknown)
        return RoundFacts(
            at=now,
            took_seconds=time.monotonic() - began,
            judged=len(verdicts),
            troubled=sum(verdict.level.is_trouble for verdict in verdicts),
            unknown=len(unknown),
            trouble=facts.in_trouble(verdicts),
            blind=(*(f"{source}: {why}" for source, why in gathered.blind.items()), *unseen),
            unjudged=unjudged,
            unjudged_by=by_check,
            calls_last_minute=self._budget.spent_last_minute,
            calls_per_minute=self._settings.patchworks.budget_per_minute,
            noted_at=datetime.now(UTC),
        )

    def _log_blindness(self, blind: Mapping[str, str]) -> None:
        """Once when sight is lost, once when it is back; not every round."""
        for source in blind.keys() - self._blind.keys():
            log.warning("cannot read the %s of Patchworks: %s", source, blind[source])
        for source in self._blind.keys() - blind.keys():
            log.warning("the %s of Patchworks can be read again", source)
        self._blind = blind


def _time(told: Fact) -> datetime | None:
    return datetime.fromisoformat(told) if isinstance(told, str) else None
