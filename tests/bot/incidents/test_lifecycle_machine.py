"""Anything may happen in any order, on the real store: what must hold after each step of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from bot.handling import TIMER
from bot.incidents.announcing import Noise
from bot.incidents.escalation import LOW, NOT_SET
from bot.incidents.events import (
    Acknowledge,
    Act,
    Assign,
    Check,
    Confirm,
    Lapse,
    Note,
    Remind,
    Resolve,
    Settle,
    Snooze,
    Take,
    Unacknowledge,
    Vote,
    Wake,
)
from bot.incidents.lifecycle import Change
from bot.incidents.model import Actor, Entry, Kind, State
from bot.incidents.routing import Route, Routing
from bot.store import handling as handlings
from bot.store import incidents
from bot.transitions import pass_time
from checks.model import Level
from checks.policy import CheckPolicy, NofM
from tests.bot.response_scene import (
    ALEX,
    HERE,
    HOUR,
    MINUTE,
    PLACES,
    PRIYA,
    Scene,
    policy,
    reaching,
    rules,
    step,
    verdict,
)

TWICE = policy(
    step("person:Priya", "pager:pd"),
    step("person:Alex", "pager:pd", after=10),
    step("rota:empty", "channel:#home", after=5),
    repeats=1,
)
SUBJECTS = ["a", "b", "grouped 1", "grouped 2", "c"]
WHY_NOBODY = {NOT_SET, LOW}
DEEDS = st.sampled_from(
    [
        lambda now: Acknowledge(),
        lambda now: Take(),
        lambda now: Unacknowledge(),
        lambda now: Confirm(),
        lambda now: Assign(to="USAM"),
        lambda now: Assign(to="UPRIYA"),
        lambda now: Snooze(until=now + 30 * MINUTE),
        lambda now: Snooze(until=now + 300 * MINUTE),
        lambda now: Wake(),
        lambda now: Resolve(summary="done"),
        lambda now: Note(text="hm"),
        lambda now: Check(page="stalled-queue", step=1, text="Looked."),
        lambda now: Act(text="started it"),
        lambda now: Vote(word="noisy"),
        lambda now: Settle(said="It was right."),
    ]
)
PEOPLE = st.sampled_from([PRIYA, ALEX])
NUMBERS = st.integers(1, 6)
SIGHTS = st.tuples(
    st.sampled_from(SUBJECTS), st.sampled_from([*Level, Level.BREACH]), st.booleans()
)


def all_rules():
    routes = (Route(group_by=("system",)),)
    routing = Routing(home=HERE, policy="night", policies={"night": TWICE}, teams={}, routes=routes)
    calm = CheckPolicy(
        opens_after=NofM(needed=1, of=1), stay_clear=2 * MINUTE, reopen_after=20 * MINUTE
    )
    return rules(
        TWICE,
        routing=routing,
        policies={"stalled_queue": calm},
        noise=Noise(group_wait=MINUTE, storm=3),
    )


class Response(RuleBasedStateMachine):
    """People, checks, timers, clocks, silences and versions, in any order."""

    folder = None
    number = count()

    def __init__(self) -> None:
        super().__init__()
        self.scene = Scene(self.folder / f"{next(self.number)}.db", rules=all_rules())
        self.ended: dict[int, object] = {}
        self.scene.see(verdict("a"), verdict("b"))

    def existing(self, number: int) -> int:
        return 1 + number % self.scene.store.db.table("incidents").count

    def teardown(self) -> None:
        self.scene.close()
        self.scene.path.unlink()

    @rule(sights=st.lists(SIGHTS, min_size=1, max_size=5, unique_by=lambda sight: sight[0]))
    def a_round(self, sights) -> None:
        seen = []
        for subject, level, critical in sights:
            system = "netsuite" if subject.startswith("grouped") else None
            facts = {"system": system} if system else {}
            soon = self.scene.at + HOUR if level is Level.EARLY and critical else None
            told = {"critical": critical, "facts": facts, "expected_at": soon}
            seen.append(verdict(subject, level, **told))
        self.sees(*seen)

    @rule(subject=st.sampled_from(SUBJECTS), deed=DEEDS, who=PEOPLE)
    def a_warning_comes_true_whatever_was_done_about_it(self, subject, deed, who) -> None:
        self.sees(verdict(subject, Level.EARLY, expected_at=self.scene.at + HOUR))
        alert = incidents.open_alerts(self.scene.store.db).get(verdict(subject).key)
        if alert is not None:
            self.scene.do(deed(self.scene.at), who, alert.incident_id)
            self.sees(verdict(subject, Level.BREACH))

    def sees(self, *seen) -> None:
        ahead = self.levels()
        self.scene.see(*seen)
        for number, levels in self.levels().items():
            if Level.BREACH in levels and ahead.get(number) == {Level.EARLY}:
                state = self.scene.incident(number).state
                assert state is State.TRIGGERED, "a warning that comes true is told"

    def levels(self) -> dict[int, set[Level]]:
        """What stands of each open incident, as it was seen last."""
        found: dict[int, set[Level]] = {}
        for alert in incidents.open_alerts(self.scene.store.db).values():
            found.setdefault(alert.incident_id, set()).add(alert.level)
        return found

    @rule(deed=DEEDS, who=PEOPLE, number=NUMBERS, behind=st.none() | st.integers(0, 4))
    def a_person(self, deed, who, number, behind) -> None:
        number = self.existing(number)
        entries = self.scene.timeline(number)
        seen = max(1, len(entries) - behind) if behind is not None and entries else None
        outcome = self.scene.do(deed(self.scene.at), who, number, seen)
        since = entries[seen:] if seen is not None else []
        if any(entry.changes_state for entry in since) and entries[-1].to_state != "resolved":
            assert not isinstance(outcome, Change), "decided on what no longer was so"

    @rule(who=PEOPLE, number=NUMBERS, behind=st.none() | st.integers(0, 3))
    def a_person_escalates(self, who, number, behind) -> None:
        number = self.existing(number)
        before = self.scene.timeline(number)
        seen = max(1, len(before) - behind) if behind is not None and before else None
        outcome = self.scene.escalate(who, number, seen)
        if isinstance(outcome, Change):
            assert outcome.entry.kind is Kind.ESCALATED
            later = before[seen:] if seen is not None else []
            assert not any(each.kind is Kind.ESCALATED or each.changes_state for each in later)
            assert before[-1].to_state is not State.RESOLVED

    @rule(minutes=st.sampled_from([0, 1, 5, 15, 45, 200]))
    def time_passes(self, minutes) -> None:
        self.scene.tick(minutes * MINUTE)
        now = self.scene.at
        db = self.scene.store.db
        assert handlings.overdue(db, now) == []
        for incident in incidents.open_incidents(db):
            assert incident.snoozed_until is None or incident.snoozed_until > now

    @rule(minutes=st.sampled_from([1, 40]))
    def nothing_runs_for_a_while(self, minutes) -> None:
        self.scene.at += minutes * MINUTE

    @rule(subject=st.sampled_from(SUBJECTS), minutes=st.none() | st.sampled_from([5, 90]))
    def a_silence(self, subject, minutes) -> None:
        until = self.scene.at + minutes * MINUTE if minutes else None
        self.scene.muted[subject] = until

    @rule()
    def silences_end(self) -> None:
        self.scene.muted.clear()

    @rule(gone=st.sampled_from([(), ("person:Priya",), tuple(PLACES)]))
    def people_cannot_be_reached(self, gone) -> None:
        places = {name: place for name, place in PLACES.items() if name not in gone}
        self.scene.rules = replace(self.scene.rules, reach=reaching(places))

    @rule(number=NUMBERS, older=st.integers(1, 9))
    def an_old_timer(self, number, older) -> None:
        number = self.existing(number)
        known = self.scene.incident(number)
        entries = self.scene.timeline(number)
        guard = (known.held_since or len(entries) + 1) - older
        due = (known.snoozed_until or self.scene.at) - older * timedelta(seconds=1)
        for event in (Remind(held_since=guard), Lapse(held_since=guard), Wake(due=due)):
            with self.scene.store.writing() as db:
                pass_time(db, known, event, Actor(who="old", via=TIMER), HERE, self.scene.at)
        assert self.scene.timeline(number) == entries

    @invariant()
    def no_event_leaves_resolved(self) -> None:
        for row in self.scene.store.db.query("SELECT id FROM incidents"):
            incident = self.scene.incident(row["id"])
            assert self.ended.setdefault(incident.id, incident) == incident or incident.is_open
            if incident.is_open:
                assert self.ended.pop(incident.id) == incident

    @invariant()
    def the_timeline_adds_up_to_the_incident(self) -> None:
        self.scene.check_replays()

    @invariant()
    def a_key_has_at_most_one_open_incident_and_an_open_incident_a_standing_alert(self) -> None:
        sql = "SELECT a.key, a.cleared_at, i.id, i.state FROM alerts a JOIN incidents i"
        rows = list(self.scene.store.db.execute(f"{sql} ON i.id = a.incident_id"))
        standing = [key for key, cleared, _, _ in rows if cleared is None]
        assert len(standing) == len(set(standing))
        has_alert = {number for _, cleared, number, _ in rows if cleared is None}
        assert has_alert == {each.id for each in incidents.open_incidents(self.scene.store.db)}

    @invariant()
    def who_is_triggered_has_a_next_step_or_a_reason_why_not(self) -> None:
        db = self.scene.store.db
        assert handlings.without_next_step(db) == []
        for incident in incidents.open_incidents(db):
            known = self.scene.handling(incident.id)
            if known.announced_at is None:
                assert known.held, "held for a reason"
            elif incident.state is State.TRIGGERED:
                assert known.escalation.next_at or known.escalation.stopped in WHY_NOBODY
            else:
                assert known.escalation.next_at is None

    @invariant()
    def within_one_run_of_the_policy_positions_only_rise(self) -> None:
        for row in self.scene.store.db.query("SELECT id FROM incidents"):
            check_positions(self.scene.timeline(row["id"]))

    @invariant()
    def nothing_is_said_of_what_is_held_and_every_end_is_told_where_its_beginning_was(self) -> None:
        for row in self.scene.store.db.query("SELECT id FROM incidents"):
            self.check_messages(row["id"])

    def check_messages(self, number: int) -> None:
        sql = "SELECT purpose, destination, step, created_at FROM outbox WHERE topic = ?"
        told = list(self.scene.store.db.execute(sql, [f"incident/{number}"]))
        if self.scene.handling(number).announced_at is None:
            assert told == []
            return
        assert [each[:2] for each in told if each[0] == "root" and each[1] == HERE]
        ends = [each for each in self.scene.timeline(number) if each.kind in ENDS]
        for end in ends:
            at = end.at.isoformat(timespec="microseconds")
            edited = {place for purpose, place, _, when in told if (purpose, when) == ("edit", at)}
            assert {place for purpose, place, *_ in told if purpose == "root"} <= edited
            pagers = {place for purpose, place, *_ in told if purpose == "page"}
            last = {place for what, place, step, _ in told if (what, step) == ("page", end.seq)}
            assert pagers == last, "a service that calls people hears of the end"


ENDS = (Kind.RESOLVED, Kind.CLEARED)
ANEW = (Kind.WORSENED, Kind.CAME_TRUE, Kind.ASSIGNED)


def check_positions(entries: list[Entry]) -> None:
    reached = -1
    for entry in entries:
        if entry.kind is Kind.ESCALATED:
            position = int(entry.data["position"])
            assert reached < position
            reached = position
        elif entry.kind in ANEW or (entry.changes_state and entry.to_state is State.TRIGGERED):
            reached = -1
        elif entry.kind is Kind.HELD and entry.data.get("unsaid"):
            reached = -1  # nobody was told of the steps before


def test_whatever_happens(tmp_path):
    Response.folder = tmp_path
    run_state_machine_as_test(
        Response,
        settings=settings(
            max_examples=40,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
