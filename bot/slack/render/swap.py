"""Swaps of shifts in words: the question with its two buttons, its answer, and who is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from slack_sdk.models.blocks import ButtonElement

from bot.incidents.rota import Override, Shift
from bot.slack.render.blocks import actions, button, context, section
from bot.slack.render.buttons import apart
from bot.slack.render.message import Message, answer, message
from bot.slack.render.oncall import NAME, REASON
from bot.slack.render.text import code, foreign, lasted, mention, stopped, when
from bot.store.swaps import Stage, Swap

SWAP = "oncall_swap"
ACCEPT, REFUSE = "accept", "refuse"
NOTHING = "Nothing was changed."
UNEVEN = timedelta(hours=1)
"""Shifts that differ by more are said to be of different length."""
BECAME = {
    Stage.ACCEPTED: "✅ Accepted: the two shifts change hands.",
    Stage.REFUSED: "✖️ Refused: everybody keeps their shift.",
    Stage.EXPIRED: "✖️ Nobody answered before the hand-over: everybody keeps their shift.",
}


def swap_message(swap: Swap, reader: str) -> Message:
    """To the one who is asked, with buttons while it waits; to the one who asked, what became of
    it. `reader` is a Slack user id."""
    asks_me = reader == swap.wanted.other_id
    head = _question(swap) if asks_me else _told(swap)
    became = BECAME.get(swap.stage, "")
    small = [_why(swap), "" if became else _uneven(swap), "" if became else _until(swap)]
    buttons = _buttons(swap) if asks_me and not became else []
    return message(
        f"{head} {became}".strip(),
        [
            section("\n".join(filter(None, (head, *_lines(swap), became)))),
            *context(small),
            *actions(buttons),
        ],
    )


def asked(swap: Swap) -> Message:
    """The private answer to whoever asks."""
    first = f"🟡 {mention(swap.wanted.other_id)} is asked whether they swap; until they accept, "
    first += "everybody keeps their shift."
    small = [_uneven(swap), _until(swap), "I tell you what they say."]
    return answer("\n".join([first, *_lines(swap)]), small=small)


def accepted(made: Sequence[Override], zone: ZoneInfo) -> Message:
    undo = " and ".join(f"`/seam override cancel {each.id}`" for each in made)
    first = f"✅ Swapped: two shifts of {foreign(made[0].rota, NAME)} change hands."
    shifts = [_line(each.person, each.since, each.until) for each in made]
    clocks = f"Times were read by the clocks of {code(zone.key)}."
    return answer("\n".join([first, *shifts]), small=[f"{clocks} {undo} undo it."])


def refused(swap: Swap) -> Message:
    return answer(f"✖️ You do not swap with {mention(swap.wanted.asker_id)}; they are told.")


def over(swap: Swap) -> Message:
    """It was decided before; what was accepted is undone as every arrangement is."""
    undo = "`/seam override` lists what was arranged, with the command that undoes each."
    accepted = swap.stage is Stage.ACCEPTED
    return answer(f"{BECAME[swap.stage]} Nothing more was done.", small=[undo] if accepted else [])


def whom_missing() -> Message:
    return answer("Swap with whom? `/seam swap @alex` asks them to take each other's next shift.")


def too_late() -> Message:
    return answer(f"A hand-over has come since that was asked, so it is over. {NOTHING}")


def no_such_swap(asked: str) -> Message:
    return answer(f"There is no swap {code(asked, 20)} that waits for an answer. {NOTHING}")


def not_yours(swap: Swap) -> Message:
    return answer(f"{mention(swap.wanted.other_id)} is asked, not you. {NOTHING}")


def asked_already(other_id: str) -> Message:
    return answer(f"{mention(other_id)} is asked by you already and has not answered. {NOTHING}")


def _question(swap: Swap) -> str:
    rota = foreign(swap.wanted.rota, NAME)
    return f"🔄 {mention(swap.wanted.asker_id)} asks whether you swap shifts of {rota}:"


def _told(swap: Swap) -> str:
    rota = foreign(swap.wanted.rota, NAME)
    return f"🔄 You asked {mention(swap.wanted.other_id)} to swap shifts of {rota}:"


def _lines(swap: Swap) -> list[str]:
    """Who would be on call when."""
    mine, theirs = swap.wanted.asker, swap.wanted.other
    return [_takes(theirs.person, mine), _takes(mine.person, theirs)]


def _takes(person: str, shift: Shift) -> str:
    return _line(person, shift.since, shift.until)


def _line(person: str, since: datetime, until: datetime) -> str:
    return f"• {foreign(person, NAME)} from {when(since)} until {when(until)}"


def _why(swap: Swap) -> str:
    reason = swap.wanted.reason
    return f"Why: {stopped(foreign(reason, REASON))}" if reason else ""


def _uneven(swap: Swap) -> str:
    """Said before anybody agrees to it; "" for shifts of about the same length."""
    mine, theirs = swap.wanted.asker, swap.wanted.other
    if abs((mine.until - mine.since) - (theirs.until - theirs.since)) <= UNEVEN:
        return ""
    each = ((theirs.person, mine), (mine.person, theirs))
    long = [f"{foreign(who, NAME)} takes {lasted(its.since, its.until)}" for who, its in each]
    return f"The two are not equally long: {', '.join(long)}."


def _until(swap: Swap) -> str:
    return f"Without an answer by {when(swap.wanted.expires_at)} nothing changes."


def _buttons(swap: Swap) -> list[ButtonElement]:
    return [
        button("Accept", apart(SWAP, ACCEPT), f"{swap.id}:0:{ACCEPT}", primary=True),
        button("Refuse", apart(SWAP, REFUSE), f"{swap.id}:0:{REFUSE}"),
    ]
