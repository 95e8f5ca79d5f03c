"""What a digest says beside incidents and flows: what was quiet, noisy, unseen, and the bot itself.
Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from bot.costs import say_amount
from bot.digest import phrases
from bot.digest.facts import Digest, Health, Hushed, Noise, Reconciled, Span, Unjudged
from bot.digest.phrases import Line, Mark, Part
from bot.slack.render.text import count, stopped
from checks.durations import say_duration

LATE = timedelta(minutes=5)
MANY_CALLS = 0.9
NUMBERS = 6
LATEST = 4
ALL_OF_THEM = 500
ITSELF = "Seamwatch itself"


def reconciliation(digest: Digest) -> Part:
    """What surely differs is trouble; what was not compared yet is not called the same."""
    told = digest.reconciled
    lines = _compared(told) if told is not None else ()
    calls = told is not None and bool(told.total or told.mended or told.unsure or told.behind)
    return Part(title="Reconciliation", lines=lines, calls=calls, itemised=False)


def _compared(told: Reconciled) -> tuple[Line, ...]:
    behind = plain(told.behind, Mark.UNKNOWN)
    if not told.pairs:
        return behind
    unsure = f"; of {told.unsure} it is not known" if told.unsure else ""
    found, good = differing(told)
    first = f"{count(told.pairs, 'pair')} of systems compared: {found} found{good}{unsure}"
    late = Mark.PLAIN if told.behind or told.mended else Mark.WELL
    doubt = Mark.UNKNOWN if told.unsure else late
    return (
        Line(text=first, mark=Mark.BAD if told.total else doubt),
        *plain(told.differences, Mark.BAD if told.mended else Mark.PLAIN),
        *plain(told.mended, Mark.WELL if told.differences else Mark.PLAIN),
        *behind,
    )


def differing(told: Reconciled) -> tuple[str, str]:
    """How much was found to differ, and how much of that is made good: "30 differences", ", 12 of
    them made good by now"."""
    every = told.total + told.mended_total
    found = count(every, "difference") if every else "no difference"
    if not told.mended_total:
        return found, ""
    which = f"{told.mended_total:,} of them " if told.total else "all " if every > 1 else ""
    return found, f", {which}made good by now"


def quietened(digest: Digest) -> Part:
    hushed = tuple(_hush(each, digest) for each in digest.hushed)
    return Part(title="Kept quiet", lines=hushed, most=4)


def noise(digest: Digest) -> Part:
    return Part(
        title="Incidents by kind", lines=tuple(map(_noisy, digest.noise)), most=4, calls=False
    )


def out_of_sight(digest: Digest) -> Part:
    blind = digest.present.blind if digest.present is not None else ()
    return Part(title="Out of sight", lines=plain(blind, Mark.UNKNOWN), most=4)


def still_unjudged(digest: Digest) -> Part:
    """A line for what takes time alone, and one for the rest."""
    told = digest.present.unjudged if digest.present is not None else ()
    learning = [_learning(each, digest) for each in told if each.learning]
    rest = [each.what for each in told if not each.learning]
    lines = [
        f"{begun} {'; '.join(what)}."
        for begun, what in (("Still being learned:", learning), ("Not known:", rest))
        if what
    ]
    return Part(title="Not judged", lines=plain(lines, Mark.UNKNOWN, most=ALL_OF_THEM), calls=False)


def _learning(each: Unjudged, digest: Digest) -> str:
    until = f" (until about {phrases.day(digest.period, each.until)})" if each.until else ""
    return f"{each.what}{until}"


def bot_itself(digest: Digest) -> Part:
    if digest.present is None:
        return Part(title=ITSELF, lines=())
    lines, well = _health(digest.present.health, digest)
    return Part(title=ITSELF, lines=lines, calls=not well, itemised=False)


def left_out(digest: Digest) -> Part:
    """What no digest of the past can tell."""
    only = "Forecasts, credentials, sight and health are known for the present only."
    lines = (Line(text=only),) if digest.present is None else ()
    return Part(title="Left out", lines=lines, calls=False)


def over_time(digest: Digest) -> Part:
    spans = digest.spans[-LATEST:]
    return Part(title="Over time", lines=tuple(map(_span, spans)), calls=False)


