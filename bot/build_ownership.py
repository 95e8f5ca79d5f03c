"""Makes what says whose things are from the settings, and says what is missing in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches

from bot.finding import Finding, State
from bot.incidents.matchers import LABELS, match_all
from bot.inventory import Inventory
from bot.ownership import About, Known, Ownership, Party, PartyKind, unmatched, unowned
from bot.settings import Settings

NAMED = 5
NEAR = 0.8
ANYTHING = (dict.fromkeys(LABELS, ""), dict.fromkeys(LABELS, "whatever it is"))
"""Two sets of labels that only a route for everything matches both."""


def ownership_of(settings: Settings) -> Ownership:
    names = {
        PartyKind.PERSON: [each.name for each in settings.person],
        PartyKind.TEAM: [each.name for each in settings.team],
        PartyKind.ROTA: [each.name for each in settings.rota],
    }
    known = Known(names=names)
    return Ownership(
        rules=tuple(each.rule(known) for each in settings.responsibility),
        told=settings.flow,
        known=known,
    )


def unowned_names(settings: Settings) -> Callable[[Inventory | None], Sequence[str]]:
    """Asks for the names of the flows for which nobody is responsible; for nothing where the
    settings name nobody for anything."""
    ownership = ownership_of(settings)

    def names(inventory: Inventory | None) -> Sequence[str]:
        if inventory is None or not ownership.is_used:
            return ()
        return [flow.name or f"flow {flow.id}" for flow in unowned(ownership, inventory.flows)]

    return names


def ownership_warnings(settings: Settings) -> Iterator[str]:
    """What `config check` warns of: `[[flow]]` sections that are nobody's, names that are nearly
    somebody's or nearly a flow's, and routes by which nobody responsible is ever told. Which flows
    have no section at all only the doctor knows."""
    ownership = ownership_of(settings)
    yield from _nearly_flows(settings)
    if ownership.is_used:
        yield from _before_owners(settings)
    for each in settings.flow:
        about = About(flow=each.name or "", flow_id=each.id or "")
        if not ownership.responsible(about):
            yield (
                f"Nobody is responsible for the flow {each.called!r}: give its [[flow]] an owner, "
                "or a [[responsibility]]."
            )
    for party in _words(ownership):
        known = [name for names in ownership.known.names.values() for name in names]
        near = get_close_matches(party.name, known, n=1, cutoff=NEAR)
        if near:
            yield (
                f"{party.name!r} is nobody of the settings and is taken as words; did you mean "
                f"{near[0]!r}?"
            )


def _nearly_flows(settings: Settings) -> Iterator[str]:
    """Patchworks may have such a flow; a slip is more likely."""
    known = [name for each in settings.flow for name in (each.name, each.id) if name]
    folded = {name.casefold(): name for name in known}
    for name in dict.fromkeys(each.flow for each in settings.responsibility):
        near = get_close_matches(name.casefold(), folded, n=1, cutoff=NEAR)
        if near and near[0] != name.casefold():
            yield (
                f"A [[responsibility]] is for the flow {name!r}, which has no [[flow]] section; "
                f"did you mean {folded[near[0]]!r}?"
            )


def _before_owners(settings: Settings) -> Iterator[str]:
    """A route that holds for everything leaves nothing to whoever is responsible."""
    for each in settings.route:
        if each.matchers and all(match_all(each.matchers, labels) for labels in ANYTHING):
            yield (
                f"The [[route]] with match = {each.match!r} holds for every incident, so that "
                "whoever is responsible for it is never told first; leave match out, and the route "
                "takes what is nobody's."
            )


def say_owners(settings: Settings, inventory: Inventory | None) -> Finding:
    """What the doctor says of flows that are nobody's."""
    ownership = ownership_of(settings)
    if inventory is None:
        said = "Whether every flow is somebody's is known after the first round."
        return Finding(about="Owners", state=State.UNKNOWN, sentence=said)
    strange = [*unmatched(ownership, inventory.flows), *_uncompared(settings, inventory)]
    if strange:
        named = _some([repr(each) for each in dict.fromkeys(strange)])
        said = (
            f"Patchworks has no flow {named}, which [[flow]], [[responsibility]] or [[reconcile]] "
            "names; correct the name, or remove the section."
        )
        return Finding(about="Owners", state=State.TROUBLE, sentence=said)
    missing = unowned(ownership, inventory.flows)
    if missing and ownership.is_used:
        said = (
            f"Nobody is responsible for {len(missing)} of {len(inventory.flows)} flows: "
            f"{_some([flow.name for flow in missing])}; a [[flow]] owner or a [[responsibility]] "
            "says who."
        )
        return Finding(about="Owners", state=State.UNKNOWN, sentence=said)
    said = "Every flow is somebody's." if ownership.is_used else "Nobody is named for any flow."
    return Finding(about="Owners", state=State.WELL, sentence=said)


def _uncompared(settings: Settings, inventory: Inventory) -> Iterator[str]:
    """The flows that `[[reconcile]]` names and Patchworks does not have."""
    known = {name.casefold() for flow in inventory.flows for name in (flow.name, flow.id)}
    named = (each.flow for each in settings.reconcile)
    yield from (name for name in named if name and name.casefold() not in known)


def _words(ownership: Ownership) -> Iterator[Party]:
    """Everybody named who has no section, each once."""
    rules = (rule for about in _abouts(ownership) for rule in ownership.rules_for(about))
    named = [*ownership.rules, *rules]
    found = (each for rule in named for each in (p for ps in rule.parties.values() for p in ps))
    yield from dict.fromkeys(each for each in found if each.kind is PartyKind.WORDS)


def _abouts(ownership: Ownership) -> Iterator[About]:
    for each in ownership.told:
        yield About(flow=each.name or "", flow_id=each.id or "")


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
