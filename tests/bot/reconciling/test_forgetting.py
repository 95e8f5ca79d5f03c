"""What is stored of a key, how it is deleted, and what the command line says."""

from __future__ import annotations

import csv

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.reconciling.digesting import reconciled
from bot.reconciling.forgetting import forget, hide_keys
from bot.store import loss, reconciliations
from bot.store.loss import TrackedRow
from checks.reconcile.showing import Keys
from tests.bot.reconciling.estate import HOUR, MINUTE, NOON, arrived, pair

LOST = (1100, 1500, 1900)
SETTINGS = """
[estate]
name = "Acme"
[slack]
token = "env:T"
app_token = "env:A"
channel = "#x"
[patchworks]
api_key = "env:K"
[watch]
database = "seamwatch.db"
[[system]]
kind = "shopify"
name = "Shop"
shop = "acme"
token = "env:S"
[[system]]
kind = "shopify"
name = "Books"
shop = "books"
token = "env:S"
[[reconcile]]
name = "Orders to the books"
source = "Shop"
target = "Books"
"""


async def lose(scene, keys="full"):
    scene.books.orders = arrived(scene.shop.orders, but=LOST)
    scene.clock.at = NOON + HOUR + 35 * MINUTE
    await scene.made(keys=keys).run()


def stored(scene):
    [kept] = scene.periods()
    return [each.key for each in reconciliations.differences(scene.store.db, kept)]


@pytest.mark.parametrize("keys", Keys)
async def test_a_key_is_deleted_however_it_is_kept(scene, keys):
    await lose(scene, keys)
    assert len(stored(scene)) == 3
    assert forget(scene.store, [pair()], " 1500 ").entries == 1
    assert len(stored(scene)) == 2
    assert forget(scene.store, [pair()], "1500").entries == 0


async def test_a_key_is_deleted_by_the_way_a_system_writes_it(scene):
    await lose(scene)
    prefixed = pair(source={"system": "Shop", "key_prefix": "#"})
    assert forget(scene.store, [prefixed], "#1100").entries == 1


async def test_without_keys_nothing_of_them_is_in_the_database(scene):
    await lose(scene, "none")
    dump = "\n".join(scene.store.db.conn.iterdump())
    assert not any(f"'{key}'" in dump for key in map(str, LOST))
    assert len({row["digest"] for row in scene.store.db["differences"].rows}) == 3


async def test_no_name_or_address_is_in_the_database(scene):
    scene.books.orders = arrived(scene.shop.orders, n1100={"customer": "someone@else.example"})
    scene.clock.at = NOON + HOUR + 35 * MINUTE
    await scene.run()
    assert stored(scene) == ["1100"]
    assert "example" not in "\n".join(scene.store.db.conn.iterdump())


def asked(tmp_path, *words):
    path = tmp_path / "seamwatch.toml"
    path.write_text(SETTINGS)
    secrets = {"T": "xoxb-1", "A": "xapp-1", "K": "k" * 30, "S": "shpat_x"}
    found = CliRunner().invoke(main, [words[0], "-c", str(path), *words[1:]], env=secrets)
    assert "Traceback" not in found.output
    return found


async def test_the_command_tells_what_is_stored_and_writes_it_as_a_table(scene, tmp_path):
    await lose(scene)
    out = tmp_path / "lost.csv"
    found = asked(tmp_path, "reconcile", "--pair", "orders to the books", "--csv", str(out))
    assert found.exit_code == 3
    assert "3 of 1,000 orders of Shop to Books" in found.output
    with out.open(encoding="utf-8-sig", newline="") as file:
        assert {row["key"] for row in csv.DictReader(file)} == {"1100", "1500", "1900"}


async def test_the_command_deletes_a_key(scene, tmp_path):
    await lose(scene)
    assert "1 entry was deleted" in asked(tmp_path, "forget", "1900").output
    assert "Nothing is stored" in asked(tmp_path, "forget", "1900").output


