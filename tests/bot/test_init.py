"""The first settings file: it says what Patchworks told, and holds however things are named."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.cli import main
from bot.first_settings import Told, distinct_name, quoted, settings_text
from bot.init import NotWritten, Wanted, write_first_settings
from bot.sandbox.sandbox import Choice, Sandbox
from bot.settings import load_settings
from bot.slack.manifest import load
from checks.runs import Direction, Flow, Instance, Pool, Step
from checks.systems import all_connectors
from tests.loopback import NO_TLS_HERE

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
KEY = {"api_key": "env:SEAMWATCH_PATCHWORKS_API_KEY"}
SECRETS = {
    "SEAMWATCH_SLACK_TOKEN": "xoxb-1",
    "SEAMWATCH_SLACK_APP_TOKEN": "xapp-1",
    "SEAMWATCH_PATCHWORKS_API_KEY": "pw-1",
}
SHOP = Instance(id="701", name="Shopify UK store", system="Shopify", auth_type="API key")
ERP = Instance(
    id="702",
    name="NetSuite production",
    system="NetSuite",
    auth_type="OAuth 1",
    rate_limit=300,
    rate_limit_unit="minute",
    pool_id="61",
)
STEPS = (Step(id="1", name="get", instance_id="701", direction=Direction.RECEIVE),)
ORDERS = Flow(id="4001", name="Orders to NetSuite", enabled=True, deployed=True, steps=STEPS)
STOCK = Flow(id="4003", name="Stock", enabled=False, deployed=True, schedules=("*/5 * * * *",))
BARE = Flow(id="4004", name="Bare", enabled=None, deployed=None)
DRAFT = Flow(id="4099", name="Gift cards", enabled=True, deployed=False)
TOLD = Told(
    at=NOON,
    flows=(ORDERS, STOCK, BARE, DRAFT),
    instances=(SHOP, ERP),
    pools=(Pool(id="61", name="NetSuite", limit=5, instance_ids=("702",)),),
    allowances={"concurrent_flows.limit": 10},
)


def text_of(**changes):
    return settings_text(replace(TOLD, **changes), KEY)


def loaded(text, folder, environ=None):
    path = folder / "seamwatch.toml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path, (environ or {}) | SECRETS)


def filled_in(text, kind):
    """The file after somebody has filled in its systems of this kind, and the secrets it wants."""
    section = rf'# \[\[system\]\]\n# kind = "{kind}".*(?:\n# (?!or instead).*)*'
    active = re.sub(section, lambda found: re.sub(r"^# ", "", found[0], flags=re.MULTILINE), text)
    active = active.replace(' = ""', ' = "acme"')
    return active, dict.fromkeys(re.findall(r'"env:(\w+)"', active), "a-secret")


def test_what_is_known_stands_active_and_holds(tmp_path):
    found = loaded(text_of(), tmp_path)
    assert [flow.name for flow in found.flow] == ["Orders to NetSuite", "Stock"]
    assert [(each.name, each.instance, each.type) for each in found.credential] == [
        ("Shopify UK store", "Shopify UK store", "API key"),
        ("NetSuite production", "NetSuite production", "OAuth 1"),
    ]
    assert found.system == ()


SAID = {
    "a schedule": '# schedule "*/5 * * * *", switched off',
    "a flow's systems": '# "Shopify UK store"\n[[flow]]\nname = "Orders to NetSuite"',
    "a flow of which nothing is known": '# [[flow]]\n# name = "Bare"',
    "flows that are not deployed": "not deployed: 1 flow.",
    "an instance's limits": 'at most 300 requests per minute, 5 at a time with the rest of',
    "the plan's runs at a time": "# concurrent_flows = 10",
    "the likeliest kind": '# kind = "shopify"',
    "and its other variant": '# or instead, if that is what it is:\n# [[system]]\n'
    '# kind = "shopify_rest"',
    "another way in": '# # auth = "certificate"',
    "where a secret may stand": '# token = "env:SHOPIFY_UK_STORE_TOKEN"',
    "a default that may stay": '# # version = "2026-10"',
}  # fmt: skip


@pytest.mark.parametrize("said", SAID.values(), ids=SAID.keys())
def test_what_is_to_be_filled_in_stands_in_comments(said):
    assert said in text_of()


def test_a_flow_that_is_not_deployed_is_left_out():
    assert "Gift cards" not in text_of()


@pytest.mark.parametrize("kind", all_connectors())
def test_every_kind_of_system_holds_once_it_is_filled_in(kind, tmp_path):
    title = all_connectors()[kind].title
    text = text_of(flows=(), instances=(Instance(id="1", name="Ours", system=title),))
    active, environ = filled_in(text, kind)
    [system] = loaded(active, tmp_path, environ).system
    assert (system.connector.kind, system.instances) == (kind, ("Ours",))


def test_things_that_share_a_name_are_meant_by_their_ids(tmp_path):
    text = text_of(
        flows=(ORDERS, replace(ORDERS, id="4002")),
        instances=(SHOP, replace(SHOP, id="703", name="SHOPIFY UK STORE")),
    )
    found = loaded(text, tmp_path)
    assert [flow.id for flow in found.flow] == ["4001", "4002"]
    assert [each.instance for each in found.credential] == ["701", "703"]
    assert len({each.name.casefold() for each in found.credential}) == 2


def test_a_system_that_no_connector_reads_has_its_credential_all_the_same(tmp_path):
    text = text_of(instances=(Instance(id="9", name="The SFTP", system="SFTP"),))
    assert "No kind of [[system]] reads it" in text
    assert loaded(text, tmp_path).credential[0].name == "The SFTP"


def test_what_could_not_be_read_is_said_where_it_is_missed(tmp_path):
    text = text_of(instances=(), unread={"instances": "Patchworks answers 404\nhere"})
    assert "# The instances could not be read: Patchworks answers 404 here" in text
    loaded(text, tmp_path)


def test_allowances_under_other_names_are_shown(tmp_path):
    text = text_of(allowances={"plan.runs": 10, "company": "Acme"})
    assert '# concurrent_flows_field = "plan.runs"' in text
    loaded(text, tmp_path)


names = st.text(min_size=1, max_size=80)


@given(names)
@example('"""')
@example("\\u0041")
@example("a\u2028b\x7f\ud800\U000e0001")
def test_any_text_is_written_on_one_line_and_read_again(text):
    written = quoted(text)
    assert len(written.splitlines()) == 1
    readable = text.encode("utf-8", "replace").decode() if not text.isprintable() else text
    assert tomllib.loads(f"x = {written}")["x"].replace("�", "?") == readable.replace("�", "?")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(names, names), min_size=1, max_size=4))
