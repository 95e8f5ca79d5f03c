"""What a person resolved while it stood is not told as over while it still stands."""

from __future__ import annotations

import pytest

from bot.digest.gathering import people_in
from bot.digest.headline import headline, is_calm, is_quiet
from bot.digest.page import render
from bot.digest.phrases import Mark
from bot.digest.plain import lines_of
from bot.digest.wording import figures, parts_of
from bot.incidents.events import Acknowledge, Clear, Resolve
from bot.slack.render.digest import digest_message
from tests.bot.digest.scene import (
    ALEX,
    CHECK,
    DAY,
    EIGHT,
    HOUR,
    MINUTE,
    PRIYA,
    did,
    digest,
    gone,
    opened,
    two_weeks,
)
from tests.bot.slack.scene import assert_slack_takes, words_of

LEFT = "Resolved by a person, and still there"


def said(told):
    return "\n".join(lines_of(told))


def lines(told, title):
    return [line for part in parts_of(told) if part.title == title for line in part.lines]


def resolved(store, at, name="Orders", *, after=4 * MINUTE):
    """One that Priya resolved after so long, and that nobody looked at since."""
    number = opened(store, at, name, critical=True)
    did(store, number, Resolve(summary="restarted"), at + after)
    return number


@pytest.fixture
def left(store):
    """Two resolved within the hour: one stands, the other is gone."""
    two_weeks(store)
    resolved(store, EIGHT - HOUR)
    opened(store, EIGHT - HOUR + 10 * MINUTE, "Orders", critical=True)
    resolved(store, EIGHT - HOUR, "Stock")
    gone(store, EIGHT - 30 * MINUTE, "Stock")
    return store


def test_the_headline_says_that_it_is_still_there(left):
    told = headline(digest(left))
    assert told.mark is Mark.LEFT
    assert told.text.startswith(
        "Nothing is open, but 1 incident resolved by a person is still there."
        " 1 more incident was resolved. 288 runs"
    )


def test_the_list_names_who_resolved_it_and_is_not_green(left):
    told = digest(left)
    [line] = lines(told, LEFT)
    assert line.mark is Mark.LEFT
    assert "not gone: #1 critical, 1 h · Stalled Queue Syndrome · Orders: Nothing has" in said(told)
    assert "· resolved by Priya after 4 min, and still there" in said(told)
    assert [line.text[:2] for line in lines(told, "Resolved")] == ["#2"]
    assert PRIYA.who in people_in(told)
    assert not is_quiet(told)
    assert not is_calm(told)


def test_the_figures_tell_it_too(left):
    told = dict(figures(digest(left)))
    assert told["Incidents"] == "2 opened, 2 resolved, 0 open, 1 resolved and still there"
    assert told["Time to resolve (MTTR)"].endswith("; the fault of 1 of them is still there")


def test_slack_and_the_page_show_it_before_the_figures(left):
    told = digest(left)
    message = digest_message(told)
    assert_slack_takes(message)
    words = words_of(message)
    assert "🟡 Nothing is open, but" in words
    assert "🟡 #1 critical" in words
    assert words.index("🟡 #1") < words.index("MTTR")
    assert "🟢 #1" not in words
    page = render(told)
    assert page.index(f"<h2>{LEFT}") < page.index("MTTR")


def test_once_it_is_gone_it_is_resolved_like_any_other(left):
    gone(left, EIGHT - 20 * MINUTE, "Orders")
    told = digest(left)
    assert headline(told).text.startswith("Nothing is open. 2 incidents were resolved.")
    assert headline(told).mark is Mark.PLAIN
    assert {line.mark for line in lines(told, "Resolved")} == {Mark.WELL}


def test_as_of_the_end_of_the_period_it_was_still_there(left):
    gone(left, EIGHT + HOUR, "Orders")
    assert "but 1 incident resolved by a person is still there" in said(digest(left, later=DAY))


def test_what_was_gone_by_the_end_of_the_period_is_not_told_as_there(store):
    two_weeks(store)
    resolved(store, EIGHT - 3 * HOUR)
    gone(store, EIGHT - 2 * HOUR, "Orders")
    resolved(store, EIGHT + HOUR)
    assert "still there" not in said(digest(store, later=DAY))


def test_what_was_resolved_before_the_period_is_told_while_it_stands(store):
    two_weeks(store)
    resolved(store, EIGHT - DAY - 10 * MINUTE)
    opened(store, EIGHT - DAY + 20 * MINUTE, "Orders", critical=True)
    told = digest(store)
    assert told.resolved == ()
    assert headline(told).text.startswith("Nothing is open, but 1 incident resolved by a person")
    assert lines(told, LEFT)[0].text.startswith("#1 critical, 1 d ·")
    gone(store, EIGHT + HOUR, "Orders")
    assert [each.incident.id for each in digest(store, later=DAY).left] == [1]
    assert digest(store, EIGHT.date() + DAY).left == ()


def test_beside_what_is_open_it_has_a_sentence_of_its_own(left):
    number = opened(left, EIGHT - 2 * HOUR, "Prices")
    told = headline(digest(left))
    assert told.mark is Mark.BAD
    assert "nobody has it. 1 incident resolved by a person is still there. 1 more" in told.text
    did(left, number, Acknowledge(), EIGHT - HOUR, ALEX)
    told = headline(digest(left))
    assert told.mark is Mark.HELD
    assert "put off. 1 incident resolved by a person is still there. 1 more" in told.text


def test_what_another_incident_goes_on_with_names_that_one(store):
    two_weeks(store)
    resolved(store, EIGHT - 5 * HOUR)
    opened(store, EIGHT - 2 * HOUR, "Orders")
    told = digest(store)
    assert told.left == ()
    [line] = lines(told, "Resolved")
    assert line.mark is Mark.LEFT
    assert "by Priya, but it did not go away: #2 goes on with it" in said(told)


def test_what_cleared_by_itself_is_well(store):
    two_weeks(store)
    number = opened(store, EIGHT - HOUR, "Orders")
    did(store, number, Clear(reason="fine"), EIGHT - 30 * MINUTE, CHECK)
    told = digest(store)
    assert told.left == ()
    assert lines(told, "Resolved")[0].mark is Mark.WELL


def test_what_was_seen_more_than_a_day_ago_tells_nothing_of_today(store):
    two_weeks(store)
    resolved(store, EIGHT - 2 * DAY)
    assert digest(store).left == ()
    assert "resolved by a person" not in headline(digest(store)).text
