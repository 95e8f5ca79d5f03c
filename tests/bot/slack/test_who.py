"""`/seam who`, and what an incident and a flow say of whose they are, what they cost, how they
served."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings

from bot import facts, inventory
from bot.costs import Pricing
from bot.directory import Directory
from bot.facts import RoundFacts, SystemFacts
from bot.flow_settings import FlowSettings
from bot.incidents.routing import Routing, Team
from bot.oncall.rotas import Rotas
from bot.ownership import Known, Ownership, Part, Party, PartyKind, Role, Rule, Scope, read_party
from bot.people_settings import PersonSettings
from bot.reports.facts import Around, gather
from bot.reports.report import write
from bot.rota_settings import RotaSettings
from bot.rules import Rules
from bot.slack.letters import view_of as stored_view
from bot.slack.render.incident import incident_message
from bot.store import covered, failures, run_days, runs
from bot.system_settings import SystemSettings
from bot.transitions import judge
from checks.model import Level, Subject, Verdict
from checks.policy import CheckPolicy, NofM
from checks.runs import RunStatus
from tests.bot.slack import samples
from tests.bot.slack.scene import (
    MINUTE,
    NOON,
    ask,
    assert_slack_takes,
    desk_over,
    hostile,
    stall,
    view_of,
    words_of,
)

PRIYA = PersonSettings(name="Priya", slack="U0PRIYA")
KNOWN = Known(
    names={
        PartyKind.PERSON: ("Priya",),
        PartyKind.TEAM: ("Stores",),
        PartyKind.ROTA: ("night",),
    }
)
NIGHT = RotaSettings.model_validate(
    {
        "name": "night",
        "layer": [
            {"name": "w", "members": ["Priya"], "every": "weekly", "start": date(2026, 11, 2)}
        ],
    }
)
ORDERS = samples.INVENTORY.flows[0]
TITLES = {"silent_loss": "Silent Data Loss", "token_expiry": "Authentication Token Expiry"}


def rule(scope: Scope, **told: str) -> Rule:
    parties = {Role(role): (read_party(name, KNOWN),) for role, name in told.items()}
    return Rule(scope=scope, parties=parties)


MATRIX = Ownership(
    rules=(
        rule(Scope(), accountable="Omar", informed="Stores"),
        rule(Scope(entity="orders"), responsible="Stores", consulted="NetSuite partner"),
        rule(Scope(check="silent_loss"), responsible="rota:night"),
    ),
    told=(
        FlowSettings.model_validate(
            {
                "name": ORDERS.name,
                "owner": "Priya",
                "entity": "orders",
                "source": "erp",
                "cost_per_failed_record": "20",
                "promise": {"success": 0.99, "within": "10m"},
            }
        ),
    ),
    known=KNOWN,
)


@pytest.fixture
def desk(store):
    directory, zone = Directory([PRIYA]), ZoneInfo("Europe/London")
    policy = CheckPolicy(opens_after=NofM(needed=1, of=1), stay_clear=MINUTE)
    routing = Routing(
        home="slack/C1",
        policies={},
        teams={"Stores": Team(name="Stores")},
        owning=MATRIX.owned,
    )
    rules = Rules(policies={"stalled_queue": policy}, destination="slack/C1", routing=routing)
    made = desk_over(
        store,
        ownership=MATRIX,
        directory=directory,
        rules=rules,
        check_titles=TITLES,
        pricing=Pricing(told=MATRIX.told, currency="GBP"),
        rotas=Rotas([NIGHT], [], zone=zone, store=store),
    )
    with store.writing() as db:
        inventory.save_inventory(db, samples.INVENTORY)
        inventory.save_register(db, samples.REGISTER)
        facts.save_round(db, RoundFacts(at=NOON, took_seconds=1, judged=3, troubled=0, unknown=0))
    return made


def said(desk, typed, **also):
    answered = ask(desk, typed, **also)
    assert_slack_takes(answered)
    return words_of(answered)


def test_an_entity_says_who_has_which_part_and_which_flows_carry_it(desk):
    shown = said(desk, "who orders")
    assert shown.startswith("*orders:* team Stores is responsible.")
    assert "Accountable (answers for it): Omar, by `[[responsibility]]` for everything" in shown
    assert "Consulted (is asked for advice): NetSuite partner" in shown
    assert f"• {ORDERS.name}: <@U0PRIYA>" in shown
    assert "Its incidents go to the team Stores." in shown


def test_a_flow_is_its_owners(desk):
    shown = said(desk, f"who {ORDERS.name}")
    assert shown.startswith(f"*{ORDERS.name}:* <@U0PRIYA> is responsible.")
    assert "as owner of its `[[flow]]`" in shown
    assert "No rota is told of it" in shown


@pytest.mark.parametrize("typed", ["who silent_loss", "who silent data loss", "owner silent-loss"])
def test_a_failure_mode_says_who_is_on_call_for_it(desk, typed):
    shown = said(desk, typed)
    assert "whoever is on call (night) is responsible." in shown
    assert "On call now (night): <@U0PRIYA>" in shown


def test_a_failure_mode_says_in_which_flows_it_is_somebody_elses(desk):
    assert f"*In these flows*\n• {ORDERS.name}: <@U0PRIYA>" in said(desk, "who silent data loss")


def test_a_failure_mode_for_which_nobody_is_named_is_whose_the_flow_is(desk):
    matrix = Ownership(told=MATRIX.told, known=KNOWN)
    shown = said(desk_over(desk.store, ownership=matrix, check_titles=TITLES), "who token expiry")
    assert "whoever has the flow in which it happens puts it right" in shown
    assert f"• {ORDERS.name}: Priya" in shown


def test_a_system_says_who_looks_after_its_credentials_and_whose_its_flows_are(desk):
    instance = samples.INVENTORY.instances[0]
    shown = said(desk, f"who {instance.name}")
    assert instance.name in shown
    called = [each for each in samples.INVENTORY.flows if instance.id in each.instance_ids]
    for each in called[:8]:
        assert each.name in shown


@pytest.mark.parametrize("typed", ["{name}", "{slug}", "{part}"], ids=["whole", "slug", "part"])
def test_a_system_and_the_instance_that_it_is_are_one_thing(desk, typed):
    name = samples.INVENTORY.instances[0].name
    slug = name.casefold().replace(" ", "-")
    with desk.store.writing() as db:
        facts.save_systems(db, (SystemFacts(name=slug, title="ERP", looked_at=NOON),), NOON)
    shown = said(desk, f"who {typed.format(name=name, slug=slug, part=name[:5])}")
    assert name in shown
    assert "fits" not in shown
    assert ORDERS.name in shown


def test_a_system_that_is_called_otherwise_is_the_instance_that_its_section_names(desk):
    instance = samples.INVENTORY.instances[0]
    with desk.store.writing() as db:
        facts.save_systems(db, (SystemFacts(name="zz", title="ERP", looked_at=NOON),), NOON)
    assert ORDERS.name not in said(desk, "who zz")
    told = SystemSettings.model_construct(name="zz", instances=(instance.id,))
    assert ORDERS.name in said(replace(desk, systems=(told,)), "who zz")


def test_an_incident_is_whose_what_it_is_about_is(desk):
    stall(desk, ORDERS.name)
    assert "*#1:* <@U0PRIYA> is responsible." in said(desk, "who 1")
    assert "*#1:* <@U0PRIYA> is responsible." in said(desk, "who", incident_id=1)


def test_there_is_no_incident_of_another_number(desk):
    assert "#99" in said(desk, "who 99")


def test_nothing_named_and_something_unknown_say_what_may_be_named(desk):
    assert "/seam who orders" in said(desk, "who")
    assert "No flow, entity, system or failure mode is called `ordres`" in said(desk, "who ordres")


def test_what_is_nobodys_says_so_and_how_to_name_somebody(desk):
    other = samples.INVENTORY.flows[1]
    bare = desk_over(desk.store)
    assert "Nobody is named for it" in said(bare, f"who {other.name}")


def test_an_open_incident_says_who_is_responsible_and_what_it_costs(desk):
    stall(desk, ORDERS.name)
    shown = words_of(incident_message(stored_view(desk, 1)))
    assert "*Responsible*\nPriya" in shown
    assert "Cost so far" not in shown
    view = view_of(
        parts=(
            Part(
                role=Role.ACCOUNTABLE,
                parties=(Party(kind=PartyKind.WORDS, name="Omar"),),
                rule=rule(Scope()),
            ),
        ),
        cost="about GBP 240: 12 failed records at GBP 20 each, as set for this flow",
    )
    message = incident_message(view)
    assert_slack_takes(message)
    assert "*Accountable*\nOmar" in words_of(message)
    assert "*Cost so far*\nabout GBP 240: 12 failed records" in words_of(message)


def test_a_stored_incident_costs_what_its_failed_records_are_set_to(desk):
    verdict = Verdict(
        check="stalled_queue",
        condition="queue",
        subject=Subject(kind="flow", id=ORDERS.id, name=ORDERS.name),
        level=Level.BREACH,
        signal="stall",
        sentence="It fails.",
    )
    with desk.store.writing() as db:
        judge(db, [verdict], desk.rules, NOON)
    ended = NOON + MINUTE
    with desk.store.writing() as db:
        runs.save_runs(db, [samples.run(9, started_at=NOON, finished_at=ended)])
        failures.save_failures(db, [replace(samples.FAILURE, run_id="r-9", at=ended)])
    desk.clock.at += timedelta(hours=1)
    assert stored_view(desk, 1).cost == (
        "about GBP 340: 17 failed records at GBP 20 each, as set for this flow"
    )
    assert "Cost: about GBP 340: 17 failed records" in report_on(desk)


def report_on(desk):
    """The report on #1, without the marks of Markdown."""
    around = Around(
        zone=desk.zone,
        estate=desk.estate,
        titles=desk.check_titles,
        book=desk.book,
        ownership=desk.ownership,
        pricing=desk.pricing,
    )
    written = write(gather(desk.store.db, 1, around, {}, desk.clock.now()))
    assert "- Responsible: Priya" in written
    return written


