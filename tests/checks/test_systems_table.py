"""docs/systems.md says what the declarations say."""

from __future__ import annotations

from pathlib import Path

from checks.systems_table import table

PAGE = Path(__file__).parents[2] / "docs" / "systems.md"


def test_the_page_is_what_the_declarations_say():
    told = PAGE.read_text(encoding="utf-8")
    assert told == table(), "write it anew: python -m checks.systems_table > docs/systems.md"
