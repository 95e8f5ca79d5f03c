"""Jobs in worker processes: what hangs is killed, what dies is replaced, nothing is left behind."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import asynccontextmanager
from datetime import timedelta
from multiprocessing import active_children
from pathlib import Path

import pytest

from bot.forecast_settings import ForecastSettings
from bot.foresight.learning_jobs import Question, learn
from bot.foresight.worker_process import NICENESS, ProcessLane, clear
from bot.foresight.workers import NoAnswer, NoWorkers, Workers, make_workers, open_executor
from forecasting.trading_days import Calendar
from tests.bot import model_double as double
from tests.bot import worker_jobs as jobs
from tests.pulse import BEAT, Pulse
from tests.waiting import until

ROOT = Path(__file__).parents[3]
SHORT = timedelta(seconds=1)
LONG = timedelta(seconds=60)


@asynccontextmanager
async def workers(lanes: int = 1, timeout: timedelta = LONG, niceness: int = 0):
    made = Workers([ProcessLane(niceness) for _ in range(lanes)], timeout)
    try:
        yield made
    finally:
        await made.close()


def is_alive(process_id: int) -> bool:
    """Whether it runs; a zombie that nobody has waited for does not."""
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


@pytest.mark.parametrize(
    "keep", [pytest.param(time.sleep, id="waiting"), pytest.param(jobs.toil, id="working")]
)
async def test_the_pulse_tells_what_keeps_the_loop(keep):
    async with Pulse() as pulse:
        await asyncio.sleep(3 * BEAT)
        keep(0.5)
        await asyncio.sleep(3 * BEAT)
    assert pulse.longest > 0.1


async def test_a_job_is_answered_by_another_process_of_low_priority_with_a_folder_of_its_own():
    async with workers(niceness=NICENESS) as made:
        assert await made.run(jobs.add, 2, 3) == 5
        assert await made.run(jobs.process_id) != os.getpid()
        told = await made.run(jobs.surroundings)
        assert told["niceness"] >= 10
        assert told["threads"] == "1"
        assert told["loaded"] == []
        assert Path(told["folder"]).is_dir()
        assert told["folder"] != tempfile.gettempdir()
    assert not Path(told["folder"]).exists()


async def test_a_hung_job_is_killed_with_its_children_while_the_loop_goes_on(tmp_path):
    notes = tmp_path / "notes"
    async with workers() as made:
        await made.run(jobs.add, 1, 1)
        async with Pulse() as pulse:
            began = time.monotonic()
            with pytest.raises(NoAnswer, match="took longer than 1 s"):
                await made.run(jobs.hang, str(notes), timeout=SHORT)
            took = time.monotonic() - began
        worker, child = map(int, notes.read_text().split())
        await until(lambda: not is_alive(worker) and not is_alive(child))
        assert took < 20, "it was to hang for ten minutes"
        assert pulse.longest < 0.1
        assert await made.run(jobs.add, 2, 2) == 4, "a new worker takes its place"


async def test_starting_a_worker_does_not_keep_the_loop_waiting():
    async with workers() as made:
        async with Pulse() as pulse:
            await made.run(jobs.add, 1, 1)
        assert pulse.longest < 0.1


async def test_a_worker_that_was_killed_while_it_was_idle_is_not_missed():
    async with workers() as made:
        process = await made.run(jobs.process_id)
        os.kill(process, signal.SIGKILL)
        await until(lambda: not is_alive(process))
        await asyncio.sleep(0.2)  # the pool has noticed it, and takes no more jobs
        assert await made.run(jobs.add, 2, 2) == 4


async def test_a_job_that_holds_the_interpreter_is_killed_too():
    async with workers() as made:
        process = await made.run(jobs.process_id)
        with pytest.raises(NoAnswer, match="took longer"):
            await made.run(jobs.hang_holding_the_interpreter, timeout=SHORT)
        await until(lambda: not is_alive(process))


def test_a_job_that_holds_the_interpreter_ends_even_when_nobody_is_left_to_kill_it(tmp_path):
    code = (
        "import sys; from datetime import timedelta; from bot.foresight.worker_process import _do;"
        "from tests.bot.worker_jobs import hang_holding_the_interpreter as job;"
        "_do(job, (), sys.argv[1], timedelta(seconds=0.5))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        check=False, cwd=ROOT, timeout=60, capture_output=True,
    )  # fmt: skip
    assert ended.returncode == 1
    assert b"hang_holding_the_interpreter" in ended.stderr, "where it hung is told"


FAILURES = {
    "it raises": (jobs.fail, ("no such thing",), "it failed with ValueError: no such thing"),
    "it raises what cannot be rebuilt here": (jobs.fail_oddly, (), "ended before it had answered"),
    "its process dies": (jobs.die, (), "ended before it had answered"),
}


@pytest.mark.parametrize(("job", "args", "said"), FAILURES.values(), ids=FAILURES.keys())
async def test_a_job_without_an_answer_says_why_and_the_next_one_is_answered(job, args, said):
    async with workers() as made:
        with pytest.raises(NoAnswer, match=said):
            await made.run(job, *args)
        assert await made.run(jobs.add, 1, 2) == 3


async def test_what_fails_is_logged_when_it_begins_and_when_it_ends(caplog):
    caplog.set_level(logging.INFO)
    async with workers() as made:
        for _ in range(3):
            with pytest.raises(NoAnswer):
                await made.run(jobs.allocate, "many")  # type: ignore[arg-type]
        await made.run(jobs.allocate, 1)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert "no answer from the job to allocate: it failed with TypeError" in caplog.text


async def test_one_hanging_job_does_not_take_its_neighbour_down():
    async with workers(2) as made:
        hanging = asyncio.create_task(made.run(jobs.hang, timeout=2 * SHORT))
        await asyncio.sleep(0.1)
        before = await made.run(jobs.process_id)
        with pytest.raises(NoAnswer):
            await hanging
        answers = {await made.run(jobs.process_id) for _ in range(2)}
        assert before in answers


async def test_a_cancelled_caller_takes_its_job_along(tmp_path):
    notes = tmp_path / "notes"
    async with workers() as made:
        caller = asyncio.create_task(made.run(jobs.hang, str(notes)))
        await until(notes.exists)
        caller.cancel()
        with pytest.raises(asyncio.CancelledError):
            await caller
        worker, child = map(int, notes.read_text().split())
        await until(lambda: not is_alive(worker) and not is_alive(child))


async def test_what_jobs_leave_is_removed_and_a_librarys_own_folder_stays():
    async with workers() as made:
        folder = await made.run(jobs.litter)
        everything = Path(folder).parent
        assert await made.run(jobs.left_over, str(everything)) == [folder]
    assert not everything.exists()


async def test_nothing_is_left_after_the_end(tmp_path):
    notes = tmp_path / "notes"
    others = set(active_children())
    lanes = [ProcessLane(), ProcessLane()]
    made = Workers(lanes, LONG)
    hanging = asyncio.create_task(made.run(jobs.hang, str(notes)))
    await made.run(jobs.add, 1, 1)
    await until(notes.exists)
    folders = [Path(lane._folder) for lane in lanes]
    assert all(folder.is_dir() for folder in folders)
    await made.close()
    with pytest.raises(NoAnswer):
        await hanging
    pids = map(int, notes.read_text().split())
    assert set(active_children()) <= others
    await until(lambda: not any(map(is_alive, pids)))
    assert not any(folder.exists() for folder in folders)


def test_clearing_does_not_follow_links(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("x")
    folder = tmp_path / "folder"
    (folder / "own").mkdir(parents=True)
    (folder / "link").symlink_to(outside)
    (folder / "own" / "link").symlink_to(outside)
    clear(folder)
    assert [each.name for each in folder.rglob("*")] == ["own"]
    assert (outside / "kept").exists()


def test_a_command_gets_a_plain_executor():
    with open_executor("processes", 2) as executor:
        assert list(executor.map(jobs.add, [1, 2], [3, 4])) == [4, 6]


@pytest.fixture
async def cluster():
    distributed = pytest.importorskip("distributed", reason="the extra dask is not installed")
    made = await distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, asynchronous=True,
        host="127.0.0.1", protocol="tcp://",
    )  # fmt: skip
    yield f"dask://{made.scheduler_address.removeprefix('tcp://')}"
    await made.close()


async def test_a_cluster_of_two_workers_runs_the_same_jobs(cluster):
    made = make_workers(ForecastSettings(executor=cluster, workers=2))
    try:
        pids = await asyncio.gather(*(made.run(jobs.slow_process_id) for _ in range(2)))
        assert len({*pids, os.getpid()}) == 3
        with pytest.raises(NoAnswer, match="ValueError: no such thing"):
            await made.run(jobs.fail, "no such thing")
        with pytest.raises(NoAnswer, match="took longer"):
            await made.run(jobs.hang, timeout=SHORT)
        assert await made.run(jobs.add, 1, 2) == 3
        question = Question(series=double.series("a"), limits=())
        [lesson] = await made.run(learn, double.MODEL, (question,), Calendar())
        assert lesson.series_id == "a"
    finally:
        await made.close()


async def test_a_scheduler_that_is_not_there_is_one_sentence():
    pytest.importorskip("distributed", reason="the extra dask is not installed")
    made = make_workers(ForecastSettings(executor="dask://127.0.0.1:9"))
    with pytest.raises(NoWorkers, match=r"No Dask scheduler answers at 127\.0\.0\.1:9"):
        await made.run(jobs.add, 1, 2)
    await made.close()


async def test_without_the_extra_the_way_to_get_it_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    made = make_workers(ForecastSettings(executor="dask://127.0.0.1:8786"))
    with pytest.raises(NoWorkers, match=r"pip install seamwatch\[dask\]"):
        await made.run(jobs.add, 1, 2)
    await made.close()
