"""What the page says, before it is drawn: nothing that is old or unseen is called well."""

from __future__ import annotations

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot import facts
from bot.incidents.events import Acknowledge, Snooze
from bot.incidents.lifecycle import Change
from bot.store import open_store
from bot.store.views import reading
from bot.web.dashboard.bands import WIDTH, draw
from bot.web.dashboard.board import Around, Mark
from bot.web.dashboard.gathering import gather
from bot.web.dashboard.page import policy_of, render
from tests.bot.digest import scene as days
from tests.bot.export import scene
from tests.bot.response_scene import HOUR, Scene
from tests.bot.response_scene import NOON as MONDAY
from tests.bot.slack import forecasts

AROUND = Around(estate="Acme", zone=ZoneInfo("Europe/London"), titles=days.TITLES)
NOW = scene.EIGHT
SNOOZE = Snooze(until=MONDAY + HOUR)


@pytest.fixture
def empty(tmp_path):
    store = open_store(tmp_path / "empty.db")
    yield store
    store.close()


def board(store, unwell="", now=NOW):
    with reading(store.path) as db:
        return gather(db, AROUND, now, unwell)


def kept(store, **changes):
    with store.writing() as db:
        facts.save_round(db, days.round_at(NOW, **changes))


def test_before_the_first_round_nothing_is_known(empty):
    found = board(empty)
    assert (found.first, found.mark) == (
        "No round has been finished yet, so nothing is known.",
        Mark.UNKNOWN,
    )


def test_when_all_is_seen_and_nothing_open_it_is_well(empty):
    kept(empty)
    found = board(empty)
    assert found.first == "No incident is open, and everything can be seen."
    assert found.mark is Mark.WELL


@pytest.mark.parametrize(
    ("deeds", "said"),
    [
        pytest.param({}, "2 incidents open: 2 in nobody's hand.", id="nobody has any"),
        pytest.param(
            {1: SNOOZE}, "2 incidents open: 1 in nobody's hand, 1 put off.", id="one is put off"
        ),
        pytest.param(
            {1: SNOOZE, 2: SNOOZE}, "2 incidents open: 2 put off.", id="nobody has what is put off"
        ),
        pytest.param(
            {1: Acknowledge(), 2: SNOOZE}, "2 incidents open: 1 in hand, 1 put off.", id="of each"
        ),
    ],
)
def test_the_first_sentence_says_how_many_are_in_whose_hand(tmp_path, deeds, said):
    response = Scene(tmp_path / "seamwatch.db")
    response.see_all(2)
    for number, deed in deeds.items():
        assert isinstance(response.do(deed, incident_id=number), Change)
    with response.store.writing() as db:
        facts.save_round(db, days.round_at(response.at))
    found = board(response.store, now=response.at)
    response.close()
    assert (found.first, found.mark) == (said, Mark.BAD)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        pytest.param("round", "not everything can be seen", id="the round was blind"),
        pytest.param("system", "not everything can be seen", id="a system does not answer"),
        pytest.param("unwell", "A step is late.", id="the bot is unwell"),
        pytest.param("old", "The last round ended 1 h ago: what stands here is old.", id="old"),
    ],
)
def test_what_is_not_seen_is_never_called_well(empty, what, said):
    kept(empty, blind=("the queue",) if what == "round" else ())
    if what == "system":
        unseen = facts.SystemFacts(name="pim", title="x", looked_at=NOW, blind_since=NOW)
        with empty.writing() as db:
            facts.save_systems(db, (unseen,), NOW)
    found = board(
        empty,
        "A step is late." if what == "unwell" else "",
        NOW + timedelta(hours=1 if what == "old" else 0),
    )
    assert said in found.first
    assert found.mark is not Mark.WELL


def test_a_system_that_does_not_show_a_list_for_a_day_is_not_called_well(empty):
    kept(empty)
    seen = facts.SystemFacts(name="pim", title="x", looked_at=NOW, seen_at=NOW)
    part = facts.BlindPart(since=NOW - timedelta(days=2), why="it answers 404", refused=True)
    with empty.writing() as db:
        facts.save_systems(db, (seen,), NOW)
        facts.save_unseen_lists(db, {"pim": {"orders": part}}, NOW)
    found = board(empty)
    assert found.mark is Mark.UNKNOWN
    (row,) = next(each.rows for each in found.sections if each.id == "systems")
    assert row.mark is Mark.UNKNOWN
    assert row.cells[-1] == "Changed answers would not be seen in its orders: it answers 404."


def test_the_gravest_is_first_and_everything_has_its_section(tmp_path):
    store = scene.filled(tmp_path / "filled.db")
    found = board(store, now=forecasts.NOON)
    store.close()
    rows = {each.id: [row.name for row in each.rows] for each in found.sections}
    assert rows["incidents"] == ["#5", "#1", "#4"]
    assert rows["resolved"] == ["#3", "#2"]
    assert rows["limits"][0] == "dispatch"
    assert rows["systems"] == ["Patchworks: queue", "pim"]
    assert rows["reconciliation"] == ["orders"]
    (row,) = next(each.rows for each in found.sections if each.id == "reconciliation")
    assert "differ; before, the totals were apart until" in row.cells[1]
    assert rows["flows"][0] == "flow f0", "the one with failures"
    assert len(rows["credentials"]) > 3


def test_a_drawing_leaves_gaps_and_stays_within_its_frame():
    drawn = draw(forecasts.CHART, "dispatch: calls an hour", "in words")
    assert len(drawn.measured) == 2, "what is not known is a gap"
    points = " ".join([*drawn.measured, drawn.outer, drawn.inner, drawn.middle])
    for x, y in re.findall(r"([-\d.]+),([-\d.]+)", points):
        assert 0 <= float(x) <= WIDTH
        assert 0 <= float(y) <= 170
    assert drawn.reached is not None
    assert drawn.reached[0] < drawn.reached[1]
    assert drawn.limit_label == "limit 2,400"


def test_the_policy_allows_the_own_style_and_script_alone(empty):
    page = render(board(empty))
    policy = policy_of(page)
    assert policy.count("'sha256-") == 2
    assert "unsafe" not in policy
    assert "style=" not in page
    assert not re.search(r"\son\w+=", page)
    assert "http" not in re.sub(r"http-equiv", "", page)
