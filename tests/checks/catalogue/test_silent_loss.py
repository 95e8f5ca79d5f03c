"""What is said of flows that lose records, and of those that seem to: signal by signal."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from checks.catalogue.silent_loss import judge
from checks.declare import Cause
from checks.loss.evidence import LossEvidence, Recovered
from checks.loss.finding import Finding, Signal, State, Sure
from checks.loss.policy import Policy
from checks.loss.usual import Norm, Traffic
from checks.loss.words import say_loss
from checks.model import Level, Verdict
from checks.runs import RunStatus
from tests.checks.catalogue import loss_cases as case
from tests.checks.catalogue.loss_cases import HOUR, NOW

OK, EARLY, BREACH, UNKNOWN = Level.OK, Level.EARLY, Level.BREACH, Level.UNKNOWN
MINUTE = timedelta(minutes=1)


def judged(evidence: LossEvidence) -> Verdict:
    (found,) = judge(evidence, Policy(), NOW)
    return found


def partly(*ago: timedelta, records: int | None = None, **more: object) -> LossEvidence:
    runs = case.partial(*ago)
    failures = tuple(case.told(run, records=records) for run in runs) if records else ()
    return case.evidence(partial={case.FLOW: runs}, failures=failures, **more)  # type: ignore[arg-type]


def green(*causes: Cause, records: int | None = None) -> LossEvidence:
    told = tuple(case.told(case.run(n), cause, records=records) for n, cause in enumerate(causes))
    return case.evidence(green_errors={case.FLOW: told})


def of_span(now: Traffic | None, **more: object) -> LossEvidence:
    return case.evidence(weighed=case.weighed(case.span(now, **more)))  # type: ignore[arg-type]


def test_a_flow_that_passes_on_what_it_receives_is_well():
    found = judged(case.evidence())
    assert (found.level, found.signal) == (OK, "clear")
    assert found.key == "flow/5/silent_loss/loss"


def test_what_cannot_be_seen_is_said_and_not_guessed():
    found = judged(case.evidence(case.runs(None, None, received=None), weighed=None))
    assert found.facts["not_seen"] == (
        "received and not sent, tracked and never sent, empty runs, low volume, no run at all, "
        "pool growth"
    )
    assert found.sentence == (
        "Orders to NetSuite seems to lose nothing, as far as can be seen (not seen: received and "
        "not sent, tracked and never sent, empty runs, low volume, no run at all, pool growth)."
    )


@pytest.mark.parametrize(
    ("ago", "level", "critical"),
    [
        pytest.param(5 * MINUTE, BREACH, False, id="just now"),
        pytest.param(59 * HOUR, BREACH, False, id="the deadline is 13 hours away"),
        pytest.param(61 * HOUR, BREACH, True, id="the deadline is 11 hours away"),
        pytest.param(73 * HOUR, BREACH, False, id="the payload is gone, so that nothing hurries"),
        pytest.param(97 * HOUR, OK, False, id="over four days ago"),
    ],
)
def test_a_partial_success_is_told_until_it_is_settled_and_grave_near_its_deadline(
    ago, level, critical
):
    found = judged(partly(ago))
    assert (found.level, found.critical) == (level, critical)


def test_a_partial_success_says_how_many_records_and_until_when():
    found = judged(partly(30 * MINUTE, 2 * HOUR, records=4))
    assert found.sentence == (
        "2 runs of Orders to NetSuite ended as partial success, the first 2 h ago: 8 records did "
        f'not arrive; the log of the first says "{case.REFUSED}". That is certain. Download their '
        "payloads before Thu 5 Mar, 08:03 UTC: from then on Patchworks deletes them."
    )
    assert found.facts["lost"] == 8
    assert found.facts["instance"] == "NetSuite production"
    assert found.facts["payload_deadline"] == "2026-03-05T08:03:48+00:00"


def test_what_a_person_settled_is_not_told_again_and_what_came_after_is():
    settled = {case.FLOW: NOW - HOUR}
    assert judged(partly(2 * HOUR, settled=settled)).level is OK
    after = judged(partly(30 * MINUTE, 2 * HOUR, settled=settled))
    assert after.level is BREACH
    assert after.sentence.startswith("1 run of")


@pytest.mark.parametrize(
    ("records", "late", "level"),
    [
        pytest.param(None, 3, OK, id="all, of nobody knows how many"),
        pytest.param(3, 3, OK, id="all three"),
        pytest.param(4, 3, BREACH, id="three of four"),
    ],
)
@pytest.mark.parametrize("ended", ["partial", "green"])
def test_what_was_sent_since_is_told_and_no_longer_lost(ended, records, late, level):
    (run,) = case.partial(5 * HOUR)
    told = case.told(run, Cause.LASTING, records=records)
    behind = {"partial": {case.FLOW: (run,)}, "failures": (told,)}
    recovered = {run.id: Recovered(late=late, at=NOW - HOUR)}
    found = judged(
        case.evidence(
            **(behind if ended == "partial" else {"green_errors": {case.FLOW: (told,)}}),
            recovered=recovered,
        )
    )
    assert found.level is level
    if level is OK:
        assert found.sentence.startswith(
            "3 records that 1 run had left behind were sent since, the last on Mon 2 Mar, "
            "09:04 UTC. Orders to NetSuite seems to lose nothing"
        )
    else:
        assert "did not arrive" in found.sentence


@pytest.mark.parametrize(
    ("causes", "records", "level", "sure"),
    [
        pytest.param([Cause.LASTING], None, BREACH, "certain", id="a refusal that lasts"),
        pytest.param([Cause.UNKNOWN], None, EARLY, "likely", id="an error that nobody knows"),
        pytest.param([Cause.UNKNOWN] * 3, None, BREACH, "likely", id="three of them"),
        pytest.param([Cause.PASSING] * 5, None, OK, None, id="time-outs that were tried again"),
        pytest.param([Cause.LIMIT] * 5, None, OK, None, id="refusals for want of allowance"),
        pytest.param([Cause.PASSING], 3, BREACH, "certain", id="a time-out that cost records"),
    ],
)
def test_errors_on_green_runs_are_weighed_by_what_they_mean(causes, records, level, sure):
    found = judged(green(*causes, records=records))
    assert (found.level, found.facts["sure"]) == (level, sure)


def test_a_log_that_is_still_to_be_read_decides_nothing():
    found = judged(case.evidence(unread={case.FLOW: 2}))
    assert (found.level, found.signal) == (UNKNOWN, "undecided")
    assert "2 runs with warnings has not been read yet" in found.sentence


@pytest.mark.parametrize(
    ("sent", "norm", "level"),
    [
        pytest.param((0, 0, 0, 10, 10, 10), case.SENDS, BREACH, id="three in a row"),
        pytest.param((0, 0, 10, 0, 10, 10), case.SENDS, EARLY, id="three of five"),
        pytest.param((0, 0, 10, 10, 10, 10), case.SENDS, UNKNOWN, id="two are not decided"),
        pytest.param((0, 10, 10, 10, 10, 10), case.SENDS, OK, id="one says nothing"),
        pytest.param((10, 10, 0, 0, 0, 10), case.SENDS, EARLY, id="and it sends again"),
        pytest.param(
            (0, 0, 0, 0, 0),
            replace(case.SENDS, unsent=360, usual=0.1, lowest=0.0),
            OK,
            id="a flow that filters most",
        ),
        pytest.param((0, 0, 0, 0, 0), Norm(fed=12, blocks=12), OK, id="a new flow is not known"),
    ],
)
def test_received_and_not_sent_is_set_against_the_flows_own_past(sent, norm, level):
    weighed = case.weighed(case.span(case.traffic(), norm=norm))
    assert judged(case.evidence(case.runs(*sent), weighed=weighed)).level is level


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        pytest.param((0, 0, 0, 10, 10, 10), "The last 3 runs", id="in a row"),
        pytest.param((0, 0, 0, 0, 0, 0, 10), "The last 6 runs", id="more than are looked at"),
        pytest.param((0, 10, 0, 10, 0, 10), "3 of the last 5 runs", id="by turns"),
        pytest.param((10, 10, 0, 0, 0, 10), "3 of the last 5 runs", id="and it sends again"),
    ],
)
def test_the_last_runs_are_only_those_that_sent_nothing_since(sent, says):
    weighed = case.weighed(case.span(case.traffic(), norm=case.SENDS))
    found = judged(case.evidence(case.runs(*sent), weighed=weighed))
    assert found.sentence.startswith(
        f"{says} of Orders to NetSuite that received something sent nothing on ("
    )


@pytest.mark.parametrize(
    ("sent", "norm", "level"),
    [
        pytest.param(4, case.SENDS, EARLY, id="less than half"),
        pytest.param(7, case.SENDS, EARLY, id="just below three quarters"),
        pytest.param(8, case.SENDS, OK, id="above three quarters"),
        pytest.param(4, replace(case.SENDS, lowest=0.3), OK, id="batches differ that much"),
        pytest.param(4, replace(case.SENDS, blocks=23), OK, id="too little is known"),
        pytest.param(1, replace(case.SENDS, usual=0.1, lowest=0.08), OK, id="it sends in batches"),
    ],
)
def test_far_less_sent_than_usual_is_told_where_batches_do_not_explain_it(sent, norm, level):
    weighed = case.weighed(case.span(case.traffic(), norm=norm))
    found = judged(case.evidence(case.runs(*(sent,) * 6), weighed=weighed))
    assert found.level is level


def test_a_flow_that_seldom_runs_is_told_with_its_first_run_that_sends_nothing():
    daily = case.span(case.traffic(received=20, started=1), usual=case.traffic(20, started=1))
    evidence = case.evidence(case.runs(0, 10, 10), weighed=case.weighed(daily))
    assert judged(evidence).level is EARLY


@pytest.mark.parametrize(
    ("tracked", "level", "sure"),
    [
        pytest.param(case.tracked(3), BREACH, "certain", id="three of a thousand"),
        pytest.param(case.tracked(0), OK, None, id="all were sent"),
        pytest.param(
            case.tracked(3, received=200, before=99), UNKNOWN, None, id="too little is known"
        ),
        pytest.param(
            case.tracked(3, received=300, before=0), BREACH, "certain", id="all the others were"
        ),
        pytest.param(case.tracked(3, usual=30), BREACH, "certain", id="one in a hundred is left"),
        pytest.param(case.tracked(100, usual=300), OK, None, id="as many as ever are filtered"),
        pytest.param(case.tracked(200, usual=300), BREACH, "likely", id="twice as many"),
        pytest.param(case.tracked(900, usual=2900), OK, None, id="only received is tracked"),
    ],
)
def test_tracked_values_that_were_never_sent_are_told(tracked, level, sure):
    found = judged(case.evidence(tracked={case.FLOW: tracked}))
    assert (found.level, found.facts["sure"]) == (level, sure)


def test_missing_values_are_counted_and_the_time_told_by_which_they_are_looked_up():
    found = judged(case.evidence(tracked={case.FLOW: case.tracked(3)}))
    assert found.sentence == (
        "3 of 1,000 records that Orders to NetSuite received in the last 2 d were not sent within "
        "30 min, nor since; usually 0 of 3,000. That is certain."
    )
    told = (found.facts["unsent_since"], found.facts["unsent_until"])
    assert told == ((NOW - 48 * HOUR).isoformat(), (NOW - HOUR / 2).isoformat())


def test_records_that_are_counted_are_told_before_runs_of_which_nobody_knows_how_many():
    told = (case.told(case.run(0), Cause.LASTING),)
    both = case.evidence(green_errors={case.FLOW: told}, tracked={case.FLOW: case.tracked(3)})
    found = judged(both)
    assert found.signal == "green_errors"
    first, second, *_ = found.sentence.split(". ")
    assert first.startswith("3 of 1,000 records that Orders to NetSuite received")
    assert second.startswith("1 run of Orders to NetSuite ended as success with an error")
    assert "seen too" not in found.sentence


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        pytest.param(
            HOUR, 2 * HOUR, "Download their payloads before Mon 2 Mar, 12:04 CET", id="all there"
        ),
        pytest.param(
            -HOUR, 2 * HOUR, "download what is left before Mon 2 Mar, 13:04 CET", id="going"
        ),
        pytest.param(-2 * HOUR, -HOUR, "sent again from where they come from", id="gone"),
    ],
)
def test_the_deadline_is_a_time_of_where_the_business_lives(first, last, said):
    lost = Finding(
        signal=Signal.PARTIAL,
        state=State.TROUBLE,
        says="it lost some",
        sure=Sure.CERTAIN,
        deadline=NOW + first,
        last_deadline=NOW + last,
    )
    assert said in say_loss([lost], NOW, ZoneInfo("Europe/Berlin"))


def test_what_a_vendor_says_is_quoted_short():
    long = replace(case.told(case.run(0), records=1), line=f"HTTP 400: {'no such item ' * 40}")
    found = judged(case.evidence(green_errors={case.FLOW: (long,)}))
    quote = found.sentence.split('says "')[1].split('".')[0]
    assert quote.startswith("HTTP 400: no such item")
    assert len(quote) <= 120


def test_tracked_values_out_of_sight_decide_nothing():
    found = judged(case.evidence(tracked=None, tracked_blind="Patchworks answered with 503"))
    assert found.level is UNKNOWN
    assert "503" in found.sentence


@pytest.mark.parametrize(
    ("now", "usual", "days", "level"),
    [
        pytest.param(36, 120, 20, EARLY, id="at three tenths"),
        pytest.param(37, 120, 20, OK, id="above three tenths"),
        pytest.param(5, 20, 20, EARLY, id="the least that is judged"),
        pytest.param(5, 19, 20, OK, id="too little to judge by"),
        pytest.param(5, 120, 3, EARLY, id="three like days"),
        pytest.param(5, 120, 2, OK, id="two are too few"),
    ],
)
def test_a_low_volume_is_possible_loss(now, usual, days, level):
    evidence = of_span(case.traffic(now), usual=case.traffic(usual), days=days)
    found = judged(evidence)
    assert found.level is level
    if level is EARLY:
        assert (found.signal, found.facts["sure"]) == ("low_volume", "possible")


def test_a_volume_that_low_days_had_before_is_not_low():
    span = case.span(case.traffic(30))
    low_before = replace(span, kind=(*span.kind, case.traffic(40)))
    assert judged(case.evidence(weighed=case.weighed(low_before))).level is OK


@pytest.mark.parametrize(
    ("evidence", "level"),
    [
        pytest.param(of_span(None), UNKNOWN, id="hours that were not watched whole"),
        pytest.param(
            case.evidence(weighed=case.weighed(case.span(case.traffic(0)), until=NOW - 4 * HOUR)),
            UNKNOWN,
            id="hours that are long over",
        ),
        pytest.param(
            case.evidence(weighed=case.weighed(case.span(case.traffic(0)), closed="Christmas Day")),
            OK,
            id="a holiday",
        ),
        pytest.param(
            case.evidence(
                (case.run(status=RunStatus.FAILURE),),
                weighed=case.weighed(case.span(case.traffic(0, empty=36))),
            ),
            UNKNOWN,
            id="a flow whose newest run failed",
        ),
    ],
)
def test_nothing_is_low_where_nobody_can_tell(evidence, level):
    assert judged(evidence).level is level


@pytest.mark.parametrize(
    ("now", "usual", "days", "level"),
    [
        pytest.param(case.traffic(0, empty=36), case.traffic(), 20, BREACH, id="all are empty"),
        pytest.param(case.traffic(9, empty=35), case.traffic(9), 20, OK, id="all but one"),
        pytest.param(
            case.traffic(0, started=1, empty=1), case.traffic(9, started=1), 20, EARLY, id="one"
        ),
        pytest.param(
            case.traffic(0, empty=36), case.traffic(0, empty=36), 20, OK, id="as they always are"
        ),
        pytest.param(case.traffic(0, empty=36), case.traffic(9), 7, OK, id="too few like days"),
    ],
)
def test_empty_runs_at_busy_hours_are_told(now, usual, days, level):
    found = judged(of_span(now, usual=usual, days=days))
    assert found.level is level
    if level.is_trouble:
        assert (found.signal, found.facts["signals"]) == ("empty", "empty runs")


@pytest.mark.parametrize(
    ("flow", "last_start", "usual", "level"),
    [
        pytest.param(case.flow(), NOW - 5 * HOUR, case.traffic(), EARLY, id="nobody calls it"),
        pytest.param(case.flow(), NOW - MINUTE, case.traffic(), UNKNOWN, id="just called"),
        pytest.param(
            case.flow(schedules=("0 * * * *",)), NOW - 5 * HOUR, case.traffic(), UNKNOWN,
            id="schedules are watched with the queue",
        ),
        pytest.param(
            case.flow(enabled=False), NOW - 5 * HOUR, case.traffic(), UNKNOWN, id="disabled"
        ),
        pytest.param(
            case.flow(), NOW - 5 * HOUR, case.traffic(10, started=2), UNKNOWN, id="seldom called"
        ),
    ],
)  # fmt: skip
def test_a_flow_that_nobody_calls_any_more_is_possible_loss(flow, last_start, usual, level):
    found = judged(
        case.evidence(
            flows={case.FLOW: flow},
            last_starts={case.FLOW: last_start},
            weighed=case.weighed(case.span(case.none(), usual=usual)),
        )
    )
    assert found.level is level
    assert (found.signal == "silent") is (level is EARLY)


@pytest.mark.parametrize(
    ("gained", "sent", "level"),
    [
        pytest.param(20, (0, 10, 10, 10, 10), OK, id="something was sent"),
        pytest.param(20, (0,), EARLY, id="nothing was sent"),
        pytest.param(19, (0,), OK, id="it hardly grew"),
    ],
)
def test_a_pool_that_grows_without_deliveries_is_possible_loss(gained, sent, level):
    often = replace(case.SENDS, unsent=150)
    found = judged(
        case.evidence(
            case.runs(*sent),
            pools={case.FLOW: (case.pool(gained),)},
            weighed=case.weighed(case.span(case.traffic(), norm=often)),
        )
    )
    assert found.level is level


def test_several_signals_are_one_incident_and_the_surest_speaks():
    partial = case.partial(HOUR)
    weighed = case.weighed(case.span(case.traffic(0, empty=36)))
    found = judged(case.evidence(partial={case.FLOW: partial}, weighed=weighed))
    assert found.signal == "partial"
    assert "(seen too: empty runs)" in found.sentence
    assert found.facts["signals"] == "partial success, empty runs"


@pytest.mark.parametrize(
    ("evidence", "explained"),
    [
        pytest.param(
            partly(HOUR, told=(case.elsewhere("failing_flow"),)),
            "its failing runs (#12)",
            id="a failing flow",
        ),
        pytest.param(
            partly(65 * HOUR, told=(case.elsewhere("failing_flow"),)),
            "",
            id="but its payloads are about to go",
        ),
        pytest.param(
            partly(HOUR, told=(case.elsewhere("stalled_queue", "queue", "main"),)),
            "",
            id="a queue does not lose records",
        ),
        pytest.param(
            case.evidence(
                weighed=case.weighed(case.span(case.traffic(5))),
                told=(case.elsewhere("stalled_queue", "queue", "main"),),
            ),
            "the stalled queue (#12)",
            id="a queue makes volumes low",
        ),
        pytest.param(
            case.evidence(
                weighed=case.weighed(case.span(case.traffic(5))),
                told=(case.elsewhere("token_expiry", "instance", case.SHOP),),
            ),
            "the trouble of its system (#12)",
            id="so does a dead credential",
        ),
        pytest.param(
            case.evidence(
                weighed=case.weighed(case.span(case.traffic(5))),
                told=(case.elsewhere("stalled_queue", "queue", "main", over=3 * HOUR),),
            ),
            "the stalled queue (#12)",
            id="also one that was over within these hours",
        ),
        pytest.param(
            case.evidence(
                weighed=case.weighed(case.span(case.traffic(5))),
                told=(case.elsewhere("stalled_queue", "queue", "main", over=4 * HOUR),),
            ),
            "",
            id="but none that was over before them",
        ),
        pytest.param(
            case.evidence(
                case.runs(0, 0, 0, 0, 0),
                told=(case.elsewhere("stalled_queue", "queue", "main", over=HOUR),),
            ),
            "",
            id="nor does a queue that is over explain what runs did not send",
        ),
        pytest.param(
            case.evidence(
                weighed=case.weighed(case.span(case.traffic(5))),
                told=(case.elsewhere("failing_flow", "flow", "6"),),
            ),
            "",
            id="another flow's failures do not",
        ),
    ],
)
def test_what_is_told_already_is_not_told_twice(evidence, explained):
    found = judged(evidence)
    assert found.explained_by == explained
    assert (found.level is UNKNOWN) is bool(explained)


@pytest.mark.parametrize(
    ("hours", "tolerated", "told"),
    [
        pytest.param((1, 2), 0.0, "2 runs", id="by default every one is told"),
        pytest.param((1, 2), 0.01, None, id="two a day, of two hundred"),
        pytest.param((1, 2, 3), 0.01, "3 runs", id="one more"),
        pytest.param((1, 2, 26), 0.01, None, id="the third was on another day"),
        pytest.param((1, 40, 41, 42), 0.01, "3 runs", id="too many on a day that is over"),
        pytest.param((1, 2), 0.004, "2 runs", id="less than one a day lets none pass"),
    ],
)
def test_a_usual_share_of_partial_successes_may_be_let_pass(hours, tolerated, told):
    evidence = partly(*(hour * HOUR for hour in hours))
    (found,) = judge(evidence, Policy(tolerated=tolerated), NOW)
    assert found.level is (BREACH if told else OK)
    assert not told or found.sentence.startswith(f"{told} of Orders to NetSuite ended as partial")


def test_nothing_is_let_pass_of_a_flow_whose_usual_day_is_not_known():
    evidence = partly(HOUR, weighed=None)
    (found,) = judge(evidence, Policy(tolerated=0.5), NOW)
    assert found.level is BREACH


def test_a_flow_of_which_nothing_is_known_is_not_called_well():
    assert judged(case.evidence(())).level is UNKNOWN
    blind = judged(partly(HOUR, blind="Patchworks answered with 503"))
    assert (blind.level, blind.sentence) == (UNKNOWN, "Patchworks answered with 503")


def test_foreign_text_stays_on_its_line():
    run = case.run()
    failure = case.told(run, line="bad\n\x1b[31mline")
    found = judged(case.evidence(green_errors={case.FLOW: (failure,)}))
    assert found.sentence.isprintable()


UNSENT = {case.FLOW: case.tracked(3)}


@pytest.mark.parametrize(
    ("found", "lost"),
    [
        pytest.param(case.evidence(tracked=UNSENT), 3, id="tracked and never sent"),
        pytest.param(partly(HOUR, records=2), None, id="a partial success tells of failed ones"),
        pytest.param(partly(HOUR, records=2, tracked=UNSENT), 1, id="which are not counted twice"),
        pytest.param(green(Cause.LASTING, records=2), 2, id="refused in a green run"),
        pytest.param(
            case.evidence(tracked={case.FLOW: case.tracked(400, usual=300)}),
            None,
            id="likely only: never invented",
        ),
        pytest.param(case.evidence(), None, id="nothing"),
    ],
)
def test_what_is_certainly_lost_besides_failed_records_is_counted_for_its_cost(found, lost):
    assert judged(found).facts["records_lost"] == lost
