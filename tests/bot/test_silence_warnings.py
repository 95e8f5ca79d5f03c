"""Silences and maintenance of the settings that hold back nothing, or everything."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.settings import load_settings
from bot.silence_warnings import silence_warnings
from tests.bot.test_reconcile_warnings import START

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECRETS = {"T": "xoxb-1", "A": "xapp-1", "K": "k" * 30, "S": "shpat_x"}
SILENCE = '[[silence]]\nname = "peak"\nreason = "known"\n'
WORK = '[[maintenance]]\nname = "upgrade"\nreason = "planned"\n'
NEVER = (
    "The [[maintenance]] 'upgrade' never ends: {} is held back for ever; expected hours that end."
)
ALL = NEVER.format("everything, for it names nothing,")
SOME = NEVER.format("what it matches")
MISSPELT = " names the system 'shp', which no [[system]] has;"
SHOP = 'matchers = "system=shop"\n'


@pytest.fixture
def warnings(tmp_path):
    def warnings(text):
        path = tmp_path / "seamwatch.toml"
        path.write_text(START + text)
        return list(silence_warnings(load_settings(path, SECRETS), NOW))

    return warnings


FINE = {
    "a silence to come": SILENCE + SHOP + "until = 2026-11-22T09:00:00\n",
    "a system by its kind": SILENCE + 'matchers = "system=Shopify"\nuntil = 2026-11-22T09:00:00\n',
    "by its instance": SILENCE + 'matchers = "system=10"\nuntil = 2026-11-22T09:00:00\n',
    "a pattern": SILENCE + 'matchers = "system=~net.*"\nuntil = 2026-11-22T09:00:00\n',
    "hours that end": WORK + 'hours = "Sun 01:00-05:00"\n',
    "nearly the whole day": WORK + 'hours = "00:00-23:59"\n',
    "six days, day and night": WORK + 'hours = "Mon-Sat 00:00-24:00"\n',
    "a day long, once a week": WORK + 'cron = "0 1 * * SUN"\nlength = "24h"\n',
    "a month, once": WORK + "since = 2026-11-01T00:00:00\nuntil = 2026-12-01T00:00:00\n",
}


@pytest.mark.parametrize("text", FINE.values(), ids=FINE.keys())
def test_what_is_meant_so_is_no_warning(warnings, text):
    assert warnings(text) == []


DOUBTED = {
    "a silence that is over": (
        SILENCE + SHOP + "until = 2025-01-05T09:00:00\n",
        "The [[silence]] 'peak' is over; it silences nothing.",
    ),
    "maintenance that is over": (
        WORK + "since = 2026-11-01T00:00:00\nuntil = 2026-11-02T00:00:00\n",
        "The [[maintenance]] 'upgrade' is over; it holds nothing back.",
    ),
    "every day, day and night": (WORK + 'hours = "Mon-Sun 00:00-24:00"\n', ALL),
    "each day joins the next": (WORK + 'cron = "0 1 * * *"\nlength = "24h"\n', ALL),
    "always, for one system": (WORK + SHOP + 'hours = "00:00-24:00"\n', SOME),
    "a system misspelt": (
        WORK + 'matchers = "system=shp"\nhours = "Sun 01:00-05:00"\n',
        f"The [[maintenance]] 'upgrade'{MISSPELT} did you mean 'shop'?",
    ),
    "a system like none": (
        SILENCE + 'matchers = "system=qqq"\nuntil = 2026-11-22T09:00:00\n',
        "The [[silence]] 'peak' names the system 'qqq', which no [[system]] has; known: bc, shop.",
    ),
}


@pytest.mark.parametrize(("text", "said"), DOUBTED.values(), ids=DOUBTED.keys())
def test_what_is_hardly_meant_is_one_sentence(warnings, text, said):
    assert warnings(text) == [said]