def _hush(each: Hushed, digest: Digest) -> Line:
    label = phrases.name(each.label)
    until = f"until {phrases.moment(digest.period, each.until)}" if each.until else ""
    hid = f"held back {_numbers(each.hid)}" if each.hid else "held back nothing"
    reason = phrases.clipped(each.reason, phrases.NAME)
    told = ", ".join(filter(None, [hid, until]))
    return Line(text=f"{label[:1].upper()}{label[1:]}: {told} ({reason})", who=each.by, how="by {}")


def _numbers(ids: Sequence[int]) -> str:
    more = f" and {len(ids) - NUMBERS} more" if len(ids) > NUMBERS else ""
    return ", ".join(f"#{each}" for each in ids[:NUMBERS]) + more


def _noisy(each: Noise) -> Line:
    votes = [
        f"{number} person called it {word}" if number == 1 else f"{number} called them {word}"
        for number, word in ((each.wrong, "wrong"), (each.noisy, "noisy"))
        if number
    ]
    said = "".join(f", {vote}" for vote in votes)
    return Line(text=f"{phrases.name(each.title)}: {count(each.opened, 'incident')} opened{said}")


def _health(health: Health, digest: Digest) -> tuple[tuple[Line, ...], bool]:
    """What is wrong with the bot itself, or one line that nothing is; and whether nothing is."""
    wrong = [*_rounds(health, digest), *_delivery(health, digest)]
    wrong += [stopped(phrases.clipped(each, 200)) for each in health.trouble]
    if wrong:
        return tuple(Line(text=each, mark=Mark.BAD) for each in wrong), False
    calls = f"; {health.calls} of {health.budget} calls a minute used" if health.budget else ""
    waits = (
        f"{count(health.waiting, 'message')} to be sent" if health.waiting else "no message waits"
    )
    if not health.expected:
        none = f"no round was made in this time; {waits}{calls}"
        return (Line(text=none, mark=Mark.UNKNOWN),), True
    rounds = count(health.expected, "round")
    if health.steered and health.longest > health.patience:
        gap = f"{rounds}; none {_gap(health, digest)}, by a clock that runs fast or was moved"
        return (Line(text=f"{gap}; {waits}{calls}", mark=Mark.UNKNOWN),), True
    missed = "" if health.steered else ", hardly any missed"
    kept = f"{rounds}{missed}; {waits}{calls}"
    return (Line(text=kept, mark=Mark.WELL),), True


def _gap(health: Health, digest: Digest) -> str:
    since = health.longest_from
    begun = f", from {phrases.moment(digest.period, since)} on" if since else ""
    return f"for {say_duration(health.longest)}{begun}"


def _rounds(health: Health, digest: Digest) -> Iterator[str]:
    if health.last_round is None:
        yield "No round has ended yet, so nothing is known."
        return
    if digest.made_at - health.last_round > health.patience:
        yield f"The last round was {phrases.moment(digest.period, health.last_round)}."
    if health.steered:
        return
    if health.missed > max(2, 0.02 * health.expected) or health.longest > health.patience:
        yield (
            f"{health.missed:,} of {count(health.expected, 'round')} were missed; there was none "
            f"{_gap(health, digest)}."
        )


def _delivery(health: Health, digest: Digest) -> Iterator[str]:
    since = health.waiting_since
    if health.steered:  # a message that waits half a minute by ours has waited half an hour by it
        return
    if health.waiting and since is not None and digest.made_at - since > LATE:
        waited = say_duration(digest.made_at - since)
        verb = "waits" if health.waiting == 1 else "wait"
        yield f"{count(health.waiting, 'message')} {verb} to be sent, the oldest for {waited}."
    if health.budget and health.calls >= MANY_CALLS * health.budget:
        yield f"It makes {health.calls} of its {health.budget} calls a minute to Patchworks."


def _span(each: Span) -> Line:
    parts = [f"From {each.label}: {each.opened} opened, {each.resolved} resolved"]
    if each.acknowledging or each.unacknowledged:
        parts.append(_acknowledged(each))
    if each.resolving:
        parts.append(f"time to resolve {phrases.of_incidents(each.resolving)}")
    if each.cost is not None:
        parts.append(f"errors cost {say_amount(each.cost)}")
    return Line(text="; ".join(parts))


def _acknowledged(each: Span) -> str:
    said = phrases.acknowledged(each.acknowledging, each.opened, each.unacknowledged)
    return f"time to acknowledge {said}" if each.acknowledging else said


def plain(
    told: Sequence[str], mark: Mark = Mark.PLAIN, most: int = phrases.SENTENCE
) -> tuple[Line, ...]:
    return tuple(Line(text=phrases.clipped(each, most), mark=mark) for each in told)
