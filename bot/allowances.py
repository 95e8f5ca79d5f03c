"""Draws up every allowance as it stands: as systems told it, or as Patchworks' runs add up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, timedelta

from bot.facts import LimitFacts, SystemFacts
from bot.inventory import Inventory
from bot.store import calls
from bot.system_settings import SystemSettings
from bot.usage import HOUR, Around, Use, use_of, usual_calls, usual_left
from checks.declare import CALLS, Limit, Published, Shape, Whose
from checks.limits import Allowance, SizeFrom
from checks.runs import Instance
from checks.volume import MINUTE, busiest

UNITS = {
    "second": timedelta(seconds=1),
    "minute": MINUTE,
    "hour": HOUR,
    "day": timedelta(days=1),
}


def allowances(around: Around) -> tuple[Allowance, ...]:
    """Those of the systems, of the platform's instances and pools, and of the platform itself."""
    return (*_of_systems(around), *_of_instances(around), *_of_pools(around), *_of_platform(around))


def _of_systems(around: Around) -> Iterator[Allowance]:
    seen = {facts.name: facts for facts in around.systems}
    known = instances_by_name(around.inventory)
    for settings in around.settings.system:
        ids = instances_of(settings, known)
        limits = settings.declared.limits
        spans = [limit.published[0].per for limit in limits if limit.published]
        use = use_of(around, ids, max((span for span in spans if span), default=MINUTE))
        for limit in limits:
            facts = seen.get(settings.name)
            for told in _readings(limit, facts):
                yield _of_limit(around, settings, limit, told, facts, ids, use)


def _readings(limit: Limit, facts: SystemFacts | None) -> Sequence[LimitFacts | None]:
    """Every counter of a limit that was told; one unknown where none was."""
    told = [each for each in facts.limits if each.name == limit.name] if facts else []
    return told or [None]


def _of_limit(
    around: Around,
    settings: SystemSettings,
    limit: Limit,
    told: LimitFacts | None,
    facts: SystemFacts | None,
    ids: tuple[str, ...],
    use: Use,
) -> Allowance:
    """As the system told it; where that is our own bucket, or nothing, as Patchworks' runs did."""
    scope = f" {told.scope}" if told and told.scope else ""
    published = _published(limit)
    size, size_from = _size(told, published)
    per = published.per if published else None
    allowance = Allowance(
        id=f"system/{settings.name}/{limit.name}{scope}",
        system=settings.name,
        name=f"{limit.name}{scope}",
        shape=limit.shape,
        unit="points" if limit.shape is Shape.POINTS else limit.unit,
        at=facts.seen_at if facts and facts.seen_at else around.now,
        size=size,
        per=per,
        used=_used(told, size),
        resets_at=told.resets_at if told else None,
        size_from=size_from,
        whose=limit.whose,
        spends=use.spends if limit.unit == CALLS else (),
        pace=use.pace,
        instance_ids=ids,
        system_kind=settings.connector.kind,
        time_sensitive=use.urgent,
        usual=usual_left(around, settings.name, limit.name, scope, size),
        blind=facts.why if facts and facts.blind_since is not None else "",
        note=limit.note,
    )
    if not ids or (allowance.used is not None and limit.whose is Whose.SHARED):
        return allowance
    return _by_the_platform(around, allowance, use, published)


def _by_the_platform(
    around: Around, allowance: Allowance, use: Use, published: Published | None
) -> Allowance:
    """The same by what the platform's runs spent, where that can be told in its unit."""
    seen = replace(allowance, at=around.now, blind="")
    if allowance.shape is Shape.CONCURRENCY:
        return _by_runs(around, seen)
    if published is None or published.per is None or allowance.unit != CALLS:
        return allowance
    if allowance.shape is Shape.LEAKY_BUCKET:  # a bucket's size does not tell how fast it drains
        size, size_from = _size(None, published)
        seen = replace(seen, size=size, size_from=size_from)
    return _derived(around, seen, use, published.per)


def _by_runs(around: Around, allowance: Allowance) -> Allowance:
    """How many runs are under way whose flow calls one of its instances: no more than so many
    places can be taken, since a run makes one request at a time."""
    wanted = set(allowance.instance_ids)
    callers = {flow.id for flow in around.inventory.flows if wanted & set(flow.instance_ids)}
    taken = float(sum(run.flow_id in callers for run in around.running))
    most = taken if allowance.size is None else min(taken, allowance.size)
    return replace(allowance, used=most, derived=True)


def _published(limit: Limit) -> Published | None:
    """The vendor's number where there is but one; several are for plans that we do not know."""
    return limit.published[0] if len(limit.published) == 1 else None


def _size(told: LimitFacts | None, published: Published | None) -> tuple[float | None, SizeFrom]:
    if told is not None and told.size is not None:
        return told.size, SizeFrom.READ
    if published is None:
        return None, SizeFrom.NOBODY
    declared = published.plan == "declared"
    return published.amount, SizeFrom.DECLARED if declared else SizeFrom.PUBLISHED


def _used(told: LimitFacts | None, size: float | None) -> float | None:
    if told is None or told.remaining is None or size is None:
        return None
    return max(0.0, size - told.remaining)


