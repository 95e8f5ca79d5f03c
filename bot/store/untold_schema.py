"""The schema of warnings, some of which nobody heard of: these have an outcome of their own."""

from __future__ import annotations

# A check of a column cannot be changed, so the table is made anew.
UNTOLD = """
CREATE TABLE predictions_anew (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  limit_id TEXT NOT NULL, key TEXT NOT NULL, system TEXT NOT NULL,
  opened_at TEXT NOT NULL, horizon REAL NOT NULL, chance REAL NOT NULL,
  soonest TEXT, middle TEXT, latest TEXT,
  settled_at TEXT,
  outcome TEXT NOT NULL DEFAULT ''
    CHECK (outcome IN ('', 'hit', 'false', 'averted', 'untold', 'missed')),
  reason TEXT NOT NULL DEFAULT '', breached_at TEXT,
  CHECK ((outcome = '') = (settled_at IS NULL)),
  CHECK ((outcome IN ('hit', 'missed')) = (breached_at IS NOT NULL))
);
INSERT INTO predictions_anew SELECT * FROM predictions ORDER BY id;
DROP TABLE predictions;
ALTER TABLE predictions_anew RENAME TO predictions;
CREATE UNIQUE INDEX one_open_prediction_per_limit ON predictions (limit_id) WHERE outcome = '';
CREATE INDEX predictions_settled ON predictions (settled_at);
CREATE TRIGGER settled_is_terminal BEFORE UPDATE ON predictions WHEN OLD.outcome <> ''
BEGIN SELECT RAISE(ABORT, 'a settled prediction never changes'); END;
CREATE TRIGGER prediction_is_kept_as_made BEFORE UPDATE ON predictions
WHEN (OLD.limit_id, OLD.key, OLD.system, OLD.opened_at, OLD.horizon, OLD.chance, OLD.soonest,
    OLD.middle, OLD.latest)
  IS NOT (NEW.limit_id, NEW.key, NEW.system, NEW.opened_at, NEW.horizon, NEW.chance, NEW.soonest,
    NEW.middle, NEW.latest)
BEGIN SELECT RAISE(ABORT, 'what was predicted never changes'); END;
CREATE TRIGGER predictions_stay BEFORE DELETE ON predictions
BEGIN SELECT RAISE(ABORT, 'predictions are never deleted'); END;
"""
