"""Changed answers: a system no longer answers in the shape that flows and comparisons rely on.

What goes wrong: a vendor's new version leaves out a field, turns a number into text, or a text
grows into what the other end has room for. The call still succeeds; a mapping then writes nothing,
or half of it, and every run is green.

Who suffers: whoever reads the record at the other end. An order without its postcode is not
shipped, and nobody is told.

How early we can know: with the next look at the list, an hour later at most, if it had been looked
at before. A field that vanished is certain; texts that pile up at one length only hint at a cut.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer

from checks.durations import Duration, say_duration
from checks.model import Fact, Level, Measure, Subject, Verdict
from checks.policy import CheckPolicy, NofM, parse_n_of_m
from checks.registry import Check
from checks.shapes.compare import Altered, Change, altered, can_be_judged
from checks.shapes.evidence import Answers, ShapeEvidence
from checks.shapes.shape import ITEM, leaf
from checks.words import plain, say_count

CHECK_NAME = "changed_shape"
FACTS = (
    "signal",
    "system",
    "what",
    "field",
    "before",
    "now",
    "fields",
    "flows",
    "compared",
    "looked_at",
)
NAMED = 3
STALE = timedelta(days=2)
SAID: Mapping[Change, str] = {
    Change.VANISHED: "{field} is no longer there ({before} before, {now} now)",
    Change.OTHER_KIND: "{field} was {before} and is {now}",
    Change.EMPTIED: "{field} is mostly empty ({now}, {before} before)",
    Change.AT_LIMIT: "{field} may be cut ({now}; {before} before)",
}


class Policy(CheckPolicy):
    """Thresholds of `[checks.changed_shape]`; the defaults are proposals to be tuned."""

    opens_after: Annotated[NofM, BeforeValidator(parse_n_of_m), PlainSerializer(str)] = Field(
        default=NofM(needed=1, of=1),
        description="troubled rounds of the last rounds before an incident opens; one, because "
        "twenty records or more are looked at",
    )
    reopen_after: Duration = Field(
        default=timedelta(days=14),
        description="how long a new shape may stand after a person resolved it before we say so; "
        "by then it is the usual one",
    )
    ignore: tuple[str, ...] = Field(
        default=(), description="fields that may change, by their last name or their whole path"
    )


def judge(evidence: ShapeEvidence, policy: Policy, now: datetime) -> tuple[Verdict, ...]:
    """One verdict a list of a system, by system and list.

    UNKNOWN where too little was seen, before or now, or the newest look is days old.
    """
    ordered = sorted(evidence.answers, key=lambda each: (each.system, each.id))
    return tuple(_judge(each, policy, now) for each in ordered)


def _judge(told: Answers, policy: Policy, now: datetime) -> Verdict:
    if now - told.at > STALE:
        why = f"they were last looked at {say_duration(now - told.at)} ago"
        return _unknown(told, why)
    if not can_be_judged(told.before, told.now):
        return _unknown(told, "too few of them were seen yet, on earlier days or now")
    limits = {path: told.limits[leaf(path)] for path in told.now if leaf(path) in told.limits}
    ignored = frozenset(policy.ignore)
    found = [
        each
        for each in altered(told.before, told.now, limits)
        if not ignored & {each.path, leaf(each.path)}
    ]
    if found:
        return _trouble(told, found)
    sentence = f"The {_what(told)} of {plain(told.system)} look as they did."
    return _verdict(told, Level.OK, "clear", sentence)


def _unknown(told: Answers, why: str) -> Verdict:
    said = f"Whether the {_what(told)} of {plain(told.system)} look as usual is not known: {why}."
    return _verdict(told, Level.UNKNOWN, "clear", said)


def _trouble(told: Answers, found: Sequence[Altered]) -> Verdict:
    first = found[0]
    listed = "; ".join(map(_say, found[:NAMED]))
    more = f"; and {say_count(len(found) - NAMED, 'more field')}" if len(found) > NAMED else ""
    uses = f" Flows that use it: {_flows(told)}." if told.flows else ""
    sentence = f"The {_what(told)} of {plain(told.system)} have changed: {listed}{more}.{uses}"
    signal = first.change.name.casefold()
    level = Level.BREACH if first.certain else Level.EARLY
    return _verdict(told, level, signal, sentence, found)


def _say(each: Altered) -> str:
    field = f'"{plain(leaf(each.path))}"'
    return SAID[each.change].format(field=field, before=each.before, now=each.now)


def _verdict(
    told: Answers, level: Level, signal: str, sentence: str, found: Sequence[Altered] = ()
) -> Verdict:
    return Verdict(
        check=CHECK_NAME,
        condition=told.id,
        subject=Subject(kind="system", id=told.system, name=plain(told.system)),
        level=level,
        signal=signal,
        sentence=sentence,
        measures=tuple(
            Measure(label=plain(leaf(each.path)), measured=each.now, usual=each.before)
            for each in found[:NAMED]
        ),
        facts=_facts(told, signal, found),
    )


def _facts(told: Answers, signal: str, found: Sequence[Altered]) -> dict[str, Fact]:
    """Every key of FACTS, so that the runbook may name any; None for what does not apply."""
    known: dict[str, Fact] = {
        "signal": signal,
        "system": plain(told.system),
        "what": _what(told),
        "looked_at": told.at.isoformat(timespec="seconds"),
        "flows": _flows(told) or None,
    }
    if found:
        first = found[0]
        names = dict.fromkeys(leaf(each.path) for each in found)
        compared = dict.fromkeys(told.mapped[name] for name in names if name in told.mapped)
        known |= {
            "field": plain(first.path.removeprefix(f"{ITEM}.")),
            "before": first.before,
            "now": first.now,
            "fields": plain(", ".join(names), 300),
            "compared": plain(", ".join(compared), 200) or None,
        }
    return dict.fromkeys(FACTS) | known


def _flows(told: Answers) -> str:
    more = f" and {len(told.flows) - NAMED} more" if len(told.flows) > NAMED else ""
    return ", ".join(plain(name) for name in told.flows[:NAMED]) + more


def _what(told: Answers) -> str:
    return plain(told.what) or "answers"


CHECK = Check(
    name=CHECK_NAME,
    title="Changed answers",
    judge=judge,
    policy=Policy,
    runbook="changed-shape",
    needs="shapes",
)