REFUSED = {
    "half a span": (("--pair", "x", "--since", "2026-11-21"), "belong together"),
    "a span without a pair": (("--since", "2026-11-21", "--until", "2026-11-22"), "--pair"),
    "no such pair": (("--pair", "Invoices"), "there are: Orders to the books"),
    "a span that ends before it begins": (
        ("--pair", "orders to the books", "--since", "2026-11-22", "--until", "2026-11-21"),
        "--until must be after --since",
    ),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_done_is_said_in_one_sentence(store, tmp_path, case):
    words, said = case
    found = asked(tmp_path, "reconcile", *words)
    assert found.exit_code in (1, 2)
    assert said in found.output


async def test_a_digest_tells_what_was_compared_with_the_first_keys(scene):
    await lose(scene)
    told = reconciled(scene.store.db, NOON, NOON + 24 * HOUR, Keys.MASKED)
    assert (told.pairs, told.unsure, told.total) == (1, 0, 3)
    [sentence] = told.differences
    assert "never arrived" in sentence
    assert sentence.endswith("each asked for again. Among them: **00.")
    assert reconciled(scene.store.db, NOON - 24 * HOUR, NOON, Keys.FULL) is None


def track(store, *values, shown=None, sent_at=None):
    rows = [
        TrackedRow(
            entity="1",
            key=each,
            flow_id="4020",
            run_id="r1",
            shown=each if shown is None else shown,
            received_at=NOON,
            sent_at=sent_at,
        )
        for each in values
    ]
    with store.writing() as db:
        loss.save_tracked(db, rows, NOON)


def tracked(store):
    return {row["shown"] for row in store.db["tracked_values"].rows}


async def test_a_tracked_value_is_deleted_with_its_key_however_it_was_written(scene):
    await lose(scene)
    track(scene.store, "#1500", "1500", "1501")
    prefixed = pair(source={"system": "Shop", "key_prefix": "#"})
    assert forget(scene.store, [prefixed], "1500").entries == 3
    assert tracked(scene.store) == {"1501"}


async def test_of_a_value_that_was_sent_stays_that_it_was_and_nothing_of_its_key(scene, tmp_path):
    track(scene.store, "8001500", "8001501", sent_at=NOON + MINUTE)
    said = asked(tmp_path, "forget", "8001500").output
    assert "struck out of a value that was sent on; only that and when is still known." in said
    assert "deleted" not in said
    assert tracked(scene.store) == {"", "8001501"}
    digests = {row["digest"] for row in scene.store.db["tracked_values"].rows}
    assert len(digests) == 2
    assert loss.tracked_digest("8001500") not in digests
    assert b"8001500" not in scene.store.path.read_bytes()
    assert "Nothing is stored" in asked(tmp_path, "forget", "8001500").output


@pytest.mark.parametrize("key", ["", " \t"])
def test_an_empty_key_is_refused(tmp_path, key):
    found = asked(tmp_path, "forget", key)
    assert found.exit_code == 2
    assert "KEY is empty: name the order or the customer to forget" in found.output


async def test_a_key_can_be_forgotten_where_nothing_was_ever_compared(scene):
    track(scene.store, "1500")
    assert forget(scene.store, [], "1500").entries == 1


@pytest.mark.parametrize("how", [Keys.MASKED, Keys.NONE])
async def test_stricter_settings_hide_what_is_stored_already(scene, how):
    await lose(scene)
    track(scene.store, "1500", "9001500")
    assert hide_keys(scene.store, how) == 5
    dump = "\n".join(scene.store.db.conn.iterdump())
    assert not any(f"'{key}'" in dump for key in (*map(str, LOST), "9001500"))
    assert set(stored(scene)) == ({"**00"} if how is Keys.MASKED else {""})
    assert hide_keys(scene.store, how) == 0
    assert forget(scene.store, [pair()], "1500").entries == 2


async def test_full_keys_stay_as_they_are(scene):
    await lose(scene)
    assert hide_keys(scene.store, Keys.FULL) == 0
    assert set(stored(scene)) == set(map(str, LOST))


async def test_the_engine_hides_them_when_it_starts(scene):
    await lose(scene)
    await scene.made(keys="masked").run()
    assert set(stored(scene)) == {"**00"}


async def test_a_key_goes_out_of_logs_and_what_is_said_of_them(scene, tmp_path):
    with scene.store.writing() as db:
        db.execute(
            "INSERT INTO failures VALUES ('r', 'f', '', '2026', 's', 'c', 'no #0042317', '', 1)"
        )
    found = forget(scene.store, [pair(source={"system": "Shop", "key_prefix": "#"})], "0042317")
    assert (found.entries, found.texts, found.searched) == (0, 1, True)
    assert "42317" not in "\n".join(scene.store.db.conn.iterdump())
    assert b"42317" not in scene.store.path.read_bytes()


async def test_the_command_says_what_it_struck_out_and_what_it_did_not_search(scene, tmp_path):
    with scene.store.writing() as db:
        db.execute("INSERT INTO failures VALUES ('r', 'f', '', '2026', 's', 'c', '42317', '', 1)")
    assert "struck out of 1 text." in asked(tmp_path, "forget", "42317").output
    assert asked(tmp_path, "forget", "42317").output == "Nothing is stored of this key.\n"
    assert "Texts were not searched for it" in asked(tmp_path, "forget", "1500").output
