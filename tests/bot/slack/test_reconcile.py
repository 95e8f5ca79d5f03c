"""`/seam reconcile`, the incident about a period, and the file in its thread in the workspace."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, timedelta

import httpx
import pytest

from bot.privacy_settings import PrivacySettings
from bot.reconciling.catching import Catch
from bot.reconciling.telling import tell_differences
from bot.rules import Rules
from bot.sandbox.clock import SandboxClock
from bot.sandbox.workspace.server import WorkspaceServer
from bot.slack.connect import make_client, make_session
from bot.slack.letters import view_of
from bot.slack.manifest import load
from bot.slack.render.incident import incident_message
from bot.store import incidents, reconciliations
from bot.transitions import judge
from checks.catalogue import reconciliation
from checks.reconcile.evidence import Compared, ReconcileEvidence
from checks.reconcile.model import (
    KEY,
    Difference,
    DifferenceKind,
    Doubt,
    Outcome,
    Standing,
    Tally,
)
from checks.reconcile.showing import Keys
from tests.bot.reconciling.estate import pair
from tests.bot.slack.scene import NASTY, NOON, ask, assert_slack_takes, desk_over, words_of
from tests.bot.slack.test_warning import Office
from tests.loopback import NO_TLS_HERE

MISSING = DifferenceKind.MISSING_IN_TARGET
LOST = tuple(Difference(kind=MISSING, key=f"10{each}423") for each in range(3))
SHORT = Difference(
    kind=DifferenceKind.TRUNCATED,
    key="1007777",
    field="reference",
    source_value="a long reference",
    target_value="a long ref",
)
PERSONAL = Difference(kind=DifferenceKind.VALUE_DIFFERS, key="1008888", field="email")
OTHER_KEY = Difference(
    kind=DifferenceKind.TYPE_CHANGED,
    key="00444",
    field=KEY,
    source_value="00444",
    target_value="444",
)
OPEN = Difference(kind=MISSING, key="1009999", doubt=Doubt.NOT_ASKED_AGAIN)


def period(hours=1):
    return Compared(
        id=0,
        pair="Orders to the books",
        entity="orders",
        source="Shop",
        target="Books",
        since=NOON - hours * timedelta(hours=1),
        until=NOON - (hours - 1) * timedelta(hours=1),
        looked_at=None,
    )


def found_of(compared, differences, standing):
    sure = [each for each in differences if each.is_sure]
    return Outcome(
        pairing=compared.pair,
        entity=compared.entity,
        since=compared.since,
        until=compared.until,
        looked_at=NOON,
        source=Tally(records=1000),
        target=Tally(records=997),
        sure={},
        doubtful={MISSING: len(differences) - len(sure)},
        records_differing=len(sure),
        listed=(),
        presence_only=0,
        looks=(),
        doubts=(),
        notes=(),
        standing=standing,
    )


def compare(desk, *differences, standing=Standing.DIFFERENT, keys=Keys.FULL, hours=1):
    """As the reconciler leaves it, judged and told."""
    with desk.store.writing() as db:
        kept = reconciliations.begin(db, period(hours), NOON)
        salt = reconciliations.salt(db)
    catch = Catch(desk.store, kept, keys, salt)
    for each in differences:
        catch.take(each)
    catch.keep(kept, found_of(kept.compared, differences, standing))
    known = reconciliations.newest(desk.store.db, NOON - timedelta(days=8))
    evidence = ReconcileEvidence(compared=tuple(each.compared for each in known))
    with desk.store.writing() as db:
        judge(db, reconciliation.judge(evidence, reconciliation.Policy(), NOON), desk.rules, NOON)
    tell_differences(desk.store, desk.rules, NOON)


def desk_of(store, *pairs, destination="slack/C1", **changes):
    policies = {"reconciliation": reconciliation.Policy()}
    rules = Rules(policies=policies, destination=destination)
    titles = {"reconciliation": reconciliation.CHECK.title}
    told = {"pairs": pairs or (pair(),), "zone": UTC, "check_titles": titles}
    return replace(desk_over(store), rules=rules, **told | changes)


@pytest.fixture
def desk(store):
    return desk_of(store)


def test_without_a_pair_it_is_said_how_to_name_one(store):
    said = ask(replace(desk_of(store), pairs=()), "reconcile")
    assert "[[reconcile]]" in words_of(said)
    assert_slack_takes(said)


def test_a_pair_that_was_not_compared_yet_says_when_it_will_be(desk):
    assert "32 min after its end" in words_of(ask(desk, "reconcile"))


def test_the_list_tells_how_each_pair_stands(desk):
    compare(desk, *LOST)
    said = ask(desk, "reconcile")
    assert "3 of 1,000 orders of Shop to Books" in words_of(said)
    assert_slack_takes(said)


def test_one_pair_tells_its_last_periods_the_newest_first(desk):
    compare(desk, *LOST, hours=2)
    compare(desk, standing=Standing.SAME)
    words = words_of(ask(desk, "reconcile orders"))
    assert words.index("arrived as they were") < words.index("never arrived")


def test_one_period_tells_what_differs_and_where_the_file_is(desk):
    compare(desk, OPEN, *LOST, SHORT, PERSONAL, OTHER_KEY)
    said = ask(desk, "reconcile orders to the books 1")
    words = words_of(said)
    assert "1009999" not in words  # what is not settled is no difference
    assert '`1007777` "reference": shortened, `a long reference` became `a long ref`' in words
    assert '`1008888` "email": value differs' in words
    assert "in the thread of #1" in words
    assert_slack_takes(said)


def test_a_list_that_is_cut_names_what_is_missing_first_and_says_how_many_are_left(desk):
    cut = [replace(SHORT, key=f"20000{each:02}") for each in range(30)]
    compare(desk, *cut, *reversed(LOST))
    lines = words_of(ask(desk, "reconcile orders to the books 1")).splitlines()
    listed = [line for line in lines if line.startswith("•")]
    assert [line[2:10] for line in listed[:4]] == ["`100423`", "`101423`", "`102423`", "`2000000"]
    assert len(listed) == 20
    assert "and 13 more" in lines
    shown = words_of(incident_message(view_of(desk, 1)))
    assert "`100423` never arrived" in shown
    assert "and 28 more" in shown


def test_a_name_that_nothing_has_is_answered_with_those_there_are(desk):
    assert "Orders to the books" in words_of(ask(desk, "reconcile invoices"))


def test_of_several_periods_at_once_it_asks_for_one(desk):
    compare(desk, *LOST)
    shown = words_of(ask(desk, "reconcile orders to the books 1 2"))
    assert "Name one period of Orders to the books at a time" in shown
    assert "`/seam reconcile Orders to the books 2`" in shown
    assert "is no period" not in shown


def test_a_period_that_is_not_known_is_said(desk):
    compare(desk, *LOST)
    assert "There is no period 7" in words_of(ask(desk, "reconcile orders 7"))


def test_the_message_of_the_incident_names_the_first_records(desk):
    compare(desk, *LOST, SHORT)
    said = incident_message(view_of(desk, 1))
    assert "Records do not match" in words_of(said)
    assert "`100423` never arrived" in words_of(said)
    assert_slack_takes(said)


EVERYWHERE = ("full", "masked", "none")


@pytest.mark.parametrize("stored", EVERYWHERE)
@pytest.mark.parametrize("shown", EVERYWHERE)
def test_keys_are_shown_as_the_stricter_of_then_and_now_allows(store, stored, shown):
    desk = desk_of(store, keys=Keys(shown))
    compare(desk, *LOST, OTHER_KEY, keys=Keys(stored))
    words = words_of(ask(desk, "reconcile orders 1")) + words_of(incident_message(view_of(desk, 1)))
    assert ("100423" in words) == (stored == shown == "full")
    assert ("00444" in words) == (stored == shown == "full")
    assert ("***423" in words) == ("none" not in (stored, shown) and "masked" in (stored, shown))


@pytest.mark.parametrize("stored", EVERYWHERE)
def test_nothing_that_cannot_be_deleted_holds_a_key(store, stored):
    desk = desk_of(store)
    compare(desk, *LOST, SHORT, OTHER_KEY, keys=Keys(stored))
    kept = ("timeline", "alerts", "incidents", "outbox", "reconciliations", "watchpoints")
    for table in kept:
        rows = str(list(store.db[table].rows))
        assert "100423" not in rows, table
        assert "00444" not in rows, table


@pytest.mark.parametrize("nasty", NASTY)
def test_hostile_records_do_no_harm(store, nasty):
    desk = desk_of(store)
    strange = nasty.encode("utf-8", "replace").decode("utf-8")
    compare(
        desk, *LOST, replace(SHORT, key=strange, source_value=strange, target_value=strange[:9])
    )
    for said in (ask(desk, "reconcile orders 1"), incident_message(view_of(desk, 1))):
        assert_slack_takes(said)
        assert "<!channel>" not in str(said)


@pytest.fixture
async def office(store, monkeypatch):
    monkeypatch.setattr("bot.slack.gateway.SECONDS_BETWEEN_MESSAGES", 0.01)
    server = WorkspaceServer(clock=SandboxClock(start=NOON), manifest=load())
    await server.start()
    async with make_session() as session:
        client = make_client(server.bot_token, server.api_url, session)
        place = f"slack/{server.channels['integrations']}"
        yield Office(desk_of(store, destination=place), server, client)
    await server.stop()


async def files_of(lines):
    async with httpx.AsyncClient(verify=NO_TLS_HERE) as http:
        urls = [file["url_private"] for line in lines for file in line.get("files", ())]
        told = [(await http.get(url)).content.decode("utf-8-sig") for url in urls]
    return [list(csv.DictReader(io.StringIO(each))) for each in told]


async def test_the_thread_gets_all_differences_as_a_file_once(office):
    compare(office.desk, *LOST, SHORT, PERSONAL)
    await office.sends()
    compare(office.desk, *LOST, SHORT, PERSONAL)  # the same again
    await office.sends()
    root, [line] = await office.standing()
    assert "`100423` never arrived" in str(root["blocks"])
    assert "The differences are in the file" in line["text"]
    [rows] = await files_of([line])
    assert [row["key"] for row in rows] == ["100423", "101423", "102423", "1008888", "1007777"]
    assert rows[4]["target"] == "a long ref"
    assert rows[3]["source"] == "differs"


async def test_something_else_found_later_is_a_further_file(office):
    compare(office.desk, *LOST)
    await office.sends()
    compare(office.desk, *LOST[:1])
    await office.sends()
    _, lines = await office.standing()
    assert [len(rows) for rows in await files_of(lines)] == [3, 1]
    assert "Compared again, and something else was found" in lines[1]["text"]


async def test_where_slack_takes_no_file_the_words_go_alone(office):
    await office.fault(method="files.getUploadURLExternal", error="invalid_arguments", times=1)
    compare(office.desk, *LOST)
    await office.sends()
    _, [line] = await office.standing()
    assert "does not take the file" in str(line["blocks"])


def test_a_period_that_became_whole_closes_its_incident(desk):
    compare(desk, *LOST)
    compare(desk, standing=Standing.SAME)
    assert not incidents.find_incident(desk.store.db, 1).is_open


def test_privacy_has_bounds():
    with pytest.raises(ValueError, match="between 1h and 730d"):
        PrivacySettings(differences_for="5000d")
