"""A warning from the round that gives it to the line in the thread that says how it turned out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from bot.foresight.predictions import follow_warnings
from bot.incidents.events import Resolve
from bot.incidents.lifecycle import replay
from bot.incidents.model import Actor, Incident, Kind, State
from bot.inventory import Inventory, JudgedAllowance, Limits, save_limits
from bot.rules import Rules
from bot.store import Store, incidents, predictions
from bot.store.predictions import Prediction
from bot.transitions import act, judge
from checks.catalogue import rate_limit
from checks.limits import Allowance, LimitEvidence
from checks.model import Level
from checks.runs import Changed, Direction, Flow, Step
from forecasting.model import Forecast
from tests.checks.catalogue.forecast_cases import forecast, shipping
from tests.checks.catalogue.limit_cases import NOW, d, failures, flow, h, m

RULES = Rules(policies={"rate_limit": rate_limit.Policy()}, destination="slack/C1")
LIMIT = "system/shipping/calls"
POSTED = "UPDATE outbox SET state = 'sent', ts = '1.0' WHERE purpose = 'root' AND state = 'pending'"
STOCK = Flow(
    id="1",
    name="Dispatch to ShipStation",
    enabled=True,
    deployed=True,
    steps=(Step(id="s", name="Send", instance_id="702", direction=Direction.SEND),),
)


@dataclass
class Rounds:
    """Rounds at given hours after the first, each with what is foreseen and used then."""

    store: Store
    changes: tuple[Changed, ...] = ()
    posts: bool = True

    def look(
        self, at: timedelta, far: float = 0.1, *, used: float = 300, size: float = 2400
    ) -> None:
        now = NOW + at
        self.judge(now, self.limit(now, far, used, size))

    def limit(self, now: datetime, far: float, used: float, size: float) -> Allowance:
        told = replace(moved(forecast(far, far / 4), now - NOW), amount=size)
        return replace(shipping(told, used=used), size=size, at=now)

    def judge(self, now: datetime, *limits: Allowance) -> None:
        evidence = LimitEvidence(limits=limits, failures=failures(flow(good=0)))
        verdicts = rate_limit.judge(evidence, rate_limit.Policy(), now)
        stock = Inventory(at=now, flows=(STOCK,), changes=self.changes)
        with self.store.writing() as db:
            judge(db, verdicts, RULES, now)
            follow_warnings(db, limits, verdicts, stock, RULES, now)
            kept = (JudgedAllowance(allowance=each, level=Level.OK) for each in limits)
            save_limits(db, Limits(at=now, allowances=tuple(kept)))
            if self.posts:
                db.execute(POSTED)

    @property
    def standing(self) -> Prediction | None:
        return predictions.open_predictions(self.store.db).get(LIMIT)

    @property
    def outcomes(self) -> list[str]:
        found = predictions.settled_since(self.store.db, NOW - d(1))
        return [each.outcome for each in found]

    @property
    def incident(self) -> Incident:
        found = incidents.find_incident(self.store.db, 1)
        assert found is not None
        return found

    def lines(self, incident_id: int = 1) -> list[str]:
        """What its thread says about its warnings."""
        told = incidents.timeline(self.store.db, incident_id)
        return [entry.reason for entry in told if entry.kind is Kind.SETTLED]


def moved(told: Forecast, by: timedelta) -> Forecast:
    """The same forecast made later, of the same moments ahead."""

    def later(at: datetime | None) -> datetime | None:
        return at and at + by

    crossings = tuple(
        replace(
            each,
            soonest=later(each.soonest),
            middle=later(each.middle),
            latest=later(each.latest),
        )
        for each in told.crossings
    )
    return replace(told, made_at=told.made_at + by, crossings=crossings)


@pytest.fixture
def rounds(store: Store) -> Rounds:
    return Rounds(store=store)


def test_a_warning_opens_an_incident_in_its_first_round_and_is_recorded(rounds: Rounds) -> None:
    rounds.look(h(0), 0.83)
    assert rounds.incident.state is State.TRIGGERED
    assert rounds.standing == Prediction(
        id=1,
        limit_id=LIMIT,
        key="system/shipping/rate_limit/calls",
        system="ShipStation",
        opened_at=NOW,
        horizon=h(72),
        chance=0.83,
        soonest=NOW + h(5),
        middle=NOW + h(28),
        latest=NOW + h(50),
    )


def test_it_is_recorded_once_while_it_stands(rounds: Rounds) -> None:
    for hour in range(5):
        rounds.look(h(hour), 0.83 + hour / 100)
    assert rounds.standing is not None
    assert rounds.standing.chance == 0.83
    assert rounds.outcomes == []


def test_it_was_right_and_the_same_incident_says_so(rounds: Rounds) -> None:
    rounds.look(h(0), 0.83)
    rounds.look(h(3) + m(10), 0.9, used=2400)
    assert rounds.outcomes == ["hit"]
    assert rounds.lines() == ["The warning was right: the limit was reached 3 h 10 min after it."]
    assert [each.id for each in incidents.open_incidents(rounds.store.db)] == [1]
    record = predictions.track_record(rounds.store.db, LIMIT, NOW)
    assert (record.right, record.missed, record.median_lead) == (1, 0, h(3) + m(10))


def test_a_line_and_no_edit_is_sent_for_how_it_turned_out(rounds: Rounds) -> None:
    rounds.look(h(0), 0.83)
    rounds.look(h(80), 0.83)
    sql = "SELECT purpose, step FROM outbox WHERE purpose <> 'root' AND step > 1"
    assert list(rounds.store.db.execute(sql)) == [("line", 2)]


def test_it_was_false_and_the_thread_of_the_resolved_incident_says_so(rounds: Rounds) -> None:
    rounds.look(h(0), 0.83)
    for minutes in (0, 5, 11):
        rounds.look(h(20) + m(minutes), 0.1)
    assert rounds.incident.state is State.RESOLVED
    before = rounds.incident
    rounds.look(h(71), 0.1)
    rounds.look(h(72), 0.1)
    assert rounds.outcomes == ["false"]
    assert rounds.lines() == [
        "The warning did not come true: the limit was not reached within 3 d."
    ]
    assert rounds.incident == before
    assert replay(1, incidents.timeline(rounds.store.db, 1)) == before


def test_it_is_said_in_the_thread_of_the_incident_that_it_opened(rounds: Rounds) -> None:
    rounds.look(h(0), 0.83)
    for minutes in (0, 5, 11):
        rounds.look(h(20) + m(minutes), 0.1)
    rounds.look(h(40), 0.83)
    rounds.look(h(72), 0.83)
    assert (len(rounds.lines(1)), len(rounds.lines(2))) == (1, 0)
    assert rounds.standing is not None
    assert rounds.standing.opened_at == NOW + h(72)


def test_a_raised_limit_averts_it(rounds: Rounds) -> None:
    rounds.look(h(0), 0.83)
    rounds.look(h(2), 0.12, size=4800)
    assert rounds.outcomes == ["averted"]
    [said] = rounds.lines()
    assert said == (
        "Averted: the limit is now 4,800 calls an hour, and the chance of reaching the limit fell "
        "from 83 % to 12 %."
    )
    record = predictions.track_record(rounds.store.db, None, NOW)
    assert (record.right, record.false, record.averted) == (0, 0, 1)


def test_a_changed_schedule_averts_it(rounds: Rounds) -> None:
    rounds.look(h(0), 0.83)
    rounds.changes = (Changed(at=NOW + h(1), what="Schedule updated", flow_id="1"),)
    rounds.look(h(2), 0.12)
    assert rounds.outcomes == ["averted"]


def test_a_chance_that_falls_by_itself_averts_nothing(rounds: Rounds) -> None:
    rounds.changes = (Changed(at=NOW + h(1), what="Schedule updated", flow_id="9"),)
    rounds.look(h(0), 0.83)
    rounds.look(h(2), 0.12)
    assert rounds.outcomes == []
    rounds.look(h(40), 0.12)
    rounds.look(h(72), 0.12)
    assert rounds.outcomes == ["false"]


def test_a_persons_resolve_does_not_settle_it(rounds: Rounds) -> None:
    rounds.look(h(0), 0.83)
    priya = Actor(who="UPRIYA", via="button")
    act(rounds.store, 1, Resolve(summary="I saw to it"), priya, NOW + h(1), destination="slack/C1")
    rounds.look(h(1) + m(30), 0.83)
    assert rounds.standing is not None
    rounds.look(h(5), 0.83, used=2400)
    assert rounds.outcomes == ["hit"]


def resolve(rounds: Rounds, at: timedelta) -> None:
    priya = Actor(who="UPRIYA", via="button")
    act(rounds.store, 1, Resolve(summary="I know"), priya, NOW + at, destination="slack/C1")


def open_ids(rounds: Rounds) -> list[int]:
    return [each.id for each in incidents.open_incidents(rounds.store.db)]


def test_what_a_person_resolved_stays_quiet_while_it_is_only_foreseen(rounds: Rounds) -> None:
    rounds.look(h(0), 0.83)
    resolve(rounds, h(1))
    for hour in range(2, 20):
        rounds.look(h(hour), 0.83)
    assert open_ids(rounds) == []


def test_it_is_said_again_when_the_breach_is_observed(rounds: Rounds) -> None:
    rounds.look(h(0), 0.83)
    resolve(rounds, h(1))
    for minutes in (10, 20, 30):
        rounds.look(h(1) + m(minutes), 0.83)
    rounds.look(h(1) + m(31), 0.83, used=2400)
    assert open_ids(rounds) == [2]
    again = incidents.find_incident(rounds.store.db, 2)
    assert again is not None
    assert (again.previous_id, again.standing) == (1, False)


def test_it_is_said_again_when_it_gets_graver(rounds: Rounds) -> None:
    rounds.look(h(0), 0.83)
    resolve(rounds, h(1))
    rounds.look(h(2), 0.83)
    assert open_ids(rounds) == []
    now = NOW + h(3)
    soon = moved(forecast(0.9, 0.8), h(1))  # within four hours
    rounds.judge(now, replace(shipping(replace(soon, made_at=now)), at=now))
    assert open_ids(rounds) == [2]


def test_it_is_said_again_when_it_was_unlikely_meanwhile(rounds: Rounds) -> None:
    rounds.look(h(0), 0.83)
    resolve(rounds, h(1))
    for minutes in (0, 5, 11):
        rounds.look(h(2) + m(minutes), 0.1)
    rounds.look(h(3), 0.83)
    assert open_ids(rounds) == [2]


def test_a_breach_that_no_warning_preceded_is_counted_as_missed_once(rounds: Rounds) -> None:
    for hour in range(4):
        rounds.look(h(hour), 0.1, used=2400)
    assert rounds.outcomes == ["missed"]
    rounds.look(h(3) + m(30), 0.1)
    rounds.look(h(9), 0.1, used=2400)  # within six hours: the same breach
    assert rounds.outcomes == ["missed"]
    rounds.look(h(15) + m(1), 0.1, used=2400)
    assert rounds.outcomes == ["missed", "missed"]


def test_a_breach_of_what_nothing_is_foreseen_of_is_not_missed(rounds: Rounds) -> None:
    unforeseen = replace(shipping(forecast(withheld="too short"), used=2400))
    rounds.judge(NOW, unforeseen)
    rounds.judge(NOW + m(1), replace(unforeseen, forecast=None))
    assert rounds.outcomes == []


def test_what_is_foreseen_soon_after_a_breach_is_no_new_warning(rounds: Rounds) -> None:
    rounds.look(h(0), 0.83)
    rounds.look(h(3), 0.9, used=2400)
    rounds.look(h(8), 0.9)
    assert rounds.standing is None
    rounds.look(h(9) + m(1), 0.9)
    assert rounds.standing is not None
    rounds.look(h(30), 0.9, used=2400)
    assert rounds.outcomes == ["hit", "hit"]
    assert len(rounds.lines()) == 2


def test_an_undecided_forecast_keeps_open_what_a_forecast_opened(rounds: Rounds) -> None:
    rounds.look(h(0), 0.83)
    for minutes in range(0, 60, 10):
        rounds.look(h(1) + m(minutes), 0.35)
    assert rounds.incident.state is State.TRIGGERED
    for minutes in (0, 5, 11):
        rounds.look(h(3) + m(minutes), 0.29)
    assert rounds.incident.state is State.RESOLVED


def test_an_undecided_forecast_closes_what_was_observed(rounds: Rounds) -> None:
    for minutes in range(3):
        rounds.look(m(minutes), 0.35, used=2400)
    assert rounds.incident.is_open
    for minutes in (10, 15, 21):
        rounds.look(m(minutes), 0.35)
    assert rounds.incident.state is State.RESOLVED


def test_an_undecided_forecast_opens_nothing(rounds: Rounds) -> None:
    for minutes in range(9):
        rounds.look(m(minutes), 0.39)
    assert incidents.open_incidents(rounds.store.db) == []
    assert rounds.standing is None


@pytest.mark.parametrize(
    ("posts", "looks", "why"),
    [
        pytest.param(False, (1, 71), "its message had reached nobody", id="never posted"),
        pytest.param(
            True,
            (1, 35),
            "its limit was not looked at for most of that time",
            id="the bot was down",
        ),
    ],
)
def test_what_nobody_heard_of_or_looked_at_does_not_count(
    rounds: Rounds, posts: bool, looks: tuple[int, ...], why: str
) -> None:
    rounds.posts = posts
    for hour in (0, *looks, 72):
        rounds.look(h(hour), 0.83 if hour == 0 else 0.35)
    assert rounds.outcomes == ["untold"]
    assert rounds.lines() == [f"The warning does not count: {why}."]
    record = predictions.track_record(rounds.store.db, LIMIT, NOW)
    assert (record.right, record.false, record.averted, record.missed) == (0, 0, 0, 0)


def test_a_limit_that_is_gone_is_settled_all_the_same(rounds: Rounds) -> None:
    rounds.look(h(0), 0.83)
    rounds.judge(NOW + h(71))
    rounds.judge(NOW + h(72))
    assert rounds.outcomes == ["false"]
