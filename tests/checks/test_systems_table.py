"""The tables in the documents say what the declarations say."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.declare import Mark
from checks.overrides import faults_in
from checks.systems import all_connectors
from checks.systems_table import page, readme, unsure

ROOT = Path(__file__).parents[2]


def test_the_page_is_what_the_declarations_say():
    told = (ROOT / "docs" / "systems.md").read_text(encoding="utf-8")
    assert told == page(), "write it anew: python -m checks.systems_table > docs/systems.md"


def test_the_readme_has_the_table():
    told = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme() in told, "put it there anew: python -m checks.systems_table readme"


@pytest.mark.parametrize("connector", all_connectors().values(), ids=lambda each: each.kind)
def test_every_fact_that_is_not_confirmed_is_named_so_and_can_be_overridden(connector):
    values = {"size": "5", "lasts": "5d", "per": "1m", "url": "https://status.example/x"}
    for _, fact, mark, name in unsure(connector):
        assert mark in {Mark.THIRD_PARTY, Mark.RECALLED}, fact
        told = name.strip("`").replace("keys.FIELD", "keys.number")
        value = values.get(told.rpartition(".")[2], "/x")
        value = "X-Other" if told.startswith("header.") else value
        assert faults_in(connector, {told: value}) == [], fact
