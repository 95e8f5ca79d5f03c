"""`seamwatch history import`: a file is taken whole or not at all, and every fault is named."""

from __future__ import annotations

import json
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from bot.cli import main
from bot.foresight.call_history import CallHistory, Source
from bot.foresight.history_file import Faults, hours_of_rows, is_whole, read_rows
from bot.inventory import Inventory, save_inventory
from bot.store import Store, lease, open_store
from bot.store.imports import PLATFORM, of_instance, of_system
from bot.store.readings import rollups_since
from checks.runs import Instance
from tests.bot.clock_server import LATER, clock_server

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
START = datetime(2026, 9, 27, tzinfo=UTC)
SETTINGS = """
[estate]
name = "Acme"
[slack]
token = "file:secret"
app_token = "file:app"
channel = "#x"
[patchworks]
api_key = "file:secret"
[[system]]
kind = "brightpearl"
name = "Back office"
datacenter = "euw1"
account = "acme"
app_ref = "acme_seamwatch"
token = "file:secret"
instances = ["702"]
"""
HOURLY = """time,system,calls
2026-09-27T00:00:00Z,Back office,10
2026-09-27T01:00:00Z,Back office,20
2026-09-27T02:00:00Z,back office,0
"""


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    (tmp_path / "seamwatch.toml").write_text(SETTINGS)
    (tmp_path / "secret").write_text("xoxb-1")
    (tmp_path / "app").write_text("xapp-1")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def told(folder):
    """Import a text, with what the command answers."""

    def take(text: str | bytes, *options: str) -> Result:
        content = text.encode() if isinstance(text, str) else text
        (folder / "calls.csv").write_bytes(content)
        return CliRunner().invoke(main, ["history", "import", "calls.csv", *options])

    return take


@pytest.fixture
def opened(folder):
    with closing(open_store(folder / "seamwatch.db")) as store:
        yield store


def totals(store: Store, subject: str = of_system("Back office")) -> list[float]:
    return [hour.total for hour in rollups_since(store.db, subject, "calls", START)]


def test_a_file_is_taken_before_the_bot_ever_ran(told, folder):
    answer = told(HOURLY)
    assert (answer.exit_code, answer.output.splitlines()[0]) == (
        0,
        "Imported 3 hours of 1 system from 2026-09-27 to 2026-09-27.",
    )
    assert "Single minutes are not told" in answer.output
    with closing(open_store(folder / "seamwatch.db")) as store:
        assert totals(store) == [10, 20, 0]


def test_the_same_file_again_changes_nothing_and_says_so(told, opened):
    told(HOURLY)
    answer = told(HOURLY)
    assert answer.exit_code == 0
    assert answer.output.startswith("This file was imported on 20")
    assert answer.output.endswith("(from 2026-09-27 to 2026-09-27); nothing was changed.\n")
    assert totals(opened) == [10, 20, 0]


def test_overlapping_files_leave_what_was_known(told, opened):
    told(HOURLY)
    answer = told(HOURLY.replace(",20", ",21") + "2026-09-27T03:00:00Z,Back office,5\n")
    assert "Imported 1 hour of 1 system" in answer.output
    assert "; 3 hours were known already." in answer.output
    assert totals(opened) == [10, 20, 0, 5]


def test_a_corrected_file_replaces_what_was_imported_where_it_is_asked_to(told, opened):
    told(HOURLY)
    told(HOURLY.replace(",20", ",21"), "--replace")
    assert totals(opened) == [10, 21, 0]
    told(HOURLY, "--replace")
    assert totals(opened) == [10, 20, 0]


