"""A proposal that waits, for tests of what is done with one."""

from __future__ import annotations

from bot.acting.proposal import Approval, Deed, Draft, Target
from bot.slack.desk import Desk
from bot.store import acts
from tests.bot.slack.scene import ALEX, MINUTE


def proposal_waits(desk: Desk, number: int) -> None:
    """Proposal `number`, by Alex, to start a flow."""
    target = Target(flow_id="7", flow_name="Orders")
    draft = Draft(deed=Deed.START, targets=(target,), preview=("Starts Orders now.",))
    now = desk.clock.now()
    with desk.store.writing() as db:
        db.execute("INSERT INTO sqlite_sequence VALUES ('proposals', ?)", [number - 1])
        acts.insert(db, draft, Approval.SECOND_PERSON, ALEX, now, now + 30 * MINUTE)
