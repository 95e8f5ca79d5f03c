"""The settings file: every fault at once, each in plain words, and never a secret."""

from __future__ import annotations

import re
import tomllib
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from bot.cli import main
from bot.faults import SettingsRefused
from bot.settings import load_settings, settings_model

GOOD = """
[estate]
name = "Acme Outdoors"
timezone = "Europe/London"
[slack]
token = "env:BOT_TOKEN"
app_token = "file:app_token"
channel = "#integrations"
[patchworks]
api_key = "env:API_KEY"
"""
ENVIRON = {"BOT_TOKEN": "xoxb-very-secret", "API_KEY": "pw-very-secret", "EMPTY": " ",
           "BEARER": "Bearer pw-very-secret"}  # fmt: skip
EXAMPLE = Path(__file__).parents[2] / "seamwatch.example.toml"


@pytest.fixture
def write(tmp_path):
    (tmp_path / "app_token").write_text("xapp-very-secret\n")

    def write(text):
        path = tmp_path / "seamwatch.toml"
        path.write_text(text)
        return path

    return write


def faults(path):
    with pytest.raises(SettingsRefused) as caught:
        load_settings(path, ENVIRON)
    assert "very-secret" not in str(caught.value)
    return {fault.key: f"{fault.found}; {fault.expected}" for fault in caught.value.faults}


def test_a_good_file(write):
    found = load_settings(write(GOOD), ENVIRON)
    assert found.slack.token.get_secret_value() == "xoxb-very-secret"
    assert found.slack.app_token is not None
    assert found.slack.app_token.get_secret_value() == "xapp-very-secret"
    assert found.slack.mode == "socket"
    assert found.patchworks.budget_per_minute == 120
    assert str(found.policies["stalled_queue"].opens_after) == "3 of 5"
    assert "very-secret" not in repr(found)


def test_every_fault_is_reported_at_once(write):
    text = """
[estate]
timezone = "Europe/Lodnon"
[slack]
token = "xoxb-very-secret"
app_token = "env:NOT_SET"
chanel = "#integrations"
[patchworks]
api_key = "file:nowhere"
budget_per_minute = 1000
[watch]
every = "1 minute"
[[flow]]
name = "Orders"
max_age = 15
[checks.stalled_queue]
opens_after = "5 of 3"
stall_afer = "1m"
"""
    found = faults(write(text))
    assert set(found) == {
        "estate.name",
        "estate.timezone",
        "slack.token",
        "slack.app_token",
        "slack.channel",
        "slack.chanel",
        "patchworks.api_key",
        "patchworks.budget_per_minute",
        "watch.every",
        "flow[1].max_age",
        "checks.stalled_queue.opens_after",
        "checks.stalled_queue.stall_afer",
    }
    assert "did you mean 'Europe/London'?" in found["estate.timezone"]
    assert "did you mean 'channel'?" in found["slack.chanel"]
    assert "did you mean 'stall_after'?" in found["checks.stalled_queue.stall_afer"]
    assert "not the secret itself" in found["slack.token"]
    assert "NOT_SET is not set" in found["slack.app_token"]
    assert '"90s", "15m"' in found["watch.every"]


def test_faults_between_keys_do_not_hide_behind_faults_of_keys(write):
    text = """
[estate]
name = "Acme"
[slack]
token = "env:API_KEY"
channel = ""
listen = "127.0.0.1:99999"
[patchworks]
username = "x"
run_url = "https://x"
routes = {bananas = "/x", waiting = "no-slash"}
budget_per_minute = "many"
[[flow]]
name = "Orders"
[[flow]]
name = "Orders"
"""
    told = faults(write(text))
    assert set(told) == {
        "slack.token",
        "slack.channel",
        "slack.listen",
        "slack",
        "patchworks.run_url",
        "patchworks.routes",
        "patchworks.budget_per_minute",
        "patchworks",
        "(file)",
    }
    assert 'unknown route "bananas"' in told["patchworks.routes"]
    assert 'route "waiting"' in told["patchworks.routes"]
    assert "'Orders' stands more than once" in told["(file)"]