def test_a_machine_is_told_in_json(told):
    found = json.loads(told(HOURLY, "--json").output)
    assert (found["hours"], found["systems"], found["rows"], found["known"]) == (3, 1, 3, 0)
    assert (found["since"], found["before"]) == ("2026-09-27T00:00:00+00:00", None)
    again = json.loads(told(HOURLY, "--json").output)
    assert again["hours"] == 0
    assert again["before"] is not None


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("yesterday,Back office,1", "line 3: found the time 'yesterday'; expected one such as"),
        ("9999-12-31T23:30,Back office,1", "line 3: found the time '9999-12-31T23:30'"),
        ("2099-01-01T00:00Z,Back office,1", "line 3: the time 2099-01-01T00:00Z is not over yet"),
        ("2026-09-27T05:00Z,Back office,-1", "line 3: found '-1' calls; expected a number of 0"),
        ("2026-09-27T05:00Z,Back office,nan", "line 3: found 'nan' calls"),
        ("2026-09-27T05:00Z,Back office,1e99", "line 3: found '1e99' calls"),
        ("2026-09-27T05:00Z,Back office,", "line 3: found '' calls"),
        ("2026-09-27T05:00Z,Back office", "line 3: found 2 values; expected 3: time,system,calls"),
        ("2026-09-27T05:00Z,Bakc office,1", "line 3: the system 'Bakc office' is not known; did"),
        ("2026-09-27T05:00Z,a\x1b[1m,1", "the system 'a [1m' is not known; expected one of 702"),
        ("2026-09-27T00:00Z,Back office,1", "line 3: tells another amount of Back office at this"),
        ('2026-09-27T05:00Z,"Back office,1', "is not CSV"),
    ],
    ids=[
        "no time",
        "the end of the calendar",
        "the future",
        "fewer than none",
        "no number",
        "more than any system takes",
        "nothing",
        "a value too few",
        "a slip of the pen",
        "hostile",
        "two amounts for one hour",
        "an open quote",
    ],
)
def test_a_fault_names_its_line_and_nothing_is_taken(told, opened, line, sentence):
    answer = told(f"time,system,calls\n2026-09-27T00:00Z,Back office,4\n{line}\n")
    assert answer.exit_code == 1
    assert "calls.csv has 1 fault, and nothing of it was imported:" in answer.output
    assert sentence in answer.output
    assert opened.db.execute("SELECT count(*) FROM rollups").fetchone() == (0,)


def test_what_lies_in_the_future_is_told_by_the_clock_of_the_settings(told, folder, opened):
    """The time of a rehearsal may be ahead of this machine's, or behind it."""
    with clock_server() as url:
        (folder / "seamwatch.toml").write_text(f'{SETTINGS}[clock]\nurl = "{url}/clock"\n')
        row = "time,system,calls\n{:%Y-%m-%dT%H:%MZ},Back office,7\n"
        later = told(row.format(LATER))
        assert later.exit_code == 1
        assert "line 2: the time 2027-03-08T09:00Z is not over yet" in later.output
        assert totals(opened) == []
        assert told(row.format(LATER - HOUR)).exit_code == 0
    assert totals(opened) == [7]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "line 1: found nothing; expected the header time,system,calls[,refusals]"),
        (b"time;system;calls\n", "line 1: found time;system;calls; expected the header"),
        (b"time,system,calls\n", "calls.csv has a header and no rows"),
        (b"\xff\xfet\x00", "calls.csv is not text in UTF-8"),
        (
            b"time,system,calls\n2026-09-01,702,5\n2026-09-02,702,5\n2026-09-03,702,5\n",
            "rows of 702 are 1 d apart; expected calls by the hour or finer",
        ),
    ],
    ids=["empty", "another separator", "a header alone", "not text", "calls by the day"],
)
def test_what_is_no_such_file_is_refused_in_a_sentence(told, content, sentence):
    answer = told(content)
    assert answer.exit_code == 1
    assert sentence in answer.output


def test_of_many_faults_the_first_twenty_are_told(told):
    answer = told("time,system,calls\n" + "x,702,1\n" * 30)
    assert answer.output.count("line ") == 20
    assert answer.output.endswith("and 10 more lines\n")


def test_all_that_is_wrong_with_a_line_is_told_at_once(told):
    answer = told("time,system,calls,refusals\nx,shop,many,-1\n2026-09-27T05:00Z,702,1,none\n")
    assert "calls.csv has 5 faults" in answer.output
    first, second = (line for line in answer.output.splitlines() if line.startswith("  line"))
    for part in ("the time 'x'", "'shop' is not known", "'many' calls", "'-1' refusals"):
        assert part in first
    assert "'none' refusals" in second


def test_an_unknown_system_is_named_once(told):
    rows = "".join(f"2026-09-27T{n:02}:00Z,shop,1\n" for n in range(9))
    answer = told("time,system,calls\n" + rows)
    assert answer.output.count("'shop' is not known") == 1
    assert "expected one of 702, Back office, Patchworks" in answer.output


