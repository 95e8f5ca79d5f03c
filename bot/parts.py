"""What each check is given: the parts of a round's evidence, and what is kept of their verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property, partial

from bot import facts, inventory
from bot.allowances import allowances
from bot.evidence import durations, evidence, waits
from bot.failure_evidence import Tallies, failure_evidence, kinds
from bot.foresight.foreseen import in_its_unit
from bot.foresight.peak_spending import spends_at_peak
from bot.gather import Gathered
from bot.inventory import Inventory, JudgedAllowance, JudgedCredential, Limits, Register
from bot.kept import Kept
from bot.loss_evidence import LossMemory, loss_evidence
from bot.oddities import odd_evidence
from bot.promise_evidence import Habits as ServiceHabits
from bot.promise_evidence import promise_evidence
from bot.reconcile_evidence import reconcile_evidence
from bot.register import register
from bot.settings import Settings
from bot.shape_evidence import shape_evidence
from bot.sight import sight
from bot.stock import CHANGES_OF
from bot.store import Database, calls
from bot.store.forecasts import find_forecasts
from bot.store.predictions import Prediction, record_of, settled_since
from bot.usage import Around, Habits, read_ledger
from checks.catalogue.rate_limit import subject_and_condition
from checks.catalogue.stalled_queue import Evidence
from checks.catalogue.token_expiry import subject_of
from checks.credentials import CredentialEvidence, Held
from checks.failures import FailureEvidence
from checks.limits import Allowance, LimitEvidence, Pace
from checks.loss.evidence import LossEvidence
from checks.model import Level, Verdict
from checks.oddities.evidence import OddEvidence
from checks.promises.model import PromiseEvidence
from checks.reconcile.evidence import ReconcileEvidence
from checks.shapes.evidence import ShapeEvidence
from checks.sight import SightEvidence
from forecasting.usual import Spread

SPREADS_EVERY = timedelta(minutes=10)
PACES_EVERY = timedelta(minutes=5)
RECORD_OF = timedelta(days=30)  # of warnings that were settled since


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """The bot's own calls to the platform: in the last minute, and refused in the last hour."""

    last_minute: int
    refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What is dear to work out, kept from round to round."""

    tallies: Tallies = field(default_factory=Tallies)
    habits: Habits = field(default_factory=Habits)
    losses: LossMemory = field(default_factory=LossMemory)
    durations: Kept[Mapping[str, Spread]] = field(default_factory=lambda: Kept(SPREADS_EVERY))
    waits: Kept[Mapping[str, Spread]] = field(default_factory=lambda: Kept(SPREADS_EVERY))
    paces: Kept[Mapping[str, Pace]] = field(default_factory=lambda: Kept(PACES_EVERY))
    service: ServiceHabits = field(default_factory=ServiceHabits)


class Parts:
    """One round's evidence, part by part; the names are those that a check `needs`.

    Each part is made when it is first asked for, from the store as it is after remembering, so that
    one that cannot be made stops only those checks that need it.
    """

    def __init__(
        self,
        db: Database,
        gathered: Gathered,
        stock: Inventory | None,
        settings: Settings,
        own: Calls,
        memory: Memory,
        now: datetime,
    ) -> None:
        self._db, self._gathered, self._stock = db, gathered, stock
        self._settings, self._own, self._memory, self._now = settings, own, memory, now

    def __getitem__(self, name: str) -> object:
        return getattr(self, name)

    @cached_property
    def queue(self) -> Evidence:
        allowance = _allowance(self._settings, self._gathered)
        db, now, memory = self._db, self._now, self._memory
        return evidence(
            db,
            self._gathered,
            self._settings,
            allowance,
            durations=memory.durations.take(now, partial(durations, db)),
            waits=memory.waits.take(now, partial(waits, db)),
        )

    @cached_property
    def sight(self) -> SightEvidence:
        return sight(self._db, self._now)

    @cached_property
    def failures(self) -> FailureEvidence:
        blind = self._gathered.blind.get("queue", "")
        return failure_evidence(self._db, self._now, self._stock, self._memory.tallies, blind)

    @cached_property
    def oddities(self) -> OddEvidence:
        return odd_evidence(self._db, self.failures)

    @cached_property
    def reconciled(self) -> ReconcileEvidence:
        return reconcile_evidence(self._db, self._settings, self._stock, self._now)

    @cached_property
    def losses(self) -> LossEvidence:
        return loss_evidence(
            self._db,
            self.failures,
            self._stock,
            self._settings,
            self._gathered,
            self._memory.losses,
            self._now,
        )

    @cached_property
    def shapes(self) -> ShapeEvidence:
        return shape_evidence(self._db, self._settings, self._stock)

    @cached_property
    def promises(self) -> PromiseEvidence:
        blind = self._gathered.blind.get("queue", "")
        habits, told = self._memory.service, self._settings.flow
        return promise_evidence(self._db, told, self._stock, habits, blind, self._now)

    @cached_property
    def credentials(self) -> CredentialEvidence:
        queue, before = self._gathered.queue, facts.find_queue(self._db)
        read_at = queue.at if queue else before.read_at if before else None
        held = register(
            self._settings,
            self._stock,
            facts.find_systems(self._db),
            facts.find_blindness(self._db),
            read_at,
        )
        return CredentialEvidence(register=held, failures=self.failures)

    @cached_property
    def around(self) -> Around:
        """What allowances, and what is foreseen of them, are drawn up from."""
        queue, db, now = self._gathered.queue, self._db, self._now
        inventory = self._stock or Inventory(at=now)
        return Around(
            db=db,
            now=now,
            settings=self._settings,
            inventory=inventory,
            ledger=read_ledger(db, inventory, now),
            systems=facts.find_systems(db),
            running=queue.running if queue else (),
            told=self._gathered.stock.allowances,
            habits=self._memory.habits,
            paces=self._memory.paces.take(now, partial(calls.paces, db, now)),
            own_calls=self._own.last_minute,
        )

    @cached_property
    def limits(self) -> LimitEvidence:
        return LimitEvidence(
            limits=_foreseen(self.around, allowances(self.around)),
            failures=self.failures,
            own_calls_refused=self._own.refused,
            queue_was_full=_was_full(self.queue),
        )


def _foreseen(around: Around, limits: Sequence[Allowance]) -> tuple[Allowance, ...]:
    """The same with what is foreseen of each, who then spends it, and how warnings turned out."""
    db, names = around.db, around.ledger.names
    forecasts = find_forecasts(db)
    since = around.now - RECORD_OF
    settled: dict[str, list[Prediction]] = {}
    for each in settled_since(db, since):
        settled.setdefault(each.limit_id, []).append(each)
    told = (
        replace(
            each,
            forecast=in_its_unit(found, each) if (found := forecasts.get(each.id)) else None,
            record=record_of(settled.get(each.id, ()), since),
        )
        for each in limits
    )
    return tuple(
        replace(each, peak_spends=spends_at_peak(db, each, names, around.zone, around.now))
        for each in told
    )


def _was_full(queue: Evidence) -> bool:
    """Whether all slots were taken in any round of the last half hour."""
    if queue.allowance is None:
        return False
    return any(sample.running >= queue.allowance for sample in queue.history)


def _allowance(settings: Settings, gathered: Gathered) -> int | None:
    """How many runs may go at a time: as declared, else as the platform tells."""
    told = gathered.stock.allowances.get(settings.patchworks.concurrent_flows_field)
    known = told if isinstance(told, int) and not isinstance(told, bool) and told > 0 else None
    return settings.patchworks.concurrent_flows or known


def take_stock(
    db: Database, gathered: Gathered, settings: Settings, now: datetime
) -> Inventory | None:
    """Remember what the estate is made of; what could not be read now stays as it was.

    Inside a write transaction. None when the flows have never been read.
    """
    before, stock = inventory.find_inventory(db), gathered.stock
    if stock.flows is None and before is None:
        return None
    flows = stock.flows if stock.flows is not None else before.flows if before else ()
    instances = stock.instances or (before.instances if before else ())
    found = Inventory(
        at=now,
        flows=flows,
        instances=instances,
        pools=stock.pools or (before.pools if before else ()),
        changes=stock.changes,
        changes_blind=stock.changes_blind,
        owners={
            flow.id: each.owner
            for each in settings.flow
            if each.owner
            for flow in flows
            if each.name == flow.name or each.id == flow.id
        },
        kinds=kinds(settings, instances),
        changes_of=CHANGES_OF,
        time_sensitive=frozenset(
            flow.id
            for each in settings.flow
            if each.time_sensitive
            for flow in flows
            if each.name == flow.name or each.id == flow.id
        ),
    )
    if before is None or found != replace(before, at=now):
        inventory.save_inventory(db, found)
    return found


def keep_judgements(db: Database, parts: Parts, verdicts: Sequence[Verdict], now: datetime) -> None:
    """What commands show of credentials and allowances, with what was said of each.

    Where a check could not judge, what was known before stays, and grows old.
    """
    credentials = {
        (each.subject.kind, each.subject.id): each
        for each in verdicts
        if each.check == "token_expiry"
    }
    limits = {
        (each.subject.kind, each.subject.id, each.condition): each
        for each in verdicts
        if each.check == "rate_limit"
    }
    if credentials:
        held = (_judged(each, credentials) for each in parts.credentials.register)
        inventory.save_register(db, Register(at=now, credentials=tuple(held)))
    if limits:
        stood = (_weighed(each, limits) for each in parts.limits.limits)
        inventory.save_limits(db, Limits(at=now, allowances=tuple(stood)))


def _judged(held: Held, verdicts: Mapping[tuple[str, str], Verdict]) -> JudgedCredential:
    subject = subject_of(held)
    verdict = verdicts.get((subject.kind, subject.id))
    if verdict is None:
        return JudgedCredential(held=held, level=Level.UNKNOWN)
    return JudgedCredential(
        held=held, level=verdict.level, signal=verdict.signal, sentence=verdict.sentence
    )


def _weighed(
    allowance: Allowance, verdicts: Mapping[tuple[str, str, str], Verdict]
) -> JudgedAllowance:
    subject, condition = subject_and_condition(allowance)
    verdict = verdicts.get((subject.kind, subject.id, condition))
    if verdict is None:
        return JudgedAllowance(allowance=allowance, level=Level.UNKNOWN)
    return JudgedAllowance(
        allowance=allowance, level=verdict.level, signal=verdict.signal, sentence=verdict.sentence
    )
