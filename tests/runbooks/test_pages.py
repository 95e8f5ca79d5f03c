"""Promises of every page: who it belongs to, how it is written, what it links to."""

from __future__ import annotations

import re
from dataclasses import fields
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest
from jinja2 import Environment, meta

from checks.registry import discover
from checks.systems import all_connectors
from runbooks.book import FITS, PART, About, Page
from tests.runbooks.situations import BOOK, FACTS

FILES = sorted(Path(str(files("runbooks"))).glob("*.md"))
PARTS = {file.name: file for file in FILES if file.name.startswith(PART)}
PAGES = [file for file in FILES if file.name not in PARTS]
NAME = re.compile(r"[a-z]+(-[a-z]+)*(\.[a-z][a-z0-9_]*)?\.md")
SAID_ON_PURPOSE = {"failing-flow.md": 1, "unreadable.md": 1}  # "not known" as a thing to say
OF_INCIDENT = {field.name for field in fields(About)}
LINK = re.compile(r"\]\(([^)]*)\)")
OF_FACTS = ("{{ run_url }}", "{{ dashboard_url }}", "{{ event_source }}")
DOCUMENTS = (
    "https://doc.wearepatchworks.com/",
    "https://docs.oracle.com/en/cloud/saas/netsuite/",
    "https://shopify.dev/docs/",
)
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


def sources_of(page: Path) -> list[str]:
    """The text of a page, and of the parts that it includes."""
    text = page.read_text("utf-8")
    named = re.findall(r"{% include \"(\S+)\" %}", text)
    return [text, *(each for name in named for each in sources_of(PARTS[name]))]


pytestmark = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def test_a_page_is_named_after_its_check_and_perhaps_a_system(page: Path) -> None:
    assert NAME.fullmatch(page.name)
    found = page_of(page)
    assert found.check in discover()
    assert found.system is None or found.system in all_connectors()


def test_a_page_names_only_facts_that_its_check_hands_over(page: Path) -> None:
    facts = set(FACTS[page_of(page).check])
    environment = Environment(autoescape=True)
    environment.filters["time"] = str
    parsed = [environment.parse(text) for text in sources_of(page)]
    named = set().union(*(meta.find_undeclared_variables(each) for each in parsed))
    assert named <= facts | OF_INCIDENT


@pytest.mark.parametrize("construct", OUTSIDE_THE_SUBSET)
def test_a_page_uses_only_what_the_converter_knows(page: Path, construct: str) -> None:
    for text in sources_of(page):
        found = re.search(OUTSIDE_THE_SUBSET[construct], text, re.MULTILINE)
        assert found is None, f"{page.name} has {construct}: {found}"


def test_no_line_runs_into_the_next(page: Path) -> None:
    """The break after a block's tag is left out, so text before it needs an empty line after it."""
    for text in sources_of(page):
        for line, after in pairwise([*text.splitlines(), ""]):
            shows_text = re.sub(r"{%.*?%}", "", line).strip()
            assert not (shows_text and line.endswith("%}") and after), f"{page.name}: {line}"


def test_a_page_links_over_https_or_to_a_link_of_the_incident(page: Path) -> None:
    links = [link for text in sources_of(page) for link in LINK.findall(text)]
    assert links
    for link in links:
        assert link in OF_FACTS or link.startswith(DOCUMENTS), link


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


def test_a_page_without_an_incident_has_no_holes(page: Path) -> None:
    shown = " ".join(section.body for section in BOOK.render(page_of(page)).sections)
    holes = re.findall(r"\bnot known\b", shown)
    assert len(holes) <= SAID_ON_PURPOSE.get(page.name, 0)
