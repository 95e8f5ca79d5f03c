"""Who may do what: the rights there are, the rules of the settings, and the answer with its reason.

Every right is everybody's who is a full member, except approving, which needs somebody who stands
in the settings. A rule takes the place of that. Rules for a channel take the place of the general
ones there; where a right has rules for other channels only, nobody has it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

EVERYONE = "everyone"
PEOPLE = "people"
_NOBODY: frozenset[str] = frozenset()


class Right(StrEnum):
    """What a person may be allowed to do; the value is its name in the settings."""

    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"
    SNOOZE = "snooze"
    ESCALATE = "escalate"
    ASSIGN = "assign"
    NOTE = "note"
    SILENCE = "silence"
    MAINTAIN = "maintain"
    OVERRIDE = "override"
    APPROVE = "approve"
    ACT = "act"  # propose that something be done on the platform
    READ = "read"

    @property
    def doing(self) -> str:
        """As the beginning of a sentence: "Approving"."""
        return DOING[self]


DOING = {
    Right.ACKNOWLEDGE: "Acknowledging",
    Right.RESOLVE: "Resolving",
    Right.SNOOZE: "Snoozing",
    Right.ESCALATE: "Escalating",
    Right.ASSIGN: "Assigning",
    Right.NOTE: "Adding notes",
    Right.SILENCE: "Silencing",
    Right.MAINTAIN: "Planning maintenance",
    Right.OVERRIDE: "Changing who is on call",
    Right.APPROVE: "Approving",
    Right.ACT: "Proposing a run",
    Right.READ: "Reading",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """Whether somebody may; `because` is the sentence for those who may not, in plain text."""

    allowed: bool
    because: str = ""


ALLOWED = Permission(allowed=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Who has a right: "everyone" (full members), "people" (those in the settings), "person:Priya",
    "team:integrations", "group:S0123" (a Slack user group). `channel` is the id of the one channel
    that it is about, None for everywhere.
    """

    right: Right
    who: tuple[str, ...]
    channel: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """A full member who asks. `person` and `teams` are their names in the settings, if they have
    any there; `groups` the user groups they are in, None when Slack could not be asked.

    `channel` is the id of the channel that the incident is announced in, so that nobody gains a
    right by asking elsewhere; for what concerns no incident, the channel it was asked in.
    """

    user_id: str
    channel: str = ""
    person: str | None = None
    teams: frozenset[str] = _NOBODY
    groups: frozenset[str] | None = _NOBODY
    called: Mapping[str, str] = field(default_factory=dict)
    """What the channels and user groups are called, by id: "#payments", "@integrations-leads"."""


def may(asker: Asker, right: Right, rules: Sequence[Rule]) -> Permission:
    """Whether the asker has this right; a refusal says what is missing and whom to ask."""
    told = _rules_for(right, asker.channel, rules)
    if told is None:
        return _refused(_elsewhere(asker, right, rules))
    wanted = tuple(dict.fromkeys(target for rule in told for target in rule.who))
    if any(_is(asker, target) for target in wanted):
        return ALLOWED
    if asker.groups is None and any(target.startswith("group:") for target in wanted):
        return _refused(
            f"{right.doing} needs a user group's membership, and Slack does not tell me who is in "
            "it. Nothing was changed; please try again in a moment."
        )
    return _refused(_missing(asker, right, wanted))


def groups_of(right: Right, channel: str, rules: Sequence[Rule]) -> frozenset[str]:
    """The ids of the user groups whose members have to be known to decide."""
    told = _rules_for(right, channel, rules) or ()
    targets = [target.partition(":") for rule in told for target in rule.who]
    return frozenset(name for kind, _, name in targets if kind == "group")


def _rules_for(right: Right, channel: str, rules: Sequence[Rule]) -> Sequence[Rule] | None:
    """The rules that decide there; None when every rule for the right is about other channels."""
    about = [rule for rule in rules if rule.right is right]
    if not about:
        return [Rule(right=right, who=(PEOPLE if right is Right.APPROVE else EVERYONE,))]
    here = [rule for rule in about if rule.channel is not None and rule.channel == channel]
    return here or [rule for rule in about if rule.channel is None] or None


def _is(asker: Asker, target: str) -> bool:
    kind, _, name = target.partition(":")
    match kind:
        case "everyone":
            return True
        case "people":
            return asker.person is not None
        case "person":
            return asker.person is not None and asker.person.casefold() == name.casefold()
        case "team":
            return name.casefold() in {team.casefold() for team in asker.teams}
        case "group":
            return asker.groups is not None and name in asker.groups
        case _:
            return False


def _refused(because: str) -> Permission:
    return Permission(allowed=False, because=because)


def _missing(asker: Asker, right: Right, wanted: Sequence[str]) -> str:
    if PEOPLE in wanted and asker.person is None:
        return (
            f"{right.doing} needs somebody who stands in a [[person]] section of the settings, and "
            "you do not. `/seam link` says what is missing; until then ask somebody who does."
        )
    named = [_say(target, asker.called) for target in wanted]
    if len(named) == 1:
        return (
            f"{right.doing} needs {named[0]}. Ask there, or have whoever runs Seamwatch add you "
            f'under [[permission]] right = "{right}".'
        )
    return (
        f"{right.doing} needs one of: {', '.join(named)}. Ask one of them, or have whoever runs "
        f'Seamwatch add you under [[permission]] right = "{right}".'
    )


def _elsewhere(asker: Asker, right: Right, rules: Sequence[Rule]) -> str:
    channels = sorted({rule.channel for rule in rules if rule.right is right and rule.channel})
    named = [asker.called.get(channel, channel) for channel in channels]
    return (
        f"{right.doing} is allowed only for {', '.join(named)}, and this is another channel. Have "
        f'whoever runs Seamwatch add a [[permission]] right = "{right}" without a channel.'
    )


def _say(target: str, called: Mapping[str, str]) -> str:
    kind, _, name = target.partition(":")
    match kind:
        case "team":
            return f"the team {name}"
        case "group":
            return called.get(name, f"the user group {name}")
        case "people":
            return "somebody in a [[person]] section"
        case _:
            return name