@example([('x"\n[slack]\nchannel = "#evil"\n', "Shopify"), ("\n[[flow]]", "NetSuite")])
@example([("Patchworks", "Shopify"), ("...", "Shopify"), ("²", "Shopify"), ("ß" * 60, "x")])
def test_no_name_breaks_the_file_nor_what_is_filled_in(tmp_path, told):
    flows = tuple(replace(STOCK, id=str(n), name=name) for n, (name, _) in enumerate(told))
    instances = tuple(replace(ERP, id=str(n), name=name, auth_type=other)
                      for n, (name, other) in enumerate(told))  # fmt: skip
    text = text_of(flows=flows, instances=instances, pools=())
    text = text.encode("utf-8", "replace").decode()
    found = loaded(text, tmp_path)
    assert (len(found.flow), len(found.credential)) == (len(told), len(told))
    assert found.slack.channel == "#integrations"
    active, environ = filled_in(text, "netsuite")
    assert len(loaded(active, tmp_path, environ).system) == len(told)


def test_a_name_is_never_taken_twice():
    taken = {"patchworks"}
    for instance in (SHOP, SHOP, SHOP, replace(SHOP, name="Patchworks")):
        name = distinct_name(instance, taken)
        assert name.casefold() not in taken
        taken.add(name.casefold())


async def of_sandbox(folder, *arguments, **environ):
    """Run the command against a sandbox; its exit status and what it said."""
    sandbox = Sandbox(load(), Choice(scenario="quiet_day"))
    await sandbox.start()
    try:
        command = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "init", "-o", str(folder / "new.toml"),
            "--core-url", sandbox.estate.core_url, *arguments,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            cwd=Path(__file__).parents[2],
            env=os.environ | {"SEAMWATCH_PATCHWORKS_API_KEY": sandbox.estate.api_key} | environ,
        )  # fmt: skip
        out, err = await command.communicate()
    finally:
        await sandbox.stop()
    written = (folder / "new.toml").read_text() if (folder / "new.toml").exists() else ""
    assert sandbox.estate.api_key not in f"{out!r} {err!r} {written}"
    return command.returncode, out.decode(), err.decode()


