"""The section of the page about which systems, and which parts of Patchworks, can be seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.digest.phrases import clipped, name
from bot.digest.unseen_lists import say_unseen
from bot.facts import BlindPart, SystemFacts
from bot.web.dashboard.board import Around, Mark, Row, Section


def systems(
    told: Sequence[SystemFacts],
    blind: Mapping[str, BlindPart],
    unseen: Mapping[str, Mapping[str, BlindPart]],
    around: Around,
    now: datetime,
) -> Section:
    own = [
        Row(
            mark=Mark.UNKNOWN,
            name=f"Patchworks: {name(part)}",
            cells=(f"not seen since {around.moment(each.since, now)}", clipped(each.why, 200)),
        )
        for part, each in sorted(blind.items())
    ]
    ordered = sorted(
        told,
        key=lambda each: (
            each.blind_since is None,
            each.name not in unseen,
            each.name.casefold(),
        ),
    )
    return Section(
        id="systems",
        title="Systems",
        heads=("System", "Seen", "Why not"),
        rows=(
            *own,
            *(_system(each, unseen.get(each.name, {}), around, now) for each in ordered),
        ),
        empty="No system is configured, and all of Patchworks can be seen.",
    )


def _system(
    each: SystemFacts, unseen: Mapping[str, BlindPart], around: Around, now: datetime
) -> Row:
    seen = f"answered {around.moment(each.seen_at, now)}" if each.seen_at else "never answered"
    if each.blind_since is None:
        mark = Mark.WELL if each.seen_at and not unseen else Mark.UNKNOWN
        return Row(mark=mark, name=name(each.name), cells=(seen, _unseen(unseen)))
    since = f"not seen since {around.moment(each.blind_since, now)}"
    return Row(mark=Mark.UNKNOWN, name=name(each.name), cells=(since, clipped(each.why, 200)))


def _unseen(lists: Mapping[str, BlindPart]) -> str:
    said = say_unseen(lists) if lists else ""
    return clipped(f"{said[:1].upper()}{said[1:]}", 300)
