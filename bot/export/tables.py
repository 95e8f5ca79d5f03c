"""The tables that may leave: their columns, what these hold, and in which order they are read.

Each is the view `view_NAME` of the database. What is not declared here does not leave.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.store.views import AMOUNTS


class Holds(StrEnum):
    """What a column holds. In the database a time is text of one width, UTC, a yes-or-no is 1 or 0,
    a day "2026-11-21", an amount text with all its digits. A key (of an order, of a customer) is
    shown as the settings say, and nothing can be asked by it."""

    TEXT = "text"
    WHOLE = "whole number"
    NUMBER = "number"
    AMOUNT = "exact amount"
    YES_NO = "yes or no"
    TIME = "time"
    DAY = "day"
    KEY = "key of a record"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """`may_lack`: it is empty where nothing is known; a key never is."""

    name: str
    holds: Holds
    may_lack: bool = True

    @property
    def compared(self) -> str:
        """The column in SQL where its values are compared or sorted."""
        return f"{self.name} COLLATE {AMOUNTS}" if self.holds is Holds.AMOUNT else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`key` names the columns that tell rows apart, `order` those by which they are read: the ones
    with an index where the table is long. `since` is the column that "since" and "until" mean (a
    time or a day); "" where a table holds the present only."""

    name: str
    about: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    order: tuple[str, ...]
    since: str = ""

    @property
    def view(self) -> str:
        return f"view_{self.name}"

    def column(self, name: str) -> Column | None:
        """None where there is no such column."""
        return next((each for each in self.columns if each.name == name), None)


_SIGNS = {
    "": Holds.TEXT,
    "#": Holds.WHOLE,
    "~": Holds.NUMBER,
    "$": Holds.AMOUNT,
    "?": Holds.YES_NO,
    "@": Holds.TIME,
    "/": Holds.DAY,
    "!": Holds.KEY,
}


def _table(
    name: str, about: str, columns: str, *, by: str, key: str = "", since: str = ""
) -> Table:
    """`columns` by their names, each with a sign after it for what it holds: # a whole number, ~ a
    number, $ an exact amount, ? yes or no, @ a time, / a day, ! a key, none: text."""
    keys = tuple((key or by).split())
    return Table(
        name=name,
        about=about,
        columns=tuple(_column(each, keys) for each in columns.split()),
        key=keys,
        order=tuple(by.split()),
        since=since,
    )


def _column(told: str, keys: tuple[str, ...]) -> Column:
    name = told.rstrip("".join(_SIGNS))
    return Column(name=name, holds=_SIGNS[told[len(name) :]], may_lack=name not in keys)


ALL = (
    _table(
        "incidents",
        "every incident with its first condition; no incident is ever deleted",
        "id# state severity worst_severity check_name subject_kind subject_id subject_name sentence"
        " alerts# opened_at@ acknowledged_at@ resolved_at@ seconds_to_acknowledge~"
        " seconds_to_resolve~ holder resolved_by resolved_via resolution previous_id# team"
        " announced_at@ is_drill?",
        by="id",
        since="opened_at",
    ),
    _table(
        "alerts",
        "the conditions of incidents",
        "id# incident_id# check_name subject_kind subject_id subject_name level signal sentence"
        " times_seen# opened_at@ last_seen_at@ cleared_at@ expected_at@",
        by="id",
        since="opened_at",
    ),
    _table(
        "timeline",
        "what happened to incidents, by whom and through what",
        "incident_id# seq# at@ kind who via from_state to_state reason",
        by="incident_id seq",
        since="at",
    ),
    _table(
        "runs",
        "runs of flows, as long as they are kept one by one",
        "id flow_id flow_name status run_trigger started_at@ finished_at@ seconds~ received# sent#"
        " warned?",
        by="started_at id",
        key="id",
        since="started_at",
    ),
    _table(
        "runs_daily",
        "runs by UTC day and flow; observed is the share of the day of which all is known",
        "day/ flow_id flow_name runs# succeeded# succeeded_in_part# failed# stopped# observed~",
        by="day flow_id",
        since="day",
    ),
    _table(
        "readings",
        "what was measured, as long as it is kept one by one",
        "subject metric at@ value~",
        by="at subject metric",
        since="at",
    ),
    _table(
        "readings_hourly",
        "what was measured, by the hour",
        "subject metric hour@ count# total~ busiest~ observed~ refusals#",
        by="hour subject metric",
        since="hour",
    ),
    _table(
        "daily_figures",
        "how each UTC day went: incidents but for drills, and runs",
        "day/ incidents_opened# incidents_acknowledged# incidents_resolved#"
        " mean_seconds_to_acknowledge~ mean_seconds_to_resolve~ runs# runs_succeeded# runs_failed#"
        " share_observed~",
        by="day",
        since="day",
    ),
    _table(
        "flows",
        "the flows as last read",
        "id name enabled? owner time_sensitive? seen_at@",
        by="id",
    ),
    _table(
        "systems",
        "the configured systems as last looked at",
        "name title looked_at@ seen_at@ blind_since@ why took_ms~",
        by="name",
    ),
    _table(
        "limits",
        "every allowance as last judged",
        "id system name unit used~ size~ used_share~ worst_share~ resets_at@ level sentence blind"
        " seen_at@",
        by="id",
    ),
    _table(
        "credentials",
        "every credential, never its value, and when it ends",
        "id system what owner known_by ends_at@ days_left~ renews_itself? refused_since@ level"
        " sentence seen_at@",
        by="id",
    ),
    _table(
        "forecasts",
        "how likely every limit is reached within 24 and 72 hours; the newest forecast only",
        "id limit_id made_at@ model amount~ horizon_hours# chance~ soonest@ middle@ latest@"
        " headroom~ withheld",
        by="id",
    ),
    _table(
        "forecast_bands",
        "what is expected bin by bin: 2.5, 10, 50, 90 and 97.5 %; the newest forecast only",
        "limit_id made_at@ at@ lowest~ low~ middle~ high~ highest~",
        by="limit_id at",
        since="at",
    ),
    _table(
        "predictions",
        "warnings that limits would be reached, and how they turned out",
        "id# limit_id system opened_at@ horizon_seconds~ chance~ soonest@ middle@ latest@"
        " settled_at@ outcome reason breached_at@",
        by="id",
        since="opened_at",
    ),
    _table(
        "reconciliations",
        "what comparing two systems found, by pairing and period",
        "id# pair entity source target since@ until@ looked_at@ looks# standing source_records#"
        " target_records# differing# doubtful# blind differed_at@ whole_at@",
        by="id",
        since="since",
    ),
    _table(
        "reconciled_kinds",
        "what surely differed in a period, also what was made good since: how many at most, of"
        " which kind, in which field, found when, last found when, made good when",
        "reconciliation_id# kind field pair entity since@ until@ records# found_at@ last_found_at@"
        " made_good_at@",
        by="reconciliation_id kind field",
        since="since",
    ),
    _table(
        "reconciled_sums",
        "what amounts of money add up to on both sides, exactly, by pairing, period and currency",
        "reconciliation_id# field currency pair entity since@ until@ looked_at@ source_sum$"
        " target_sum$",
        by="reconciliation_id field currency",
        since="since",
    ),
    _table(
        "differences",
        "single differences, as long as they are kept, those that were made good too; values are"
        " texts with all their digits",
        "reconciliation_id# look# number# pair since@ kind key! field source_value target_value"
        " sure? why_not_sure found_at@ made_good_at@",
        by="reconciliation_id look number",
        since="since",
    ),
)

TABLES: Mapping[str, Table] = {each.name: each for each in ALL}
