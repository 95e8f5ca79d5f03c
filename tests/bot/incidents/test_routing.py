"""Where an incident belongs: the first route that matches, then its team, then the general."""

from __future__ import annotations

from datetime import time
from zoneinfo import ZoneInfo

import pytest

from bot.incidents.escalation import Policy, Step, read_target
from bot.incidents.hours import Hours
from bot.incidents.matchers import read_matchers
from bot.incidents.model import Severity
from bot.incidents.routing import Route, Routed, Routing, Team, labels_of
from checks.model import Subject


def policy(name: str) -> Policy:
    target = (read_target("channel:#ops"),)
    return Policy(
        name=name,
        steps=(Step(after=Step.__dataclass_fields__["within"].default, tell=target),),
        fallback=target,
    )


def route(match: str, **said) -> Route:
    return Route(matchers=read_matchers(match)[0], **said)


LONDON = ZoneInfo("Europe/London")
OFFICE = Hours(zone=LONDON, since=time(9), until=time(17))
EARLY = Hours(zone=LONDON, since=time(6), until=time(14))
DAY, NIGHT, MONEY = policy("day"), policy("night"), policy("money")
ROUTING = Routing(
    home="slack/CALL",
    policy="night",
    policies={each.name: each for each in (DAY, NIGHT, MONEY)},
    teams={
        "finance": Team(name="finance", home="slack/CFIN", policy="money", working=EARLY),
        "web": Team(name="web"),
    },
    routes=(
        route("system=netsuite severity=low", team="finance", policy="day"),
        route("system=netsuite", team="finance", group_by=("system", "check")),
        route("flow=~Orders.*", team="web", home="slack/CORD", group_by=("flow",)),
        route("kind=queue", team="gone", policy="gone"),
    ),
    working=OFFICE,
)
NETSUITE = Subject(kind="system", id="12", name="netsuite")

CASES = {
    "no route": (
        Subject(kind="system", id="1", name="shopify"), {}, Severity.HIGH,
        Routed(home="slack/CALL", policy=NIGHT)),
    "the first route that matches; what it does not say its team does": (
        NETSUITE, {}, Severity.LOW, Routed(home="slack/CFIN", team="finance", policy=DAY)),
    "the next one, which groups": (
        NETSUITE, {}, Severity.HIGH,
        Routed(home="slack/CFIN", team="finance", policy=MONEY,
               group_key="system=netsuite check=rate_limit")),
    "a route that says its own channel, its team without a policy": (
        Subject(kind="flow", id="7", name="Orders to ERP"), {}, Severity.HIGH,
        Routed(home="slack/CORD", team="web", policy=NIGHT, group_key="flow='Orders to ERP'")),
    "by a fact that the check told": (
        Subject(kind="instance", id="3", name="NS live"), {"system": "netsuite"}, Severity.LOW,
        Routed(home="slack/CFIN", team="finance", policy=DAY)),
    "a team and a policy that are gone": (
        Subject(kind="queue", id="q", name="queue"), {}, Severity.HIGH,
        Routed(home="slack/CALL")),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_it_belongs_to(name):
    subject, facts, severity, expected = CASES[name]
    routed = ROUTING.route(labels_of("rate_limit", subject, facts, severity))
    assert routed == Routed(
        home=expected.home, team=expected.team, policy=expected.policy, group_key=routed.group_key
    )
    assert bool(routed.group_key) == bool(expected.group_key)


def test_alerts_alike_in_the_labels_have_one_group_and_others_have_another():
    def key(route_, flow, system="netsuite"):
        routing = Routing(home="slack/C", policies={}, teams={}, routes=(route_,))
        labels = {"flow": flow, "system": system, "check": "x"}
        return routing.route(labels).group_key

    two = Route(group_by=("system", "flow"))
    assert key(two, "a") == key(two, "a")
    assert key(two, "a") != key(two, "b")
    assert key(two, "b/c", "a") != key(two, "c", "a/b"), "a slash in a name joins nothing"
    assert key(Route(group_by=("flow",)), "netsuite") != key(Route(group_by=("system",)), "x")
    assert key(two, "") == "", "without a value it stands by itself"
    assert key(Route(), "a") == ""


@pytest.mark.parametrize(
    ("team", "hours"), [("finance", EARLY), ("web", OFFICE), ("", OFFICE), ("gone", OFFICE)]
)
def test_a_team_without_hours_has_everybodys(team, hours):
    assert ROUTING.hours_of(team) == hours


LABELS = {
    "a flow": (Subject(kind="flow", id="7", name="Orders"), {}, {"flow": "Orders", "system": ""}),
    "a system": (NETSUITE, {}, {"flow": "", "system": "netsuite"}),
    "an instance": (Subject(kind="instance", id="3", name="NS"), {}, {"system": "NS", "id": "3"}),
    "facts come first": (NETSUITE, {"system": "ERP", "flow": "F"}, {"system": "ERP", "flow": "F"}),
    "a queue": (Subject(kind="queue", id="q", name="Q"), {}, {"system": "", "subject": "Q"}),
}


@pytest.mark.parametrize("name", LABELS)
def test_the_labels_of(name):
    subject, facts, expected = LABELS[name]
    labels = labels_of("rate_limit", subject, facts, Severity.CRITICAL, "web")
    assert labels["severity"] == "critical"
    assert (labels["check"], labels["kind"], labels["team"]) == ("rate_limit", subject.kind, "web")
    assert {label: labels[label] for label in expected} == expected
