"""Whose it is: the most specific place of the matrix, and where its incidents go."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.flow_settings import FlowSettings
from bot.incidents.escalation import Policy, Step, TargetKind, read_target
from bot.incidents.matchers import read_matchers
from bot.incidents.model import Severity
from bot.incidents.routing import Route, Routing, Team, labels_of
from bot.ownership import (
    About,
    Known,
    Ownership,
    PartyKind,
    Role,
    Rule,
    Scope,
    read_party,
    unmatched,
    unowned,
)
from checks.model import Subject
from checks.runs import Flow

KNOWN = Known(
    names={
        PartyKind.PERSON: ("Dana", "Omar"),
        PartyKind.TEAM: ("Stores", "Dana"),
        PartyKind.ROTA: ("night",),
    }
)
ORDERS = About(flow="Orders to NetSuite", flow_id="7", check="failing_flow")
NIGHT = Policy(
    name="night",
    steps=(Step(after=timedelta(minutes=5), tell=(read_target("person:Omar"),)),),
    fallback=(read_target("channel:#ops"),),
)


def rule(named: str, role: Role = Role.RESPONSIBLE, **scope: str) -> Rule:
    return Rule(scope=Scope(**scope), parties={role: (read_party(named, KNOWN),)})


def flow(name: str = "Orders to NetSuite", **told: object) -> FlowSettings:
    return FlowSettings.model_validate({"name": name, **told})


def names(ownership: Ownership, about: About) -> dict[Role, list[str]]:
    return {part.role: [p.name for p in part.parties] for part in ownership.parts(about)}


@pytest.mark.parametrize(
    ("told", "kind", "name"),
    [
        ("dana", PartyKind.PERSON, "Dana"),
        ("team:dana", PartyKind.TEAM, "Dana"),
        ("stores", PartyKind.TEAM, "Stores"),
        ("rota:night", PartyKind.ROTA, "night"),
        ("the NetSuite partner", PartyKind.WORDS, "the NetSuite partner"),
        ("mail: help@example.com", PartyKind.WORDS, "mail: help@example.com"),
    ],
)
def test_a_name_is_a_persons_before_a_teams_else_words(told, kind, name):
    found = read_party(told, KNOWN)
    assert (found.kind, found.name) == (kind, name)


def test_the_most_specific_place_wins_part_by_part():
    matrix = Ownership(
        rules=(
            rule("Omar"),
            rule("Omar", Role.ACCOUNTABLE),
            rule("Stores", entity="Orders"),
            rule("night", check="failing_flow"),
        ),
        told=(flow(entity="orders"),),
        known=KNOWN,
    )
    assert names(matrix, ORDERS) == {Role.RESPONSIBLE: ["Stores"], Role.ACCOUNTABLE: ["Omar"]}
    assert names(matrix, About(check="failing_flow"))[Role.RESPONSIBLE] == ["night"]
    assert names(matrix, About(check="odd_flow"))[Role.RESPONSIBLE] == ["Omar"]


def test_the_owner_of_a_flow_comes_before_what_is_said_of_more_than_it():
    told = (flow(owner="Dana", entity="orders"),)
    both = Ownership(rules=(rule("Stores", entity="orders"),), told=told, known=KNOWN)
    assert both.responsible(ORDERS)[0].name == "Dana"
    own = Ownership(rules=(rule("Stores", flow="7"),), told=told, known=KNOWN)
    assert own.responsible(ORDERS)[0].name == "Stores"


def test_flows_that_are_nobodys_are_found_and_sections_without_a_flow():
    orders = Flow(id="7", name="Orders to NetSuite", enabled=True, deployed=True)
    stock = Flow(id="8", name="Stock", enabled=True, deployed=True)
    old = Flow(id="9", name="Old", enabled=True, deployed=False)
    matrix = Ownership(told=(flow(owner="Dana"), flow("Prices")), known=KNOWN)
    assert [each.name for each in unowned(matrix, [orders, stock, old])] == ["Stock"]
    assert unmatched(matrix, [orders, stock, old]) == ("Prices",)


def test_a_responsibility_for_a_flow_that_patchworks_does_not_have_is_found():
    orders = Flow(id="7", name="Orders to NetSuite", enabled=True, deployed=True)
    named = ("7", "orders to netsuite", "Ordrs", "")
    matrix = Ownership(rules=tuple(rule("Dana", flow=each) for each in named))
    assert unmatched(matrix, [orders]) == ("Ordrs",)


words = st.sampled_from(["", "a", "A", "b"])
scopes = st.builds(Scope, flow=words, entity=words, check=words)


@given(scopes, scopes, st.builds(About, flow=words, entity=words, check=words))
def test_what_is_within_another_holds_nowhere_else(one: Scope, other: Scope, about: About) -> None:
    if one.takes_in(other) and other.holds_for(about):
        assert one.holds_for(about)
        assert one.weight <= other.weight


def routing(matrix: Ownership, *routes: Route) -> Routing:
    return Routing(
        home="slack/C1",
        policy="night",
        policies={"night": NIGHT},
        teams={"Stores": Team(name="Stores", home="slack/C2"), "Core": Team(name="Core")},
        routes=routes,
        owning=matrix.owned,
    )


def labels(check: str = "failing_flow", **facts: str) -> dict[str, str]:
    about = Subject(kind="flow", id="7", name="Orders to NetSuite")
    return labels_of(check, about, facts, Severity.HIGH)


STORES = Ownership(told=(flow(owner="Stores"),), known=KNOWN)


def test_the_responsible_team_gets_it_where_no_route_matches():
    found = routing(STORES).route(labels())
    assert (found.team, found.home, found.policy) == ("Stores", "slack/C2", NIGHT)


def test_a_route_that_matches_wins():
    core = Route(matchers=read_matchers("check=failing_flow")[0], team="Core")
    assert routing(STORES, core).route(labels()).team == "Core"
    assert routing(STORES, core).route(labels("odd_flow")).team == "Stores"


def test_the_route_for_the_rest_comes_after_whoever_is_responsible():
    rest = Route(team="Core", group_by=("check",))
    found = routing(STORES, rest).route(labels())
    assert (found.team, found.group_key) == ("Stores", "check='failing_flow'")
    assert routing(Ownership(), rest).route(labels()).team == "Core"


def test_a_responsible_person_is_told_first_and_then_whoever_else():
    found = routing(Ownership(told=(flow(owner="Dana"),), known=KNOWN)).route(labels())
    assert found.policy is not None
    first, second = found.policy.steps
    assert [str(target) for target in first.tell] == ["person:Dana"]
    assert first.after == timedelta(0)
    assert (second, found.policy.fallback) == (NIGHT.steps[0], NIGHT.fallback)


def test_words_reach_nobody_and_change_nothing():
    matrix = Ownership(told=(flow(owner="the partner"),), known=KNOWN)
    assert routing(matrix).route(labels()) == routing(Ownership()).route(labels())


def test_an_incident_of_an_entity_goes_to_whoever_has_the_entity():
    matrix = Ownership(rules=(rule("rota:night", entity="orders"),), known=KNOWN)
    about = Subject(kind="system", id="shop", name="shop")
    told = labels_of("reconciliation", about, {"entity": "Orders"}, Severity.HIGH)
    policy = routing(matrix).route(told).policy
    assert policy is not None
    assert policy.steps[0].tell[0].kind is TargetKind.ROTA
