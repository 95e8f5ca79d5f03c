"""What a digest says beside incidents and flows: what was quiet, noisy, unseen, and the bot itself.
Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from bot.digest import phrases
from bot.digest.facts import Digest, Health, Hushed, Noise, Reconciled, Span
from bot.digest.phrases import Line, Mark, Part
from bot.slack.render.text import count, stopped
from checks.durations import say_duration

LATE = timedelta(minutes=5)
STALE = timedelta(minutes=15)
MANY_CALLS = 0.9
NUMBERS = 6
LATEST = 4


def around(digest: Digest) -> Iterator[Part]:
    """What else belongs to the day: comparisons, silences, noise, sight, the bot itself."""
    if digest.reconciled is not None:
        yield _reconciled(digest.reconciled)
    hushed = tuple(_hush(each, digest) for each in digest.hushed)
    yield Part(title="Kept quiet", lines=hushed, most=4)
    yield Part(title="What spoke up", lines=tuple(map(_noisy, digest.noise)), most=4)
    if digest.present is not None:
        present = digest.present
        yield Part(title="Out of sight", lines=plain(present.blind, Mark.UNKNOWN), most=4)
        yield Part(
            title="Not judged", lines=plain(present.unjudged, Mark.UNKNOWN), most=3, calls=False
        )
        lines, well = _health(present.health, digest)
        yield Part(title="Seamwatch itself", lines=lines, calls=not well)
    spans = digest.spans[-LATEST:]
    yield Part(title="Over time", lines=tuple(map(_span, spans)), calls=False)


def _reconciled(told: Reconciled) -> Part:
    unsure = f", {told.unsure} not to be judged" if told.unsure else ""
    found = count(told.total, "difference") if told.total else "no difference"
    first = f"{count(told.pairs, 'pair')} of systems compared: {found}{unsure}"
    mark = Mark.BAD if told.total else Mark.UNKNOWN if told.unsure else Mark.WELL
    lines = (Line(text=first, mark=mark), *plain(told.differences))
    return Part(title="Reconciliation", lines=lines, calls=bool(told.total or told.unsure))


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
        f"{number} called it {word}" if number == 1 else f"{number} called them {word}"
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
    calls = f"; {health.calls} of {health.budget} calls a minute" if health.budget else ""
    kept = f"{count(health.expected, 'round')}, none missed to speak of; nothing waits{calls}"
    return (Line(text=kept, mark=Mark.WELL),), True


def _rounds(health: Health, digest: Digest) -> Iterator[str]:
    if health.last_round is None:
        yield "No round has ended yet, so nothing is known."
        return
    if digest.made_at - health.last_round > STALE:
        yield f"The last round was {phrases.moment(digest.period, health.last_round)}."
    if health.missed > max(2, 0.02 * health.expected) or health.longest > STALE:
        since = health.longest_from
        begun = f", from {phrases.moment(digest.period, since)} on" if since else ""
        yield (
            f"{health.missed:,} of {count(health.expected, 'round')} were missed; the longest time "
            f"without one was {say_duration(health.longest)}{begun}."
        )


def _delivery(health: Health, digest: Digest) -> Iterator[str]:
    since = health.waiting_since
    if health.waiting and since is not None and digest.made_at - since > LATE:
        waited = say_duration(digest.made_at - since)
        verb = "waits" if health.waiting == 1 else "wait"
        yield f"{count(health.waiting, 'message')} {verb} to be sent, the oldest for {waited}."
    if health.budget and health.calls >= MANY_CALLS * health.budget:
        yield f"It makes {health.calls} of its {health.budget} calls a minute to Patchworks."


def _span(each: Span) -> Line:
    text = (
        f"From {each.label}: {each.opened} opened, {each.resolved} resolved; "
        f"acknowledged {phrases.of_incidents(each.acknowledging)}; "
        f"resolved {phrases.of_incidents(each.resolving)}"
    )
    return Line(text=text)


def plain(told: Sequence[str], mark: Mark = Mark.PLAIN) -> tuple[Line, ...]:
    return tuple(Line(text=phrases.clipped(each, 200), mark=mark) for each in told)