ALTERED = {
    "a bot token of another kind": ('"env:BOT_TOKEN"', '"env:API_KEY"', "xoxb-"),
    "a key with its word": ('api_key = "env:API_KEY"', 'api_key = "env:BEARER"', "leave out"),
    "an empty secret": ('"env:BOT_TOKEN"', '"env:EMPTY"', "EMPTY is not set"),
    "two ways in": ('channel =', 'signing_secret = "env:API_KEY"\nchannel =', "not both"),
    "no way in": ('app_token = "file:app_token"', "", "either app_token"),
    "no credential": ('api_key = "env:API_KEY"', "", "either api_key or username"),
    "half a login": ('api_key = "env:API_KEY"', 'username = "x"', "username and password"),
    "plain http elsewhere": ('[patchworks]', '[patchworks]\ncore_url = "http://example.com"',
                             "https://"),
    "a password in a URL": ('[patchworks]', '[patchworks]\ncore_url = "https://a:b@example.com"',
                            "without a user name"),
    "a token that strayed": ('"#integrations"', '"#x"\nlisten = "xoxb-very-secret"', "not shown"),
    "a section that is text": ('[estate]\nname', 'watch = "often"\n[estate]\nname', "a section"),
    "nothing between rounds": ('[estate]', '[watch]\nevery = "0s"\n[estate]', "at least 1s"),
    "a run link without a run": ('[patchworks]', '[patchworks]\nrun_url = "https://x"', "run_id"),
    "a flow without a name": ('[estate]', '[[flow]]\ntime_sensitive = true\n[estate]',
                              "either name or id"),
    "a key of the wrong type": ('"#integrations"', "7", "text in quotes"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "said"), ALTERED.values(), ids=ALTERED.keys())
def test_a_fault_says_what_is_expected(write, old, new, said):
    assert old in GOOD
    [told] = faults(write(GOOD.replace(old, new))).values()
    assert said in told


FORESIGHT = {
    "a country without holidays": ("countries = ['XX']", "XX", "ISO 3166"),
    "a time that is none": ("learn_at = '25:00'", "25:00", 'such as "02:30"'),
    "a time without quotes": ("learn_at = 2", "2", 'such as "02:30"'),
    "an executor of another kind": ("executor = 'cloud'", "cloud", "dask://host:8786"),
    "a scheduler without a port": ("executor = 'dask://host'", "dask://host", "host:8786"),
    "no time at all": ("timeout = '1s'", "1s", "at least 10s"),
    "no workers": ("workers = 0", "0", "1 or more"),
}


@pytest.mark.parametrize(("line", "found", "expected"), FORESIGHT.values(), ids=FORESIGHT.keys())
def test_a_fault_of_the_forecasts_section(write, line, found, expected):
    [told] = faults(write(f"{GOOD}[forecast]\n{line}\n")).values()
    assert found in told
    assert expected in told


PROMOTION = "[[promotion]]\nname = 'Summer sale'\nfirst = 2027-06-25\nlast = 2027-07-04\n"
PROMOTIONS = {
    "it ends before it begins": ("last = 2027-07-04", "last = 2027-06-24", "or after it"),
    "a day in quotes": ("2027-06-25", "'soon'", "a date such as 2027-03-01"),
    "it has no name": ("name = 'Summer sale'", "", "missing"),
    "times of nothing": ("name", "times = 0\nname", "0.1 or more"),
    "times in words": ("name", "times = 'twice'\nname", "a number"),
}


@pytest.mark.parametrize(("old", "new", "said"), PROMOTIONS.values(), ids=PROMOTIONS.keys())
def test_a_fault_of_a_promotion(write, old, new, said):
    assert old in PROMOTION
    [told] = faults(write(GOOD + PROMOTION.replace(old, new))).values()
    assert said in told


def test_what_forecasts_go_by(write):
    text = f"{GOOD}[forecast]\ncountries = ['GB', 'IE']\nlearn_at = '04:15'\n{PROMOTION}times = 2\n"
    found = load_settings(write(text), ENVIRON)
    assert found.forecast.learn_at == time(4, 15)
    assert found.forecast.at_once >= 1
    assert found.calendar.countries == ("GB", "IE")
    assert str(found.calendar.zone) == "Europe/London"
    [sale] = found.calendar.occasions
    assert (sale.name, sale.first, sale.last, sale.times) == (
        "Summer sale", date(2027, 6, 25), date(2027, 7, 4), 2.0,
    )  # fmt: skip


