"""How the watch itself stands: the last round, what it could not see, Slack, and open incidents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.facts import BackfillFacts, LearningFacts, RoundFacts, SettingsFacts, SystemFacts, Trouble
from bot.incidents.model import Incident, State
from bot.slack.render.blocks import Block, context, fields, section
from bot.slack.render.message import Message, message
from bot.slack.render.text import ago, count, foreign, when

NAMED = 8
FEW = 3
OLD = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handled:
    """The incident of something in trouble; `resolved`: a person resolved it while it stood."""

    incident_id: int
    resolved: bool = False


def status_answer(
    facts: RoundFacts | None,
    standing: Sequence[Incident],
    waiting: int,
    connection: str,
    now: datetime,
    systems: Sequence[SystemFacts] = (),
    settings: SettingsFacts | None = None,
    past: BackfillFacts | None = None,
    learning: LearningFacts | None = None,
    handled: Mapping[str, Handled] = {},
) -> Message:
    """`waiting` is how many messages have not gone out yet; `settings` how the file stands, `past`
    how far the reading of the platform's past has come, `learning` how forecasts stand,
    `handled` the incidents of what is in trouble, by key."""
    unseen = [system for system in systems if system.blind_since is not None]
    said = _first(facts, now, bool(unseen))
    pairs = [
        ("Open incidents", _open(standing)),
        ("Last round", _round(facts)),
        ("Verdicts", _verdicts(facts)),
        ("Calls to Patchworks", _calls(facts)),
        ("Systems", _systems(systems, unseen)),
        ("Slack", foreign(connection, 200)),
        ("Messages waiting", str(waiting)),
        ("Settings", _settings(settings)),
        ("The last days", _past(past)),
        ("Forecasts", _learning(learning)),
    ]
    out = [*(facts.blind if facts else ()), *(f"{each.name}: {each.why}" for each in unseen)]
    blind = [section(_blind(out))] if out else []
    troubled = _troubled(facts, handled)
    seen = f"Seen in the round of {when(facts.at)} ({ago(facts.at)})." if facts else ""
    small = context([_unjudged(facts.unjudged) if facts else "", seen])
    named = _named(troubled, facts.troubled if facts else 0)
    text = " ".join(filter(None, [said, *troubled[:1], seen]))
    return message(text, [section(said), *named, *blind, *fields(pairs), *small])


def _troubled(facts: RoundFacts | None, handled: Mapping[str, Handled]) -> list[str]:
    """What is in trouble by name; first what no open incident tells of."""
    found = facts.trouble if facts else ()
    untold = [each for each in found if _is_untold(handled.get(each.key))]
    told = [each for each in found if each not in untold]
    return [_trouble(each, handled.get(each.key)) for each in (*untold, *told)[:NAMED]]


def _is_untold(known: Handled | None) -> bool:
    return known is None or known.resolved


def _named(troubled: Sequence[str], of: int) -> list[Block]:
    if not troubled:
        return []
    more = of - len(troubled)
    rest = [f"and {more} more; `/seam incidents` lists what is open"] if more > 0 else []
    return [section("\n".join(["*In trouble*", *(f"• {each}" for each in troubled), *rest]))]


def _trouble(each: Trouble, known: Handled | None) -> str:
    where = "no incident yet: it has to be seen again first"
    if known is not None:
        resolved = ", which a person resolved while it stood" if known.resolved else ""
        where = f"#{known.incident_id}{resolved}"
    return f"*{foreign(each.name, 80)}* ({where}): {foreign(each.sentence, 200)}"


def _past(past: BackfillFacts | None) -> str:
    """While it is being read: how far, back to when, and why it waits."""
    if past is None or past.finished_at is not None:
        return ""
    if past.total is None:
        return f"not read yet{_because(past.waiting)}"
    read = f"{past.done:,} of about {past.total:,} runs read ({past.share:.0%})"
    left = f"at the start: {foreign(past.estimate, 80)}" if past.estimate else ""
    return f"{read}, back to {when(past.reached)}; {left}{_because(past.waiting)}"


def _learning(learning: LearningFacts | None) -> str:
    if learning is None or learning.refreshed_at is None:
        return ""
    learned = f"{learning.learned:,} of {learning.of:,} series learned"
    said = f"{learned}, looked ahead {when(learning.refreshed_at)}"
    if not learning.trouble:
        return said
    return f"⚠️ {said}; a plain baseline stands in: {foreign(learning.trouble, 200)}"


def _because(why: str) -> str:
    return f"; it waits: {foreign(why, 200)}" if why else ""


def _systems(systems: Sequence[SystemFacts], unseen: Sequence[SystemFacts]) -> str:
    answer = len(systems) - len(unseen)
    return f"{answer} of {len(systems)} answer" if systems else ""


def _first(facts: RoundFacts | None, now: datetime, unseen: bool) -> str:
    if facts is None:
        return "⚪ *No round has been finished yet,* so nothing is known."
    if now - facts.at > OLD:
        return f"⚪ *The last round was {ago(facts.at)},* so what follows is old."
    if not facts.judged:
        return "⚪ *The last round judged nothing,* so nothing is known; the log says why."
    partly = unseen or bool(facts.blind) or facts.unknown > len(facts.unjudged)
    if facts.troubled:
        also = " And I cannot see everything." if partly else ""
        return f"🔴 *{count(facts.troubled, 'condition')} in trouble.*{also}"
    if partly:
        return "⚪ *I cannot see everything.* What is out of sight is not known to be well."
    if facts.unjudged:
        return "🟢 *Everything that can be judged is in order.*"
    return "🟢 *Everything I look at is in order.*"


def _open(standing: Sequence[Incident]) -> str:
    if not standing:
        return "none"
    held = sum(incident.state is State.ACKNOWLEDGED for incident in standing)
    return f"{len(standing)}, of which {held} in somebody's hand"


def _round(facts: RoundFacts | None) -> str:
    if facts is None:
        return "none yet"
    took = f"{facts.took_seconds:.1f} s" if facts.took_seconds >= 0.1 else "under 0.1 s"
    return f"{when(facts.at)}, took {took}"


def _verdicts(facts: RoundFacts | None) -> str:
    if facts is None:
        return ""
    return f"{facts.judged} judged, {facts.troubled} in trouble, {facts.unknown} not known"


def _calls(facts: RoundFacts | None) -> str:
    return (
        f"{facts.calls_last_minute} of {facts.calls_per_minute} a minute"
        if facts and facts.calls_per_minute
        else ""
    )


def _settings(settings: SettingsFacts | None) -> str:
    if settings is None:
        return ""
    if settings.refused_at is None:
        return f"read {when(settings.loaded_at)}"
    first = [foreign(fault, 300) for fault in settings.faults[:FEW]]
    more = [f"and {len(settings.faults) - FEW} more"] if len(settings.faults) > FEW else []
    said = f"⚠️ newer ones were refused {when(settings.refused_at)}; those read "
    return "\n".join([f"{said}{when(settings.loaded_at)} stay in force:", *first, *more])


def _unjudged(named: Sequence[str]) -> str:
    """The first few by name; empty when all could be judged."""
    if not named:
        return ""
    each_once = list(dict.fromkeys(named))
    first = [foreign(each, 200) for each in each_once[:FEW]]
    more = [f"and {len(each_once) - FEW} more"] if len(each_once) > FEW else []
    return f"Not judged: {', '.join([*first, *more])}."


def _blind(sources: Sequence[str]) -> str:
    lines = [f"• {foreign(source, 300)}" for source in sources[:NAMED]]
    more = [f"and {len(sources) - NAMED} more"] if len(sources) > NAMED else []
    return "\n".join(["*Out of sight*", *lines, *more])
