"""The table of docs/systems.md, made from the declarations: `python -m checks.systems_table`."""

from __future__ import annotations

import sys

from checks.declare import Connector, Life, NotOffered, Shape, Whose
from checks.systems import all_connectors

HEAD = """\
# The systems that can be looked at

Made from `checks/connectors/` by `python -m checks.systems_table`; a test keeps it true. What is
marked *recalled* or *third party* in the declarations was not confirmed on a vendor's page, and can
be overridden in the settings.

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


def table() -> str:
    """The whole page."""
    return HEAD + "".join(f"{_row(connector)}\n" for connector in all_connectors().values())


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
    used = {auth.credential for auth in connector.auths}
    lives = {each.life for each in connector.credentials if each.name in used}
    return ", ".join("declared" if life is Life.DECLARED else life.value for life in sorted(lives))


def _counts(connector: Connector) -> str:
    if isinstance(connector.counts, NotOffered):
        return "no"
    return ", ".join(sorted({count.entity for count in connector.counts}))


if __name__ == "__main__":
    sys.stdout.write(table())
