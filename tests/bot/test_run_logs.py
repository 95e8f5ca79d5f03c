"""Which logs are read next, and that each is read once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from bot.run_logs import MOST_LOGS, LogReader, is_troubled, next_ones
from checks.runs import Run, RunStatus
from tests.checks.patchworks_double import client_of, listing

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def run(number: int, flow: str = "1", status: RunStatus = RunStatus.FAILURE) -> Run:
    """The higher its number, the newer."""
    started = NOON + timedelta(seconds=number)
    return Run(
        id=str(number),
        flow_id=flow,
        flow_name=f"Flow {flow}",
        status=status,
        started_at=started,
        finished_at=started + timedelta(seconds=5),
    )


def test_every_flow_has_its_turn_before_any_has_a_second():
    storm = [run(n) for n in range(1, 9)]
    waiting = [*storm, run(0, "2"), run(9, "3", RunStatus.PARTIAL_SUCCESS)]
    assert [each.id for each in next_ones(waiting, 4)] == ["8", "0", "7", "6"]


def test_what_failed_wholly_goes_before_what_only_warns():
    warned = replace(run(5, status=RunStatus.SUCCESS), warned=True)
    assert [each.id for each in next_ones([warned, run(1)], 2)] == ["1", "5"]


@pytest.mark.parametrize(
    ("change", "troubled"),
    [
        ({}, True),
        ({"status": RunStatus.PARTIAL_SUCCESS}, True),
        ({"status": RunStatus.SUCCESS}, False),
        ({"status": RunStatus.SUCCESS, "warned": True}, True),
        ({"status": RunStatus.STOPPED}, False),
        ({"finished_at": None}, False),
    ],
    ids=["failed", "partial", "good", "good with warnings", "stopped by hand", "still running"],
)
def test_which_logs_have_something_to_tell(change, troubled):
    assert is_troubled(replace(run(1), **change)) is troubled


class Logs:
    """Answers every log with one line, and counts who asks."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.status = 200

    def __call__(self, request: httpx.Request) -> object:
        self.asked.append(request.url.path.split("/")[-2])
        if self.status != 200:
            return httpx.Response(self.status, json={"message": "no"})
        return listing({"id": 1, "log_level": "ERROR", "log_message": "HTTP 500"})


def reader(logs: Logs, known: set[str] | None = None) -> LogReader:
    return LogReader(client_of(logs), lambda ids: set(ids) & (known or set()))


async def test_each_log_is_read_once_and_a_storm_over_several_rounds():
    logs = Logs()
    reading, storm = reader(logs), [run(n) for n in range(MOST_LOGS + 2)]
    first = await reading.read(storm)
    second = await reading.read(storm)
    third = await reading.read(storm)
    assert [len(part) for part in (first, second, third)] == [MOST_LOGS, 2, 0]
    assert sorted(logs.asked, key=int) == [each.id for each in storm]


async def test_what_is_stored_already_is_not_read_again():
    logs = Logs()
    found = await reader(logs, known={"1"}).read([run(1), run(2)])
    assert [log.run.id for log in found] == ["2"]
    assert logs.asked == ["2"]


async def test_a_log_that_cannot_be_read_waits_for_the_next_round():
    logs = Logs()
    reading = reader(logs)
    logs.status = 403
    assert await reading.read([run(1)]) == ()
    logs.status = 200
    assert [log.run.id for log in await reading.read([])] == ["1"]


async def test_a_log_that_is_gone_leaves_the_summary_to_speak():
    logs = Logs()
    logs.status = 404
    (found,) = await reader(logs).read([run(1)])
    assert found.lines == ()