def _derived(around: Around, allowance: Allowance, use: Use, per: timedelta) -> Allowance:
    """The same with the platform's own use in place of what could not be read."""
    used = busiest(use.per_minute, per, around.now - 2 * MINUTE, around.now - MINUTE)
    most = busiest(use.per_minute, per, around.now - HOUR, around.now)
    return replace(
        allowance,
        used=used,
        worst=most / allowance.size if allowance.size else None,
        derived=True,
        usual=usual_calls(around, allowance.id, allowance.instance_ids, per),
    )


def _of_instances(around: Around) -> Iterator[Allowance]:
    for instance in around.inventory.instances:
        per = UNITS.get((instance.rate_limit_unit or "").casefold())
        if not instance.rate_limit or per is None:
            continue
        use = use_of(around, (instance.id,), per)
        rate = _instance_rate(around, instance, per, use)
        yield _derived(around, rate, use, per)


def _instance_rate(around: Around, instance: Instance, per: timedelta, use: Use) -> Allowance:
    """The platform's own brake: what is over it is held back and sent later, not refused.

    https://doc.wearepatchworks.com/product-documentation/connectors-and-instances/working-with-instances/adding-an-instance
    """
    return Allowance(
        id=f"instance/{instance.id}/rate",
        system=instance.name,
        name="rate limit in Patchworks",
        shape=Shape.WINDOW,
        unit=CALLS,
        at=around.now,
        size=float(instance.rate_limit or 0),
        per=per,
        size_from=SizeFrom.PLATFORM,
        whose=Whose.SHARED,
        spends=use.spends,
        pace=use.pace,
        instance_ids=(instance.id,),
        system_kind=around.inventory.kinds.get(instance.id, ""),
        time_sensitive=use.urgent,
    )


def _of_pools(around: Around) -> Iterator[Allowance]:
    """Instances that share a number of requests at the same time.

    https://doc.wearepatchworks.com/product-documentation/process-flows/building-process-flows/connection-pools
    """
    for pool in around.inventory.pools:
        members = set(pool.instance_ids) | {
            each.id for each in around.inventory.instances if each.pool_id == pool.id
        }
        use = use_of(around, tuple(sorted(members)))
        whole = Allowance(
            id=f"pool/{pool.id}/use",
            system=pool.name,
            name="connection pool",
            shape=Shape.CONCURRENCY,
            unit="calls at a time",
            at=around.now,
            size=float(pool.limit) if pool.limit else None,
            size_from=SizeFrom.PLATFORM,
            whose=Whose.SHARED,
            spends=use.spends,
            pace=use.pace,
            instance_ids=tuple(sorted(members)),
            time_sensitive=use.urgent,
        )
        yield _by_runs(around, whole)


def _of_platform(around: Around) -> Iterator[Allowance]:
    settings, now = around.settings.patchworks, around.now
    month = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    anew = (month + timedelta(days=32)).replace(day=1)
    limit = settings.operations_per_month
    told_limit = _number(around.told.get(settings.operations_limit_field))
    used = _number(around.told.get(settings.operations_field))
    yield Allowance(
        id="platform/main/operations",
        system="Patchworks",
        name="operations a month",
        shape=Shape.WINDOW,
        unit="operations",
        at=now,
        size=float(limit) if limit else told_limit,
        per=anew - month,
        used=used if used is not None else calls.operations_since(around.db, month),
        derived=used is None,
        resets_at=anew,
        size_from=_from(limit, told_limit),
        whose=Whose.SHARED,
    )
    yield Allowance(
        id="platform/main/api",
        system="Patchworks",
        name="calls to its API",
        shape=Shape.WINDOW,
        unit=CALLS,
        at=now,
        size=float(settings.calls_per_minute),
        per=MINUTE,
        used=float(around.own_calls),
        size_from=SizeFrom.PUBLISHED,
        whose=Whose.OWN,
    )


def _from(declared: int | None, told: float | None) -> SizeFrom:
    if declared:
        return SizeFrom.DECLARED
    return SizeFrom.NOBODY if told is None else SizeFrom.PLATFORM


def instances_by_name(inventory: Inventory) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """Instance ids by ("name", name in lower case), by ("name", id), and by ("kind", kind)."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for each in inventory.instances:
        keys = {("name", each.name.casefold()), ("name", each.id)}
        for key in (*keys, ("kind", inventory.kinds.get(each.id, ""))):
            found[key] = (*found.get(key, ()), each.id)
    return found


def instances_of(
    settings: SystemSettings, known: Mapping[tuple[str, str], tuple[str, ...]]
) -> tuple[str, ...]:
    """Those that the settings name; else all of its kind, where only one system is of that kind."""
    named = [("name", name.casefold()) for name in settings.instances]
    keys = named or [("kind", settings.connector.kind)]
    return tuple(dict.fromkeys(instance_id for key in keys for instance_id in known.get(key, ())))


def _number(told: object) -> float | None:
    """A count that the allowances tell; None for anything else."""
    if isinstance(told, bool) or not isinstance(told, int | float):
        return None
    return float(told) if told >= 0 else None