def test_instances_are_known_by_name_or_id_once_patchworks_was_read(told, opened):
    stock = Inventory(
        at=START,
        instances=(
            Instance(id="703", name="Klaviyo"),
            Instance(id="704", name="Twin"),
            Instance(id="705", name="twin"),
        ),
    )
    with opened.writing() as db:
        save_inventory(db, stock)
    row = "2026-09-27T00:00Z,{},7\n"
    names = ("klaviyo", "704", "Patchworks")
    assert told("time,system,calls\n" + "".join(map(row.format, names))).exit_code == 0
    for subject in (of_instance("703"), of_instance("704"), PLATFORM):
        assert totals(opened, subject) == [7]
    answer = told("time,system,calls\n" + row.format("Twin"))
    assert "Twin stands for several instances; write the id of one" in answer.output


def test_columns_may_come_in_any_order_and_with_a_mark_of_their_encoding(told, opened):
    rows = ["3,10,702,2026-09-27T02:30:00+02:00\n", ",5,702,2026-09-27T01:30\n"]
    assert told("\ufeffrefusals,Calls,system,time\n" + "".join(rows)).exit_code == 0
    hours = rollups_since(opened.db, of_instance("702"), "calls", START)
    assert [(hour.hour, hour.total, hour.refusals) for hour in hours] == [
        (START, 10, 3),
        (START + HOUR, 5, 0),
    ]


def test_minutes_give_the_busiest_and_what_is_not_told_is_not_zero(told, opened):
    minutes = [f"{(START + n * MINUTE).isoformat()},702,{n}\n" for n in range(80)]
    answer = told("time,system,calls\n" + "".join(minutes))
    first, second = rollups_since(opened.db, of_instance("702"), "calls", START)
    assert (first.total, first.busiest, first.count, first.observed) == (1770, 59, 60, 1)
    assert (second.total, second.busiest, second.count) == (sum(range(60, 80)), 79, 20)
    assert second.observed == pytest.approx(1 / 3)
    assert "1 hour was told for less than three quarters" in answer.output
    assert "Single minutes" not in answer.output


def test_a_file_is_taken_beside_a_running_bot(told, opened):
    lease.take_lease(opened, lease.this_process())
    begun, done = threading.Event(), threading.Event()

    def hold_the_database() -> None:
        with opened.writing():
            begun.set()
            done.wait(0.3)

    busy = threading.Thread(target=hold_the_database)
    busy.start()
    begun.wait(5)
    assert told(HOURLY).exit_code == 0
    busy.join()
    assert totals(opened) == [10, 20, 0]
    lease.renew_lease(opened)


def test_a_running_bot_sees_what_was_imported(told, opened):
    history, source = CallHistory(), Source(whole=of_system("Back office"))
    history.refresh(opened.db, [source], START + 90 * HOUR)
    told(HOURLY)
    history.refresh(opened.db, [source], START + 90 * HOUR)
    found = history.series("x", source, HOUR, ZoneInfo("UTC"))
    assert found is not None
    assert list(found.values[:3]) == [10, 20, 0]


ROWS = st.lists(
    st.tuples(st.integers(0, 300), st.sampled_from(["a", "b"]), st.integers(0, 9)),
    unique_by=lambda row: row[:2],
    min_size=1,
    max_size=40,
)


def hours(lines: list[str]):
    faults = Faults()
    rows = read_rows(["time,system,calls\n", *lines], str, faults)
    return sorted(hours_of_rows(rows), key=lambda hour: (hour.subject, hour.hour)), faults


@given(rows=ROWS, data=st.data())
def test_no_call_is_lost_whatever_the_order_of_the_rows(rows, data):
    lines = [f"{(START + n * MINUTE).isoformat()},{name},{calls}\n" for n, name, calls in rows]
    found, faults = hours(lines)
    shuffled, also = hours(data.draw(st.permutations(lines)) + lines[:3])  # some of them twice
    assert (found, faults.count > 0) == (shuffled, also.count > 0)
    assert sum(hour.calls for hour in found) == sum(calls for _, _, calls in rows)
    for hour in found:
        assert 0 < hour.observed <= 1
        assert hour.calls / 60 <= hour.busiest <= max(hour.calls, 0)
        assert is_whole(hour) == (hour.observed >= 0.75)
