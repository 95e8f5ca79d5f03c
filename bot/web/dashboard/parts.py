"""The sections of the page about what is watched: queue, limits, flows, credentials."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from bot.digest.phrases import clipped, name
from bot.facts import QueueFacts
from bot.foresight.chart_history import chart_of
from bot.foresight.foreseen import ForeseenAllowance, foreseen_of
from bot.incidents.model import Alert
from bot.inventory import Inventory, JudgedAllowance, JudgedCredential, Limits, Register
from bot.store import Database, run_days, runs
from bot.web.dashboard.bands import Drawing, draw
from bot.web.dashboard.board import LEVELS, Around, Mark, Row, Section
from checks.allowances.words import say_amount, say_share, say_units
from checks.durations import say_duration
from checks.limits import Allowance
from checks.model import Level
from checks.runs import Flow, RunStatus
from checks.words import flow_name, say_count

DAY = timedelta(days=1)
DRAWN = 6
ORDER: Mapping[Level, int] = {Level.BREACH: 0, Level.EARLY: 1, Level.UNKNOWN: 2, Level.OK: 3}


def queue(told: QueueFacts | None, around: Around, now: datetime) -> Section:
    return Section(
        id="queue",
        title="Run queue",
        heads=("Flow", "Since", "For"),
        rows=tuple(_jobs(told, around, now)) if told else (),
        note=_queue_note(told, around, now),
        empty="Nothing runs and nothing waits." if told and told.read_at and not told.blind else "",
        shown=8,
    )


def _queue_note(told: QueueFacts | None, around: Around, now: datetime) -> str:
    if told is None or told.read_at is None:
        why = f" {clipped(told.blind, 300)}" if told and told.blind else ""
        return f"The queue has not been read yet.{why}"
    allowed = "" if told.allowance is None else f" of {told.allowance} allowed"
    said = f"{told.waiting_total:,} waiting, {len(told.running):,}{allowed} running."
    usual = f" Usual for this hour: {clipped(told.usual, 120)}." if told.usual else ""
    if told.blind:
        read = around.moment(told.read_at, now)
        return f"The queue cannot be seen: {clipped(told.blind, 300)} As of {read}: {said}"
    return f"{said}{usual} {clipped(told.sentence, 300)}".strip()


def _jobs(told: QueueFacts, around: Around, now: datetime) -> Iterator[Row]:
    mark = Mark.UNKNOWN if told.blind else LEVELS[told.level]
    for job in sorted(told.waiting, key=lambda each: each.queued_at):
        waited = say_duration(now - job.queued_at)
        called = name(flow_name(job.flow_id, job.flow_name))
        since = f"waits since {around.moment(job.queued_at, now)}"
        yield Row(mark=mark, name=called, cells=(since, waited))
    for run in sorted(told.running, key=lambda each: each.started_at):
        called = name(flow_name(run.flow_id, run.flow_name))
        since, ran = f"runs since {around.moment(run.started_at, now)}", now - run.started_at
        yield Row(mark=Mark.PLAIN, name=called, cells=(since, say_duration(ran)))


def limits(db: Database, told: Limits | None, around: Around, now: datetime) -> Section:
    foreseen = {each.allowance.id: each for each in foreseen_of(told)}
    ordered = sorted(told.allowances if told else (), key=_gravest_limit)
    drawn = sorted(foreseen.values(), key=lambda each: (-each.chance, each.allowance.id))
    return Section(
        id="limits",
        title="Limits",
        heads=("System", "Limit", "Used", "Foreseen"),
        rows=tuple(_limit(each, foreseen.get(each.allowance.id), around, now) for each in ordered),
        note=f"As of {around.moment(told.at, now)}." if told else "",
        empty="No allowance has been looked at yet.",
        drawings=tuple(_drawings(db, drawn, around, now)),
    )


def _gravest_limit(each: JudgedAllowance) -> tuple[object, ...]:
    share = _share(each.allowance) or 0.0
    return ORDER[each.level], -share, each.allowance.id


def _share(each: Allowance) -> float | None:
    return each.used / each.size if each.used is not None and each.size else None


def _limit(
    judged: JudgedAllowance, foreseen: ForeseenAllowance | None, around: Around, now: datetime
) -> Row:
    each = judged.allowance
    used = "not known"
    if each.size and each.used is not None:
        share = say_share(each.used / each.size)
        used = f"{say_amount(each.used)} of {say_amount(each.size)} {say_units(each)} ({share})"
    elif each.size is None:
        used = "no published limit"
    return Row(
        mark=LEVELS[judged.level],
        name=name(each.system),
        cells=(name(each.name), used, _ahead(foreseen, around, now)),
    )


def _ahead(foreseen: ForeseenAllowance | None, around: Around, now: datetime) -> str:
    """ "38 % within 72 h, about Sat 14:00"; "" where nothing is foreseen."""
    if foreseen is None or foreseen.is_withheld or foreseen.far is None:
        return ""
    far = foreseen.far
    hours = f"{far.horizon / timedelta(hours=1):.0f} h"
    if far.chance < 0.01:
        return f"under 1 % within {hours}"
    about = f", about {around.moment(far.middle, now)}" if far.middle else ""
    return f"{min(99, far.chance * 100):.0f} % within {hours}{about}"


def _drawings(
    db: Database, foreseen: Sequence[ForeseenAllowance], around: Around, now: datetime
) -> Iterator[Drawing]:
    """Of the likeliest; those far from their limit were not looked at closely."""
    for each in [one for one in foreseen if not one.is_withheld][:DRAWN]:
        chart = chart_of(db, each.allowance, around.zone)
        if chart is not None:
            called = f"{name(each.allowance.system)}: {name(chart.unit)}"
            yield draw(chart, called, f"{called}. {_ahead(each, around, now)}")


def flows(
    db: Database,
    stock: Inventory | None,
    troubled: Mapping[str, Alert],
    around: Around,
    now: datetime,
) -> Section:
    """The troubled first, then those with failures, then by name."""
    ended: dict[str, Counter[RunStatus]] = defaultdict(Counter)
    for flow_id, status, _, number in run_days.ended_runs(db, now - DAY, now):
        ended[flow_id][status] += number
    last = runs.last_starts(db)
    found = [
        (_trouble(each, troubled, ended[each.id]), each) for each in (stock.flows if stock else ())
    ]
    ordered = sorted(found, key=lambda pair: (pair[0], pair[1].name.casefold(), pair[1].id))
    return Section(
        id="flows",
        title="Flows, the last 24 hours",
        heads=("Flow", "Runs", "Last start", "Owner"),
        rows=tuple(
            Row(
                mark=Mark.BAD if each.id in troubled else _health(ended[each.id]),
                name=name(flow_name(each.id, each.name)),
                cells=(
                    _went(ended[each.id]),
                    around.moment(last.get(each.id), now) or "not known",
                    name(stock.owners.get(each.id, "")) if stock else "",
                ),
            )
            for _, each in ordered
        ),
        empty="The flows have not been read yet.",
    )


def _trouble(flow: Flow, troubled: Mapping[str, Alert], went: Counter[RunStatus]) -> int:
    if flow.id in troubled:
        return 0
    return 1 if went[RunStatus.FAILURE] or went[RunStatus.PARTIAL_SUCCESS] else 2


def _health(went: Counter[RunStatus]) -> Mark:
    """A flow that has not run is not called well, nor one of which runs failed."""
    unwell = went[RunStatus.FAILURE] or went[RunStatus.PARTIAL_SUCCESS]
    return Mark.WELL if went[RunStatus.SUCCESS] and not unwell else Mark.PLAIN


def _went(went: Counter[RunStatus]) -> str:
    total = went.total()
    if not total:
        return "none ended"
    failed, part = went[RunStatus.FAILURE], went[RunStatus.PARTIAL_SUCCESS]
    also = [f"{failed:,} failed" if failed else "", f"{part:,} in part" if part else ""]
    return ", ".join([say_count(total, "run"), *filter(None, also)])


def credentials(told: Register | None, around: Around, now: datetime) -> Section:
    """By when they end; what nobody knows is last."""
    ordered = sorted(told.credentials if told else (), key=_ending)
    return Section(
        id="credentials",
        title="Credentials and dates",
        heads=("System", "What", "Ends", "Owner"),
        rows=tuple(_credential(each, around, now) for each in ordered),
        shown=8,
        empty="No credential has been looked at yet.",
    )


def _ending(each: JudgedCredential) -> tuple[object, ...]:
    ends = each.held.ends_at
    return ORDER[each.level] > 1, ends is None, ends.timestamp() if ends else 0.0, each.held.id


def _credential(judged: JudgedCredential, around: Around, now: datetime) -> Row:
    held = judged.held
    return Row(
        mark=LEVELS[judged.level],
        name=name(held.system),
        cells=(name(held.what), _ends(judged, around, now), name(held.owner)),
    )


def _ends(judged: JudgedCredential, around: Around, now: datetime) -> str:
    held = judged.held
    if held.refused_since is not None:
        return f"not accepted since {around.moment(held.refused_since, now)}"
    if held.ends_at is None:
        return held.known_by.value
    left = held.ends_at - now
    said = f"in {left.days:,} d" if left >= DAY else f"in {say_duration(left)}"
    if left < timedelta(0):
        said = f"ended {say_duration(-left)} ago"
    renews = ", renews itself" if held.renews_itself else ""
    return f"{said} ({around.moment(held.ends_at, now)}){renews}"
