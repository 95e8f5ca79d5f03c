"""/metrics: how the bot and what it watches stand, for Prometheus.

All of it is told of the moment of asking, from what the last round stored. Nothing is told of what
is not known: an allowance whose use nobody could read has no `seamwatch_limit_used_ratio`. Names
of systems and limits are labels, of at most `MOST` each; how many were left out is told too.
https://prometheus.io/docs/practices/naming/
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from bot import facts, inventory
from bot.evidence import QUEUE
from bot.incidents.model import Severity
from bot.store import Database, digest, incidents, outbox
from checks.limits import Allowance
from checks.strike import without_secrets
from checks.words import plain

WAITING = "queue.waiting"
MOST = 200
LONGEST = 120
HOUR = timedelta(hours=1)
DAY_SECONDS = 86_400.0


def exposition(db: Database, now: datetime, unwell: str, accept: str) -> tuple[bytes, str]:
    """The text and its content type, as the reader accepts it. `now` is the bot's own time;
    `unwell` says what is wrong with it, "" when nothing is."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Told(list(_all(db, now, unwell))))
    encode, kind = choose_encoder(accept)
    return encode(registry), kind


class _Told(Collector):
    def __init__(self, told: list[Metric]) -> None:
        self._told = told

    def collect(self) -> Iterable[Metric]:
        return self._told


def _all(db: Database, now: datetime, unwell: str) -> Iterator[Metric]:
    yield _one("healthy", "1 while the bot finds nothing wrong with itself.", float(not unwell))
    yield from _rounds(db, now)
    yield from _queue(db)
    yield from _incidents(db)
    yield _one("outbox_waiting", "Messages that have not gone out.", outbox.waiting_count(db))
    yield from _sight(db)
    yield from _limits(db)
    yield from _credentials(db, now)


def _rounds(db: Database, now: datetime) -> Iterator[Metric]:
    last = facts.find_round(db)
    if last is None:
        return
    looks = digest.looks(db, QUEUE, WAITING, now - HOUR, now)
    yield _one("rounds_last_hour", "Rounds that could read the queue.", looks.count)
    age = max(0.0, (now - last.at).total_seconds())
    yield _one("round_age_seconds", "Time since the last round.", age)
    yield _one("round_duration_seconds", "How long the last round took.", last.took_seconds)
    verdicts = _many("round_verdicts", "Verdicts of the last round.", "kind")
    verdicts.add_metric(["judged"], last.judged)
    verdicts.add_metric(["troubled"], last.troubled)
    verdicts.add_metric(["unknown"], last.unknown)
    yield verdicts
    yield _one("patchworks_calls_per_minute", "Calls to Patchworks.", last.calls_last_minute)
    yield _one("patchworks_calls_budget", "Calls a minute that it may.", last.calls_per_minute)


def _queue(db: Database) -> Iterator[Metric]:
    """What was last read; `seamwatch_queue_blind` says whether that is of now."""
    queue = facts.find_queue(db)
    if queue is None or queue.read_at is None:
        return
    yield _one("queue_blind", "1 while the queue cannot be read.", float(bool(queue.blind)))
    yield _one("queue_waiting", "Runs that wait.", queue.waiting_total)
    yield _one("queue_running", "Runs under way.", len(queue.running))
    if queue.allowance is not None:
        yield _one("queue_allowance", "Runs at a time by the plan.", queue.allowance)


def _incidents(db: Database) -> Iterator[Metric]:
    counted = Counter(each.severity for each in incidents.open_incidents(db))
    told = _many("incidents_open", "Open incidents, acknowledged ones too.", "severity")
    for severity in Severity:
        told.add_metric([severity.word], counted[severity])
    yield told


def _sight(db: Database) -> Iterator[Metric]:
    systems = facts.find_systems(db)
    parts = facts.find_blindness(db)
    unseen = sum(each.blind_since is not None for each in systems)
    yield _one("blind_parts", "Parts of Patchworks and systems out of sight.", len(parts) + unseen)
    told = _many("system_up", "1 while the system answers.", "system")
    shown = sorted(systems, key=lambda each: (each.blind_since is None, each.name))[:MOST]
    _add(told, {(_label(each.name),): float(each.blind_since is None) for each in shown})
    yield told
    yield _left_out("systems", len(systems) - len(shown))


def _limits(db: Database) -> Iterator[Metric]:
    found = inventory.find_limits(db)
    all_of_them = [each.allowance for each in found.allowances] if found else []
    shown = sorted(all_of_them, key=_nearest_first)[:MOST]
    labels = ("limit", "system", "name")
    used = _many("limit_used_ratio", "Used share of an allowance.", *labels)
    _add(used, {_named(each): each.used / each.size for each in shown if each.used is not None
                and each.size})  # fmt: skip
    yield used
    chance = _many(
        "limit_breach_probability", "That it is reached within the horizon.", *labels, "hours"
    )
    _add(
        chance,
        {
            (*_named(each), f"{crossing.horizon / HOUR:.0f}"): crossing.chance
            for each in shown
            if each.forecast is not None and not each.forecast.withheld
            for crossing in each.forecast.crossings
        },
    )
    yield chance
    yield _left_out("limits", len(all_of_them) - len(shown))


def _credentials(db: Database, now: datetime) -> Iterator[Metric]:
    found = inventory.find_register(db)
    ending = sorted(
        ((each.held.ends_at, each.held) for each in (found.credentials if found else ())
         if each.held.ends_at is not None),
        key=lambda pair: (pair[0], pair[1].id),
    )  # fmt: skip
    told = _many(
        "credential_days_left", "Days until it ends; below 0 after.", "credential", "system"
    )
    _add(
        told,
        {
            (_label(held.id), _label(held.system)): (ends - now).total_seconds() / DAY_SECONDS
            for ends, held in ending[:MOST]
        },
    )
    yield told
    yield _left_out("credentials", max(0, len(ending) - MOST))


def _nearest_first(each: Allowance) -> tuple[float, str]:
    share = each.used / each.size if each.used is not None and each.size else 0.0
    return -share, each.id


def _named(each: Allowance) -> tuple[str, str, str]:
    return _label(each.id), _label(each.system), _label(each.name)


def _label(told: str) -> str:
    """Foreign text: no secret, nothing invisible, on one line and not for ever."""
    return plain(without_secrets(told), LONGEST)


def _add(family: GaugeMetricFamily, values: Mapping[tuple[str, ...], float]) -> None:
    """Each combination of labels once, or Prometheus takes none of them."""
    for labels, value in values.items():
        family.add_metric(list(labels), value)


def _one(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"seamwatch_{name}", about, value=value)


def _many(name: str, about: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"seamwatch_{name}", about, labels=labels)


def _left_out(what: str, number: int) -> GaugeMetricFamily:
    return _one(f"{what}_left_out", f"How many {what} are not told, to bound the labels.", number)
