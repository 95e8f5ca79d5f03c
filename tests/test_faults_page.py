"""docs/faults.md is true: every case of the matrix has its row, and every test it names exists."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")

MATRIX = {
    "Crash": "kill -9 before a message is written down to be sent; kill -9 before that message is"
    " sent; kill -9 when it was sent; kill -9 when it was noted as sent;"
    " kill -9 while a new version changes the database; kill -9 during digest;"
    " kill -9 during escalation; kill -9 during an edit storm;"
    " kill -9 while it renews its hold on the database",
    "Storage": "locked for seconds; locked for ever; read-only; full; corrupt;"
    " restored from old copy; older binary on newer schema",
    "Clock": "a day ahead; an hour back; suspend; both DST changes; month end; 29 Feb;"
    " skew against the monitored platform; times without a zone",
    "Slack": "429 short; 429 long; 429 without header; 5xx; time-out after acceptance;"
    " each kind of refusal; deleted root; missing parent; reordered edits; repeated events;"
    " double clicks; two users; old buttons; a connection that is dead and not closed;"
    " reconnect storm; two connections at once; a slow answer to a command",
    "Monitored API": "401 once; 401 always; 403; 404; 429; 5xx; TLS; DNS; slow drip; hang;"
    " huge body; HTML with 200; truncated JSON; wrong types; unknown status; duplicates; page loop;"
    " changing totals; empty vs missing; retention exceeded",
    "Forecast": "short; gaps; constant; zero; outlier; level shift; NaN; limit changed;"
    " already over; flapping; model raises; model hangs; model absent",
    "Config": "missing; partial; unknown key; unknown user; unknown channel; empty policy;"
    " cyclic policy; schedule gap; bad zone; bad reload",
    "People": "nobody on call; unlinked; deactivated; guest; other workspace; no permission;"
    " self-approval",
    "Hostile": "mentions; links; back-ticks; RTL and zero-width; newlines into logs;"
    " 40 000 characters; template braces; from users; forged signatures; replayed signatures;"
    " stale signatures; secrets in logs; secrets in traces; secrets in messages;"
    " secrets in metrics labels; secrets in exports; runbook links that are not http(s)",
    "Load": "thousands of alerts at once; one credential breaking 40 flows; flapping each minute;"
    " digest with 500 rows",
    "Instance": "two started by mistake; paused one wakes up; SIGTERM in the middle; SIGTERM twice",
}
"""What a bot of this kind has to be tried with."""


def sections() -> dict[str, list[list[str]]]:
    """The rows of each table, by the heading above it; a row is its cells."""
    found: dict[str, list[list[str]]] = {}
    for part in (ROOT / "docs/faults.md").read_text(encoding="utf-8").split("\n## ")[1:]:
        heading, _, table = part.partition("\n")
        lines = [line for line in table.splitlines() if line.startswith("| ")]
        found[heading] = [[cell.strip() for cell in line[2:-2].split(" | ")] for line in lines[2:]]
    return found


@cache
def named_in(path: str) -> frozenset[str]:
    file = ROOT / path
    if not file.exists():
        return frozenset()
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return frozenset(each.name for each in tree.body if isinstance(each, functions))


@pytest.mark.parametrize("area", MATRIX)
def test_every_case_has_its_row(area: str) -> None:
    assert [row[0] for row in sections()[area]] == MATRIX[area].split("; ")


def test_there_is_no_other_area() -> None:
    assert list(sections()) == list(MATRIX)


@pytest.mark.parametrize("area", MATRIX)
def test_every_row_says_what_happens_what_came_of_it_and_names_tests_that_exist(area: str) -> None:
    for case, happens, result, shown in sections()[area]:
        assert happens.endswith("."), case
        assert re.match(r"(holds|fails)\b", result), f"{case}: {result}"
        named = NAMED.findall(shown)
        assert named, f"{case} names no test"
        assert NAMED.sub("", shown).strip() == "", case
        missing = [name for path, name in named if name not in named_in(path)]
        assert not missing, f"{case}: {missing}"
