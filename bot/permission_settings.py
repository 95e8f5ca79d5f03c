"""`[[permission]]`: who may do what, and where."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Annotated

from pydantic import AfterValidator, Field

from bot.permissions import EVERYONE, PEOPLE, Right, Rule
from bot.section import Section

_HOLDER = re.compile(r"(?:person|team):.+|group:S[A-Z0-9]{2,30}")


def _check_holder(told: str) -> str:
    if told not in (EVERYONE, PEOPLE) and not _HOLDER.fullmatch(told):
        raise ValueError(
            'expected "everyone", "people", "person:NAME", "team:NAME" or "group:S0123" (the id of '
            "a Slack user group)"
        )
    return told


Holder = Annotated[str, AfterValidator(_check_holder)]


class PermissionSettings(Section):
    """Who has one right. Without a section for it, every full member has it; approving is then
    for those who stand in a `[[person]]` section."""

    right: Right = Field(description="what it is that they may do")
    who: tuple[Holder, ...] = Field(
        min_length=1, description="everyone, people, person:NAME, team:NAME, group:S0123"
    )
    channel: str | None = Field(
        default=None, min_length=1, description="#name or id: only for incidents announced there"
    )

    def rule(self, channel_ids: Mapping[str, str]) -> Rule:
        """As a rule. `channel_ids` gives the id of each channel as it is named in the settings;
        one that is missing there matches no channel, so that its rule gives nobody anything."""
        channel = self.channel and channel_ids.get(self.channel, self.channel)
        return Rule(right=self.right, who=self.who, channel=channel)


def unknown_holders(
    told: Iterable[Mapping[str, object]], people: Collection[str], teams: Collection[str]
) -> Iterator[str]:
    """One sentence for every person and team that a `[[permission]]` names and no section has.

    `told` are the sections as they stand in the file.
    """
    known = {"person": people, "team": teams}
    for section in told:
        who = section.get("who")
        for target in who if isinstance(who, list | tuple) else ():
            kind, _, name = str(target).partition(":")
            if kind in known and name.casefold() not in map(str.casefold, known[kind]):
                near = get_close_matches(name, known[kind], n=1)
                hint = (
                    f"did you mean {near[0]!r}?" if near else f"expected the name of a [[{kind}]]"
                )
                yield f"[[permission]] who has {str(target)[:80]!r}, which is nobody; {hint}"
