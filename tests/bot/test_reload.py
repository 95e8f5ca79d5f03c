"""When settings count as changed, and what is refused; the bot's own part is in tests/process."""

from __future__ import annotations

import asyncio
import logging
import re
from datetime import UTC, datetime, timedelta

import pytest

from bot import facts
from bot.facts import SettingsFacts
from bot.faults import SettingsRefused
from bot.fingerprint import fingerprint
from bot.not_started import NotStarted
from bot.reload import Reloader, Wishes, _reason
from bot.slack.connection import SlackRefused
from bot.slack.render.status import status_answer
from bot.store import StoreRefused
from tests.waiting import PATIENCE

GOOD = """
[estate]
name = "Acme Outdoors"
[slack]
token = "file:secrets/bot"
app_token = "env:APP_TOKEN"
channel = "#integrations"
[patchworks]
api_key = "env:API_KEY"
"""
ENVIRON = {"APP_TOKEN": "xapp-very-secret", "API_KEY": "pw-very-secret"}
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=1)


@pytest.fixture
def file(tmp_path):
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "bot").write_text("xoxb-very-secret")
    path = tmp_path / "seamwatch.toml"
    path.write_text(GOOD)
    return path


@pytest.fixture
def reloader(file):
    made = Reloader(file, ENVIRON)
    made.take_over(made.load(), NOON)
    return made


def looks(reloader, times=2, asked=False):
    """What each look finds, one after the other."""
    return [reloader.look(LATER, asked=asked) for _ in range(times)]


def test_nothing_is_read_anew_while_nothing_changes(reloader, file):
    file.touch()
    assert looks(reloader, times=3) == [None, None, None]
    assert reloader.told == SettingsFacts(loaded_at=NOON)


def test_a_change_counts_once_it_stands_still(reloader, file):
    file.write_text(GOOD.replace("#integrations", "#half-wri"))
    assert looks(reloader, times=1) == [None]
    file.write_text(GOOD.replace("#integrations", "#elsewhere"))
    first, second, third = looks(reloader, times=3)
    assert first is None
    assert second is not None
    assert second.slack.channel == "#elsewhere"
    assert third is None, "what has been given out once is no news"


def test_a_secret_that_changes_in_its_file_is_a_change(reloader, file):
    (file.parent / "secrets" / "bot").write_text("xoxb-another")
    _, found = looks(reloader)
    assert found is not None
    assert found.slack.token.get_secret_value() == "xoxb-another"


def test_who_asks_is_answered_at_once_even_when_nothing_has_changed(reloader):
    assert reloader.look(LATER, asked=True) is not None


BAD = {
    "not TOML": ("[estate", "it is not TOML"),
    "an unknown key": (GOOD + "colour = 'red'\n", "patchworks.colour: unknown key"),
    "a secret where a reference belongs": (
        GOOD.replace("env:API_KEY", "pw-very-secret"),
        "not the secret itself",
    ),
    "another database": (
        GOOD + '[watch]\ndatabase = "other.db"\n',
        "restart to move the database",
    ),
    "no file at all": (None, "there is no such file"),
}


@pytest.mark.parametrize(("text", "said"), BAD.values(), ids=BAD.keys())
def test_what_is_wrong_is_said_once_and_changes_nothing(reloader, file, caplog, text, said):
    if text is None:
        file.unlink()
    else:
        file.write_text(text)
    with caplog.at_level(logging.WARNING):
        assert looks(reloader, times=4) == [None] * 4
    assert reloader.told.loaded_at == NOON
    assert reloader.told.refused_at == LATER
    assert said in "\n".join(reloader.told.faults)
    assert len(caplog.messages) == 1
    assert said in caplog.text
    assert "very-secret" not in caplog.text


def test_a_file_that_is_as_before_again_is_no_longer_refused(reloader, file):
    file.write_text("nonsense")
    looks(reloader)
    assert reloader.told.faults
    file.write_text(GOOD)
    assert looks(reloader) == [None, None]
    assert reloader.told == SettingsFacts(loaded_at=NOON)


def test_a_file_that_is_mended_another_way_is_taken(reloader, file):
    file.write_text("nonsense")
    looks(reloader)
    file.write_text(GOOD.replace("Acme Outdoors", "Acme"))
    _, found = looks(reloader)
    reloader.take_over(found, LATER)
    assert reloader.told == SettingsFacts(loaded_at=LATER)


def test_the_first_reading_has_nothing_to_fall_back_to(file):
    file.write_text("nonsense")
    with pytest.raises(SettingsRefused):
        Reloader(file, ENVIRON).load()


def test_a_secret_that_cannot_be_read_does_not_hide_a_change(file):
    before = fingerprint(file)
    (file.parent / "secrets" / "bot").unlink()
    assert fingerprint(file) != before


REASONS = {
    "a refusal": (SlackRefused("no such channel"), "no such channel"),
    "in groups": (ExceptionGroup("", [ExceptionGroup("", [NotStarted("no key")])]), "no key"),
    "a lost lease": (ExceptionGroup("", [StoreRefused("taken over")]), None),
    "beside another fault": (ExceptionGroup("", [NotStarted("no key"), ValueError()]), None),
}


@pytest.mark.parametrize(("error", "reason"), REASONS.values(), ids=REASONS.keys())
def test_only_what_other_settings_would_cure_makes_the_old_ones_hold_again(error, reason):
    assert _reason(error) == reason


async def test_a_pause_ends_with_a_wish():
    wishes = Wishes(stop=asyncio.Event(), reload=asyncio.Event())
    assert not await wishes.pause(0.01)
    wishes.reload.set()
    assert await asyncio.wait_for(wishes.pause(2 * PATIENCE), PATIENCE)
    wishes.stop.set()
    assert not await asyncio.wait_for(wishes.pause(2 * PATIENCE), PATIENCE)


STANDING = {
    "never read from a file": (None, r"^(?!.*Settings)"),
    "as read": (SettingsFacts(loaded_at=NOON), r"Settings.*read <!date"),
    "newer ones refused": (
        SettingsFacts(loaded_at=NOON, refused_at=LATER, faults=("a", "<b>", "c", "d", "e")),
        r"refused .*stay in force:\\na\\n&lt;b&gt;\\nc\\nand 2 more",
    ),
}


@pytest.mark.parametrize(("told", "said"), STANDING.values(), ids=STANDING.keys())
def test_status_says_how_the_settings_stand(store, told, said):
    if told is not None:
        with store.writing() as db:
            facts.save_settings(db, told, NOON)
    answer = status_answer(None, [], 0, "connected", NOON, (), facts.find_settings(store.db))
    assert re.search(said, str(answer.blocks), re.DOTALL)