def test_a_flow_says_how_it_served_beside_its_promise(desk):
    with desk.store.writing() as db:
        runs.save_runs(db, samples.RUNS)
        covered.cover(db, NOON - timedelta(days=7), NOON)
        for back in (9, 16):
            day = date(2026, 11, 21) - timedelta(days=back)
            ended = ((ORDERS.id, RunStatus.SUCCESS, 30, 99), (ORDERS.id, RunStatus.FAILURE, 0, 1))
            run_days.save_day(db, run_days.Counted(day=day, runs=100, observed=1.0, ended=ended))
    shown = said(desk, f"flow {ORDERS.name}")
    assert "*How it served*" in shown
    assert "The four weeks before: 99 % of 200 runs succeeded; half took at most 30 s" in shown
    assert "Promised: 99 % succeed and 95 % are done within 10 min, over 1 d" in shown
    assert "*Owner*\nPriya; Omar answers for it" in shown


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(hostile, hostile)
def test_hostile_names_do_nothing(desk, name, words):
    party = Party(kind=PartyKind.WORDS, name=words or "x")
    matrix = Ownership(
        rules=(Rule(scope=Scope(entity="orders"), parties=dict.fromkeys(Role, (party,))),)
    )
    bare = desk_over(desk.store, ownership=matrix)
    for typed in ("who orders", f"who {name}"):
        shown = said(bare, typed)
        assert "<!channel>" not in shown
        assert "<@U0PRIYA>" not in shown
