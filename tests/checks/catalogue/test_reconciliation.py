"""What is said of a compared period: how it stands, and one sentence that is true."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.catalogue.reconciliation import CHECK, FACTS, Policy, judge
from checks.model import Level
from checks.reconcile.evidence import Differing, ReconcileEvidence
from checks.reconcile.model import DifferenceKind, Standing
from tests.checks.catalogue.reconcile_cases import (
    HOUR,
    LOST,
    NOW,
    PERIODS,
    SHORT,
    compared,
    different,
    verdict_on,
)

SPAN = "orders of Shop to Business Central from 07:00 to 08:00 UTC"
SAID = {
    "lost": (
        Level.BREACH,
        "never_arrived",
        (
            f"3 of 1,000 {SPAN} never arrived, and 1 has a shortened "
            '"address line"; compared at 08:35, each asked for again. Send them again before '
            "Thu 5 Mar, 07:00 UTC: from then on Patchworks deletes their payloads."
        ),
    ),
    "shortened": (
        Level.BREACH,
        "shortened",
        f'212 of 1,000 {SPAN} have a shortened "address line"; compared at 08:35.',
    ),
    "other-value": (
        Level.BREACH,
        "other_value",
        f'2 of 1,000 {SPAN} have another "total"; compared at 08:35.',
    ),
    "other-type": (
        Level.BREACH,
        "other_type",
        f'9 of 1,000 {SPAN} have their "reference" as another type; compared at 08:35.',
    ),
    "twice": (
        Level.BREACH,
        "twice",
        f"2 of 1,000 {SPAN} are there more often than at the source; compared at 08:35.",
    ),
    "unexpected": (
        Level.BREACH,
        "unexpected",
        f"1 of 1,001 {SPAN} stands in Business Central and not in Shop; compared at 08:35.",
    ),
    "totals": (
        Level.BREACH,
        "totals",
        (
            f"The totals of {SPAN} are apart: 1,000 counted of orders in Shop, 997 of orders in "
            "Business Central: 3 fewer; compared at 08:35."
        ),
    ),
    "unsettled": (
        Level.UNKNOWN,
        "unsettled",
        (
            f"Whether {SPAN} all arrived is not known yet: 2 records could not be settled yet; "
            "compared at 08:35."
        ),
    ),
    "unseen": (
        Level.UNKNOWN,
        "unseen",
        (
            f"Whether {SPAN} all arrived is not known: Business Central answered with 503: the "
            "trouble is on its side."
        ),
    ),
    "blind-now": (
        Level.UNKNOWN,
        "unseen",
        (
            f"How {SPAN} stand is not known: Shop did not answer within 10 s. The last look was at "
            "08:35."
        ),
    ),
    "whole": (Level.OK, "clear", f"All 1,000 {SPAN} arrived as they were; compared at 08:35."),
    "allowed": (
        Level.OK,
        "clear",
        f"2 of 1,000 {SPAN} differ, which is allowed; compared at 08:35.",
    ),
    "made-good": (
        Level.OK,
        "clear",
        (
            f"All 1,000 {SPAN} stand in Business Central now as they should: 3 arrived about "
            '4 h late, 27 had a shortened "address line" until 08:35; compared at 08:35.'
        ),
    ),
    "partly-made-good": (
        Level.BREACH,
        "shortened",
        (
            f'27 of 1,000 {SPAN} have a shortened "address line"; compared at 08:35. Before, 3 '
            "arrived about 1 h late."
        ),
    ),
    "nothing": (Level.OK, "clear", f"There are no {SPAN}; compared at 08:35."),
}


@pytest.mark.parametrize("name", PERIODS)
def test_a_period_is_told_in_one_true_sentence(name):
    found = verdict_on(PERIODS[name])
    assert (found.level, found.signal, found.sentence) == SAID[name]


def test_every_period_is_a_condition_of_its_own():
    later = compared(since=NOW - HOUR, until=NOW)
    keys = {verdict_on(each).key for each in (compared(), later)}
    assert keys == {
        "reconcile/Orders/reconciliation/orders 2026-03-02T07:00Z",
        "reconcile/Orders/reconciliation/orders 2026-03-02T07:44Z",
    }


def test_a_day_is_called_by_its_date_in_the_zone_of_the_estate():
    london = ZoneInfo("Europe/London")
    day = different(
        LOST,
        since=datetime(2026, 6, 30, 23, tzinfo=UTC),
        until=datetime(2026, 7, 1, 23, tzinfo=UTC),
    )
    assert "Business Central of 1 Jul never arrived" in verdict_on(day, london).sentence


def test_hours_of_another_day_name_it():
    old = different(LOST, looked_at=NOW + timedelta(days=1))
    assert "of 2 Mar from 07:00 to 08:00 UTC" in verdict_on(old).sentence


def test_what_was_measured_stands_side_by_side():
    told = {each.label: each.measured for each in verdict_on(different(LOST, SHORT)).measures}
    assert told == {
        "Compared": "1,000 in Shop, 1,000 in Business Central",
        "Never arrived": "3",
        "Shortened": "1 (address line)",
    }


@pytest.mark.parametrize(
    ("now", "said"),
    [
        pytest.param(NOW, "Send them again before Thu 5 Mar, 07:00 GMT", id="while they are kept"),
        pytest.param(
            NOW + timedelta(hours=72),
            "deletes their payloads already: send them again from Shop",
            id="when the first are deleted",
        ),
    ],
)
def test_what_never_arrived_says_until_when_its_payloads_are_kept(now, said):
    evidence = ReconcileEvidence(compared=(different(LOST),), zone=ZoneInfo("Europe/London"))
    [found] = judge(evidence, Policy(), now)
    assert said in found.sentence
    assert found.facts["payload_deadline"] == "2026-03-05T07:00:00+00:00"


@pytest.mark.parametrize(
    ("failed", "lost"),
    [
        pytest.param({}, 3, id="what nobody else knows is lost"),
        pytest.param({7: 2}, 1, id="what failed runs tell of counts as failed"),
        pytest.param({7: 12}, None, id="never less than none"),
        pytest.param({8: 3}, 3, id="that of another period is not taken off"),
    ],
)
def test_a_record_that_never_arrived_is_lost_once_also_when_it_came_since(failed, lost):
    period = PERIODS["made-good"]
    [found] = judge(ReconcileEvidence(compared=(period,), failed=failed), Policy(), NOW)
    assert found.facts["records_lost"] == lost


def test_hostile_names_stay_on_one_line():
    found = verdict_on(
        different((DifferenceKind.TRUNCATED, "a\nb\u202e" + "c" * 200, 1), source="S\n")
    )
    assert "\n" not in found.sentence
    assert "\u202e" not in found.sentence
    assert len(found.sentence) < 400


@pytest.mark.parametrize("name", PERIODS)
def test_every_fact_is_handed_over_and_none_else(name):
    assert tuple(verdict_on(PERIODS[name]).facts) == tuple(FACTS)


counts = st.integers(min_value=1, max_value=10**6)
found = st.lists(
    st.builds(
        Differing, kind=st.sampled_from(DifferenceKind), field=st.text(max_size=30), count=counts
    ),
    max_size=8,
)


@given(found=found, standing=st.sampled_from(Standing), blind=st.sampled_from(["", "no answer"]))
def test_only_what_is_surely_there_is_trouble_and_only_what_is_whole_is_ok(found, standing, blind):
    period = compared(found=tuple(found), standing=standing, blind=blind)
    level = verdict_on(period).level
    assert (level is Level.BREACH) == (standing is Standing.DIFFERENT and not blind)
    assert (level is Level.OK) == (standing is Standing.SAME and not blind)


@given(st.permutations([replace(each, pair=name) for name, each in PERIODS.items()]))
def test_the_order_of_periods_does_not_matter(periods):
    found = judge(ReconcileEvidence(compared=tuple(periods)), Policy(), NOW)
    assert [each.subject.id for each in found] == sorted(PERIODS)


def test_the_check_is_told_apart_from_silent_loss_by_its_title():
    assert (CHECK.title, CHECK.runbook, CHECK.needs) == (
        "Records do not match",
        "reconciliation",
        "reconciled",
    )
