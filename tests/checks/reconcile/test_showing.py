"""What of a difference may be shown."""

from __future__ import annotations

import pytest

from checks.reconcile.model import KEY, Difference, DifferenceKind, Doubt
from checks.reconcile.showing import HEADINGS, Keys, cells, show_key


@pytest.mark.parametrize(
    ("key", "how", "shown"),
    [
        pytest.param("1000423", Keys.FULL, "1000423", id="in full"),
        pytest.param("1000423", Keys.MASKED, "****423", id="masked"),
        pytest.param("12", Keys.MASKED, "*2", id="a short one, masked"),
        pytest.param("7", Keys.MASKED, "*", id="one sign, masked"),
        pytest.param("1000423", Keys.NONE, "", id="not at all"),
    ],
)
def test_keys_are_shown_as_the_settings_say(key, how, shown):
    assert show_key(key, how) == shown


def differs(told, held, field="note"):
    return Difference(
        kind=DifferenceKind.VALUE_DIFFERS,
        key="1001",
        field=field,
        source_value=told,
        target_value=held,
        doubt=Doubt.NOT_ASKED_AGAIN,
    )


def test_a_line_has_a_cell_for_every_heading():
    line = cells(differs("a", "b"), Keys.FULL)
    assert dict(zip(HEADINGS, line, strict=True)) == {
        "difference": "value differs",
        "key": "1001",
        "field": "note",
        "source": "a",
        "target": "b",
        "sure": "no",
        "why_not_sure": "the systems were not asked for this key again",
    }


@pytest.mark.parametrize(
    ("told", "cell"),
    [
        pytest.param("=HYPERLINK(1)", "'=HYPERLINK(1)", id="a formula"),
        pytest.param("@SUM(1)", "'@SUM(1)", id="an old formula"),
        pytest.param("-12.5", "-12.5", id="a number"),
        pytest.param("-12+cmd", "'-12+cmd", id="no number"),
    ],
)
def test_no_cell_is_a_formula(told, cell):
    assert cells(differs(told, "x"), Keys.FULL)[3] == cell


def test_a_personal_value_only_differs():
    assert cells(differs(None, None, "e-mail"), Keys.FULL)[3:5] == ("differs", "differs")


def test_a_key_that_changed_its_type_is_masked_on_both_sides():
    assert cells(differs("00012345", "12345", KEY), Keys.MASKED)[3:5] == ("*****345", "***45")
