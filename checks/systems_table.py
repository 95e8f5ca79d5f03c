"""What is known of every system, as tables made from the declarations.

`python -m checks.systems_table` prints docs/systems.md, `... readme` the table of the README.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from checks.declare import Connector, Life, Mark, NotOffered, Shape, Source, Whose
from checks.durations import say_duration
from checks.systems import all_connectors
from checks.systems_lists import LISTS_HEAD, rows_of_lists

HEAD = """\
# The systems that can be looked at

Made from `checks/connectors/` by `python -m checks.systems_table`; a test keeps it true. What is
marked *recalled* or *third party* in the declarations was not confirmed on a vendor's page, and can
be overridden in the settings; the second table lists it.

A `[[system]]` section needs `kind`, `name`, and what stands under *settings* and *secrets*; secrets
are references (`"env:NAME"`, `"file:PATH"`). Where there are several ways in, `auth` names one.

| kind | system | settings | secrets | allowance | credential ends | counts | status page |
| --- | --- | --- | --- | --- | --- | --- | --- |
"""
WHOSE = {
    Whose.SHARED: "read, shared with the platform",
    Whose.OWN: "read, ours alone",
    Whose.NOBODYS: "cannot be read",
}


README_HEAD = """\
Of every system it is read whether it answers, and the operator declares when the platform's own
credential ends, because Patchworks does not tell. Where the platform's use of an allowance cannot
be read, it is worked out from the operations of Patchworks' runs, without what others spend.

| system | read | declared by you | cannot be known |
| --- | --- | --- | --- |
"""
FACTS_HEAD = """
## Facts that are not confirmed

What stands only on a third party's page, or nowhere, and how to say it better: under `override` in
the system's section, such as `override = { "limit.calls.size" = "60", "limit.calls.per" = "1m" }`
(`per = "at once"` for calls at the same time). `header.NAME` gives the name under which a header
that is read as NAME really comes. Confirmed facts can be overridden by the same names:
`probe.path`, `count.ENTITY.path`, `list.PLACE.path`, `credential.NAME.lasts`, `limit.NAME.size`,
`limit.NAME.per`, `keys.FIELD`, `status_page.url`.

