"""Every kind of day, in Slack and as a page, against files beside this test.

After a deliberate change: `SEAMWATCH_GOLDEN=write pytest tests/bot/digest/test_golden.py`, then
read the difference.
"""

from __future__ import annotations

import json
import os
from html.parser import HTMLParser
from pathlib import Path

import pytest

from bot.digest.page import render
from bot.slack.render.digest import digest_message
from bot.slack.render.message import TOTAL_LENGTH, length
from tests.bot.digest import days
from tests.bot.slack.scene import assert_slack_takes, words_of
from tests.bot.slack.sound import assert_sound

GOLDEN = Path(__file__).parent / "golden"
WRITE = os.environ.get("SEAMWATCH_GOLDEN") == "write"
PAGES = ("bad", "quiet", "autumn", "nothing", "weekly")


def compare(file: Path, made: str) -> None:
    if WRITE:
        GOLDEN.mkdir(exist_ok=True)
        file.write_text(made, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == made


@pytest.mark.parametrize("name", days.ALL)
def test_message(name, store):
    message = digest_message(days.ALL[name](store), native=name == "bad")
    assert_sound(message)
    shown = json.dumps(message.as_arguments(), indent=1, ensure_ascii=False, sort_keys=True)
    compare(GOLDEN / f"{name}.json", f"{shown}\n")


@pytest.mark.parametrize("name", PAGES)
def test_page(name, store):
    page = render(days.ALL[name](store))
    Checked().check(page)
    compare(GOLDEN / f"{name}.html", page)


def test_every_file_is_of_a_day():
    found = {file.name for file in GOLDEN.iterdir()}
    assert found == {f"{name}.json" for name in days.ALL} | {f"{name}.html" for name in PAGES}


@pytest.mark.parametrize("made", [days.many, days.hostile], ids=["500 flows", "hostile names"])
@pytest.mark.parametrize("native", [True, False], ids=["with a chart", "without"])
def test_however_much_there_is_slack_takes_it_and_nobody_is_called(made, native, store):
    message = digest_message(made(store), native=native)
    assert_sound(message)
    assert sum(map(length, message.blocks)) <= TOTAL_LENGTH
    assert "more" in words_of(message)
    assert "*Seamwatch itself*" in words_of(message)


def test_on_a_quiet_day_there_is_one_line(store):
    message = digest_message(days.quiet(store), native=True)
    assert_slack_takes(message)
    assert message.text == "🟢 All quiet: 288 runs, 100 % well, nothing open."
    assert len(message.blocks) == 2


def test_hostile_names_do_nothing_on_the_page(store):
    page = render(days.hostile(store))
    Checked().check(page)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "{{ 7 * 7 }}" in page
    assert "\u202e" not in page


class Checked(HTMLParser):
    """A page that is whole, and asks nobody for anything."""

    VOID = frozenset({"meta", "line", "rect"})

    def check(self, page: str) -> None:
        self.open: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _ in attrs}
        assert tag not in {"script", "link", "img", "iframe", "a", "object", "form", "base"}
        assert not names & {"src", "href", "style", "srcset", "action"}, attrs
        assert not any(name.startswith("on") for name in names), attrs
        if tag == "line":
            return
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.VOID:
            return
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style":
            assert "url(" not in data
            assert "@import" not in data
