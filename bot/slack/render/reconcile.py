"""Reconciliation in Slack: which systems are compared, how periods stand, what differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from bot.incidents.model import Entry
from bot.reconcile_settings import ReconcileSettings
from bot.slack.render.blocks import Block, context, section
from bot.slack.render.entries import say_entry
from bot.slack.render.message import Message, answer, message
from bot.slack.render.text import code, count, foreign, when
from bot.store.reconciliations import Kept
from checks.durations import say_duration
from checks.reconcile.evidence import Compared
from checks.reconcile.model import KEY, Difference, DifferenceKind, Standing
from checks.reconcile.sentences import measures, say
from checks.reconcile.showing import Keys, show_key, values

FITS = 80
SENTENCE = 500
PERIODS = 8
PAIRS = 15
SIGNS = {Standing.SAME: "🟢", Standing.DIFFERENT: "🔴", Standing.UNSURE: "⚪"}
SAID = {
    DifferenceKind.MISSING_IN_TARGET: "never arrived",
    DifferenceKind.MISSING_IN_SOURCE: "is not in the source",
    DifferenceKind.DUPLICATED: "is there more than once",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A pairing of the settings and its newest periods, the newest first; `behind` says how far
    comparing lags ("": not)."""

    settings: ReconcileSettings
    periods: tuple[Kept, ...] = ()
    behind: str = ""


def pairs_answer(pairs: Sequence[Pair], zone: tzinfo) -> Message:
    """Which systems are compared, and what the newest comparison of each came to."""
    if not pairs:
        return answer(
            "No systems are compared yet. Whoever runs Seamwatch can name a pair in a "
            "[[reconcile]] section of its settings; docs/reconciliation.md says how."
        )
    said = f"{count(len(pairs), 'pair')} of systems {'is' if len(pairs) == 1 else 'are'} compared."
    shown = [section(_pair_line(each, zone)) for each in pairs[:PAIRS]]
    more = [f"{len(pairs) - PAIRS} more are not shown."] if len(pairs) > PAIRS else []
    small = context([*more, f"{code('/seam reconcile NAME')} shows the last periods of one."])
    return message(said, [section(f"*{said}*"), *shown, *small])


def _pair_line(pair: Pair, zone: tzinfo) -> str:
    name = foreign(pair.settings.name, FITS)
    if not pair.periods:
        waits = say_duration(pair.settings.settle + pair.settings.skew)
        return f"⚪ *{name}*\nNothing was compared yet; a period is, {waits} after its end."
    newest = pair.periods[0].compared
    sign = _sign(newest)
    if pair.behind and sign == SIGNS[Standing.SAME]:
        sign = SIGNS[Standing.UNSURE]  # what is stale is not well
    behind = f"\n{foreign(pair.behind, SENTENCE)}." if pair.behind else ""
    return f"{sign} *{name}*{behind}\n{foreign(say(newest, zone), SENTENCE)}"


def periods_answer(pair: Pair, zone: tzinfo) -> Message:
    """The last periods of one pairing, the newest first."""
    said = f"{foreign(pair.settings.name, FITS)}: {_periods(len(pair.periods))}"
    if not pair.periods:
        return answer(_pair_line(pair, zone))
    lines = [_period_line(each.compared, zone) for each in pair.periods[:PERIODS]]
    typed = f"/seam reconcile {pair.settings.name} 1"
    small = context([f"{code(typed, 120)} shows what differs in the first of them, and so on."])
    late = [section(f"⚪ {foreign(pair.behind, SENTENCE)}.")] if pair.behind else []
    return message(said, [section(f"*{said}*"), *late, *map(section, lines), *small])


def _periods(known: int) -> str:
    return f"the last {min(known, PERIODS)} periods" if known > 1 else "the last period"


def _period_line(compared: Compared, zone: tzinfo) -> str:
    span = f"{when(compared.since)} to {when(compared.until)}"
    return f"{_sign(compared)} {span}\n{foreign(say(compared, zone), SENTENCE)}"


