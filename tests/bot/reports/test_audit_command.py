"""`seamwatch audit`: who did what, plainly, whatever was typed, and with nothing running."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.store.audit import Audited, write
from bot.store.links import Link, save_link
from tests.databases import new_store

NOON = datetime(2026, 7, 6, 12, tzinfo=UTC)  # 13:00 in London
SETTINGS = """
[estate]
name = "Acme Outdoors"
timezone = "Europe/London"
[slack]
token = "env:BOT_TOKEN"
app_token = "env:APP_TOKEN"
channel = "#integrations"
[patchworks]
api_key = "env:API_KEY"
[watch]
database = "{database}"
[[person]]
name = "Priya"
email = "priya@acme.example"
"""
ENVIRON = {"BOT_TOKEN": "xoxb-secret", "APP_TOKEN": "xapp-secret", "API_KEY": "pw-secret"}
ACK = "2026-07-06 13:00:00 BST · Priya · ack #42 with a button"
DENIED = (
    "2026-07-06 13:01:00 BST · U0GINA · resolve #42 by command · REFUSED: Guests cannot do that."
)


def attempt(minutes, who, what, subject, via, because=""):
    return Audited(
        at=NOON + timedelta(minutes=minutes),
        who=who,
        team="T1",
        what=what,
        subject=subject,
        via=via,
        allowed=not because,
        because=because,
    )


@pytest.fixture
def audit(tmp_path):
    """Runs the command over what was written down, with so many words after it."""
    database = tmp_path / "seamwatch.db"
    file = tmp_path / "seamwatch.toml"
    file.write_text(SETTINGS.format(database=database), encoding="utf-8")
    store = new_store(database)
    link = Link(user_id="U0PRIYA", person="Priya", email="priya@acme.example", linked_at=NOON)
    with store.writing() as db:
        save_link(db, link)
        for each in (
            attempt(0, "U0PRIYA", "ack", "#42", "button"),
            attempt(1, "U0GINA", "resolve", "#42", "command", "Guests cannot do that."),
            attempt(2, "U0PRIYA", "cover", "2h \x1b[31m\u202edentist\nx", "command"),
        ):
            write(db, each)
    store.close()

    def run(*words):
        return CliRunner().invoke(main, ["audit", *words, "--config", str(file)], env=ENVIRON)

    return run


def test_each_attempt_is_a_line_by_name_and_local_time(audit):
    done = audit("--since", "2026-07-06")
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == [
        ACK,
        DENIED,
        "2026-07-06 13:02:00 BST · Priya · cover 2h [31mdentist x by command",
    ]


CHOSEN = {
    "one incident, however long ago": (["--incident", "42"], [ACK, DENIED]),
    "of it what came later": (["--incident", "42", "--since", "2026-07-06T13:01"], [DENIED]),
    "what was refused": (["--since", "2026-07-01", "--refused"], [DENIED]),
    "the last seven days": ([], []),
    "another incident": (["--incident", "7"], []),
}


@pytest.mark.parametrize("name", CHOSEN)
def test_it_can_be_narrowed_down_to(name, audit):
    words, lines = CHOSEN[name]
    done = audit(*words)
    assert done.stdout.splitlines() == lines
    assert ("Nothing of that kind" in done.stderr) == (not lines)


def test_a_machine_reads_everything_that_was_kept(audit):
    [_, denied] = map(json.loads, audit("--incident", "42", "--json").stdout.splitlines())
    assert denied == {
        "at": "2026-07-06T12:01:00+00:00",
        "who": "U0GINA",
        "name": None,
        "team": "T1",
        "what": "resolve",
        "subject": "#42",
        "via": "command",
        "allowed": False,
        "because": "Guests cannot do that.",
    }


def test_without_a_database_it_says_so_in_one_sentence(audit, tmp_path):
    (tmp_path / "seamwatch.db").unlink()
    done = audit()
    assert done.exit_code == 1
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.output
