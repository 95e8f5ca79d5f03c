"""What `[[reconcile]]` may say and hardly means: told by `config check`, and no fault."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from bot.reconcile_settings import Depth, ReconcileSettings, SideSettings
from bot.settings import Settings
from checks.declare import NotOffered
from checks.listing import Records
from checks.reconcile.model import Kind, Role
from checks.systems import all_connectors

ALIKE = 0.8
"""From which likeness on (difflib's ratio) a name that nobody declares looks misspelt."""


def reconcile_warnings(settings: Settings) -> Iterator[str]:
    """One sentence for each."""
    kinds = {each.name: each.connector.kind for each in settings.system}
    for pair in settings.reconcile:
        about = f"[[reconcile]] {pair.name!r}"
        if not pair.field and pair.depth is Depth.RECORDS:
            yield (
                f"{about} names no [[reconcile.field]]: only whether records arrive is compared, "
                "not whether they arrive as they were."
            )
        for role in Role:
            side = _side(pair, role)
            lists = _lists(kinds.get(side.system, ""), pair.entity, side)
            yield from _of_side(f"{about} {role}", pair, role, lists)


def _of_side(
    about: str, pair: ReconcileSettings, role: Role, lists: tuple[Records, ...]
) -> Iterator[str]:
    side = _side(pair, role)
    if lists and lists[0].moves_to and not {*side.also_in} & {*lists[0].moves_to}:
        moved = " or ".join(lists[0].moves_to)
        yield (
            f"{about}: records leave {lists[0].place} for {moved}; name one of them in also_in, or "
            "they will seem to be missing."
        )
    if side.key:
        yield from _misspelt(about, "key", side.key, lists)
    for field in pair.field:
        name = (field.source if role is Role.SOURCE else field.target) or field.name
        yield from _misspelt(about, "field", name, lists)
        if field.kind is Kind.MONEY and not field.currency and not side.currency:
            yield (
                f"{about} has no currency: amounts of {field.name!r} are compared as if both sides "
                'had the same; set currency, such as "GBP", or name the field that tells it.'
            )


def _misspelt(about: str, what: str, name: str, lists: tuple[Records, ...]) -> Iterator[str]:
    """A system with fields of its own may have it, so that it is no fault."""
    for each in lists:
        paths = (one.path for one in each.fields if isinstance(one.path, str))
        known = {*(one.name for one in each.fields), *paths, *each.known} - {""}
        near = get_close_matches(name, known, n=1, cutoff=ALIKE)
        if each.any_field and near and name not in known:
            yield (
                f"{about}: {each.place} has no {what} {name!r} that we know; did you mean "
                f"{near[0]!r}?"
            )
            return


def _side(pair: ReconcileSettings, role: Role) -> SideSettings:
    return pair.source if role is Role.SOURCE else pair.target


def _lists(kind: str, entity: str, side: SideSettings) -> tuple[Records, ...]:
    """The list in which the records stand, then those to which they move."""
    connector = all_connectors().get(kind)
    if connector is None or isinstance(connector.lists, NotOffered):
        return ()
    found = []
    for place in (side.place, *side.also_in):
        meant = (
            each
            for each in connector.lists
            if (each.place == place if place else each.entity == entity)
        )
        found += list(meant)[:1]
    return tuple(found)
