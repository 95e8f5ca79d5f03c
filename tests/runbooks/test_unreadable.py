"""The page on what is out of sight: each signal's own way out, and what is never claimed."""

from __future__ import annotations

import re

import pytest

from tests.runbooks.situations import SITUATIONS, render, text_of

CHECK = "unreadable"


@pytest.mark.parametrize(
    ("name", "told", "untold"),
    [
        ("patchworks-refused", "settings > API keys", "wait ten minutes"),
        ("patchworks-refused", "Seamwatch does not start", "vendor's support"),
        ("patchworks-unavailable", "look by hand every 15 minutes", "settings > API keys"),
        ("system-refused", "Never borrow the one that Patchworks uses", "settings > API keys"),
        ("system-refused", "base_url", "Its status page says"),
        ("system-unavailable", "Its status page says: EU Data Centre", "Make a new one"),
        ("no-incident", "comes from *settings > API keys", "Out of sight for"),
    ],
)
def test_each_signal_has_its_own_way_out(name: str, told: str, untold: str) -> None:
    shown = text_of(render(CHECK, name)).replace("&gt;", ">")
    assert told in shown
    assert untold not in shown


@pytest.mark.parametrize("name", SITUATIONS[CHECK])
def test_it_always_tells_to_ask_the_doctor_and_to_look_at_what_went_unseen(name: str) -> None:
    shown = text_of(render(CHECK, name))
    assert "`seamwatch doctor`" in shown
    assert "Nobody watches it meanwhile" in shown
    assert "failed runs in *run logs* since" in shown


@pytest.mark.parametrize("name", SITUATIONS[CHECK])
def test_it_never_claims_that_anything_is_down(name: str) -> None:
    shown = " ".join(text_of(render(CHECK, name)).split())
    claims = re.findall(r"[^.:]*\bdown\b", shown)
    assert claims
    assert all(" not " in claim for claim in claims)