def _sign(compared: Compared) -> str:
    blind = compared.looked_at is None or compared.blind
    return SIGNS[Standing.UNSURE if blind else compared.standing]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One period with some of its sure differences, the open incident in whose thread the file
    stands, and when it is looked at again (UTC; None: not any more)."""

    kept: Kept
    differences: tuple[Difference, ...]
    keys: Keys
    incident_id: int | None = None
    again_at: datetime | None = None


def period_answer(shown: Shown, zone: tzinfo) -> Message:
    """What differs in one period."""
    compared = shown.kept.compared
    lines = difference_lines(shown.differences, shown.keys)
    listed = [section("\n".join([*lines, *more_lines(compared, len(lines))]))] if lines else []
    told = "\n".join(
        f"{foreign(each.label, FITS)}: {foreign(each.measured, 200)}" for each in measures(compared)
    )
    notes = [foreign(each, 200) for each in compared.notes]
    small = context([*notes, _where(shown, len(lines))])
    said = foreign(say(compared, zone), SENTENCE)
    blocks = [section(f"{_sign(compared)} {said}"), *([section(told)] if told else [])]
    return message(said, [*blocks, *listed, *_unsettled(shown), *small])


def more_lines(compared: Compared, shown: int) -> list[str]:
    """How many sure differences are not among those shown."""
    return said_more(sum(each.count for each in compared.found) - shown)


def said_more(left: int) -> list[str]:
    """A line that says so, where some are not shown."""
    return [f"and {left:,} more"] if left > 0 else []


def _unsettled(shown: Shown) -> list[Block]:
    """One line for what is not sure, which is never listed as a difference."""
    compared = shown.kept.compared
    again = f" It is compared again {when(shown.again_at)}." if shown.again_at else ""
    why = "; ".join(compared.doubts)
    if compared.standing is not Standing.DIFFERENT or not why:
        why = ""  # the sentence has it
    said = f"{foreign(why[:1].upper() + why[1:], SENTENCE)}." if why else ""
    return [section(f"{said}{again}".strip())] if said or again else []


def _where(shown: Shown, listed: int) -> str:
    if not listed:
        return ""
    if shown.incident_id is not None:
        return f"All of them stand in the file in the thread of #{shown.incident_id}."
    pair = shown.kept.compared.pair
    return (
        f"Whoever runs Seamwatch gets all of them with `seamwatch reconcile` ({foreign(pair, 60)})."
    )


def difference_lines(differences: Sequence[Difference], keys: Keys) -> list[str]:
    """A line a sure difference, with its key as it may be shown; foreign text in it is escaped."""
    return [_line(each, keys) for each in differences if each.is_sure]


def _line(each: Difference, keys: Keys) -> str:
    key = show_key(each.key, keys)
    subject = code(key, FITS) if key else "one"
    return f"• {subject} {_said(each, keys)}"


def _said(each: Difference, keys: Keys) -> str:
    if each.kind in SAID:
        return SAID[each.kind]
    name = "its key" if each.field == KEY else f'"{foreign(each.field, FITS)}"'
    told, held = values(each, keys)
    if each.source_value is None or (told, held) == ("differs", "differs"):
        return f"{name}: {each.kind.value}"
    return f"{name}: {each.kind.value}, {code(told, FITS)} became {code(held, FITS)}"


def compared_line(entry: Entry, lines: Sequence[str], more: int) -> Message:
    """What stands above the file in the thread."""
    line = f"🔴 {say_entry(entry)} · {when(entry.at)}"
    text = "\n".join([line, *lines, *said_more(more)])
    return Message(text=text, blocks=(section(text),))


def compared_without_file(said: Message) -> Message:
    """The same where Slack does not take the file."""
    small = context(["Slack does not take the file; `/seam reconcile` shows what differs."])
    return Message(text=said.text, blocks=(*said.blocks, *small))