def test_http_mode_takes_a_signing_secret(write):
    text = GOOD.replace('app_token = "file:app_token"', 'signing_secret = "env:API_KEY"')
    assert load_settings(write(text), ENVIRON).slack.mode == "http"


@pytest.mark.parametrize(
    ("text", "said"),
    [("[estate\n", "not TOML"), (None, "no such file")],
    ids=["broken TOML", "no file"],
)
def test_a_file_that_cannot_be_read(write, tmp_path, text, said):
    path = write(text) if text else tmp_path / "other.toml"
    assert said in faults(path)["(file)"]


def test_paths_are_taken_from_the_files_folder(write, tmp_path, monkeypatch):
    path = write(GOOD)
    monkeypatch.chdir("/")
    assert load_settings(path, ENVIRON).watch.database == tmp_path / "seamwatch.db"


def test_config_check_says_all_is_well_or_every_fault(write, monkeypatch):
    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)
    good = CliRunner().invoke(main, ["config", "check", "-c", str(write(GOOD))])
    assert good.exit_code == 0
    assert "is in order: watching Acme Outdoors" in good.output
    broken = CliRunner().invoke(main, ["config", "check", "-c", str(write("[estate]\n"))])
    assert broken.exit_code == 1
    for key in ("estate.name", "slack", "patchworks"):
        assert key in broken.output
    assert "Traceback" not in broken.output


def test_the_example_is_in_order_and_shows_every_key(tmp_path):
    path = tmp_path / "seamwatch.toml"
    path.write_text(EXAMPLE.read_text())
    environ = {
        "SEAMWATCH_SLACK_TOKEN": "xoxb-1",
        "SEAMWATCH_SLACK_APP_TOKEN": "xapp-1",
        "SEAMWATCH_PATCHWORKS_API_KEY": "key",
    }
    found = load_settings(path, environ)
    told = EXAMPLE.read_text()
    policies = found.policies.values()
    parts = (found.estate, found.slack, found.patchworks, found.watch, found.clock, found.forecast,
             *policies)  # fmt: skip
    for key in (key for part in parts for key in type(part).model_fields):
        assert f"\n{key} =" in told or f"\n# {key} =" in told, f"the example lacks {key}"
    uncommented = re.sub(r"^# (\w+ = )", r"\1", told, flags=re.MULTILINE)
    assert tomllib.loads(uncommented)["watch"]["every"] == "60s"
    assert found.watch.every == timedelta(seconds=60)


def test_the_example_shows_yes_and_no_as_they_are_by_default(tmp_path):
    """Whoever takes the "#" away changes nothing by it."""
    uncommented = re.sub(r"^# (\w+ = )", r"\1", EXAMPLE.read_text(), flags=re.MULTILINE)
    told = tomllib.loads(uncommented)
    fields = settings_model().model_fields
    wrong = [
        f"[{section}] {key}"
        for section, keys in told.items()
        if isinstance(keys, dict) and isinstance(fields[section].default, BaseModel)
        for key, value in keys.items()
        if isinstance(value, bool) and value is not getattr(fields[section].default, key)
    ]
    assert not wrong


keys = st.sampled_from(
    ["estate", "slack", "patchworks", "watch", "flow", "forecast", "promotion", "checks", "x"]
)
values = st.recursive(
    st.one_of(st.integers(), st.booleans(), st.text("ab:/#x", max_size=8), st.floats(0, 9)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", min_size=1), inner),
    max_leaves=8,
)


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.dictionaries(keys, values, max_size=6))
def test_any_file_is_a_list_of_faults_and_never_a_crash(write, told):
    lines = [f"{key} = {_toml(value)}" for key, value in told.items()]
    assert faults(write("\n".join(lines)))


def _toml(value):
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case list():
            return f"[{', '.join(map(_toml, value))}]"
        case dict():
            return "{" + ", ".join(f"{k} = {_toml(v)}" for k, v in value.items()) + "}"
        case _:
            return str(value)
