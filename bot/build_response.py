"""Makes what decides who is told of what: routing, on-call, silences, pagers; from the settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from bot.build_ownership import ownership_of
from bot.clock import Clock
from bot.directory import Directory
from bot.incidents.escalation import TargetKind
from bot.incidents.hours import read_hours
from bot.incidents.rota import on_call
from bot.incidents.routing import Route, Routing, Team
from bot.muting import Mutes
from bot.oncall.ical_import import Person
from bot.oncall.rotas import Rotas
from bot.policy_settings import RouteSettings
from bot.reach import Reachable
from bot.rules import Flapping, Rules
from bot.settings import Settings
from bot.slack.accounts import SlackAccounts
from bot.slack.connect import Slack
from bot.slack.groups import Groups
from bot.slack.people import People
from bot.slack.rights import Rights
from bot.store import Database, Store


def channels_named(settings: Settings) -> Iterator[tuple[str, str]]:
    """Every channel besides those of `[slack]`, and the section that names it; each once."""
    named = [
        *((each.channel, f"[[permission]] {each.right.value}") for each in settings.permission),
        *((each.channel, f"[[team]] {each.name}") for each in settings.team),
        *((each.channel, "[[route]] channel") for each in settings.route),
        *((channel, "[digest] channels") for channel in settings.digest.channels),
        *_channels_told(settings),
    ]
    found: dict[str, str] = {}
    for channel, section in named:
        if channel:
            found.setdefault(channel, section)
    yield from found.items()


def _channels_told(settings: Settings) -> Iterator[tuple[str, str]]:
    """Those that policies tell."""
    for each in settings.policy:
        policy = each.as_policy()
        told = [target for step in policy.steps for target in step.tell]
        for target in (*told, *policy.fallback):
            if target.kind is TargetKind.CHANNEL:
                yield target.name, f"[[policy]] {each.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """Who there is, who may do what, who is on call, and what is held back."""

    directory: Directory
    rights: Rights
    rotas: Rotas
    mutes: Mutes


def make_crew(settings: Settings, store: Store, clock: Clock, slack: Slack) -> Crew:
    zone = settings.estate.zone
    directory = Directory(
        settings.person, settings.team, store=store, accounts=SlackAccounts(slack.client)
    )
    people = [Person(name=each.name, email=each.email) for each in settings.person]
    ids = {name: place.removeprefix("slack/") for name, place in slack.channels.items()}
    return Crew(
        directory=directory,
        rights=Rights(
            people=People(slack.client, slack.identity.team_id),
            groups=Groups(slack.client),
            directory=directory,
            rules=[each.rule(ids) for each in settings.permission],
            channels={place: name for name, place in ids.items()},
        ),
        rotas=Rotas(settings.rota, people, zone=zone, store=store, clock=clock),
        mutes=Mutes(
            told_silences=tuple(each.silence(zone) for each in settings.silence),
            told_windows=tuple(each.maintenance(zone) for each in settings.maintenance),
        ),
    )


def make_rules(settings: Settings, *, home: str, channels: Mapping[str, str], crew: Crew) -> Rules:
    """The rules by the settings. `channels` gives the destination of each channel they name."""
    response = settings.response
    return Rules(
        policies=settings.policies,
        destination=home,
        routing=_routing(settings, home, channels),
        noise=response.noise,
        patience=response.patience,
        flapping=Flapping(times=response.flapping.times, within=response.flapping.within),
        mute=crew.mutes.hold,
        in_force=crew.mutes.in_force,
        reach=Reachable(
            people={person.name.casefold(): person for person in settings.person},
            zone=settings.estate.zone,
            user_of=crew.directory.find,
            on_call=partial(_on_call, crew.rotas),
            channels=channels,
            pagers=frozenset(pager.name for pager in settings.pager),
        ),
    )


def _on_call(rotas: Rotas, _: Database, name: str, at: datetime) -> Sequence[str]:
    rota = rotas.find(name)
    return on_call(rota, rotas.overrides(at), at) if rota else ()


def _routing(settings: Settings, home: str, channels: Mapping[str, str]) -> Routing:
    zone = settings.estate.zone
    working = settings.estate.working
    return Routing(
        home=home,
        policy=settings.response.policy,
        policies={each.name: each.as_policy() for each in settings.policy},
        teams={team.name: team for team in _teams(settings, channels, zone)},
        routes=[_route(each, channels) for each in settings.route],
        working=read_hours(working, zone) if working else None,
        owning=ownership_of(settings).owned,
    )


def _teams(settings: Settings, channels: Mapping[str, str], zone: ZoneInfo) -> Iterator[Team]:
    for each in settings.team:
        yield Team(
            name=each.name,
            members=each.members,
            home=channels.get(each.channel or ""),
            policy=each.policy,
            working=read_hours(each.working, zone) if each.working else None,
        )


def _route(each: RouteSettings, channels: Mapping[str, str]) -> Route:
    return Route(
        matchers=each.matchers,
        team=each.team,
        policy=each.policy,
        home=channels.get(each.channel or ""),
        group_by=each.group_by,
    )
