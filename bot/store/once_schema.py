"""The schema of what counts once whatever happens: votes, ids that were heard, swaps that are asked
for; and fall-backs that were told before they were told again."""

from __future__ import annotations

from bot.store import heard, swaps

VOTES = """
CREATE TRIGGER a_person_votes_once BEFORE INSERT ON timeline
WHEN NEW.kind = 'voted' AND EXISTS (SELECT 1 FROM timeline
  WHERE incident_id = NEW.incident_id AND kind = 'voted' AND who = NEW.who)
BEGIN SELECT RAISE(ABORT, 'a person votes once on an incident'); END;
"""
# Policies that had come to their end go on from there: their fall-back is due to be told again.
FALL_BACKS = """
UPDATE handling SET next_at = announced_at, stopped = ''
WHERE announced_at IS NOT NULL AND stopped IN ('everybody was told, the fall-back too',
    'the policy is at its end, and nobody could be reached at the fall-back')
  AND incident_id IN (SELECT id FROM incidents WHERE state = 'triggered' AND severity > 1);
"""
ONCE = VOTES + FALL_BACKS + heard.SCHEMA + swaps.SCHEMA
