"""What `/seam who` may be asked about: flows, what they carry, systems, failure modes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot import facts, inventory
from bot.allowances import instances_by_name, instances_of
from bot.inventory import Inventory, Register
from bot.ownership import About, Ownership
from bot.slack.named import same_name
from bot.store import Database
from bot.system_settings import SystemSettings
from checks.runs import Flow

MODE = "failure mode"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One of them. `names` are what it may be called by; `flows` those that belong to it where it
    is more than a flow, of a failure mode all of them; `owners` says who looks after its
    credentials, each as "Dana (API key)"."""

    kind: str
    name: str
    names: tuple[str, ...]
    about: About
    flows: tuple[Flow, ...] = ()
    owners: tuple[str, ...] = ()


def topics(
    db: Database,
    ownership: Ownership,
    titles: Mapping[str, str],
    systems: Sequence[SystemSettings] = (),
) -> tuple[Topic, ...]:
    """Everything that can be asked about; what is called alike stands by kind, flows last.
    `systems` says which instances of Patchworks a configured system is."""
    known = inventory.find_inventory(db)
    flows = known.flows if known else ()
    return (
        *_entities(ownership, flows),
        *_modes(titles, flows),
        *_systems(db, known, ownership, systems),
        *map(of_flow, flows),
    )


def of_flow(flow: Flow) -> Topic:
    return Topic(
        kind="flow",
        name=flow.name or f"flow {flow.id}",
        names=(flow.name, flow.id),
        about=About(flow=flow.name, flow_id=flow.id),
    )


def _entities(ownership: Ownership, flows: tuple[Flow, ...]) -> Iterator[Topic]:
    for entity in ownership.entities:
        carried = tuple(flow for flow in flows if _carries(ownership, flow, entity))
        about = About(entity=entity)
        yield Topic(kind="entity", name=entity, names=(entity,), about=about, flows=carried)


def _carries(ownership: Ownership, flow: Flow, entity: str) -> bool:
    about = ownership.completed(About(flow=flow.name, flow_id=flow.id))
    return about.entity.casefold() == entity.casefold()


def _modes(titles: Mapping[str, str], flows: tuple[Flow, ...]) -> Iterator[Topic]:
    for name, title in titles.items():
        names = (name, title, name.replace("_", "-"))
        about = About(check=name)
        yield Topic(kind=MODE, name=title, names=names, about=about, flows=flows)


def _systems(
    db: Database, known: Inventory | None, ownership: Ownership, told: Sequence[SystemSettings]
) -> Iterator[Topic]:
    """Every instance of Patchworks, which is called as the system too that it alone is in the
    settings, and every other configured system."""
    register, flows = inventory.find_register(db), known.flows if known else ()
    configured = facts.find_systems(db)
    parts = {system.name: _instances(system.name, known, told) for system in configured}
    single = {ids[0]: system for system in configured if len(ids := parts[system.name]) == 1}
    for each in known.instances if known else ():
        own = single.get(each.id)
        called = {each.name.casefold(), *((own.name.casefold(),) if own else ())}
        yield Topic(
            kind="system",
            name=each.name or f"instance {each.id}",
            names=(each.name, each.id, each.system, *((own.name, own.title) if own else ())),
            about=About(),
            flows=_calling(flows, (each.id,), own.name if own else "", ownership),
            owners=_owners(register, called, each.id),
        )
    for system in configured:
        if system not in single.values():
            yield Topic(
                kind="system",
                name=system.name,
                names=(system.name, system.title),
                about=About(),
                flows=_calling(flows, parts[system.name], system.name, ownership),
                owners=_owners(register, {system.name.casefold()}, ""),
            )


def _instances(
    name: str, known: Inventory | None, told: Sequence[SystemSettings]
) -> tuple[str, ...]:
    """The ids of the instances that a configured system is: by its section, else by its name."""
    if known is None:
        return ()
    own = next((each for each in told if each.name == name), None)
    by_section = instances_of(own, instances_by_name(known)) if own else ()
    alike = tuple(each.id for each in known.instances if same_name(each.name, name))
    return by_section or alike


def _calling(
    flows: Sequence[Flow], instances: Sequence[str], system: str, ownership: Ownership
) -> tuple[Flow, ...]:
    """The flows that call one of these instances, or of which a section names the system."""
    return tuple(
        flow
        for flow in flows
        if {*instances} & {*flow.instance_ids} or (system and _joins(ownership, flow, system))
    )


def _joins(ownership: Ownership, flow: Flow, system: str) -> bool:
    """Whether the flow's section says that it comes from there, or goes there."""
    own = next((each for each in ownership.told if each.is_of(flow)), None)
    ends = (own.source, own.target) if own else ()
    return system.casefold() in {end.casefold() for end in ends}


def _owners(register: Register | None, names: set[str], instance_id: str) -> tuple[str, ...]:
    held = [each.held for each in register.credentials] if register else []
    found = (
        f"{each.owner} ({each.what})"
        for each in held
        if each.owner
        and (each.system.casefold() in names or (instance_id and each.instance_id == instance_id))
    )
    return tuple(dict.fromkeys(found))
