"""What a round leaves behind for the commands: what was not seen apart from what is too young."""

from __future__ import annotations

from bot.facts import why_unknown
from checks.model import Level, Subject, Verdict


def unknown(condition: str, name: str, sentence: str) -> Verdict:
    return Verdict(
        check="stalled_queue",
        condition=condition,
        subject=Subject(kind="flow", id=name, name=name),
        level=Level.UNKNOWN,
        signal=condition,
        sentence=sentence,
    )


def test_a_schedule_that_was_not_watched_long_enough_is_named_and_not_out_of_sight():
    sentence = "Nightly stock audit has not been watched long enough to judge its schedule."
    unseen, unjudged = why_unknown([unknown("missed_schedule", "Nightly stock audit", sentence)])
    assert unseen == ()
    assert unjudged == (
        "Nightly stock audit (has not been watched long enough to judge its schedule)",
    )


def test_what_was_not_read_whole_is_out_of_sight():
    sentence = "14 runs wait, but none of them could be read."
    assert why_unknown([unknown("queue", "the run queue", sentence)]) == ((sentence,), ())


def test_a_reason_that_does_not_begin_with_the_name_is_kept_whole():
    sentence = "Whether Prices is enabled and deployed is not known."
    _, unjudged = why_unknown([unknown("missed_schedule", "Prices", sentence)])
    assert unjudged == ("Prices (Whether Prices is enabled and deployed is not known)",)
