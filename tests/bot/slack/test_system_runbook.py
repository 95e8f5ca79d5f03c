"""The runbook of an incident is its kind of system's own, where there is one."""

from __future__ import annotations

import pytest

from bot.slack.letters import view_of
from bot.transitions import judge
from checks.model import Level, Subject, Verdict
from runbooks.book import Book
from tests.bot.slack.scene import ask, desk_over, words_of

PAGE = "# {title}\n\n## Meaning\n\nLook at {{{{ run_url }}}}.\n"


@pytest.fixture
def desk(store, tmp_path):
    folder = tmp_path / "pages"
    folder.mkdir()
    for name, title in [("stalled-queue", "In general"), ("stalled-queue.netsuite", "NetSuite's")]:
        (folder / f"{name}.md").write_text(PAGE.format(title=title))
    return desk_over(store, book=Book(folder))


def trouble(desk, **facts):
    verdict = Verdict(
        check="stalled_queue",
        condition="queue",
        subject=Subject(kind="queue", id="main", name="the run queue"),
        level=Level.BREACH,
        signal="stall",
        sentence="It stands.",
        facts=facts,
    )
    with desk.store.writing() as db:
        judge(db, [verdict], desk.rules, desk.clock.now())


@pytest.mark.parametrize(
    ("facts", "title"),
    [
        ({"system_kind": "netsuite"}, "NetSuite's"),
        ({"system_kind": "shopify"}, "In general"),
        ({"system_kind": ""}, "In general"),
        ({}, "In general"),
    ],
    ids=["its own page", "no page of its own", "a kind not known", "no system"],
)
def test_the_page(desk, facts, title):
    trouble(desk, **facts)
    assert f"Runbook: {title} (#1)" in ask(desk, "runbook 1").text
    assert view_of(desk, 1).has_runbook


@pytest.mark.parametrize(
    ("facts", "run"),
    [
        ({"run_id": "r-1"}, "r-1"),
        ({"run_id": "r-1", "blocking_run_id": "r-77"}, "r-77"),
    ],
    ids=["the newest failed run", "the run in the way first"],
)
def test_the_run_it_links_to(desk, facts, run):
    trouble(desk, **facts)
    assert f"flow-run-logs/{run}" in words_of(ask(desk, "runbook 1"))
