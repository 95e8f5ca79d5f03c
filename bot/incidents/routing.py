"""Where an incident belongs: its labels, and what the routes say of them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.incidents.escalation import Policy, Step, Target
from bot.incidents.hours import Hours
from bot.incidents.matchers import Matcher, match_all
from bot.incidents.model import Severity
from checks.model import Fact, Subject

NOW = timedelta(0)
Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """`home` is the destination of its incidents, None: the general one. `members` by name."""

    name: str
    members: tuple[str, ...] = ()
    home: str | None = None
    policy: str | None = None
    working: Hours | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The first route whose matchers hold is taken; what it does not say its team does."""

    matchers: tuple[Matcher, ...] = ()
    team: str | None = None
    policy: str | None = None
    home: str | None = None
    group_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed:
    """`group_key` is "" for an incident that stands by itself."""

    home: str
    team: str = ""
    policy: Policy | None = None
    group_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """Whose it is by the matrix of responsibilities: a team ("" for none), and the people and rotas
    that are told before its policy begins."""

    team: str = ""
    first: tuple[Target, ...] = ()


def nobodys(_: Labels) -> Owned:
    return Owned()


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """What the settings say of who is told of what; `home` and `policy` are for the rest.

    The first route whose matchers hold says whose it is. What none matches is for whoever is
    responsible for it (`owning`), and only then for the route without matchers, which takes the
    rest.
    """

    home: str
    policy: str | None = None
    policies: Mapping[str, Policy]
    teams: Mapping[str, Team]
    routes: Sequence[Route] = ()
    working: Hours | None = None
    owning: Callable[[Labels], Owned] = nobodys

    def route(self, labels: Labels) -> Routed:
        """Where what has these labels belongs."""
        route = self._route(labels)
        owned = Owned() if route.matchers else self.owning(labels)
        if owned != Owned():
            route = replace(route, team=owned.team or None, policy=None, home=None)
        team = self.teams.get(route.team or "")
        policy = route.policy or (team.policy if team else None) or self.policy
        return Routed(
            home=route.home or (team.home if team else None) or self.home,
            team=team.name if team else "",
            policy=_begun_by(owned.first, self.policies.get(policy or "")),
            group_key=_group_key(route.group_by, labels),
        )

    def hours_of(self, team: str) -> Hours | None:
        """The working hours of a team, else of everybody; None: nobody told."""
        known = self.teams.get(team)
        return (known.working if known else None) or self.working

    def _route(self, labels: Labels) -> Route:
        found = (route for route in self.routes if match_all(route.matchers, labels))
        return next(found, Route())


def labels_of(
    check: str, subject: Subject, facts: Mapping[str, Fact], severity: Severity, team: str = ""
) -> dict[str, str]:
    """What matchers may go by, and what the label `system` equals as well."""
    system = facts.get("system") or (subject.name if subject.kind in ("system", "instance") else "")
    flow = facts.get("flow") or (subject.name if subject.kind == "flow" else "")
    return {
        "check": check,
        "kind": subject.kind,
        "subject": subject.name,
        "id": subject.id,
        "system": str(system),
        "system_kind": str(facts.get("system_kind") or ""),
        "instance": str(facts.get("instance") or ""),
        "flow": str(flow),
        "flow_id": str(facts.get("flow_id") or (subject.id if subject.kind == "flow" else "")),
        "entity": str(facts.get("entity") or ""),
        "severity": severity.word,
        "team": team,
    }


def _begun_by(first: Sequence[Target], policy: Policy | None) -> Policy | None:
    """A policy that tells these at once, and goes on as the other does."""
    if not first:
        return policy
    told = Step(after=NOW, tell=tuple(first))
    if policy is None:
        return Policy(name="responsibility", steps=(told,), fallback=tuple(first))
    return replace(policy, name=f"{policy.name}, by responsibility", steps=(told, *policy.steps))


def _group_key(group_by: Sequence[str], labels: Labels) -> str:
    """Alerts that have no value for one of the labels stand by themselves."""
    values = {label: labels.get(label, "") for label in group_by}
    if not values or not all(values.values()):
        return ""
    return " ".join(f"{label}={value!r}" for label, value in values.items())
