"""Patchworks goes blind: nothing is claimed, nothing opens or closes, and who asks is told why."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from bot.not_started import NotStarted
from bot.store import incidents
from checks import fetch
from tests.stories.conftest import Begin, Heard
from tests.stories.story import Story
from tests.stories.transcript import root

BLIND = "system/patchworks/unreadable/sight"
CANNOT = r"cannot read the (queue|flows|instances|runs) of Patchworks: "
AGAIN = r"of Patchworks can be read again"
SERVER_ERRORS = [{"status": status} for status in (500, 502, 503, 401, 403, 404)]
NONSENSE = [
    {"body": kind} for kind in ("html", "truncated", "empty", "wrong_types", "missing_fields")
]
LISTS = [{"body": "loop"}, {"body": "bare_list"}]


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param(SERVER_ERRORS, id="it answers with errors"),
        pytest.param(NONSENSE, id="its answers make no sense"),
        pytest.param(LISTS, id="its lists never end or have no envelope"),
    ],
)
async def test_blindness_opens_and_resolves_nothing_and_sight_returns(
    begin: Begin, log: Heard, faults: list[dict[str, Any]]
) -> None:
    log.expects(CANNOT, AGAIN)
    story = await begin()
    await story.queue_stalls()
    await story.stands(root("#1 Triggered"))
    story.estate.stop_hanging()
    story.estate.release()
    for fault in faults:
        await story.patchworks_fails("/api/v1/", **fault)
        await is_blind(story)
        await story.passes(minutes=1)
        await story.patchworks_fails()
        await story.rounds(1)
        assert "cannot be seen" not in await story.asks("priya", "queue")
        await story.stands(root("#1 Triggered"))
    await story.passes(seconds=30)
    await story.stands(root("#1 Resolved", edits=1, lines=["Cleared by itself"]))


async def is_blind(story: Story) -> None:
    """After a round, whoever asks is told so, since when, and why in one sentence."""
    since = int(story.now.timestamp()) + 5
    await story.rounds(2)
    queue = await story.asks("priya", "queue")
    assert "The queue cannot be seen" in queue
    assert f"It has been out of sight since <!date^{since}^" in queue
    status = await story.asks("priya", "status")
    assert "I cannot see everything" in status
    assert "Patchworks" in status.partition("Out of sight")[2]


async def test_blindness_is_no_trouble_of_the_queue(begin: Begin, log: Heard) -> None:
    log.expects(CANNOT, AGAIN)
    story = await begin()
    await story.patchworks_fails("/api/v1/", status=500)
    for _ in range(6):
        await story.passes(minutes=20)
    await story.stands(root("#1 Triggered", "Patchworks", "Out of sight", "is not known"))
    assert incidents.open_alerts(story.bot.store.db).keys() == {BLIND}
    await story.patchworks_fails()
    await story.passes(minutes=2)
    await story.passes(minutes=2)
    await story.stands(root("#1 Resolved", "Out of sight", edits=1, lines=["Cleared by itself"]))
    assert "is in order" in await story.asks("priya", "status")


async def test_an_answer_that_never_comes_is_given_up(
    begin: Begin, log: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.expects(CANNOT, AGAIN)
    short = timedelta(milliseconds=600)
    monkeypatch.setattr(fetch, "Patience", partial(fetch.Patience, read=short, total=2 * short))
    story = await begin()
    await story.queue_stalls()
    await story.stands(root("#1 Triggered"))
    await story.patchworks_fails("/api/v1/scheduled-flows", delay=1.8)
    await is_blind(story)
    await story.patchworks_fails()
    await story.rounds(1)
    assert "cannot be seen" not in await story.asks("priya", "queue")


@pytest.mark.parametrize("kind", ["unknown_enum", "shrinking_total"])
async def test_what_is_merely_strange_neither_opens_nor_closes_anything(
    begin: Begin, log: Heard, kind: str
) -> None:
    story = await begin()
    await story.queue_stalls()
    await story.stands(root("#1 Triggered"))
    await story.patchworks_fails("/api/v1/", body=kind)
    await story.rounds(8)
    await story.stands(root("#1 Triggered"))
    assert len(incidents.open_alerts(story.bot.store.db)) == 1
    await story.patchworks_fails()
    await story.rounds(1)
    assert "cannot be seen" not in await story.asks("priya", "queue")


async def test_an_unreadable_patchworks_at_the_start_is_waited_for(
    prepare: Begin, shorter: None, log: Heard
) -> None:
    log.expects("Patchworks cannot be read yet", CANNOT, AGAIN)
    story = await prepare()
    await story.patchworks_fails("/api/v1/", status=503)
    await story.start_bot()
    assert "never been readable" in await story.asks("priya", "queue")
    await story.patchworks_fails()
    await story.rounds(1)
    assert "is in order" in await story.asks("priya", "status")


async def test_a_key_that_is_refused_at_the_start_says_what_to_do(
    prepare: Begin, shorter: None
) -> None:
    story = await prepare()
    await story.patchworks_fails("/api/v1/", status=401)
    with pytest.raises(NotStarted, match=r"401.*check the credential under \[patchworks\]"):
        await story.start_bot()
