"""How a flow served over the last weeks, beside what was promised for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from bot.served import Service
from bot.slack.render.text import count
from checks.durations import say_duration
from checks.promises.model import Promise, Served
from checks.promises.serving import together
from checks.promises.words import say_promise, say_share

HALF, NEARLY_ALL = 0.5, 0.95


def say_service(service: Service, promise: Promise | None) -> Iterator[str]:
    """A line for this week, one for the four before, what was promised; nothing without runs."""
    earlier = [each for each in service.weeks if each is not None and each.runs]
    if not service.week.runs and not earlier:
        return
    yield f"• Last 7 days: {_how(service.week)}"
    if service.from_queue is not None and (waited := _times(service.from_queue)):
        yield f"• Last 24 hours, with the wait in the queue: {waited}"
    yield (
        f"• The four weeks before: {_how(together(earlier))}"
        if earlier
        else ("• Of the weeks before nothing is kept yet")
    )
    if len(earlier) > 1:
        yield f"• Succeeded week by week, the newest first: {_course(service)}"
    if promise is not None:
        yield f"• {_mark(service, promise)} Promised: {say_promise(promise)}"
    else:
        yield "• Nothing was promised for it (`promise` of its `[[flow]]`)"


def _how(served: Served) -> str:
    """ "99.2 % of 840 runs succeeded; half took at most 20 s, 19 in 20 at most 45 s"."""
    if served.success is None:
        return "no run of it ended"
    said = f"{say_share(served.success)} of {count(served.runs, 'run')} succeeded"
    return "; ".join(filter(None, [said, _times(served)]))


def _times(served: Served) -> str:
    half, most = served.quantile(HALF), served.quantile(NEARLY_ALL)
    if half is None or most is None:
        return ""
    return f"half took at most {_length(half)}, 19 in 20 at most {_length(most)}"


def _length(time: timedelta) -> str:
    return say_duration(max(time, timedelta(seconds=1)))


def _course(service: Service) -> str:
    """ "99.2 %, 98.7 %, not known, 99.9 %, 99.8 %"."""
    weeks: Sequence[Served | None] = (service.week, *service.weeks)
    shares = (each.success if each is not None else None for each in weeks)
    return ", ".join("not known" if each is None else say_share(each) for each in shares)


def _mark(service: Service, promise: Promise) -> str:
    """Whether the last seven days kept it, for time in the queue the last one: never by colour
    alone."""
    broken = []
    success = service.week.success
    if promise.success is not None and success is not None and success < promise.success:
        broken.append("fewer succeed")
    if promise.within is not None:
        late, of = (service.from_queue or service.week).timed(promise.within)
        if of and late > (1 - promise.share) * of:
            broken.append("more take longer")
    return f"🔴 Not kept lately ({' and '.join(broken)})." if broken else "🟢 Kept lately."
