"""Promises of every page: who it belongs to, how it is written, what it links to."""

from __future__ import annotations

import re
from dataclasses import fields
from importlib.resources import files
from pathlib import Path

import pytest
from jinja2 import Environment, meta

from checks.registry import discover
from runbooks.book import FITS, About, Page
from tests.runbooks.situations import BOOK, FACTS

PAGES = sorted(Path(str(files("runbooks"))).glob("*.md"))
NAME = re.compile(r"[a-z]+(-[a-z]+)*(\.[a-z][a-z0-9-]*)?\.md")
OF_INCIDENT = {field.name for field in fields(About)}
OUTSIDE_THE_SUBSET = {
    "a deeper heading": r"^#{4,}",
    "an indented list": r"^[ \t]+(\d+\.|[-*+]) ",
    "another bullet": r"^[*+] ",
    "a quote": r"^[ \t]*>",
    "a table": r"^[ \t]*\|",
    "an image": r"!\[",
    "HTML": r"</?[a-zA-Z]",
    "a fence": r"```|~~~",
    "italics with one asterisk": r"(?<!\*)\*(?!\*)",
    "a template block whose text is printed twice": r"{%-?\s*(set|macro|call|filter|raw)\b",
    "a private-use character": "[\ue000-\uf8ff]",
}


def page_of(file: Path) -> Page:
    page = BOOK.find_topic(file.stem)
    assert page is not None
    return page


pytestmark = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def test_a_page_is_named_after_its_check_and_perhaps_a_system(page: Path) -> None:
    assert NAME.fullmatch(page.name)
    assert page_of(page).check in discover()


def test_a_page_names_only_facts_that_its_check_hands_over(page: Path) -> None:
    facts = set(FACTS[page_of(page).check])
    environment = Environment(autoescape=True)
    environment.filters["time"] = str
    named = meta.find_undeclared_variables(environment.parse(page.read_text("utf-8")))
    assert named <= facts | OF_INCIDENT


@pytest.mark.parametrize("construct", OUTSIDE_THE_SUBSET)
def test_a_page_uses_only_what_the_converter_knows(page: Path, construct: str) -> None:
    found = re.search(OUTSIDE_THE_SUBSET[construct], page.read_text("utf-8"), re.MULTILINE)
    assert found is None, f"{page.name} has {construct}: {found}"


def test_a_page_links_over_https_or_to_a_link_of_the_incident(page: Path) -> None:
    links = re.findall(r"\]\(([^)]*)\)", page.read_text("utf-8"))
    assert links
    for link in links:
        assert re.fullmatch(
            r"https://doc\.wearepatchworks\.com/\S+|{{ (run|dashboard)_url }}", link
        )


def test_a_page_has_the_four_headings_in_order(page: Path) -> None:
    headings = [section.heading for section in BOOK.render(page_of(page)).sections]
    assert [heading for heading in headings if "continued" not in heading] == [
        "Meaning",
        "Impact",
        "Diagnosis",
        "Mitigation",
    ]


def test_a_page_is_short_enough_for_a_phone(page: Path) -> None:
    for section in BOOK.render(page_of(page)).sections:
        assert len(section.body) < FITS
        for line in section.body.splitlines():
            shown = re.sub(r"<[^|>]*\|([^>]*)>", r"\1", line)
            assert len(shown) <= 360, f"a step of {len(shown)} characters: {shown}"


@pytest.mark.parametrize("check", sorted(discover()))
def test_every_check_has_its_page(page: Path, check: str) -> None:
    found = BOOK.find(check)
    assert found is not None
    assert found.name == discover()[check].runbook
