"""`[[policy]]`, `[[route]]` and `[response]`: who is told of what, in which order, and when."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from difflib import get_close_matches
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, SecretStr, field_validator

from bot.incidents.announcing import Noise
from bot.incidents.escalation import Policy, Step, Target, TargetKind, read_target
from bot.incidents.holding import Patience
from bot.incidents.matchers import LABELS, Matcher, NotAMatcher, read_matchers
from bot.incidents.model import Severity
from bot.section import Section
from bot.values import Channel, Secret, check_channel
from checks.durations import Duration, parse_duration

Word = Literal["low", "high", "critical"]
_GROUP = re.compile(r"S[A-Z0-9]{2,30}")


def _check_targets(told: tuple[str, ...]) -> tuple[str, ...]:
    for each in told:
        target = read_target(each)
        if target.kind is TargetKind.CHANNEL:
            try:
                check_channel(target.name)
            except ValueError as error:
                raise ValueError(f"{each[:80]!r} names no channel: {error}") from None
        if target.kind is TargetKind.GROUP and not _GROUP.fullmatch(target.name):
            raise ValueError(
                f"{each[:80]!r} names no user group: expected the group's id in Slack, such as "
                '"group:S0123ABCD"'
            )
    return told


Targets = Annotated[tuple[str, ...], AfterValidator(_check_targets)]


SHORTEST_REMINDER = timedelta(minutes=10)
SHORTEST_ANSWER = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)


class Burst(BaseModel):
    """ "3 in 30m": so many occurrences within so long."""

    times: int = Field(ge=1, le=10_000)
    within: timedelta


def _read_burst(told: object) -> object:
    found = re.fullmatch(r"([0-9]{1,5}) in ([0-9]+[a-z]+)", told) if isinstance(told, str) else None
    if found is None:
        raise ValueError('expected a count and a duration such as "3 in 30m"')
    return Burst(times=int(found[1]), within=parse_duration(found[2]))


class StepSettings(Section):
    after: Duration = Field(default=timedelta(0), description="so long without anybody")
    tell: Targets = Field(
        min_length=1,
        description='"person:NAME", "rota:NAME", "group:S0123", "channel:#NAME" or "pager:NAME"',
    )
    at_least: Word = Field(default="low", description="only for what is at least so grave")
    working_hours: bool = Field(default=False, description="waits for the team's working hours")
    occurrences: Annotated[Burst, BeforeValidator(_read_burst)] | None = Field(
        default=None, description='only when it was seen so often, as "3 in 30m"'
    )

    def as_step(self) -> Step:
        burst = self.occurrences or Burst(times=1, within=timedelta(minutes=30))
        return Step(
            after=self.after,
            tell=_targets(self.tell),
            at_least=Severity[self.at_least.upper()],
            working_hours=self.working_hours,
            occurrences=burst.times,
            within=burst.within,
        )


class PolicySettings(Section):
    name: str = Field(min_length=1, max_length=60, description="as routes and teams name it")
    step: tuple[StepSettings, ...] = Field(min_length=1, max_length=20)
    fallback: Targets = Field(
        min_length=1, description="who is told in the end when nobody took it; mandatory"
    )
    repeats: int = Field(default=1, ge=0, le=5, description="how often all steps are gone through")
    again_after: Duration = Field(
        default=timedelta(minutes=15),
        description="least time before each repetition, and before the fall-back",
    )
    remind_every: Duration = Field(
        default=timedelta(hours=4),
        description="the fall-back is told again so often while nobody takes it",
    )

    @field_validator("remind_every")
    @classmethod
    def _not_too_often(cls, remind_every: timedelta) -> timedelta:
        if remind_every < SHORTEST_REMINDER:
            raise ValueError("expected at least 10m, or the fall-back learns to look away")
        return remind_every

    def as_policy(self) -> Policy:
        return Policy(
            name=self.name,
            steps=tuple(step.as_step() for step in self.step),
            fallback=_targets(self.fallback),
            repeats=self.repeats,
            again_after=self.again_after,
            remind_every=self.remind_every,
        )


def _check_labels(told: tuple[str, ...]) -> tuple[str, ...]:
    for label in told:
        if label not in LABELS:
            near = get_close_matches(label, LABELS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(LABELS)}"
            raise ValueError(f"there is no label {label[:40]!r}; {hint}")
    return told


GroupedBy = Annotated[tuple[str, ...], AfterValidator(_check_labels)]


class RouteSettings(Section):
    match: str = Field(
        default="", description='what it is for, as "system=netsuite severity!=low"; none: the rest'
    )
    team: str | None = Field(default=None, description="the [[team]] whose it is")
    policy: str | None = Field(default=None, description="the [[policy]]; none: the team's")
    channel: Channel | None = Field(default=None, description="where announced; none: the team's")
    group_by: GroupedBy = Field(
        default=(), description='alerts alike in these labels are one incident, ["system", "check"]'
    )

    @property
    def matchers(self) -> tuple[Matcher, ...]:
        return read_matchers(self.match)[0]

    @classmethod
    def conflicts(cls, told: Mapping[str, object]) -> Iterator[str]:
        match = told.get("match")
        if not isinstance(match, str):
            return
        try:
            rest = read_matchers(match)[1]
        except NotAMatcher as error:
            yield f"match: {error}"
        else:
            if rest:
                yield f"match: expected matchers such as system=netsuite, found {rest!r}"


def _check_address(secret: SecretStr) -> SecretStr:
    if not secret.get_secret_value().startswith(("https://", "http://127.0.0.1:")):
        raise ValueError("the reference leads to something else; expected an https:// address")
    return secret


class ResponseSettings(Section):
    policy: str | None = Field(
        default=None, description="the [[policy]] of what no route and no team has one for"
    )
    remind_after: Duration = Field(
        default=timedelta(hours=3),
        description="the holder of an incident is asked so often whether they still have it",
    )
    answer_within: Duration = Field(
        default=timedelta(minutes=30), description="without an answer for so long nobody has it"
    )
    group_wait: Duration = Field(
        default=timedelta(0), description="the first word of low severity waits so long for others"
    )
    storm: int = Field(
        default=20, ge=2, le=1000, description="from so many unattended incidents on: one summary"
    )
    days_away: Duration = Field(
        default=timedelta(hours=24),
        description="low severity that is further away waits for working hours",
    )
    flapping: Annotated[Burst, BeforeValidator(_read_burst)] = Field(
        default=Burst(times=4, within=timedelta(hours=1)),
        description="what opened so often stays open until it was well for that long",
    )
    heartbeat: Annotated[Secret, AfterValidator(_check_address)] | None = Field(
        default=None,
        description="reference to an https address that is asked every minute while all is well",
    )

    @field_validator("remind_after")
    @classmethod
    def _not_too_often(cls, remind_after: timedelta) -> timedelta:
        if remind_after < SHORTEST_REMINDER:
            raise ValueError("expected at least 10m, or who works on it does nothing but answer")
        return remind_after

    @field_validator("answer_within")
    @classmethod
    def _time_to_answer(cls, answer_within: timedelta) -> timedelta:
        if answer_within < SHORTEST_ANSWER:
            raise ValueError("expected at least 1m, or nobody can answer in time")
        return answer_within

    @field_validator("group_wait")
    @classmethod
    def _not_too_long(cls, group_wait: timedelta) -> timedelta:
        if group_wait > LONGEST_WAIT:
            raise ValueError("expected at most 1h, or incidents are told when they are over")
        return group_wait

    @property
    def patience(self) -> Patience:
        return Patience(remind_after=self.remind_after, answer_within=self.answer_within)

    @property
    def noise(self) -> Noise:
        return Noise(group_wait=self.group_wait, storm=self.storm, days_away=self.days_away)


def _targets(told: tuple[str, ...]) -> tuple[Target, ...]:
    return tuple(read_target(each) for each in told)
