"""Draws up the register: every credential that the estate leans on, and every vendor's date."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time

from bot.allowances import instances_by_name, instances_of
from bot.credential_settings import CredentialSettings
from bot.facts import BlindPart, SystemFacts
from bot.inventory import Inventory
from bot.settings import PatchworksSettings, Settings
from bot.sight import PATCHWORKS
from bot.system_settings import SystemSettings
from checks.asking import signals_of
from checks.credentials import Held, Holder, KnownBy
from checks.declare import Connector, Credential, Life
from checks.runs import Instance
from checks.systems import all_connectors


def register(
    settings: Settings,
    inventory: Inventory | None,
    systems: Iterable[SystemFacts],
    blindness: Mapping[str, BlindPart],
    read_at: datetime | None,
) -> tuple[Held, ...]:
    """The platform's credentials, then ours, then the dates of the vendors in use.

    `read_at` is when Patchworks could last be read.
    """
    instances = inventory.instances if inventory else ()
    kinds = inventory.kinds if inventory else {}
    seen = {facts.name: facts for facts in systems}
    in_use = {*kinds.values(), *(system.connector.kind for system in settings.system)}
    return (
        *_on_instances(instances, kinds, settings.credential, _owners(settings, inventory)),
        *_elsewhere(instances, settings.credential),
        _patchworks(settings.patchworks, blindness, read_at),
        *(_ours(system, seen.get(system.name)) for system in settings.system),
        *_events(all_connectors(), in_use),
        *(
            held
            for system in settings.system
            if (facts := seen.get(system.name))
            for held in _announced(system, facts)
        ),
    )


def _on_instances(
    instances: Iterable[Instance],
    kinds: Mapping[str, str],
    declared: Iterable[CredentialSettings],
    owners: Mapping[str, str],
) -> Iterator[Held]:
    """One a declared credential of an instance; an instance without any has one all the same, of
    whoever looks after its system."""
    told = list(declared)
    for instance in instances:
        own = [each for each in told if stands_on(each, instance)]
        for number, each in enumerate(own):
            key = f"instance/{instance.id}" + (f"#{_slug(each.name)}" if number else "")
            yield _declared(key, instance.name, kinds.get(instance.id, ""), each, instance)
        if not own:
            yield Held(
                id=f"instance/{instance.id}",
                system=instance.name,
                what=instance.auth_type or "credential",
                holder=Holder.PLATFORM,
                known_by=KnownBy.UNKNOWN,
                owner=owners.get(instance.id, ""),
                system_kind=kinds.get(instance.id, ""),
                instance_id=instance.id,
            )


def _owners(settings: Settings, inventory: Inventory | None) -> Mapping[str, str]:
    """Who looks after the system that an instance is of, by its id; left out where several do."""
    if inventory is None:
        return {}
    known = instances_by_name(inventory)
    named: dict[str, set[str]] = {}
    for system in settings.system:
        for instance_id in instances_of(system, known):
            named.setdefault(instance_id, set()).update(filter(None, [system.owner]))
    return {each: owners.pop() for each, owners in named.items() if len(owners) == 1}


def stands_on(credential: CredentialSettings, instance: Instance) -> bool:
    """Whether the operator means this instance, by its name or its id."""
    named = (credential.instance or "").casefold()
    return bool(named) and named in (instance.name.casefold(), instance.id)


def _elsewhere(
    instances: Iterable[Instance], declared: Iterable[CredentialSettings]
) -> Iterator[Held]:
    """Declared ones of no instance that we know of: they have a date all the same."""
    known = list(instances)
    for each in declared:
        if not any(stands_on(each, instance) for instance in known):
            where = each.instance or each.name
            yield _declared(f"credential/{_slug(each.name)}", where, "", each, None)


def _declared(
    key: str, system: str, kind: str, told: CredentialSettings, instance: Instance | None
) -> Held:
    known_by = KnownBy.UNKNOWN
    if told.endless:
        known_by = KnownBy.ENDLESS
    elif told.ends_on is not None:
        known_by = KnownBy.DECLARED if told.expires is not None else KnownBy.COMPUTED
    return Held(
        id=key,
        system=system,
        what=told.type or told.name,
        holder=Holder.PLATFORM,
        known_by=known_by,
        ends_at=_midnight(told.ends_on),
        owner=told.owner or "",
        renews_itself=told.renews_itself,
        needs_person=not told.renews_itself,
        lasts_days=told.lasts.total_seconds() / 86400 if told.lasts is not None else None,
        system_kind=kind,
        instance_id=instance.id if instance else "",
        note=told.note,
    )


def _patchworks(
    settings: PatchworksSettings, blindness: Mapping[str, BlindPart], read_at: datetime | None
) -> Held:
    """Our own way into the platform: a key that never expires, or a login that renews itself.

    https://doc.wearepatchworks.com/product-documentation/developer-hub/patchworks-core-api
    """
    by_key = settings.api_key is not None
    refused = [part for part in blindness.values() if part.rejected]
    first = min(refused, key=lambda part: part.since, default=None)
    return Held(
        id=PATCHWORKS,
        system="Patchworks",
        what="API key" if by_key else "login",
        holder=Holder.OURS,
        known_by=KnownBy.ENDLESS if by_key else KnownBy.READ,
        renews_itself=not by_key,
        lasts_days=None if by_key else 1.0,
        refused_since=first.since if first else None,
        accepted_at=None if first else read_at,
        why=first.why if first else "",
        note="an API key does not expire, but can be revoked or deleted" if by_key else "",
    )


def _ours(system: SystemSettings, seen: SystemFacts | None) -> Held:
    """The monitor's own credential of a system: only our sight hangs on it."""
    credential = next(
        each for each in system.declared.credentials if each.name == system.way_in.credential
    )
    ends_at, known_by = _end_of(system, credential, seen)
    refused = seen is not None and seen.rejected and seen.blind_since is not None
    return Held(
        id=f"system/{system.name}",
        system=system.name,
        what=credential.name,
        holder=Holder.OURS,
        known_by=known_by,
        ends_at=ends_at,
        owner=system.owner or "",
        renews_itself=credential.renews_itself or credential.life is Life.SESSION,
        needs_person=credential.needs_person,
        lasts_days=credential.lasts.total_seconds() / 86400 if credential.lasts else None,
        refused_since=seen.blind_since if seen and refused else None,
        accepted_at=seen.seen_at if seen and not refused else None,
        why=seen.why if seen and refused else "",
        system_kind=system.connector.kind,
        note=credential.note,
        source=credential.source,
    )


