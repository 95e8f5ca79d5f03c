"""Systems are found by being there: a seventeenth one is one more file, and a bad one is named."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from checks.declare import Connector
from checks.systems import NoConnector, all_connectors

A_SYSTEM = """
from checks.declare import *
BY = Source(mark=Mark.RECALLED)
CONNECTORS = tuple(
    Connector(
        kind=kind, title="Till", docs="https://docs.example.com", base_url="https://till.example.com",
        placeholders={{}}, auths=(), credentials=(), keys=NotOffered("it has no orders"),
        probe=Probe(call=Call(path="/alive"), proves="it is up", source=BY), limits=(),
        counts=NotOffered("it tells none"), refusal=lambda answer: None, samples=(),
        status_page=NotOffered("it has none"), signals=NotOffered("it gives none"),
    )
    for kind in {kinds}
)
"""
MIXED = "has str among its CONNECTORS: only Connector(...) belongs there."
TWICE = "declares the kind 'till', which made_up_systems.one has already: rename one of them."
NONE_DECLARED = (
    "declares no connector: write CONNECTORS = (Connector(...),) in it, "
    "or move the module out of the connectors."
)
Make = Callable[[dict[str, str]], ModuleType]


@pytest.fixture
def connectors_of(tmp_path: Path) -> Iterator[Make]:
    """Makes a package of modules, and forgets it afterwards."""

    def make(modules: dict[str, str]) -> ModuleType:
        folder = tmp_path / "made_up_systems"
        folder.mkdir()
        (folder / "__init__.py").write_text("")
        for name, text in modules.items():
            (folder / f"{name}.py").write_text(text)
        sys.path.insert(0, str(tmp_path))
        importlib.invalidate_caches()
        return importlib.import_module("made_up_systems")

    yield make
    if str(tmp_path) in sys.path:
        sys.path.remove(str(tmp_path))
    for name in [name for name in sys.modules if name.startswith("made_up_systems")]:
        del sys.modules[name]


def test_a_seventeenth_system_is_one_more_file(connectors_of: Make) -> None:
    made = connectors_of({"till": A_SYSTEM.format(kinds=("till",))})
    made.__path__ = [*importlib.import_module("checks.connectors").__path__, *made.__path__]
    # The real modules under another package's name: what is there already, and one file more.
    assert set(all_connectors(made)) == {*all_connectors(), "till"}


def test_a_file_may_declare_several_variants(connectors_of: Make) -> None:
    made = connectors_of({"till": A_SYSTEM.format(kinds=("till_b", "till_a"))})
    found = all_connectors(made)
    assert list(found) == ["till_a", "till_b"]
    assert all(isinstance(connector, Connector) for connector in found.values())


@pytest.mark.parametrize(
    ("modules", "says"),
    [
        ({"empty": ""}, f"made_up_systems.empty {NONE_DECLARED}"),
        ({"wrong": "CONNECTORS = 'later'"}, f"made_up_systems.wrong {NONE_DECLARED}"),
        ({"none": "CONNECTORS = ()"}, f"made_up_systems.none {NONE_DECLARED}"),
        (
            {"mixed": "CONNECTORS = ('later',)"},
            f"made_up_systems.mixed {MIXED}",
        ),
        (
            {name: A_SYSTEM.format(kinds=("till",)) for name in ("one", "two")},
            f"made_up_systems.two {TWICE}",
        ),
        (
            {"one": A_SYSTEM.format(kinds=("till", "till"))},
            f"made_up_systems.one {TWICE}",
        ),
    ],
    ids=["nothing", "something else", "an empty one", "a mixture", "two files", "twice in one"],
)
def test_a_module_without_its_connectors_is_named(
    connectors_of: Make, modules: dict[str, str], says: str
) -> None:
    made = connectors_of(modules)
    with pytest.raises(NoConnector) as caught:
        all_connectors(made)
    assert str(caught.value) == says
