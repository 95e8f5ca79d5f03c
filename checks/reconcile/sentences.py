"""What a comparison came to, in one plain sentence and a few figures. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo

from checks.model import Measure
from checks.reconcile.courses import say_made_good
from checks.reconcile.evidence import Compared, Differing
from checks.reconcile.model import KEY, DifferenceKind, Look, Standing
from checks.words import plain

PARTS = 4
"""So many kinds of differences are named in a sentence."""
WHY_FITS = 300
COUNTS = ("count", "freshness", "duplicates")
LABELS = {
    DifferenceKind.MISSING_IN_TARGET: "Never arrived",
    DifferenceKind.MISSING_IN_SOURCE: "Not in the source",
    DifferenceKind.VALUE_DIFFERS: "Other value",
    DifferenceKind.TRUNCATED: "Shortened",
    DifferenceKind.TYPE_CHANGED: "Other type",
    DifferenceKind.DUPLICATED: "More than once",
}


def say(compared: Compared, zone: tzinfo) -> str:
    """One sentence; times by the clocks of `zone`."""
    if compared.looked_at is None or compared.blind:
        return _say_blind(compared, zone)
    at = f"compared at {_clock(compared.looked_at, zone)}"
    if compared.standing is Standing.DIFFERENT:
        before = say_made_good(compared, zone)
        also = f" Before, {before}." if before else ""
        return f"{_say_different(compared, zone)}; {at}{_asked(compared)}.{also}"
    if compared.standing is Standing.UNSURE:
        why = "; ".join(compared.doubts) or _unsure_looks(compared.looks)
        subject = f"{whole(compared)} {period(compared, zone)}"
        return f"Whether {subject} all arrived is not known yet: {_why(why)}; {at}."
    return f"{_say_same(compared, zone)}; {at}."


def whole(compared: Compared) -> str:
    """ "orders of Shop to Business Central" """
    pair = f"{plain(compared.source)} to {plain(compared.target)}"
    return f"{plain(compared.entity)} of {pair}"


def period(compared: Compared, zone: tzinfo) -> str:
    """ "from 13:00 to 14:00 GMT", with the day where it is not that of the look."""
    since, until = compared.since.astimezone(zone), compared.until.astimezone(zone)
    days = compared.until - compared.since >= timedelta(hours=23)
    day = f"{since:%-d %b}"
    if days:
        return f"of {day}"
    looked = compared.looked_at or compared.blind_at
    same = looked is not None and looked.astimezone(zone).date() == since.date()
    return f"{'' if same else f'of {day} '}from {since:%H:%M} to {until:%H:%M %Z}"


def measures(compared: Compared) -> tuple[Measure, ...]:
    if compared.looked_at is None:
        return ()
    return tuple(_measures(compared))


def _measures(compared: Compared) -> Iterator[Measure]:
    source, target = plain(compared.source), plain(compared.target)
    counts = f"{compared.source_records:,} in {source}, {compared.target_records:,} in {target}"
    yield Measure(label="Compared", measured=counts)
    for kind, count in sorted(
        compared.by_kind.items(), key=lambda each: list(LABELS).index(each[0])
    ):
        fields = sorted({plain(each.field) for each in compared.found if each.kind is kind} - {""})
        inside = f" ({', '.join(fields)})" if fields else ""
        yield Measure(label=LABELS[kind], measured=f"{count:,}{inside}")
    if compared.doubtful:
        yield Measure(label="Not settled yet", measured=f"{compared.doubtful:,}")
    for look in compared.looks:
        if look.name not in COUNTS and look.source != look.target:
            sums = f"{look.source or 'nothing'} in {source}, {look.target or 'nothing'} in {target}"
            yield Measure(label=f"Sum of {plain(look.name)}", measured=sums)


def _say_different(compared: Compared, zone: tzinfo) -> str:
    subject = f"{whole(compared)} {period(compared, zone)}"
    if not compared.found:
        apart = [look.sentence for look in compared.looks if look.standing is Standing.DIFFERENT]
        return f"The totals of {subject} are apart: {' '.join(apart).rstrip('.')}"
    first, *others = sorted(compared.found, key=_order)
    of = first.kind is DifferenceKind.MISSING_IN_SOURCE
    total = compared.target_records if of else compared.source_records
    said = [f"{first.count:,} of {total:,} {subject} {_did(first, compared)}"]
    said += [f"{each.count:,} {_did(each, compared)}" for each in others[: PARTS - 1]]
    left = sum(each.count for each in others[PARTS - 1 :])
    said += [f"{left:,} differ otherwise"] if left else []
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])}, and {said[-1]}"


def _order(each: Differing) -> tuple[int, int, str]:
    return list(LABELS).index(each.kind), -each.count, each.field


def _did(each: Differing, compared: Compared) -> str:
    """What became of so many: "never arrived", 'has a shortened "address line"'."""
    one, field = each.count == 1, f'"{plain(each.field)}"'
    match each.kind:
        case DifferenceKind.MISSING_IN_TARGET:
            return "never arrived"
        case DifferenceKind.MISSING_IN_SOURCE:
            stand = "stands" if one else "stand"
            return f"{stand} in {plain(compared.target)} and not in {plain(compared.source)}"
        case DifferenceKind.TRUNCATED:
            room = f" (room for {each.limit:,} characters)" if each.limit else ""
            return f"{'has' if one else 'have'} a shortened {field}{room}"
        case DifferenceKind.TYPE_CHANGED:
            what = "key" if each.field == KEY else field
            return f"{'has' if one else 'have'} {'its' if one else 'their'} {what} as another type"
        case DifferenceKind.DUPLICATED:
            return f"{'is' if one else 'are'} there more often than at the source"
        case _:
            return f"{'has' if one else 'have'} another {field}"


def _asked(compared: Compared) -> str:
    missing = compared.by_kind.get(DifferenceKind.MISSING_IN_TARGET)
    return ", each asked for again" if missing else ""


def _say_same(compared: Compared, zone: tzinfo) -> str:
    subject, when = whole(compared), period(compared, zone)
    if compared.differing:
        of = f"{compared.differing:,} of {compared.source_records:,}"
        before = say_made_good(compared, zone)
        also = f"; before, {before}" if before else ""
        return f"{of} {subject} {when} differ, which is allowed{also}"
    if not compared.source_records and not compared.target_records:
        return f"There are no {subject} {when}"
    if before := say_made_good(compared, zone):
        where = f"stand in {plain(compared.target)} now as they should"
        return f"All {compared.source_records:,} {subject} {when} {where}: {before}"
    return f"All {compared.source_records:,} {subject} {when} arrived as they were"


def _say_blind(compared: Compared, zone: tzinfo) -> str:
    subject = f"{whole(compared)} {period(compared, zone)}"
    if compared.looked_at is None:
        return f"Whether {subject} all arrived is not known: {_why(compared.blind)}."
    before = _clock(compared.looked_at, zone)
    return (
        f"How {subject} stand is not known: {_why(compared.blind)}. The last look was at {before}."
    )


def _unsure_looks(looks: tuple[Look, ...]) -> str:
    doubts = dict.fromkeys(look.doubt for look in looks if look.standing is Standing.UNSURE)
    return "; ".join(filter(None, doubts)) or "the totals are not exact"


def _why(told: str) -> str:
    return plain(told, WHY_FITS).rstrip(". ") or "the reason is not known"


def _clock(at: datetime, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%H:%M}"
