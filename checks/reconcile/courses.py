"""What a period's looks found one after the other: what differed, for how long, and what was made
good. Pure.

A period that differed once and is whole again was still late, or wrong, for hours. So each look is
added to what the ones before it found, and nothing that was found is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo

from checks.durations import say_duration
from checks.reconcile.evidence import Compared, Course
from checks.reconcile.model import KEY, DifferenceKind, Standing
from checks.words import plain

Which = tuple[DifferenceKind | None, str]
TOTALS: Which = (None, "")
ORDER: tuple[DifferenceKind | None, ...] = (*DifferenceKind, None)
PARTS = 4


def followed(before: Iterable[Course], look: Compared) -> tuple[Course, ...]:
    """What is known after this look, the gravest first.

    Only a period that was found to differ has courses. What a look does not find any more is made
    good if it found the period whole, or else surely differing and had no doubts beside; otherwise
    it is not known, and stays.
    """
    known: dict[Which, Course] = {(each.kind, each.field): each for each in before}
    at = look.looked_at
    if at is None or not (known or look.standing is Standing.DIFFERENT):
        return tuple(known.values())
    found = _found(look)
    for which in known.keys() - found.keys():
        if look.standing is Standing.SAME or (found and not look.doubts):
            known[which] = replace(known[which], made_good_at=known[which].made_good_at or at)
    for which, number in found.items():
        known[which] = _seen(known.get(which), which, number, at)
    return tuple(sorted(known.values(), key=_order))


def _found(look: Compared) -> dict[Which, int]:
    """What counts: differences that are allowed do not."""
    if look.standing is Standing.SAME:
        return {}
    if look.standing is Standing.DIFFERENT and not look.found:
        return {TOTALS: 1}
    return {(each.kind, each.field): each.count for each in look.found}


def _seen(course: Course | None, which: Which, number: int, at: datetime) -> Course:
    kind, field = which
    if course is None:
        return Course(kind=kind, field=field, most=number, found_at=at, last_at=at)
    return replace(course, most=max(course.most, number), last_at=at, made_good_at=None)


def _order(course: Course) -> tuple[int, int, str]:
    return ORDER.index(course.kind), -course.most, course.field


def say_made_good(compared: Compared, zone: tzinfo) -> str:
    """'3 arrived about 4 h late, 27 had a shortened "address line" until 19:41'; "" where nothing
    was made good. Times by the clocks of `zone`, with the day where it is not that of the look."""
    return _say(compared.made_good, compared.target, compared.looked_at, zone)


def say_mended(periods: Sequence[Compared], zone: tzinfo) -> str:
    """One sentence on periods of one pairing that all differed once, and are whole by now."""
    first = periods[0]
    kinds: dict[Which, list[Course]] = {}
    for course in (course for each in periods for course in each.made_good):
        kinds.setdefault((course.kind, course.field), []).append(course)
    added = sorted((_together(each) for each in kinds.values()), key=_order)
    since, until = min(each.since for each in periods), max(each.until for each in periods)
    span = f"{_moment(since, None, zone)} to {_moment(until, since, zone)}"
    number = f"in {len(periods):,} periods of " if len(periods) > 1 else "of "
    whole = f"{plain(first.entity)} of {plain(first.source)} to {plain(first.target)}"
    said = _say(added, first.target, None, zone)
    return f"{whole[:1].upper()}{whole[1:]} {number}{span}: {said}. All stand as they should now."


def _together(courses: Sequence[Course]) -> Course:
    """The same in several periods: so many in all, for as long as it took at most, up to the
    last."""
    end = max(_until(each) for each in courses)
    longest = max(_until(each) - each.found_at for each in courses)
    return replace(
        courses[0],
        most=sum(each.most for each in courses),
        found_at=end - longest,
        last_at=end,
        made_good_at=end,
    )


def _until(course: Course) -> datetime:
    return course.made_good_at or course.last_at


def _say(told: Sequence[Course], target: str, beside: datetime | None, zone: tzinfo) -> str:
    said = [_say_one(each, target, beside, zone) for each in told[:PARTS]]
    left = sum(each.most for each in told[PARTS:])
    said += [f"{left:,} differed otherwise"] if left else []
    return ", ".join(said)


def _say_one(course: Course, target: str, beside: datetime | None, zone: tzinfo) -> str:
    until = _until(course)
    if course.kind is DifferenceKind.MISSING_IN_TARGET:
        return f"{course.most:,} arrived about {say_duration(until - course.found_at)} late"
    return f"{say_was(course, target)} until {_moment(until, beside, zone)}"


def say_was(course: Course, target: str) -> str:
    """What so many were like: '27 had a shortened "address line"'."""
    number, field = f"{course.most:,}", f'"{plain(course.field)}"'
    was, its = ("was", "its") if course.most == 1 else ("were", "their")
    match course.kind:
        case None:
            return "the totals were apart"
        case DifferenceKind.MISSING_IN_TARGET:
            return f"{number} {was} missing in {plain(target)}"
        case DifferenceKind.MISSING_IN_SOURCE:
            return f"{number} stood in {plain(target)} alone"
        case DifferenceKind.TRUNCATED:
            return f"{number} had a shortened {field}"
        case DifferenceKind.TYPE_CHANGED:
            return f"{number} had {its} {'key' if course.field == KEY else field} as another type"
        case DifferenceKind.DUPLICATED:
            return f"{number} {was} there more often than at the source"
        case _:
            return f"{number} had another {field}"


def _moment(at: datetime, beside: datetime | None, zone: tzinfo) -> str:
    local = at.astimezone(zone)
    if beside is not None and beside.astimezone(zone).date() == local.date():
        return f"{local:%H:%M}"
    return f"{local:%a} {local.day} {local:%b %H:%M}"
