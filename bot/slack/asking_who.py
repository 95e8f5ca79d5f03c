"""What `/seam who` may be asked about: flows, what they carry, systems, failure modes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot import facts, inventory
from bot.inventory import Inventory, Register
from bot.ownership import About, Ownership
from bot.store import Database
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


def topics(db: Database, ownership: Ownership, titles: Mapping[str, str]) -> tuple[Topic, ...]:
    """Everything that can be asked about; what is called alike stands by kind, flows last."""
    known = inventory.find_inventory(db)
    flows = known.flows if known else ()
    return (
        *_entities(ownership, flows),
        *_modes(titles, flows),
        *_systems(db, known, ownership),
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


def _systems(db: Database, known: Inventory | None, ownership: Ownership) -> Iterator[Topic]:
    """Every instance of Patchworks, and every configured system that is called otherwise."""
    register, flows = inventory.find_register(db), known.flows if known else ()
    named = set()
    for each in known.instances if known else ():
        named.add(each.name.casefold())
        called = tuple(flow for flow in flows if each.id in flow.instance_ids)
        name = each.name or f"instance {each.id}"
        owners = _owners(register, {each.name.casefold()}, each.id)
        names = (each.name, each.id, each.system)
        yield Topic(
            kind="system", name=name, names=names, about=About(), flows=called, owners=owners
        )
    for system in facts.find_systems(db):
        if system.name.casefold() not in named:
            told = tuple(flow for flow in flows if _joins(ownership, flow, system.name))
            owners = _owners(register, {system.name.casefold()}, "")
            yield Topic(
                kind="system",
                name=system.name,
                names=(system.name, system.title),
                about=About(),
                flows=told,
                owners=owners,
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
