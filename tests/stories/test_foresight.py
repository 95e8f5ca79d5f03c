"""A breach is foreseen: the warning stands hours ahead, becomes the breach, and was right."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.incidents.model import Alert
from bot.sandbox.run import BotProcess
from bot.store import incidents
from bot.store.forecasts import find_forecast
from tests.stories.conftest import Begin, Heard
from tests.stories.story import Story
from tests.stories.transcript import root

# The stories play in a year in which the declared revision has long been retired.
LATER = {'revision = "2026-07-15"': 'revision = "2089-07-15"'}
# Everything is learned once, when the bot starts, and not again in the night of the sale.
ONCE = {"[watch]": '[forecast]\nlearn_at = "09:00"\n\n[watch]'}
SYSTEM = "dotdigital-newsletters"
LIMIT = f"system/{SYSTEM}/calls an hour (older scheme)"
KEY = f"system/{SYSTEM}/rate_limit/calls-an-hour-older-scheme"
FLOW, SALE = "Consents to Dotdigital", "Today: Spring sale."
ROUND, MINUTE = timedelta(hours=1), timedelta(minutes=1)
CLOSE = timedelta(minutes=12)
"""A refused run counts for a quarter of an hour."""
FRESH = timedelta(hours=1, minutes=30)
"""A forecast is made anew when an hour is over."""
HANGS = 120.0  # real seconds: no machine is so busy

BeginWithPast = Callable[[str], Awaitable[Story]]


@pytest.fixture
async def begin(prepare: Begin, shorter: None, tmp_path: Path) -> BeginWithPast:
    """Begins stories of a company whose older call volumes were imported, as a user would."""

    async def started(scenario: str) -> Story:
        story = await prepare(scenario, systems=True, settings=LATER | ONCE)
        history = story.sandbox.write_history(tmp_path)
        importing = BotProcess(story.settings, tmp_path / "import.log")
        assert await importing.import_history(history) == ""
        await story.start_bot()
        await foresees(story)
        return story

    return started


async def foresees(story: Story) -> None:
    """Wait, in real time, until the forecast of the limit is not old."""

    def is_fresh() -> bool:
        forecast = find_forecast(story.bot.store.db, LIMIT)
        return forecast is not None and story.now - forecast.made_at <= FRESH

    await story.until(is_fresh, f"a forecast as of {story.now}", HANGS)


async def until_signal(
    story: Story, signal: str, within: timedelta, not_before: timedelta = timedelta(0)
) -> datetime:
    """Let rounds pass until the one alert shows itself so; when that was."""
    ends, near = story.now + within, story.now + not_before
    while story.now < ends:
        await foresees(story)
        await story.passes(seconds=(ROUND if story.now < near else CLOSE).total_seconds())
        alerts = open_alerts(story)
        assert {alert.key for alert in alerts} <= {KEY}, "one incident, and no other"
        if any(alert.signal == signal for alert in alerts):
            return story.now
    raise AssertionError(f"{signal!r} was not seen until {story.now}: {open_alerts(story)}")


def open_alerts(story: Story) -> list[Alert]:
    return list(incidents.open_alerts(story.bot.store.db).values())


@pytest.mark.timeout(400)  # seconds: this finds what hangs, and machines are busy
@pytest.mark.parametrize(
    ("scenario", "breached_within", "lead", "why"),
    [
        pytest.param(
            "near_limit", timedelta(hours=12), timedelta(hours=7.5), "", id="a growing peak"
        ),
        pytest.param(
            "promo_peak", timedelta(hours=24), timedelta(hours=17.5), SALE, id="a known sale"
        ),
    ],
)
async def test_the_warning_stands_hours_ahead_of_the_breach_and_is_settled_as_right(
    begin: BeginWithPast,
    log: Heard,
    scenario: str,
    breached_within: timedelta,
    lead: timedelta,
    why: str,
) -> None:
    log.tolerates(rf"{SYSTEM}.*(hourly cap|can be read again)")  # our own look is refused, too
    story = await begin(scenario)
    warned_at = await until_signal(story, "foreseen", within=timedelta(hours=2))
    assert "likely" in await story.asks("priya", f"forecast {SYSTEM}")
    breached_at = await until_signal(story, "refused", breached_within, not_before=lead)
    assert breached_at - warned_at >= lead
    (breach,) = open_alerts(story)
    assert FLOW in breach.sentence.partition("The platform has asked for")[2], breach.sentence
    assert "somebody else" not in breach.sentence
    assert why in breach.sentence
    assert incidents.next_incident_id(story.bot.store.db) == 2, "one from warning to breach"
    await story.passes(seconds=CLOSE.total_seconds())
    assert "1 of 1 right" in await story.asks("priya", f"forecast {SYSTEM}")
    turns = ["Severity rose to high", "refused calls", "The warning was right"]
    await story.stands(root("#1 Triggered", "[HIGH]", edits=None, lines=turns))


@pytest.mark.timeout(400)
async def test_a_jump_of_the_clock_neither_ends_the_warning_nor_begins_another(
    begin: BeginWithPast, log: Heard
) -> None:
    """Hours pass at once, and rounds go on for longer than it takes to close before anything is
    foreseen anew."""
    log.tolerates(rf"{SYSTEM}.*(hourly cap|can be read again)")
    story = await begin("near_limit")
    await until_signal(story, "foreseen", within=timedelta(hours=2))
    await story.passes(hours=6)
    for _ in range(CLOSE // MINUTE):
        await story.passes(minutes=1)
        assert [alert.key for alert in open_alerts(story)] == [KEY]
    assert incidents.next_incident_id(story.bot.store.db) == 2, "it opened once"
    (seen,) = story.seen()
    assert "Cleared" not in " ".join(seen.lines)
    await story.stands(root("#1 Triggered", edits=None, lines=[""] * len(seen.lines)))
