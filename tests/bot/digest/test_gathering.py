"""What is gathered of a period, from a real store."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from bot.costs import Prices
from bot.digest.facts import Reconciled
from bot.digest.gathering import people_in
from bot.digest.headline import headline, is_quiet
from bot.digest.period import Form, ending_now
from bot.digest.plain import lines_of
from bot.digest.trends import spans_of
from bot.digest.wording import figures
from bot.incidents.events import Acknowledge, Clear, Resolve, Snooze, Vote
from bot.incidents.model import State
from bot.store import failures, outbox, runs
from bot.store.outbox import Purpose
from checks.declare import Cause
from checks.failures import Failure
from checks.runs import Run, RunStatus
from tests.bot.digest.days import PRICING
from tests.bot.digest.scene import (
    ALEX,
    CHECK,
    DAY,
    EIGHT,
    HOUR,
    MINUTE,
    PRIYA,
    SATURDAY,
    TIMETABLE,
    bad_day,
    did,
    digest,
    estate,
    knows,
    opened,
    quiet_day,
    ran,
    two_weeks,
    watched,
)


def said(told):
    return "\n".join(lines_of(told))


def test_a_quiet_day_is_one_line(store):
    quiet_day(store)
    told = digest(store)
    assert is_quiet(told)
    assert headline(told).text == "All quiet: 288 runs, 100 % well, nothing open."


def break_something(store):
    opened(store, EIGHT - HOUR)


def lose_sight(store):
    store.db.execute(
        "UPDATE covered SET until = ?", [(EIGHT - 4 * HOUR).isoformat("T", "microseconds")]
    )


def fail_a_lot(store):
    store.db.execute("UPDATE runs SET status = 'failure' WHERE flow_id = 'f0'")


def be_late(store):
    with store.writing() as db:
        outbox.enqueue(
            db,
            topic="storm/1",
            destination="slack/C1",
            purpose=Purpose.ROOT,
            created_at=EIGHT - HOUR,
            due=0.0,
        )


def stop_looking(store):
    store.db.execute("DELETE FROM readings WHERE at > ?", [(EIGHT - 3 * HOUR).isoformat()])


@pytest.mark.parametrize(
    "happen",
    [break_something, lose_sight, fail_a_lot, be_late, stop_looking],
    ids=lambda f: f.__name__,
)
def test_a_day_on_which_something_happened_is_not_quiet(store, happen):
    quiet_day(store)
    happen(store)
    assert not is_quiet(digest(store))


def test_a_day_without_a_run_is_not_called_quiet(store):
    watched(store, EIGHT - 2 * DAY, EIGHT)
    told = digest(store)
    assert not is_quiet(told)
    assert "No run has ended" in headline(told).text


def test_of_nothing_nothing_is_known(store):
    told = digest(store)
    assert headline(told).text.startswith("Nothing is known")
    assert "No round has ended yet" in said(told)


def test_times_are_of_what_was_acknowledged_and_resolved_in_the_period(store):
    for hours, minutes in ((40, 1), (20, 4), (10, 10), (5, 60)):
        number = opened(store, EIGHT - hours * HOUR, f"q{hours}")
        did(store, number, Acknowledge(), EIGHT - hours * HOUR + minutes * MINUTE)
        did(store, number, Resolve(), EIGHT - hours * HOUR + 2 * minutes * MINUTE, ALEX)
    told = digest(store)
    assert (told.opened, len(told.resolved), told.acknowledging.of) == (3, 3, 3)
    assert (told.acknowledging.median, told.acknowledging.p90) == (10 * MINUTE, HOUR)
    assert (told.resolving.median, told.resolving.p90) == (20 * MINUTE, 2 * HOUR)
    assert [each.incident.id for each in told.resolved] == [4, 3, 2]


def test_what_cleared_by_itself_was_never_acknowledged(store):
    number = opened(store, EIGHT - 3 * HOUR)
    did(store, number, Clear(reason="fine"), EIGHT - 2 * HOUR, CHECK)
    told = digest(store)
    assert (told.never_acknowledged, told.acknowledging) == (1, None)
    assert "nobody acknowledged 1 of them" in said(told)


def test_drills_stand_in_no_figure(store):
    number = opened(store, EIGHT - 3 * HOUR)
    store.db.execute("DROP TRIGGER timeline_is_append_only")
    store.db.execute("UPDATE timeline SET data = json_set(data, '$.drill', 1) WHERE seq = 1")
    did(store, number, Acknowledge(), EIGHT - 2 * HOUR)
    did(store, number, Resolve(), EIGHT - HOUR)
    told = digest(store)
    assert (told.opened, told.resolved, told.acknowledging, told.resolving) == (0, (), None, None)
    assert told.noise == ()


def test_a_digest_of_the_past_tells_how_it_stood_then(store):
    number = opened(store, EIGHT - 3 * HOUR)
    did(store, number, Snooze(until=EIGHT + HOUR), EIGHT - 2 * HOUR)
    did(store, number, Acknowledge(), EIGHT + 2 * HOUR, ALEX)
    did(store, number, Resolve(), EIGHT + 3 * HOUR, ALEX)
    told = digest(store, later=5 * DAY)
    (case,) = told.standing
    assert (case.incident.state, case.incident.snoozed_by) == (State.SNOOZED, PRIYA.who)
    assert (told.resolved, told.present) == ((), None)
    assert "are known for the present only" in said(told)
    assert [each.incident.id for each in digest(store, SATURDAY + DAY).resolved] == [number]


def test_the_unacknowledged_come_first_then_by_holder(store):
    for name, by in (("a", ALEX), ("b", PRIYA), ("c", None), ("d", ALEX)):
        number = opened(store, EIGHT - 3 * HOUR, name, critical=name == "d")
        if by:
            did(store, number, Acknowledge(), EIGHT - 2 * HOUR, by)
    text = said(digest(store))
    places = [text.index(f"#{number} ") for number in (3, 4, 1, 2)]
    assert places == sorted(places)


def test_groups_are_compared_with_the_week_before(store):
    knows(store, estate())
    watched(store, EIGHT - 15 * DAY, EIGHT)
    for n in range(3):
        ran(store, f"f{n}", EIGHT - 15 * DAY, EIGHT - DAY, seconds=30)
        ran(store, f"f{n}", EIGHT - DAY, EIGHT, failing=4 if n == 1 else 0)
    shop, erp = digest(store).groups
    assert (shop.name, shop.flows, shop.went.share, shop.before.share) == ("Shopify", 1, 0.75, 1.0)
    assert (erp.name, erp.flows, erp.went.runs) == ("NetSuite", 2, 192)
    assert (erp.went.took.median.seconds, erp.before.took.median.seconds) == (60, 30)


def test_a_week_that_was_not_seen_is_not_compared_with(store):
    knows(store, estate())
    watched(store, EIGHT - DAY, EIGHT)
    ran(store, "f0", EIGHT - 9 * DAY, EIGHT)
    (group,) = digest(store).groups
    assert group.before is None


def test_days_that_were_not_seen_have_no_bar(store):
    two_weeks(store)
    store.db.execute("DELETE FROM covered")
    watched(store, EIGHT - 3 * DAY, EIGHT)
    values = [step.value for step in digest(store).trend.steps]
    assert len(values) == 14
    assert values[:-2] == [None] * 12
    assert None not in values[-2:]


def test_what_a_silence_held_back_is_told_after_its_end(store):
    quiet_day(store)
    number = opened(store, EIGHT - 5 * HOUR)
    store.db.execute(
        "INSERT INTO timeline SELECT id, 2, opened_at, 'held', 'rules', 'timer', state, state,"
        " 'silence 7: works', '{}' FROM incidents"
    )
    (hushed,) = digest(store).hushed
    assert (hushed.label, hushed.hid, hushed.reason) == ("silence 7", (number,), "works")


def test_votes_are_counted_by_check(store):
    number = opened(store, EIGHT - 5 * HOUR)
    did(store, number, Vote(word="wrong"), EIGHT - 4 * HOUR)
    did(store, number, Vote(word="noisy"), EIGHT - 3 * HOUR, ALEX)
    (noise,) = digest(store).noise
    assert (noise.title, noise.opened, noise.wrong, noise.noisy) == (
        "Stalled Queue Syndrome", 1, 1, 1,
    )  # fmt: skip


def test_of_a_vote_that_was_changed_the_newest_word_counts(store):
    number = opened(store, EIGHT - 5 * HOUR)
    did(store, number, Vote(word="wrong"), EIGHT - 4 * HOUR)
    did(store, number, Vote(word="noisy"), EIGHT - 3 * HOUR)
    (noise,) = digest(store).noise
    assert (noise.wrong, noise.noisy) == (0, 1)


def test_cost_is_told_only_where_it_is_set_up(store):
    quiet_day(store)
    told = [failure(1, 17), failure(2, None), failure(3, 3, flow_id="f9")]
    with store.writing() as db:
        failures.save_failures(db, told)
        runs.save_runs(db, [failed(each) for each in told])
    assert digest(store).cost is None
    assert "Cost" not in said(digest(store))
    assert digest(store, pricing=PRICING).cost.amount == Decimal("35.70")
    assert (
        "Cost: at least GBP 35.70: 17 failed records at GBP 2.10 each; 1"
        " failed run did not say how many records"
    ) in said(digest(store, pricing=PRICING))


def test_where_no_record_failed_it_says_so(store):
    quiet_day(store)
    told = dict(figures(digest(store, pricing=PRICING)))
    assert told["Cost"] == (
        "none: no record is known to have failed or to be lost (a week before GBP 0)"
    )


def failed(each):
    return Run(
        id=each.run_id, flow_id=each.flow_id, flow_name="", status=each.status,
        started_at=each.at - MINUTE, finished_at=each.at,
    )  # fmt: skip


def failure(number, records, flow_id="f0"):
    return Failure(
        run_id=f"r{number}", flow_id=flow_id, at=EIGHT - HOUR, status=RunStatus.FAILURE,
        cause=Cause.LASTING, line="", step="", instance_id="", records=records,
    )  # fmt: skip


def test_a_reconciliation_that_is_not_there_is_not_told(store):
    quiet_day(store)
    assert "Reconciliation" not in said(digest(store))
    clean = digest(store, compared=lambda *_: Reconciled(pairs=2))
    assert is_quiet(clean)
    found = Reconciled(pairs=2, total=3, differences=("orders: 3 are missing in NetSuite",))
    told = digest(store, compared=lambda *_: found)
    assert not is_quiet(told)
    assert "2 pairs of systems compared: 3 differences" in said(told)


def test_a_week_has_a_trend_by_weeks(store):
    two_weeks(store)
    for days, name in ((20, "a"), (9, "b"), (8, "c"), (1, "d")):
        opened(store, EIGHT - days * DAY - HOUR, name)
    told = digest(store, form=Form.WEEKLY)
    assert [each.value for each in told.trend.steps[-4:]] == [0, 1, 2, 1]
    assert told.trend.steps[0].value is None
    assert [each.opened for each in told.spans] == [0, 1, 2, 1]
    assert "From 14 Nov: 1 opened" in said(told)


def test_a_month_has_a_trend_by_months(store):
    two_weeks(store)
    opened(store, EIGHT - 5 * DAY)
    told = digest(store, date(2026, 12, 1), Form.MONTHLY)
    assert [each.label for each in told.trend.steps] == [
        "Jun 2026", "Jul 2026", "Aug 2026", "Sep 2026", "Oct 2026", "Nov 2026",
    ]  # fmt: skip
    assert told.trend.steps[-1].value == 1


@pytest.mark.parametrize(
    ("day", "steps", "span"),
    [
        pytest.param(date(2026, 11, 23), ["23 Sep", "23 Oct"], "23 Oct to 23 Nov", id="late"),
        pytest.param(date(2026, 12, 10), ["10 Oct", "10 Nov"], "10 Nov to 10 Dec", id="early"),
        pytest.param(date(2026, 11, 28), ["28 Sep", "28 Oct"], "28 Oct to 28 Nov", id="the 28th"),
        pytest.param(date(2026, 12, 1), ["Oct 2026", "Nov 2026"], "Nov 2026", id="the first"),
    ],
)
def test_a_month_is_called_by_its_name_only_where_it_is_one(store, day, steps, span):
    two_weeks(store)
    told = digest(store, day, Form.MONTHLY)
    assert [each.label for each in told.trend.steps[-2:]] == steps
    assert told.spans[-1].label == span
    assert f"From {span}: " in said(told)


def test_a_month_up_to_now_on_a_first_is_not_the_one_before(store):
    two_weeks(store)
    now = datetime(2026, 12, 1, 20, tzinfo=UTC)
    period = ending_now(TIMETABLE, Form.MONTHLY, now)
    (span,) = spans_of(store.db, period, EIGHT, Prices())
    assert span.label == "1 Nov to 1 Dec"


def test_a_digest_that_is_not_over_says_so(store):
    bad_day(store)
    told = digest(store, SATURDAY + DAY, later=-20 * HOUR)
    assert "before it was over" in said(told)
    assert told.present is not None


def test_everybody_who_is_named_can_be_looked_up(store):
    bad_day(store)
    assert people_in(digest(store)) == {PRIYA.who, ALEX.who}


def test_it_only_reads(store):
    bad_day(store)
    before = "\n".join(store.db.conn.iterdump())
    digest(store)
    digest(store, form=Form.MONTHLY)
    assert "\n".join(store.db.conn.iterdump()) == before
