"""What is foreseen, from the store to the channel: `/seam forecast`, warnings and their charts."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import inventory
from bot.foresight.chart_history import chart_of
from bot.foresight.foreseen import foreseen_of, limit_of
from bot.inventory import Limits
from bot.outbox import Needless, Outbox
from bot.settings import Charts
from bot.slack.charting import REMEMBERED, Charting
from bot.slack.letters import compose, remember_file
from bot.slack.render.chart import NATIVE
from bot.slack.render.forecast import chosen_forecast, forecast_answer
from bot.slack.render.incident import incident_message
from bot.store import outbox, readings
from bot.store.forecasts import save_forecasts
from bot.store.outbox import Purpose
from bot.transitions import judge
from checks.catalogue.rate_limit import CHECK, subject_and_condition
from checks.limits import Pace
from checks.model import FORESEEN, Foreseen, Level, Verdict
from checks.policy import CheckPolicy, NofM
from forecasting.model import Kind
from forecasting.usual import Spread
from tests.bot.slack import forecasts
from tests.bot.slack.forecasts import BAND, CHART, DISPATCH, HOUR, LONDON, SENTENCE
from tests.bot.slack.scene import NOON, StillClock, all_blocks, ask, desk_over, hostile, words_of
from tests.bot.slack.sound import assert_sound, thorough

TITLES = {"rate_limit": CHECK.title}
DESTINATION = "slack/C1"


@pytest.fixture
def desk(store):
    """A bot that has foreseen something, in a workspace of which nothing is known yet."""
    desk = desk_over(store, check_titles=TITLES)
    policy = CheckPolicy(opens_after=NofM(needed=1, of=1), stay_clear=HOUR)
    rules = replace(desk.rules, policies={"rate_limit": policy})
    with store.writing() as db:
        inventory.save_limits(db, forecasts.LIMITS)
        save_forecasts(db, [replace(forecasts.LIKELY.allowance.forecast, band=BAND)])
    return replace(desk, rules=rules)


def with_charts(desk, wanted):
    return replace(desk, charting=Charting(wanted, desk.store, desk.clock))


def warn(desk, signal=FORESEEN):
    """One round that foresees the limit of dispatch to be reached."""
    subject, condition = subject_and_condition(forecasts.LIKELY.allowance)
    verdict = Verdict(
        check="rate_limit",
        condition=condition,
        subject=subject,
        level=Level.EARLY,
        signal=signal,
        sentence=SENTENCE,
        expected_at=CHART.middle,
        foreseen=Foreseen.LIKELY,
        facts=dict(forecasts.warning().facts),
    )
    with desk.store.writing() as db:
        judge(db, [verdict], desk.rules, NOON)


def rows(desk):
    """Every row of the outbox by purpose and step, as the engine would claim it."""
    found = {}
    for values in desk.store.db.query("SELECT * FROM outbox ORDER BY number"):
        row = outbox._row(values)
        found[row.purpose, row.step] = row
    return found


def kinds(message):
    return [block["type"] for block in all_blocks(message)]


def test_everything_that_is_foreseen_the_likeliest_first(desk):
    said = ask(desk, "forecast")
    assert_sound(said)
    words = words_of(said)
    order = [words.index(name) for name in ("*dispatch*", "*crm*", "*erp*", "*shop*", "*fluent")]
    assert order == sorted(order)
    assert "too little history: 20 h" in words
    assert "1 more is far from being reached: pim." in words
    assert "pim" not in said.text


def test_those_with_hardly_a_chance_share_one_line_after_what_is_near():
    near, *_ = foreseen_of(forecasts.LIMITS)
    (calm,) = (each for each in foreseen_of(forecasts.LIMITS) if each.allowance.id == forecasts.PIM)
    asked = replace(calm, forecast=forecasts.forecast(forecasts.PIM, 0.001, 0.009))
    said = words_of(forecast_answer([near, *[asked] * 4, calm], NOON))
    assert "5 more are far from being reached: pim." in said
    assert said.count("within 72 h") == 1
    assert said.index("83 % within 72 h") < said.index("5 more are far")


def test_one_system_in_full_with_its_chart(desk):
    said = ask(desk, "forecast dispatch")
    assert_sound(said)
    assert NATIVE in kinds(said)
    assert "83 % within 72 h, 41 % within 24 h" in words_of(said)
    assert said.picture == chart_of(desk.store.db, forecasts.LIKELY.allowance, LONDON)


def test_where_charts_are_not_taken_a_line_of_text_stands_for_it(desk):
    said = ask(with_charts(desk, Charts.PICTURE), "forecast dispatch")
    assert NATIVE not in kinds(said)
    assert "│" in words_of(said)


def test_a_system_that_nobody_knows(desk):
    assert "dispatch" in ask(desk, "forecast dispach").text


def test_before_anything_is_foreseen(store):
    assert "Nothing is foreseen yet" in ask(desk_over(store), "forecast dispatch").text


def test_a_chance_is_a_word_until_enough_forecasts_were_judged(desk):
    said = words_of(ask(desk, "forecast erp"))
    assert "possible within 72 h" in said
    assert "Not yet tried on its own past" in said


def test_what_is_old_says_so(desk):
    told = foreseen_of(forecasts.LIMITS)
    assert "so what follows is old" in forecast_answer(told, NOON + 4 * HOUR).text


def test_what_cannot_be_foreseen_is_never_called_well():
    both = Limits(at=NOON, allowances=(forecasts.QUIET, forecasts.HELD))
    said = forecast_answer(foreseen_of(both), NOON).text
    assert said.startswith("⚪ *1 of 2 limits cannot be foreseen.*")


def test_an_alert_finds_its_allowance():
    alert = forecasts.warning()
    assert limit_of(alert.subject, alert.key, forecasts.LIMITS).id == DISPATCH
    assert limit_of(alert.subject, f"{alert.key}x", forecasts.LIMITS) is None
    assert limit_of(alert.subject, alert.key, None) is None


def test_a_warning_intends_its_message_and_a_picture(desk):
    warn(desk)
    assert set(rows(desk)) == {(Purpose.ROOT, 0), (Purpose.LINE, 1)}


def test_other_incidents_intend_no_picture(desk):
    warn(desk, signal="nearly")
    assert set(rows(desk)) == {(Purpose.ROOT, 0)}


def test_the_message_of_a_warning_holds_the_chart(desk):
    warn(desk)
    letter = compose(desk, rows(desk)[Purpose.ROOT, 0])
    assert kinds(letter.message)[:3] == ["header", "section", NATIVE]
    assert letter.picture is None
    with pytest.raises(Needless):
        compose(desk, rows(desk)[Purpose.LINE, 1])


def test_where_charts_are_refused_a_picture_follows(desk, caplog):
    warn(desk)
    desk.charting.refused()
    assert NATIVE not in kinds(compose(desk, rows(desk)[Purpose.ROOT, 0]).message)
    letter = compose(desk, rows(desk)[Purpose.LINE, 1])
    assert letter.picture.limit == 2400.0
    assert letter.message.text.startswith("#1: dispatch, calls an hour: ")
    assert "does not take charts" in caplog.text


@pytest.mark.parametrize(
    ("wanted", "native", "picture"),
    [
        (Charts.NATIVE, True, False),
        (Charts.PICTURE, False, True),
        (Charts.NONE, False, False),
    ],
)
def test_the_setting_decides(desk, wanted, native, picture):
    desk = with_charts(desk, wanted)
    assert (desk.charting.native, desk.charting.pictures) == (native, picture)
    desk.charting.refused()
    assert (desk.charting.native, desk.charting.pictures) == (native, picture)


def test_a_refusal_outlives_the_bot_and_is_forgotten_after_a_week(desk, store):
    desk.charting.refused()
    again = Charting(Charts.AUTO, store, StillClock(NOON + REMEMBERED - HOUR))
    assert (again.native, again.pictures) == (False, True)
    later = Charting(Charts.AUTO, store, StillClock(NOON + REMEMBERED))
    assert (later.native, later.pictures) == (True, False)


def test_the_picture_of_a_warning_that_is_over_is_not_sent(desk):
    desk = with_charts(desk, Charts.PICTURE)
    warn(desk)
    ask(desk, "resolve 1 moved the schedule")
    with pytest.raises(Needless):
        compose(desk, rows(desk)[Purpose.LINE, 1])


def test_the_id_of_a_file_is_kept_by_the_claim_that_shows_it_and_by_no_other(desk):
    warn(desk)
    with desk.store.writing() as db:
        [row] = outbox.due_rows(db, time.time() + 1, ())
        claimed = replace(row, claim=outbox.claim(db, row, None))
    assert remember_file(desk.store, claimed, "F0123ABCD")
    assert rows(desk)[Purpose.ROOT, 0].body == "F0123ABCD"
    assert not remember_file(desk.store, row, "F9999ABCD")
    assert rows(desk)[Purpose.ROOT, 0].body == "F0123ABCD"


class Refusing:
    """A destination for which every line is needless."""

    async def turn(self):
        pass

    async def find(self, row):
        return None

    async def deliver(self, row):
        if row.purpose is Purpose.LINE:
            raise Needless
        return "1.1"


async def test_what_is_needless_is_left_out_for_good(desk):
    warn(desk)
    awake = asyncio.Event()
    sender = Outbox(desk.store, desk.clock, lambda _: Refusing(), awake)
    task = asyncio.create_task(sender.run())
    await sender.flush(5)
    task.cancel()
    sql = "SELECT purpose, state FROM outbox ORDER BY number"
    assert desk.store.db.execute(sql).fetchall() == [("root", "sent"), ("line", "superseded")]


def called(store, hours):
    """Roll-ups of one instance: so many calls in the hours before noon, the last one newest."""
    with store.writing() as db:
        for number, calls in enumerate(reversed(hours), 1):
            if calls is not None:
                db.execute(
                    "INSERT INTO rollups (subject, metric, hour, count, total, busiest, observed)"
                    " VALUES ('instance/702', 'calls', ?, 60, ?, ?, 1)",
                    [readings.write_time(NOON - number * HOUR), calls, calls / 30],
                )


def limit(**changes):
    return replace(forecasts.LIKELY.allowance, instance_ids=("702",), **changes)


def chart(store, allowance, **changes):
    told = replace(forecasts.LIKELY.allowance.forecast, band=BAND, **changes)
    with store.writing() as db:
        save_forecasts(db, [told])
    return chart_of(store.db, allowance, LONDON)


def test_a_chart_holds_the_hours_that_are_over_and_gaps_stay_gaps(store):
    called(store, [120, None, 60])
    drawn = chart(store, limit())
    assert [amount for _, amount in drawn.history[-4:]] == [None, 120, None, 60]
    assert drawn.history[-1][0] == NOON - HOUR
    assert (drawn.unit, drawn.limit, len(drawn.band)) == ("calls an hour", 2400.0, 72)


def test_a_limit_by_the_minute_is_set_against_the_busiest_minute(store):
    called(store, [120, 60])
    drawn = chart(store, limit(per=timedelta(minutes=1), size=10.0), amount=10.0)
    assert [amount for _, amount in drawn.history[-2:]] == [4, 2]
    assert drawn.unit == "calls in the busiest minute"


def test_a_quota_adds_up_since_it_began_anew(store):
    called(store, [10] * 15)
    day = limit(per=timedelta(days=1), resets_at=NOON + 12 * HOUR, used=None)
    sums = tuple(replace(each, middle=each.middle * 3) for each in BAND)
    drawn = chart(store, day, kind=Kind.QUOTA, levels=sums)
    assert [amount for _, amount in drawn.history[-15:]][3:] == [10 * n for n in range(1, 13)]
    assert (drawn.band, drawn.limit, drawn.unit) == (sums, 2400.0, "calls a day")


def test_a_rolling_sum_is_shown_as_it_was_and_as_it_will_be(store):
    called(store, [10] * 23 + [20] * 2)
    drawn = chart(store, limit(per=timedelta(days=1)), kind=Kind.ROLLING, levels=BAND)
    assert [amount for _, amount in drawn.history[-3:]] == [None, 250, 260]
    assert len(drawn.history) == 7 * 24
    assert (drawn.limit, drawn.unit) == (2400.0, "calls a day")


def test_places_are_shown_as_they_were_taken(store):
    called(store, [None, 900])
    second = timedelta(seconds=4)
    pace = Pace(lately=4.0, runs=9, usual=Spread(count=9, p50=second, p95=second, p99=second))
    drawn = chart(store, limit(per=None, pace=pace), kind=Kind.PLACES, levels=BAND, amount=12.0)
    assert [amount for _, amount in drawn.history[-2:]] == [None, 3.0]
    assert (drawn.limit, drawn.unit) == (12.0, "places taken at a time")


def test_a_bucket_has_a_line_and_no_past(store):
    called(store, [10, 10])
    drawn = chart(store, limit(), kind=Kind.BUCKET, levels=BAND)
    assert {amount for _, amount in drawn.history} == {None}
    assert (drawn.limit, drawn.unit) == (2400.0, "calls in the bucket")


def test_without_a_band_there_is_no_chart(store):
    with store.writing() as db:
        save_forecasts(db, [forecasts.LIKELY.allowance.forecast])
    assert chart_of(store.db, limit(), LONDON) is None


@given(
    words=st.tuples(hostile, hostile, hostile),
    chances=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    level=st.sampled_from(Level),
    many=st.sampled_from([1, 14]),
    native=st.booleans(),
)
@thorough
def test_hostile_names_do_no_harm(words, chances, level, many, native):
    one, two, three = words
    ahead = forecasts.forecast(one, *chances)
    ahead = replace(ahead, withheld=two if level is Level.UNKNOWN else "")
    ahead = replace(ahead, reasons=replace(ahead.reasons, occasions=(three,) * 5))
    judged = forecasts.foreseen(one, two, ahead, level, name=three, unit=one, sentence=two)
    told = foreseen_of(Limits(at=NOON, allowances=(judged,) * many))
    assert_sound(forecast_answer(told, NOON, forecasts.RECORD))
    drawn = replace(CHART, name=one, unit=two)
    assert_sound(chosen_forecast(told, NOON, drawn, native=native))
    facts = dict(forecasts.warning().facts) | {"system": one, "chance_72": two, "growth": three}
    facts |= {"expected_at": one, "soonest": two}
    view = forecasts.warning_view(alert=forecasts.warning(sentence=three, facts=facts))
    assert_sound(incident_message(replace(view, chart=drawn, draws_charts=native)))
