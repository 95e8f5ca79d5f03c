"""A shop, its books, and a reconciler between them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, timedelta

import pytest

from bot.privacy_settings import PrivacySettings
from bot.reconciling.comparing import Means
from bot.reconciling.running import Reconciler
from bot.rules import Rules
from bot.store import Store, reconciliations
from bot.transitions import judge
from checks.catalogue import reconciliation
from checks.reconcile.evidence import ReconcileEvidence
from tests.bot.reconciling.estate import Books, Hands, arrived, orders, pair


@dataclass
class Scene:
    """`run` compares what is due, `round` judges as a round of the watch does."""

    store: Store
    shop: Books
    books: Books
    clock: Hands = field(default_factory=Hands)
    told: list[str] = field(default_factory=list)
    reconciler: Reconciler | None = None
    rules: Rules = field(
        default_factory=lambda: Rules(
            policies={"reconciliation": reconciliation.Policy()}, destination="slack/C1"
        )
    )

    @property
    def sides(self):
        return self.shop, self.books

    def made(self, *pairs, others=(), **privacy):
        self.reconciler = Reconciler(
            pairs or (pair(),),
            Means(
                systems={each.name: each for each in (self.shop, self.books, *others)},
                clock=self.clock,
                folder=self.store.path.parent,
            ),
            self.store,
            zone=UTC,
            privacy=PrivacySettings(**privacy),
            periods_for=timedelta(days=730),
            rules=self.rules,
            wake=lambda: self.told.append("woken"),
        )
        return self

    async def run(self):
        if self.reconciler is None:
            self.made()
        jobs = dict(self.reconciler.jobs())
        told = jobs.pop("reconciled")
        await asyncio.gather(*(run() for run in jobs.values()))
        await told()

    def round(self):
        now = self.clock.now()
        found = [
            each.compared for each in reconciliations.newest(self.store.db, now - timedelta(days=8))
        ]
        evidence = ReconcileEvidence(compared=tuple(found))
        verdicts = reconciliation.judge(evidence, reconciliation.Policy(), now)
        with self.store.writing() as db:
            judge(db, verdicts, self.rules, now)
        return verdicts

    def periods(self, name="Orders to the books"):
        return reconciliations.of_pair(self.store.db, name, 50)


@pytest.fixture
def scene(store) -> Scene:
    held = orders(1000)
    return Scene(
        store=store,
        shop=Books("Shop", held),
        books=Books("Books", arrived(held)),
    )
