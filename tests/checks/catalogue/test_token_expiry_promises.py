"""Credentials: what holds whatever the register and the runs tell."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.catalogue.token_expiry import FACTS, RANK, Policy, judge
from checks.credentials import CredentialEvidence, Held, Holder, KnownBy
from checks.declare import Cause
from checks.failures import FailureEvidence
from checks.model import Level, Verdict
from tests.checks.credential_cases import (
    ERP,
    NOW,
    SHOP,
    Told,
    certificate,
    d,
    failed,
    flow,
    h,
    m,
    our_key,
    ran,
    vendor_date,
    went,
)

SPANS = st.integers(-100 * 24, 100 * 24).map(lambda hours: timedelta(hours=hours))
AGES = st.integers(1, 400).map(lambda minutes: timedelta(minutes=minutes))
TEXTS = st.sampled_from(["", "NetSuite", "Shopify UK store", "two\nlines\u202e", "x" * 900])
PLACES = [
    ("instance/702", Holder.PLATFORM, SHOP),
    ("instance/702#second", Holder.PLATFORM, SHOP),
    ("instance/703", Holder.PLATFORM, ERP),
    ("credential/elsewhere", Holder.PLATFORM, ""),
    ("system/shop", Holder.OURS, ""),
    ("patchworks", Holder.OURS, ""),
    ("event/shopify/tokens", Holder.NOBODY, ""),
]


def _held(
    place: tuple[str, Holder, str],
    ends_in: timedelta | None,
    known_by: KnownBy,
    text: str,
    renews: tuple[bool, bool],
    lasts_days: float | None,
    seen: tuple[timedelta | None, timedelta | None],
) -> Held:
    refused, accepted = (None if ago is None else NOW - ago for ago in seen)
    return Held(
        id=place[0],
        system=text,
        what=text,
        holder=place[1],
        known_by=known_by,
        ends_at=None if ends_in is None else NOW + ends_in,
        owner=text,
        renews_itself=renews[0],
        needs_person=renews[1],
        lasts_days=lasts_days,
        refused_since=refused,
        accepted_at=accepted,
        why=text,
        instance_id=place[2],
        whom=text,
    )


def held(*places: tuple[str, Holder, str]) -> st.SearchStrategy[Held]:
    return st.builds(
        _held,
        st.sampled_from(places),
        st.none() | SPANS,
        st.sampled_from(KnownBy),
        TEXTS,
        st.tuples(st.booleans(), st.booleans()),
        st.sampled_from([None, 1 / 24, 2, 7, 30, 59, 730]),
        st.tuples(st.none() | AGES, st.none() | AGES),
    )


registers = st.lists(held(*PLACES), max_size=5, unique_by=lambda one: one.id).map(tuple)
TOLD = st.sampled_from(
    [
        ran(m(1)),
        ran(m(30)),
        failed(m(2)),
        failed(m(20), ERP),
        failed(m(25), ""),
        failed(m(3), cause=Cause.PASSING, line="x" * 900),
        failed(m(40), line="two\nlines\u202e"),
    ]
)
SHAPES = st.tuples(st.lists(TOLD, max_size=3), st.sampled_from([(SHOP,), (ERP,), (SHOP, ERP)]))


def _runs(shapes: list[tuple[list[Told], tuple[str, ...]]], blind: str) -> FailureEvidence:
    flows = (flow(f"F{n}", *told, uses=uses) for n, (told, uses) in enumerate(shapes))
    return went(*flows, blind=blind)


BLIND = st.sampled_from(["", "", "Patchworks did not answer"])
runs = st.builds(_runs, st.lists(SHAPES, max_size=3), BLIND)


def judged(
    register: tuple[Held, ...], failures: FailureEvidence | None = None, now: datetime = NOW
) -> tuple[Verdict, ...]:
    evidence = CredentialEvidence(register=register, failures=failures or went())
    return judge(evidence, Policy(), now)


def rank_of(one: Held, now: datetime = NOW) -> int:
    return RANK[judged((one,), now=now)[0].level]


@given(registers, runs)
def test_what_is_not_known_is_never_trouble(
    register: tuple[Held, ...], failures: FailureEvidence
) -> None:
    tame = tuple(replace(each, ends_at=None, refused_since=None) for each in register)
    for verdict in judged(tame, failures):
        assert not verdict.level.is_trouble or verdict.signal == "rejected"


@given(registers, runs)
def test_while_the_runs_cannot_be_read_no_credential_of_the_platform_is_ok(
    register: tuple[Held, ...], failures: FailureEvidence
) -> None:
    on_instances = {each.id for each in register if each.instance_id}
    for verdict in judged(register, replace(failures, blind="Patchworks did not answer")):
        assert verdict.signal != "rejected"
        if f"{verdict.subject.kind}/{verdict.subject.id}" in on_instances:
            assert verdict.level is not Level.OK


@given(held(*PLACES[:-1]), st.lists(st.integers(0, 2400), max_size=6))
def test_time_alone_never_makes_an_unrenewed_credential_better(one: Held, hours: list[int]) -> None:
    ranks = [rank_of(one, NOW + timedelta(hours=hour)) for hour in sorted(hours)]
    assert ranks == sorted(ranks)


@pytest.mark.parametrize("lasts_days", [730, None, 59, 7, 1], ids=str)
def test_each_rung_is_told_exactly_once_while_time_passes(lasts_days: float | None) -> None:
    one = replace(certificate(d(40)), lasts_days=lasts_days)
    seen = [judged((one,), now=NOW + h(hour))[0].signal for hour in range(45 * 24)]
    stretches = [signal for signal, _ in groupby(seen)]
    assert len(stretches) == len(set(stretches))
    assert stretches[-5:] == [f"ended_{day}" for day in range(5)]


def test_a_vendors_date_is_told_rung_by_rung_then_a_week_and_never_as_a_breach() -> None:
    seen = [judged((vendor_date(d(40)),), now=NOW + h(hour))[0] for hour in range(60 * 24)]
    assert [signal for signal, _ in groupby(each.signal for each in seen)] == [
        "clear",
        "ends_in_30",
        "ends_in_14",
        "ends_in_7",
        "ends_in_3",
        "ends_in_1",
        "in_force",
        "clear",
    ]
    assert Level.BREACH not in {each.level for each in seen}
    assert sum(each.signal == "in_force" for each in seen) == 7 * 24


@given(registers, runs, st.randoms(use_true_random=False))
def test_the_order_of_the_evidence_does_not_matter(
    register: tuple[Held, ...], failures: FailureEvidence, chance: Random
) -> None:
    mixed = replace(failures, flows=tuple(chance.sample(failures.flows, len(failures.flows))))
    again = judged(tuple(chance.sample(register, len(register))), mixed)
    assert judged(register, failures) == again


@given(registers, runs)
def test_a_rejection_is_told_by_exactly_one_verdict(
    register: tuple[Held, ...], failures: FailureEvidence
) -> None:
    told = [each for each in judged(register, failures) if each.signal == "rejected"]
    instances = [each.facts["instance_id"] for each in told]
    assert len(instances) == len(set(instances))


@given(registers, runs)
def test_every_verdict_has_its_key_all_facts_and_a_sentence_that_fits(
    register: tuple[Held, ...], failures: FailureEvidence
) -> None:
    found = judged(register, failures)
    assert len({each.key for each in found}) == len(found)
    assert len(found) >= len(register)
    for verdict in found:
        assert set(verdict.facts) == set(FACTS)
        assert verdict.sentence.endswith(".")
        assert not any(unicodedata.category(sign)[0] == "C" for sign in verdict.sentence)
        assert len(verdict.sentence) <= 600  # what an incident shows of it
        assert verdict.critical <= (verdict.level is Level.BREACH)


@given(AGES)
def test_our_own_refusal_is_never_critical(ago: timedelta) -> None:
    (verdict,) = judged((replace(our_key(), refused_since=NOW - ago - m(1)),))
    assert (verdict.level, verdict.signal, verdict.critical) == (Level.BREACH, "refused", False)
