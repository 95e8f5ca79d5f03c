"""Tables as they are declared and as they are read: every row once, in order, whatever changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.export.rows import By, all_of, count, parts, read_part, sorting
from bot.export.tables import ALL, TABLES, Holds
from bot.export.values import meant
from bot.store.views import reading
from checks.reconcile.showing import Keys

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize("table", ALL, ids=[each.name for each in ALL])
def test_every_table_is_a_view_with_these_columns_and_values(filled, table):
    with reading(filled.path) as db:
        found = [row[1] for row in db.execute(f"PRAGMA table_info({table.view})").fetchall()]
        assert found == [each.name for each in table.columns]
        rows = [row for part in parts(db, all_of(table, keys=Keys.FULL)) for row in part]
    assert rows, "the scene has something in every table"
    keys = [tuple(row[found.index(name)] for name in table.key) for row in rows]
    assert len(set(keys)) == len(keys)
    for row in rows:
        for column, value in zip(table.columns, row, strict=True):
            assert column.may_lack or value is not None, column
            meant(column, value)


def test_every_view_leaves(filled):
    sql = "SELECT name FROM sqlite_master WHERE type = 'view'"
    with reading(filled.path) as db:
        assert {row[0] for row in db.execute(sql)} == {each.view for each in ALL}


@pytest.mark.parametrize(
    ("name", "order"),
    [
        pytest.param("runs", (), id="by an index"),
        pytest.param("runs", (By(column="flow_name"),), id="by what many share"),
        pytest.param("incidents", (By(column="resolved_at"),), id="what is not known first"),
        pytest.param("incidents", (By(column="resolved_at", falling=True),), id="or last"),
        pytest.param(
            "timeline", (By(column="kind", falling=True), By(column="who")), id="by two columns"
        ),
    ],
)
def test_parts_hold_every_row_once_in_order(filled, name, order):
    table = TABLES[name]
    wanted = replace(all_of(table), order=sorting(table, order))
    with reading(filled.path) as db:
        if name == "runs":
            start = datetime(2026, 11, 20, tzinfo=UTC)
            wanted = replace(all_of(table, start), order=wanted.order)
        whole = read_part(db, wanted, 10_000).rows
        found, left = [], wanted
        while left is not None:
            part = read_part(db, left, 3)
            found += part.rows
            left = part.next
    assert found == list(whole)
    assert len(whole) > 3


def test_a_long_table_is_walked_by_its_index(filled):
    for name in ("readings", "readings_hourly", "runs"):
        table = TABLES[name]
        names = ", ".join(each.name for each in table.columns)
        after = ", ".join("?" * len(table.order))
        sql = (  # names of the declaration
            f"EXPLAIN QUERY PLAN SELECT {names} FROM {table.view}"  # noqa: S608 (declared names)
            f" WHERE ({', '.join(table.order)}) > ({after}) ORDER BY {', '.join(table.order)}"
        )
        plan = str(filled.db.execute(sql, ["x"] * len(table.order)).fetchall())
        assert "SCAN" not in plan, (name, plan)
        assert name == "runs" or "TEMP B-TREE" not in plan, (name, plan)


def test_rows_that_come_meanwhile_make_none_come_twice(filled):
    wanted = all_of(TABLES["runs"], NOON, NOON + timedelta(hours=3))
    with reading(filled.path) as db:
        first = read_part(db, wanted, 5)
    with filled.writing() as db:
        db.execute("DELETE FROM runs WHERE id = ?", [first.rows[0][0]])
        db.execute(
            "INSERT INTO runs (id, flow_id, flow_name, status, started_at, run_trigger, summary)"
            " VALUES ('early', 'f9', 'f9', 'success', ?, '', '')",
            ["2026-11-20T12:00:00.000000+00:00"],
        )
    with reading(filled.path) as db:
        rest = [row for part in parts(db, first.next) for row in part]
        assert count(db, wanted) == len(first.rows) + len(rest)
    ids = [row[0] for row in (*first.rows, *rest)]
    assert len(set(ids)) == len(ids)
    assert "early" not in ids


@pytest.mark.parametrize(
    ("since", "until", "days"),
    [
        pytest.param(None, None, ["2026-11-19", "2026-11-20", "2026-11-21"], id="all"),
        pytest.param(NOON, None, ["2026-11-20", "2026-11-21"], id="a part of the first day is in"),
        pytest.param(None, NOON, ["2026-11-19", "2026-11-20"], id="a part of the last too"),
        pytest.param(
            None, datetime(2026, 11, 20, tzinfo=UTC), ["2026-11-19"], id="midnight is not"
        ),
    ],
)
def test_days_are_in_where_a_part_of_them_is(filled, since, until, days):
    with reading(filled.path) as db:
        rows = read_part(db, all_of(TABLES["daily_figures"], since, until)).rows
    assert [row[0] for row in rows] == days


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        pytest.param(Keys.FULL, ["1000423", "1000424", "1000425"], id="in full"),
        pytest.param(Keys.MASKED, ["****423", "****424", "****425"], id="masked"),
        pytest.param(Keys.NONE, ["", "", ""], id="not at all"),
    ],
)
def test_keys_of_records_are_shown_as_is_set(filled, keys, shown):
    table = TABLES["differences"]
    with reading(filled.path) as db:
        rows = read_part(db, all_of(table, keys=keys)).rows
    names = [each.name for each in table.columns]
    assert [row[names.index("key")] for row in rows] == shown
    assert [row[names.index("target_value")] for row in rows] == [
        None,
        "12345678901234567.89",
        None,
    ]


def test_whether_a_difference_is_sure_is_a_yes_or_no(filled):
    column = TABLES["differences"].column("sure")
    with reading(filled.path) as db:
        found = read_part(db, replace(all_of(TABLES["differences"]), columns=(column,))).rows
    assert column.holds is Holds.YES_NO
    assert {row[0] for row in found} == {0, 1}


def test_what_is_declared_a_key_is_the_only_kind_of_key(filled):
    held = [(t.name, c.name) for t in ALL for c in t.columns if c.holds is Holds.KEY]
    assert held == [("differences", "key")]


def test_a_reader_cannot_write(filled):
    with reading(filled.path) as db, pytest.raises(Exception, match="readonly"):
        db.execute("DELETE FROM runs")
