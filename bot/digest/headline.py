"""The sentence that a digest begins with, and all of it on a quiet day. Pure."""

from __future__ import annotations

from dataclasses import replace

from bot.digest import phrases
from bot.digest.facts import Digest
from bot.digest.measures import is_poor
from bot.digest.phrases import Line, Mark
from bot.digest.surroundings import differing, left_out, still_unjudged
from bot.digest.wording import parts_of
from bot.incidents.model import State
from bot.slack.render.text import count
from checks.durations import say_duration


def headline(digest: Digest) -> Line:
    """How it stands, the worst first; what is not known is never called well."""
    if digest.knows_nothing:
        return Line(
            text="Nothing is known of this time: no run was read and no round has ended in it.",
            mark=Mark.UNKNOWN,
        )
    said = _quiet(digest) if is_quiet(digest) else _standing(digest)
    return replace(said, text=f"{phrases.as_of(digest.period, digest.made_at)}{said.text}")


def is_quiet(digest: Digest) -> bool:
    """Whether there is nothing that anybody would look into, and all of it was seen."""
    return (
        is_calm(digest)
        and digest.present is not None
        and digest.runs.runs > 0
        and not digest.is_partial
        and not phrases.seen(digest.observed)
    )


def is_calm(digest: Digest) -> bool:
    """Whether nothing that was seen is for anybody to look into: then the first line says it all,
    also how much was not seen. What is merely still being learned calls nobody."""
    return (
        not any(part.calls for part in parts_of(digest))
        and not any(is_poor(group.went, group.before) for group in digest.groups)
        and digest.opened == 0
        and not (digest.cost is not None and (digest.cost.amount or digest.cost.untold))
        and not digest.knows_nothing
    )


def asides(digest: Digest) -> list[str]:
    """What stands small under the line of a calm day: that something cannot be judged yet, or is
    left out."""
    return [line.text for part in (still_unjudged(digest), left_out(digest)) for line in part.lines]


def _quiet(digest: Digest) -> Line:
    runs = phrases.runs(digest.runs, None, digest.period)
    return Line(text=f"All quiet: {runs}, nothing open.", mark=Mark.WELL)


def _standing(digest: Digest) -> Line:
    unheld = [each for each in digest.unheld if each.incident.state is State.TRIGGERED]
    total = len(digest.standing)
    runs = phrases.runs(digest.runs, digest.runs_before, digest.period)
    seen = phrases.seen(digest.observed)
    runs = "; ".join(filter(None, [runs, seen]))
    rest = f"{_differing(digest)}{_ended(digest)} {runs[:1].upper()}{runs[1:]}."
    left = _left(digest)
    also = f" {left}." if left else ""
    if unheld:
        cut = min(digest.made_at, digest.period.until)
        oldest = say_duration(cut - min(each.incident.opened_at for each in unheld))
        return Line(text=f"{_nobody_has(len(unheld), total, oldest)}{also}{rest}", mark=Mark.BAD)
    if total:
        said = f"{count(total, 'incident')} {_is(total)} open, in hand or put off."
        return Line(text=f"{said}{also}{rest}", mark=Mark.HELD)
    nothing = f"Nothing is open, but {left}." if left else "Nothing is open."
    return Line(text=f"{nothing}{rest}", mark=_mark(digest))


def _left(digest: Digest) -> str:
    """What people resolved while the fault stood, and it still does; ""."""
    number = len(digest.left)
    so_many = f"{count(number, 'incident')} resolved by a person {_is(number)}"
    return f"{so_many} still there" if number else ""


def _ended(digest: Digest) -> str:
    """How many more were resolved."""
    number = sum(not each.fate.is_left for each in digest.resolved)
    what = "more incident" if digest.left else "incident"
    return f" {count(number, what)} {_was(number)} resolved." if number else ""


def _nobody_has(free: int, total: int, oldest: str) -> str:
    so_long = f"open for {'up to ' if free > 1 else ''}{oldest}"
    if free < total:
        return f"{total:,} incidents are open; nobody has {free:,} of them, {so_long}."
    has, them = ("has", "it") if total == 1 else ("have", "them")
    return f"{count(total, 'incident')} {has} been {so_long}, and nobody has {them}."


def _mark(digest: Digest) -> Mark:
    """With nothing open."""
    compared = digest.reconciled
    if compared is not None and compared.total:
        return Mark.BAD
    if digest.left:
        return Mark.LEFT
    unseen = phrases.seen(digest.observed) or (digest.present and digest.present.blind)
    unsure = compared is not None and (compared.unsure or compared.behind)
    return Mark.UNKNOWN if unseen or unsure or not digest.runs.runs else Mark.PLAIN


def _differing(digest: Digest) -> str:
    told = digest.reconciled
    if told is None or not (told.total or told.mended_total):
        return ""
    found, good = differing(told)
    return f" Comparing systems found {found}{good}."


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def _was(number: int) -> str:
    return "was" if number == 1 else "were"