| kind | fact | how sure | override |
| --- | --- | --- | --- |
"""


def page() -> str:
    """The whole of docs/systems.md."""
    connectors = all_connectors().values()
    rows = "".join(f"{_row(connector)}\n" for connector in connectors)
    facts = "".join(f"| {' | '.join(fact)} |\n" for each in connectors for fact in unsure(each))
    lists = "".join(f"{row}\n" for each in connectors for row in rows_of_lists(each))
    return HEAD + rows + LISTS_HEAD + lists + FACTS_HEAD + facts


def readme() -> str:
    """The table of the README: per system what is read, what is declared, what nobody can know."""
    return README_HEAD + "".join(f"{_known(each)}\n" for each in all_connectors().values())


def unsure(connector: Connector) -> Iterator[tuple[str, str, str, str]]:
    """Every fact of a connector that is not confirmed: kind, fact, mark, and how to override it."""
    for fact, source, name in _facts(connector):
        if source.mark is not Mark.CONFIRMED:
            yield f"`{connector.kind}`", fact, source.mark.value, f"`{name}`"


def _facts(connector: Connector) -> Iterator[tuple[str, Source, str]]:
    yield f"probe: {connector.probe.proves}", connector.probe.source, "probe.path"
    for limit in connector.limits:
        yield f"where {limit.name} are read", limit.source, "header.NAME"
        for told in limit.published:
            amount = f"{told.amount:,.0f} {limit.name}"
            yield (
                amount + (f" ({told.plan})" if told.plan else ""),
                told.source,
                (f"limit.{limit.name}.size"),
            )
    for credential in connector.credentials:
        life = "no end known" if credential.lasts is None else say_duration(credential.lasts)
        yield f"{credential.name}: {life}", credential.source, f"credential.{credential.name}.lasts"
    for count in () if isinstance(connector.counts, NotOffered) else connector.counts:
        yield f"count of {count.entity}", count.source, f"count.{count.entity}.path"
    for each in () if isinstance(connector.lists, NotOffered) else connector.lists:
        yield f"list of {each.entity} in {each.place}", each.source, f"list.{each.place}.path"
    if not isinstance(connector.keys, NotOffered):
        yield "names of an order's fields", connector.keys.source, "keys.FIELD"
    if not isinstance(connector.status_page, NotOffered):
        yield "status page", connector.status_page.source, "status_page.url"


def _known(connector: Connector) -> str:
    cells = (_read(connector), _declared(connector), _unknown(connector))
    told = (", ".join(cell) or "nothing" for cell in cells)
    return f"| {connector.title} | {' | '.join(told)} |"


def _read(connector: Connector) -> Iterator[str]:
    for limit in connector.limits:
        if limit.whose is Whose.SHARED and limit.shape is Shape.CONCURRENCY:
            yield f"the size of {limit.name}"
        elif limit.whose is Whose.SHARED:
            yield f"use of {limit.name}"
        elif limit.whose is Whose.OWN:
            yield f"our own use of {limit.name}"
    if _lives(connector) - {Life.DECLARED}:
        yield "when our own token ends"
    if not isinstance(connector.counts, NotOffered):
        yield f"counts ({_counts(connector)})"
    if not isinstance(connector.status_page, NotOffered):
        yield "status page"


def _declared(connector: Connector) -> Iterator[str]:
    if Life.DECLARED in _lives(connector):
        yield "when our credential ends"
    for limit in connector.limits:
        if len(limit.published) != 1 and limit.whose is Whose.NOBODYS:
            yield f"the size of {limit.name}"


def _unknown(connector: Connector) -> Iterator[str]:
    """The platform's use is then worked out from its runs."""
    shared = (limit for limit in connector.limits if limit.whose is Whose.SHARED)
    if all(limit.shape is Shape.CONCURRENCY for limit in shared):
        yield "the platform's use"
    if isinstance(connector.counts, NotOffered):
        yield "counts"
    if isinstance(connector.status_page, NotOffered):
        yield "the vendor's own status"


def _lives(connector: Connector) -> set[Life]:
    used = {auth.credential for auth in connector.auths}
    return {each.life for each in connector.credentials if each.name in used}


def _row(connector: Connector) -> str:
    cells = (
        f"`{connector.kind}`",
        f"[{connector.title}]({connector.docs})",
        ", ".join(f"`{name}`" for name in connector.placeholders) or "none",
        _secrets(connector),
        _allowance(connector),
        _ends(connector),
        _counts(connector),
        "no" if isinstance(connector.status_page, NotOffered) else "read",
    )
    return f"| {' | '.join(cells)} |"


def _secrets(connector: Connector) -> str:
    several = len(connector.auths) > 1
    return "; ".join(
        (f'`auth = "{auth.name}"`: ' if several else "")
        + ", ".join(f"`{name}`" for name in auth.secrets)
        for auth in connector.auths
    )


def _allowance(connector: Connector) -> str:
    told = []
    for limit in connector.limits:
        numbers = "" if limit.published else ", no published limit"
        shape = "" if limit.shape is Shape.UNREADABLE else f" ({limit.shape.value})"
        told.append(f"{limit.name}{shape}: {WHOSE[limit.whose]}{numbers}")
    return "<br>".join(told) or "none known"


def _ends(connector: Connector) -> str:
    lives = sorted(_lives(connector))
    return ", ".join("declared" if life is Life.DECLARED else life.value for life in lives)


def _counts(connector: Connector) -> str:
    if isinstance(connector.counts, NotOffered):
        return "no"
    return ", ".join(sorted({count.entity for count in connector.counts}))


if __name__ == "__main__":
    sys.stdout.write(readme() if "readme" in sys.argv else page())
