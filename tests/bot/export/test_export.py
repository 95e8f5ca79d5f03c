"""`seamwatch export`, read back by other tools than ours: pandas and pyarrow."""

from __future__ import annotations

import builtins
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pandas
import pytest
from click.testing import CliRunner
from pyarrow import parquet

from bot.export.commands import export
from bot.export.rows import all_of, parts
from bot.export.tables import ALL, TABLES
from bot.store.views import reading
from tests.bot.export.scene import HOSTILE


@pytest.fixture
def told(settings_file):
    return lambda *words: CliRunner().invoke(export, words)


def test_csv_is_read_by_pandas_with_types_intact(told, tmp_path):
    said = told("incidents", "--out", "out.csv")
    assert said.exit_code == 0, said.output
    assert said.output == "5 rows written to out.csv.\n"
    found = pandas.read_csv(
        tmp_path / "out.csv", parse_dates=["opened_at", "acknowledged_at"], keep_default_na=True
    )
    assert str(found["opened_at"].dtype) == "datetime64[us, UTC]"
    assert found["opened_at"][0] == pandas.Timestamp("2026-11-20T02:30:00Z")
    assert found["id"].dtype == "int64"
    assert found["is_drill"].dtype == bool
    assert found["seconds_to_acknowledge"].tolist()[:2] == [240.0, 720.0]


def test_a_hostile_name_is_one_cell_and_no_formula(told, tmp_path):
    told("runs", "--since", "2026-11-20", "--out", "out.csv")
    found = pandas.read_csv(tmp_path / "out.csv")
    assert set(found[found["flow_id"] == "f1"]["flow_name"]) == {f"'{HOSTILE}"}
    said = told("runs", "--since", "2026-11-20", "--format", "jsonl")
    rows = [json.loads(line) for line in said.output.splitlines()]
    assert {row["flow_name"] for row in rows if row["flow_id"] == "f1"} == {HOSTILE}


@pytest.mark.parametrize("name", [each.name for each in ALL])
def test_parquet_is_read_by_pyarrow_as_the_table_declares(told, tmp_path, filled, name):
    said = told(name, "--format", "parquet", "--out", "out.parquet")
    assert said.exit_code == 0, said.output
    found = parquet.read_table(tmp_path / "out.parquet")
    with reading(filled.path) as db:
        rows = sum(len(part) for part in parts(db, all_of(TABLES[name])))
    assert found.num_rows == rows
    kinds = {"time": "timestamp[us, tz=UTC]", "day": "date32[day]", "whole number": "int64",
             "number": "double", "yes or no": "bool",
             "exact amount": "decimal128(38, 18)"}  # fmt: skip
    expected = [kinds.get(column.holds.value, "string") for column in TABLES[name].columns]
    assert [str(field.type) for field in found.schema] == expected


def test_parquet_holds_the_same_values_as_json_lines(told, tmp_path):
    told("incidents", "--format", "parquet", "--out", "out.parquet")
    said = told("incidents", "--format", "jsonl")
    lines = [json.loads(line) for line in said.output.splitlines()]
    found = parquet.read_table(tmp_path / "out.parquet").to_pylist()
    assert found[0]["opened_at"] == datetime(2026, 11, 20, 2, 30, tzinfo=UTC)
    for line, row in zip(lines, found, strict=True):
        assert {k: v for k, v in line.items() if not k.endswith("_at")} == {
            k: v for k, v in row.items() if not k.endswith("_at")
        }
        assert line["opened_at"] == row["opened_at"].strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    told("daily_figures", "--format", "parquet", "--out", "days.parquet")
    days = parquet.read_table(tmp_path / "days.parquet").to_pylist()
    assert days[1]["day"] == date(2026, 11, 20)
    assert days[1]["runs"] == sum(
        row["runs"] for row in _lines(told("runs_daily", "--format", "jsonl"))
        if row["day"] == "2026-11-20"
    )  # fmt: skip


def test_exact_values_keep_every_digit(told):
    rows = _lines(told("differences", "--format", "jsonl"))
    assert rows[1]["source_value"] == "0.10"
    assert rows[1]["target_value"] == "12345678901234567.89"


SUM_COLUMNS = ("source_sum", "target_sum")
SUMS = {
    "EUR": (Decimal("9.1"), None),
    "GBP": (Decimal("12345678901234567.89"), Decimal("-0.1")),
    "JPY": (Decimal(1000), Decimal("0.000000000000000001")),
}


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_sums_of_money_are_exact_for_a_reader_that_is_not_ours(told, tmp_path, kind):
    said = told("reconciled_sums", "--format", kind, "--out", "out")
    assert said.exit_code == 0, said.output
    file = tmp_path / "out"
    if kind == "parquet":
        rows = parquet.read_table(file).to_pylist()
    elif kind == "jsonl":
        lines = file.read_text().splitlines()
        rows = [json.loads(line, parse_float=Decimal, parse_int=Decimal) for line in lines]
    else:
        found = pandas.read_csv(file, dtype=str, keep_default_na=False)
        rows = [
            row | {each: Decimal(row[each]) if row[each] else None for each in SUM_COLUMNS}
            for row in found.to_dict("records")
        ]
    assert {row["currency"]: (row["source_sum"], row["target_sum"]) for row in rows} == SUMS


def test_keys_follow_the_privacy_setting(told, settings_file):
    settings_file('[privacy]\nkeys = "masked"\n')
    assert "1000423" not in told("differences").output
    assert "****423" in told("differences").output


def test_since_is_a_local_date(told):
    rows = _lines(told("incidents", "--since", "2026-11-21", "--format", "jsonl"))
    assert [row["id"] for row in rows] == [4, 5]


def test_without_pyarrow_one_sentence_says_what_to_do(told, monkeypatch, tmp_path):
    before = builtins.__import__

    def without(name, *rest, **more):
        if name == "pyarrow":
            raise ImportError(name)
        return before(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    said = told("runs", "--format", "parquet", "--out", "out.parquet")
    assert said.exit_code == 1
    assert "pip install 'seamwatch[parquet]'" in said.output
    assert not list(tmp_path.glob("out.parquet*"))


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        pytest.param(["secrets"], 2, "is not one of 'incidents'", id="no such table"),
        pytest.param(["runs", "--format", "parquet"], 2, "add --out FILE", id="no text"),
        pytest.param(["limits", "--since", "2026-11-20"], 2, "the present only", id="no past"),
        pytest.param(["runs", "--out", "no/such/file"], 1, "No such file", id="no folder"),
        pytest.param(["runs", "-c", "none.toml"], 1, "there is no such file", id="no settings"),
    ],
)
def test_what_cannot_be_written_says_why(told, words, code, sentence):
    said = told(*words)
    assert said.exit_code == code, said.output
    assert sentence in said.output
    assert "Traceback" not in said.output


def test_a_failed_export_leaves_the_old_file(told, tmp_path, filled):
    (tmp_path / "out.csv").write_text("old")
    filled.db.execute("DROP VIEW view_runs_daily")
    said = told("runs_daily", "--out", "out.csv")
    assert said.exit_code == 1
    assert "cannot be read (no such table" in said.output
    assert (tmp_path / "out.csv").read_text() == "old"
    assert [each.name for each in tmp_path.glob("out.csv*")] == ["out.csv"]


def _lines(said):
    assert said.exit_code == 0, said.output
    return [json.loads(line) for line in said.output.splitlines()]
