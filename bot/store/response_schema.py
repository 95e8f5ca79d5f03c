"""The sixth step of the schema: what people do about incidents. Never edited once released.

SQLite changes no constraint in place, so that two tables are made anew, as its documentation says:
https://www.sqlite.org/lang_altertable.html#otheralter (foreign keys are off while steps are run).
"""

from __future__ import annotations

from bot.store import acts, audit, links, overrides, silences

INCIDENTS_ANEW = """
CREATE TABLE new_incidents (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  state TEXT NOT NULL CHECK (state IN ('triggered', 'acknowledged', 'snoozed', 'resolved')),
  severity INTEGER NOT NULL CHECK (severity BETWEEN 1 AND 3),
  worst INTEGER NOT NULL CHECK (worst BETWEEN severity AND 3),
  opened_at TEXT NOT NULL, version INTEGER NOT NULL,
  holder TEXT, acknowledged_at TEXT, first_acknowledged_at TEXT,
  confirmed_at TEXT, reminded_at TEXT, held_since INTEGER, assignee TEXT,
  snoozed_until TEXT, snoozed_by TEXT,
  resolved_at TEXT, resolved_by TEXT, resolved_via TEXT, resolution TEXT NOT NULL DEFAULT '',
  previous_id INTEGER REFERENCES incidents (id), standing INTEGER NOT NULL DEFAULT 0,
  CHECK ((state = 'resolved') = (resolved_at IS NOT NULL)),
  CHECK (state <> 'acknowledged' OR (holder IS NOT NULL AND acknowledged_at IS NOT NULL
    AND held_since IS NOT NULL)),
  CHECK (state NOT IN ('triggered', 'snoozed') OR (holder IS NULL AND acknowledged_at IS NULL)),
  CHECK ((state = 'snoozed') = (snoozed_until IS NOT NULL))
);
INSERT INTO new_incidents (id, state, severity, worst, opened_at, version, holder, acknowledged_at,
    first_acknowledged_at, held_since, resolved_at, resolved_by, resolved_via, resolution,
    previous_id, standing)
  SELECT id, state, severity, worst, opened_at, version, holder, acknowledged_at,
    first_acknowledged_at,
    CASE WHEN holder IS NOT NULL THEN (SELECT max(seq) FROM timeline
      WHERE incident_id = incidents.id AND kind = 'acknowledged') END,
    resolved_at, resolved_by, resolved_via, resolution, previous_id, standing
  FROM incidents;
DROP TABLE incidents;
ALTER TABLE new_incidents RENAME TO incidents;
CREATE INDEX incidents_open ON incidents (id) WHERE state <> 'resolved';
CREATE INDEX incidents_resolved ON incidents (resolved_at);
CREATE TRIGGER resolved_is_terminal BEFORE UPDATE ON incidents WHEN OLD.state = 'resolved'
BEGIN SELECT RAISE(ABORT, 'a resolved incident never changes'); END;
CREATE TRIGGER incidents_stay BEFORE DELETE ON incidents
BEGIN SELECT RAISE(ABORT, 'incidents are never deleted'); END;
CREATE TRIGGER change_needs_entry BEFORE UPDATE ON incidents
WHEN NOT EXISTS (
  SELECT 1 FROM timeline WHERE incident_id = NEW.id AND seq = NEW.version
    AND to_state = NEW.state AND from_state = OLD.state AND NEW.version = OLD.version + 1)
BEGIN SELECT RAISE(ABORT, 'an incident changes only with an entry in its timeline'); END;
"""

OUTBOX_ANEW = """
CREATE TABLE new_outbox (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  topic TEXT NOT NULL, incident_id INTEGER REFERENCES incidents (id),
  destination TEXT NOT NULL,
  purpose TEXT NOT NULL CHECK (purpose IN ('root', 'edit', 'line', 'notice', 'page')),
  step INTEGER NOT NULL,
  created_at TEXT NOT NULL, body TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT 'pending'
    CHECK (state IN ('pending', 'claimed', 'sent', 'superseded')),
  due REAL NOT NULL, claim INTEGER NOT NULL DEFAULT 0, fence INTEGER,
  ambiguous INTEGER NOT NULL DEFAULT 0, possible_repeat INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0, problem TEXT NOT NULL DEFAULT '',
  ts TEXT,
  UNIQUE (topic, destination, purpose, step),
  CHECK ((incident_id IS NOT NULL) = (topic LIKE 'incident/%')),
  CHECK ((state = 'sent') = (ts IS NOT NULL))
);
INSERT INTO sqlite_sequence SELECT 'new_outbox', seq FROM sqlite_sequence WHERE name = 'outbox';
INSERT INTO new_outbox (number, id, topic, incident_id, destination, purpose, step, created_at,
    body, state, due, claim, fence, ambiguous, possible_repeat, attempts, problem, ts)
  SELECT number, id, topic, incident_id, destination, purpose, step, created_at,
    body, state, due, claim, fence, ambiguous, possible_repeat, attempts, problem, ts FROM outbox;
DROP TABLE outbox;
ALTER TABLE new_outbox RENAME TO outbox;
CREATE INDEX outbox_pending ON outbox (due) WHERE state = 'pending';
CREATE INDEX outbox_claimed ON outbox (fence) WHERE state = 'claimed';
CREATE INDEX outbox_of_topic ON outbox (topic, destination, purpose, step);
CREATE INDEX outbox_roots ON outbox (ts) WHERE purpose = 'root';
CREATE TRIGGER sent_is_terminal BEFORE UPDATE ON outbox WHEN OLD.state IN ('sent', 'superseded')
BEGIN SELECT RAISE(ABORT, 'a sent message is never sent again'); END;
"""

HANDLING = """
CREATE TABLE handling (
  incident_id INTEGER PRIMARY KEY REFERENCES incidents (id),
  home TEXT NOT NULL, team TEXT NOT NULL, group_key TEXT NOT NULL,
  announced_at TEXT, held TEXT NOT NULL DEFAULT '', held_until TEXT,
  storm_id INTEGER REFERENCES storms (id),
  policy TEXT NOT NULL, position INTEGER NOT NULL CHECK (position >= 0),
  next_at TEXT, stopped TEXT NOT NULL,
  CHECK ((next_at IS NULL) = (stopped <> '')),
  CHECK (announced_at IS NOT NULL OR next_at IS NULL)
);
CREATE INDEX handling_next ON handling (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX handling_unannounced ON handling (incident_id) WHERE announced_at IS NULL;
CREATE TRIGGER handling_stays BEFORE DELETE ON handling
BEGIN SELECT RAISE(ABORT, 'what was done about an incident is kept'); END;

CREATE TABLE storms (
  id INTEGER PRIMARY KEY AUTOINCREMENT, home TEXT NOT NULL,
  since TEXT NOT NULL, until TEXT, CHECK (until IS NULL OR until >= since)
);
CREATE UNIQUE INDEX one_storm_at_a_time ON storms (home) WHERE until IS NULL;
"""
PEOPLES = audit.SCHEMA + links.SCHEMA + overrides.SCHEMA + silences.SCHEMA
RESPONSE = INCIDENTS_ANEW + OUTBOX_ANEW + HANDLING + PEOPLES + acts.SCHEMA
