"""`[web]`: what may be told, and what is refused before anybody is let in by mistake."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from bot.web_settings import WebSettings, is_loopback

ENVIRON = {"environ": {"TOKEN": "0123456789abcdef", "SHORT": "short"}, "folder": None}


def told(**changes):
    return WebSettings.model_validate(changes, context=ENVIRON)


def test_nothing_is_offered_unless_it_is_told():
    assert not told().offers_anything
    assert told(listen="0.0.0.0:80").listen == "0.0.0.0:80", "for what pagers call back"


@pytest.mark.parametrize("offered", ["dashboard", "metrics", "feeds"])
def test_beyond_this_machine_a_token_is_needed_or_the_word_open(offered):
    with pytest.raises(ValidationError, match="because listen lets other machines in"):
        told(listen="0.0.0.0:8321", **{offered: True})
    with pytest.raises(ValidationError, match="because url says that others are let in"):
        told(url="https://watch.example.com", **{offered: True})
    assert told(listen="0.0.0.0:8321", token="env:TOKEN", **{offered: True}).offers_anything
    assert told(listen="0.0.0.0:8321", open=True, **{offered: True}).offers_anything
    assert told(listen="[::1]:8321", **{offered: True}).offers_anything


def test_a_token_is_long_and_never_shown():
    with pytest.raises(ValidationError, match="16 characters or more"):
        told(token="env:SHORT")
    assert "0123456789abcdef" not in repr(told(token="env:TOKEN"))


def test_a_token_and_an_open_door_do_not_go_together():
    with pytest.raises(ValidationError, match="either token or open"):
        told(token="env:TOKEN", open=True)


@pytest.mark.parametrize(
    ("host", "here"),
    [
        pytest.param("127.0.0.1", True, id="loopback"),
        pytest.param("127.8.9.1", True, id="another of its addresses"),
        pytest.param("[::1]", True, id="version 6 in brackets"),
        pytest.param("LocalHost", True, id="by name"),
        pytest.param("0.0.0.0", False, id="every address"),  # noqa: S104 (that it is refused)
        pytest.param("", False, id="nothing"),
        pytest.param("localhost.example.com", False, id="a look-alike"),
    ],
)
def test_what_means_this_machine(host, here):
    assert is_loopback(host) is here
