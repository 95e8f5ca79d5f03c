"""The tables of runs by the day, and the index that finds failed runs."""

from __future__ import annotations

SCHEMA = """
CREATE INDEX runs_failed ON runs (started_at)
  WHERE finished_at IS NOT NULL AND status IN ('failure', 'partial_success');
CREATE TABLE run_days (
  day TEXT NOT NULL, flow_id TEXT NOT NULL, status TEXT NOT NULL,
  runs INTEGER NOT NULL CHECK (runs > 0), seconds TEXT NOT NULL,
  PRIMARY KEY (day, flow_id, status)
) WITHOUT ROWID;
CREATE TABLE failed_days (
  day TEXT NOT NULL, flow_id TEXT NOT NULL,
  records INTEGER NOT NULL CHECK (records >= 0), told INTEGER NOT NULL CHECK (told >= 0),
  untold INTEGER NOT NULL CHECK (untold >= 0 AND told + untold > 0),
  PRIMARY KEY (day, flow_id)
) WITHOUT ROWID;
CREATE TABLE counted_days (
  day TEXT PRIMARY KEY, runs INTEGER NOT NULL CHECK (runs >= 0),
  observed REAL NOT NULL CHECK (observed BETWEEN 0 AND 1)
) WITHOUT ROWID;
"""
"""The index finds the failures of a day without looking at all of its runs."""
