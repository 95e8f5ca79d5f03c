"""What looks find one after the other: nothing that differed once is forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from checks.reconcile.courses import followed, say_mended
from checks.reconcile.evidence import Compared
from checks.reconcile.model import DifferenceKind, Standing
from tests.checks.catalogue.reconcile_cases import HOUR, LOOKED, compared, courses, different

MISSING, CUT = DifferenceKind.MISSING_IN_TARGET, DifferenceKind.TRUNCATED
LOST, SHORT = (MISSING, "", 3), (CUT, "address line", 27)


def looks(*told: Compared) -> Compared:
    """The last of these looks at one period, an hour apart, with what is known after it."""
    known, at = (), LOOKED
    for number, each in enumerate(told):
        at = LOOKED + number * HOUR
        known = followed(known, replace(each, looked_at=at))
    return replace(told[-1], looked_at=at, courses=known)


def ends(period: Compared) -> dict[DifferenceKind | None, tuple[int, int | None]]:
    """By kind: how many at most, and after how many hours they were made good."""
    return {
        each.kind: (
            each.most,
            None if each.made_good_at is None else (each.made_good_at - LOOKED) // HOUR,
        )
        for each in period.courses
    }


def test_a_period_that_was_always_whole_has_no_courses():
    assert looks(compared(), compared()).courses == ()
    assert looks(compared(), compared()).whole_at is None


def test_what_arrives_late_is_made_good_while_the_rest_still_differs():
    period = looks(different(LOST, SHORT), different(SHORT))
    assert ends(period) == {MISSING: (3, 1), CUT: (27, None)}
    assert period.whole_at is None


def test_a_period_that_is_whole_again_remembers_what_it_lost_and_for_how_long():
    period = looks(different(LOST, SHORT), different((MISSING, "", 1), SHORT), compared())
    assert ends(period) == {MISSING: (3, 2), CUT: (27, 2)}
    assert (period.differed_at, period.whole_at) == (LOOKED, LOOKED + 2 * HOUR)
    assert period.never_arrived == 3


def test_a_look_with_doubts_makes_nothing_good():
    doubtful = different(SHORT, doubts=("a record could not be settled",))
    assert ends(looks(different(LOST, SHORT), doubtful)) == {MISSING: (3, None), CUT: (27, None)}
    unsure = compared(standing=Standing.UNSURE)
    assert ends(looks(different(LOST), unsure)) == {MISSING: (3, None)}


def test_what_differs_anew_is_not_made_good_any_more():
    period = looks(different(LOST), compared(), different((MISSING, "", 1)))
    assert ends(period) == {MISSING: (3, None)}
    assert period.differed_at == LOOKED


def test_later_clean_looks_do_not_move_the_end():
    assert ends(looks(different(LOST), compared(), compared())) == {MISSING: (3, 1)}


def test_totals_that_were_apart_are_remembered_too():
    period = looks(compared(standing=Standing.DIFFERENT), compared())
    assert ends(period) == {None: (1, 1)}


def test_several_periods_are_told_in_one_sentence_with_days():
    whole = compared(courses=courses(arrived=4 * HOUR, corrected=4 * HOUR))
    later = replace(
        whole,
        since=whole.since + HOUR,
        until=whole.until + HOUR,
        courses=courses(arrived=HOUR, corrected=HOUR)[1:],
    )
    assert say_mended([whole, later], ZoneInfo("UTC")) == (
        "Orders of Shop to Business Central in 2 periods of Mon 2 Mar 07:00 to 09:00: 3 arrived "
        'about 4 h late, 54 had a shortened "address line" until Mon 2 Mar 08:35. All stand as '
        "they should now."
    )


LOOKS = st.lists(
    st.sampled_from(
        [
            compared(),
            compared(standing=Standing.UNSURE, doubts=("why",)),
            different(LOST),
            different(SHORT),
            different(LOST, SHORT),
            different(SHORT, doubts=("why",)),
        ]
    ),
    min_size=1,
    max_size=8,
)


@given(told=LOOKS)
def test_nothing_that_surely_differed_is_forgotten_and_what_is_there_is_never_made_good(told):
    period = looks(*told)
    known = {each.kind for each in period.courses}
    assert known == {each.kind for look in told for each in look.found}
    gone = {each.kind for each in period.made_good}
    assert not gone & {each.kind for each in told[-1].found}
    if told[-1].standing is Standing.SAME:
        assert gone == known


def test_times_are_those_of_the_zone():
    whole = compared(courses=courses(arrived=HOUR, corrected=HOUR))
    assert "Mon 2 Mar 08:00 to 09:00" in say_mended([whole], ZoneInfo("Europe/Berlin"))
    assert datetime(2026, 3, 2, 8, 35, tzinfo=UTC) == LOOKED
    assert timedelta(hours=1) == HOUR
