"""A desk with people, a rota and a policy: what the verbs about people and incidents need."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from bot.directory import Directory
from bot.incidents.escalation import Address, Policy, Step, read_target
from bot.incidents.hours import read_hours
from bot.incidents.rota import Every
from bot.incidents.routing import Routing
from bot.oncall.rotas import Rotas
from bot.people_settings import PersonSettings
from bot.rota_settings import LayerSettings, RotaSettings
from tests.bot.slack.scene import ALEX, PRIYA, StillClock, desk_over

LONDON = ZoneInfo("Europe/London")
PEOPLE = (
    PersonSettings(name="Priya", slack=PRIYA),
    PersonSettings(name="Alex", slack=ALEX),
    PersonSettings(name="Kim", email="kim@example.com"),
)
ROTA = RotaSettings(
    name="integrations",
    layer=(LayerSettings(members=("Priya", "Alex"), every=Every.DAILY, start=date(2026, 11, 20)),),
)
POLICY = Policy(
    name="normal",
    steps=(
        Step(after=timedelta(minutes=5), tell=(read_target("person:Alex"),)),
        Step(after=timedelta(minutes=5), tell=(read_target("person:Priya"),)),
    ),
    fallback=(read_target("person:Priya"),),
    repeats=0,
)
WORKING = read_hours("Mon-Fri 09:00-17:30", LONDON)
ACCOUNTS = {"Alex": ALEX, "Priya": PRIYA}


def reach(db, target, severity, now):
    return [Address(kind="slack", id=ACCOUNTS[target.name], name=target.name)]


def crewed(store, people=None, *, working=WORKING, directory=None, **changes):
    """NOON is a Saturday; Alex is on call from 09:00 that day to 09:00 on Sunday."""
    clock = StillClock()
    desk = desk_over(
        store,
        people,
        clock=clock,
        directory=directory or Directory(PEOPLE),
        rotas=Rotas((ROTA,), zone=LONDON, store=store, clock=clock),
        **changes,
    )
    home = desk.rules.destination
    routing = Routing(
        home=home, policy="normal", policies={"normal": POLICY}, teams={}, working=working
    )
    return replace(desk, rules=replace(desk.rules, routing=routing, reach=reach))
