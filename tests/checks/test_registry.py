"""The registry finds every check of the catalogue, and is loud about a module without one."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from checks.catalogue import stalled_queue, unreadable
from checks.policy import CheckPolicy
from checks.registry import Check, NoCheck, discover

A_CHECK = """
from checks.policy import CheckPolicy
from checks.registry import Check
CHECK = Check(
    name="{name}", title="T", judge=lambda e, p, now: (), policy=CheckPolicy, runbook="r", needs="x"
)
"""
NONE_DECLARED = (
    "declares no check: write CHECK = Check(...) in it, or move the module out of the catalogue."
)


@pytest.fixture
def catalogue_of(tmp_path: Path) -> Iterator[Callable[[dict[str, str]], ModuleType]]:
    """Makes a package of modules, and forgets it afterwards."""

    def make(modules: dict[str, str]) -> ModuleType:
        folder = tmp_path / "made_up_catalogue"
        folder.mkdir()
        (folder / "__init__.py").write_text("")
        for name, text in modules.items():
            (folder / f"{name}.py").write_text(text)
        sys.path.insert(0, str(tmp_path))
        importlib.invalidate_caches()
        return importlib.import_module("made_up_catalogue")

    yield make
    if str(tmp_path) in sys.path:
        sys.path.remove(str(tmp_path))
    for name in [name for name in sys.modules if name.startswith("made_up_catalogue")]:
        del sys.modules[name]


def test_the_catalogue_is_found() -> None:
    assert discover()["stalled_queue"] is stalled_queue.CHECK
    assert discover()["unreadable"] is unreadable.CHECK


def test_every_check_of_the_catalogue_is_complete() -> None:
    for name, check in discover().items():
        assert check.name == name
        assert check.title
        assert check.runbook == name.replace("_", "-")
        assert check.needs
        assert issubclass(check.policy, CheckPolicy)
        assert check.policy()


def test_no_two_checks_share_a_title() -> None:
    titles = [check.title.casefold() for check in discover().values()]
    assert len(set(titles)) == len(titles)


def test_a_new_file_is_a_new_check(catalogue_of: Callable[[dict[str, str]], ModuleType]) -> None:
    made = catalogue_of({name: A_CHECK.format(name=name) for name in ("second", "first")})
    found = discover(made)
    assert list(found) == ["first", "second"]
    assert all(isinstance(check, Check) for check in found.values())


@pytest.mark.parametrize(
    ("modules", "says"),
    [
        (
            {"empty": ""},
            f"made_up_catalogue.empty {NONE_DECLARED}",
        ),
        (
            {"wrong": "CHECK = 'later'"},
            f"made_up_catalogue.wrong {NONE_DECLARED}",
        ),
        (
            {"one": A_CHECK.format(name="two")},
            "made_up_catalogue.one calls its check 'two': name it 'one'.",
        ),
    ],
    ids=["no check", "something else", "another name"],
)
def test_a_module_without_its_check_is_named(
    catalogue_of: Callable[[dict[str, str]], ModuleType], modules: dict[str, str], says: str
) -> None:
    made = catalogue_of(modules)
    with pytest.raises(NoCheck) as caught:
        discover(made)
    assert str(caught.value) == says