def _end_of(
    system: SystemSettings, credential: Credential, seen: SystemFacts | None
) -> tuple[datetime | None, KnownBy]:
    if system.expires is not None:
        return _midnight(system.expires), KnownBy.DECLARED
    its_own = credential.life is not Life.DECLARED  # else it is that of a token got with it
    if its_own and seen is not None and seen.token_ends_at is not None:
        return seen.token_ends_at, KnownBy.READ
    if credential.life is Life.SESSION or credential.renews_itself:
        return None, KnownBy.READ
    return None, KnownBy.ENDLESS if credential.lasts is None else KnownBy.UNKNOWN


def _events(connectors: Mapping[str, Connector], in_use: Iterable[str]) -> Iterator[Held]:
    for kind in sorted(set(in_use) & connectors.keys()):
        for event in connectors[kind].events:
            yield Held(
                id=f"event/{kind}/{_slug(event.what)}",
                system=connectors[kind].title,
                what=event.what,
                holder=Holder.NOBODY,
                known_by=KnownBy.VENDOR,
                ends_at=event.on,
                system_kind=kind,
                whom=event.whom,
                source=event.source,
            )


def _announced(system: SystemSettings, seen: SystemFacts) -> Iterator[Held]:
    """What a system's own answers announce: the end of what served us, or that we should change.

    Seamwatch's calls show it; a flow may ask for another version, and is told to look.
    """
    for signal in signals_of(system.declared):
        told, since = seen.signals.get(signal.name), seen.signals_since.get(signal.name)
        at = signal.ends(told) if told and signal.ends else since if signal.warns else None
        if told is None or at is None:
            continue
        yield Held(
            id=f"event/{_slug(system.name)}/{_slug(signal.name)}",
            system=system.name,
            what=f"{signal.means or signal.name} ({told})",
            holder=Holder.NOBODY,
            known_by=KnownBy.VENDOR,
            ends_at=at,
            system_kind=system.connector.kind,
            whom="what calls it as Seamwatch does; look which version your flows ask for",
            source=signal.source,
        )


def _midnight(day: date | None) -> datetime | None:
    """The start of a day, UTC: a credential that ends on it may end with its first minute."""
    return None if day is None else datetime.combine(day, time(), UTC)


def _slug(text: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", text.casefold()))[:60]