async def test_the_command_writes_what_the_sandbox_tells_and_config_check_takes_it(tmp_path):
    status, out, _ = await of_sandbox(tmp_path, "--json")
    assert status == 0
    found = json.loads(out)
    kinds = {each["system"]: each["kinds"] for each in found["instances"]}
    assert kinds["NetSuite"] == ["netsuite"]
    assert kinds["Shopify"] == ["shopify", "shopify_rest"]
    assert found["unread"] == {}
    settings = load_settings(tmp_path / "new.toml", SECRETS)
    assert {flow.name for flow in settings.flow} == {flow["name"] for flow in found["flows"]}
    assert len(settings.credential) == len(found["instances"])


async def test_a_key_that_is_refused_ends_in_one_sentence_and_no_file(tmp_path):
    status, out, err = await of_sandbox(tmp_path, SEAMWATCH_PATCHWORKS_API_KEY="wrong-key-1234")
    assert (status, out) == (1, "")
    assert err.startswith("Error: Patchworks")
    assert "401" in err
    assert len(err.splitlines()) == 1
    assert not (tmp_path / "new.toml").exists()


async def test_a_part_that_may_not_be_read_is_named_and_the_rest_is_written(tmp_path):
    sandbox = Sandbox(load(), Choice(scenario="quiet_day"))
    await sandbox.start()
    try:
        async with httpx.AsyncClient(verify=NO_TLS_HERE) as http:
            fault = {"path_prefix": "/api/v1/connectors", "status": 403}
            await http.post(f"{sandbox.estate.core_url}/control/fault", json=fault)
        keys = {**KEY, "core_url": sandbox.estate.core_url}
        wanted = Wanted(output=tmp_path / "new.toml", force=False, patchworks=keys)
        environ = {"SEAMWATCH_PATCHWORKS_API_KEY": sandbox.estate.api_key}
        told = await write_first_settings(wanted, environ)
    finally:
        await sandbox.stop()
    assert list(told.unread) == ["instances"]
    assert "# The instances could not be read" in wanted.output.read_text()
    assert told.flows


def test_a_file_that_is_there_is_kept(tmp_path):
    path = tmp_path / "seamwatch.toml"
    path.write_text("mine")
    answer = CliRunner().invoke(main, ["init", "-o", str(path)])
    assert answer.exit_code == 1
    assert "is there already" in answer.output
    assert path.read_text() == "mine"


FAULTS = {
    "no key": (KEY, {}, "SEAMWATCH_PATCHWORKS_API_KEY is not set"),
    "a name without a password": (
        {"username": "x", "password": "env:PASSWORD"}, {}, "PASSWORD is not set",
    ),
    "an address that is none": ({**KEY, "core_url": "nonsense"}, SECRETS, "expected a URL"),
    "nobody there": (
        {**KEY, "core_url": "http://127.0.0.1:1"}, SECRETS, "it takes no connection",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("keys", "environ", "said"), FAULTS.values(), ids=FAULTS.keys())
async def test_each_failure_is_one_sentence(tmp_path, keys, environ, said):
    wanted = Wanted(output=tmp_path / "new.toml", force=False, patchworks=keys)
    with pytest.raises(NotWritten, match=re.escape(said)) as caught:
        await write_first_settings(wanted, environ)
    assert len(str(caught.value).splitlines()) == 1
    assert not wanted.output.exists()


async def test_a_place_that_cannot_be_written_to_is_named(tmp_path, monkeypatch):
    sandbox = Sandbox(load(), Choice(scenario="quiet_day"))
    await sandbox.start()
    try:
        keys = {**KEY, "core_url": sandbox.estate.core_url}
        wanted = Wanted(output=tmp_path / "no" / "new.toml", force=False, patchworks=keys)
        environ = {"SEAMWATCH_PATCHWORKS_API_KEY": sandbox.estate.api_key}
        with pytest.raises(NotWritten, match="No such file or directory"):
            await write_first_settings(wanted, environ)
    finally:
        await sandbox.stop()
