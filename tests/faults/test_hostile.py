"""Names and lines that mean harm, where they leave the messages; and secrets, which leave never."""

from __future__ import annotations

import logging

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot import facts
from bot.build import build
from bot.sandbox.sandbox import Choice, Sandbox
from bot.settings import load_settings
from bot.slack.manifest import load
from bot.store.views import reading
from bot.web.metrics import exposition
from runbooks.book import Book
from tests.faults.scene import NOON

RTL, NOTHING = "\u202e", "\u200b"
BRACES = "{{ 7 * 7 }}{% include 'x' %} {run_id} %s {0}"
SECRET = "xoxb-123456789012-abcdefghijkl"  # made up
NASTY = f'a{RTL}b{NOTHING}c\n# TYPE seamwatch_x gauge\nseamwatch_x{{y="1"}} 1\n{BRACES} {SECRET}'


def test_a_label_of_a_metric_holds_nothing_invisible_no_second_line_and_no_secret(store):
    seen = facts.SystemFacts(name=NASTY, title="x", looked_at=NOON)
    with store.writing() as db:
        facts.save_systems(db, (seen,), NOON)
    with reading(store.path) as db:
        text, _ = exposition(db, NOON, "", "")
    told = {each.name: each for each in text_string_to_metric_families(text.decode())}
    assert "seamwatch_x" not in told
    [sample] = told["seamwatch_system_up"].samples
    assert sample.labels["system"].startswith("a b c # TYPE")
    assert "{{ 7 * 7 }}" in sample.labels["system"]
    for harm in (RTL, NOTHING, SECRET):
        assert harm not in text.decode()


@pytest.mark.parametrize("check", ["failing_flow", "silent_loss"])
def test_a_runbook_shows_braces_as_they_are_and_nothing_invisible(check):
    facts_of_it = dict.fromkeys(
        ("flow_name", "blocking_flow_name", "flow", "line", "subject", "system"), NASTY
    )
    book = Book()
    page = book.find(check)
    assert page is not None
    shown = str(book.render(page, facts_of_it))
    assert "{{ 7 \u2217 7 }}" in shown
    assert RTL not in shown
    assert NOTHING not in shown


async def test_no_secret_of_the_settings_is_in_the_log_or_the_database(tmp_path, caplog):
    caplog.set_level(logging.INFO)
    sandbox = Sandbox(load(), Choice(scenario="quiet_day"))
    await sandbox.start()
    secrets = (sandbox.workspace.bot_token, sandbox.workspace.app_token, sandbox.estate.api_key)
    try:
        async with build(load_settings(sandbox.write_settings(tmp_path))) as bot:
            await bot.watch.run_round()
            bot.store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        await sandbox.stop()
    kept = (tmp_path / "seamwatch.db").read_bytes()
    assert b"Orders to NetSuite" in kept
    for secret in secrets:
        assert len(secret) > 8
        assert secret.encode() not in kept
        assert secret not in caplog.text
