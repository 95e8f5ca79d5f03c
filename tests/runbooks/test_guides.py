"""Guides, which are about no check: written as every page, found by name, short enough to read."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest

from runbooks.book import FITS
from tests.runbooks.situations import BOOK
from tests.runbooks.test_pages import OUTSIDE_THE_SUBSET

GUIDES = sorted(Path(str(files("runbooks"))).glob("guides/*.md"))
LONGEST = 360


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_a_guide_is_found_by_name_and_fits_a_phone(guide: Path) -> None:
    page = BOOK.find_topic(guide.stem.replace("-", " "))
    assert page is not None
    assert (page.check, page.system) == ("", None)
    text = guide.read_text("utf-8")
    found = {
        name for name, what in OUTSIDE_THE_SUBSET.items() if re.search(what, text, re.MULTILINE)
    }
    assert found == set()
    sections = BOOK.render(page).sections
    assert sections[0].heading == "Meaning"
    for section in sections:
        assert len(section.body) < FITS
        assert max(map(len, section.body.splitlines())) <= LONGEST


def test_managers_have_one() -> None:
    assert "reading-the-digest" in BOOK.topics()
