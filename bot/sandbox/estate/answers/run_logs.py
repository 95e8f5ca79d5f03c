"""The log of one run.

https://doc.wearepatchworks.com/product-documentation/api-reference/flow-logs-and-queue/flow-run-logs
"""

from __future__ import annotations

from bot.sandbox.estate.answers.flows import show_step
from bot.sandbox.estate.estate import Estate
from bot.sandbox.estate.listing import Listing, Row, names, stamp
from bot.sandbox.estate.model import Run
from bot.sandbox.estate.query import Query, Rejected
from bot.sandbox.estate.story import LogLine, log_lines, payload_id, step_id, step_name


def find_run(estate: Estate, text: str) -> Run:
    """A run that the platform still shows. Raises Rejected (404) for any other id."""
    run = estate.queue.runs.get(int(text))
    if run is None or run.started_at < estate.now - estate.options.run_retention:
        raise Rejected(404, f"No query results for flow-runs {text}.")
    return run


def show_line(run: Run, line: LogLine, query: Query) -> Row:
    """One line; its step is named when `fields[flowStep]` or the include asks for it."""
    row: Row = {
        "id": line.id,
        "created_at": stamp(line.at),
        "log_level": line.level,
        "log_message": line.text,
        "flow_run_id": run.id,
        "flow_step_id": step_id(run.flow, line.step),
        "payload_metadata_id": payload_id(run) if line.step == 1 else None,
    }
    if "flowStep" in query.include:
        row["flow_step"] = show_step(run.flow, line.step, query.bare())
    elif "flowStep" in query.fields:
        names_it = {"id": row["flow_step_id"], "name": step_name(run.flow, line.step)}
        row["flow_step"] = names_it
    if "flowRunLogMetadata" in query.include:
        row["flow_run_log_metadata"] = []
    return row


def _select(query: Query) -> list[tuple[Run, LogLine]]:
    run = find_run(query.estate, query.path["run"])
    lines = [(run, line) for line in log_lines(run, query.estate.now)]
    return lines[::-1] if query.sort == ("-id",) else lines


LOGS = Listing(
    kind="flow-run-logs",
    select=_select,
    show=lambda row, query: show_line(*row, query),
    key=lambda row: row[1].id,
    includes=names("flowRunLogMetadata flowStep"),
    sorts=frozenset({"id"}),
)
