"""[[pager]] and [web] in the settings file."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from bot.web_settings import WebSettings
from tests.bot.paging.scene import settings

GOOD_KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ENVIRON = {"KEY": "very-secret-key", "SIGN": GOOD_KEY, "SHORT": "very-secret", "LONG": "x" * 20}
PAGERDUTY = {"kind": "pagerduty", "name": "night", "routing_key": "env:KEY"}
MAIL = {"kind": "email", "name": "mail", "host": "mail.acme.example",
        "sender": "bot@acme.example", "recipients": ["oncall@acme.example"]}  # fmt: skip
HOOK = {"kind": "webhook", "name": "hook", "url": "https://acme.example/x",
        "signing_secret": "env:SIGN"}  # fmt: skip


def test_what_is_not_told_is_the_services_own():
    made = settings(ENVIRON, **PAGERDUTY)
    assert made.url == "https://events.pagerduty.com/v2/enqueue"
    assert made.inbound_secret is None
    jira = settings(ENVIRON, kind="jira", name="jsm", api_key="env:KEY")
    assert jira.url == "https://api.atlassian.com/jsm/ops/integration/v2"
    assert settings(ENVIRON, **MAIL).port == 587
    assert settings(ENVIRON, **MAIL).security == "starttls"
    assert WebSettings().listen == "127.0.0.1:8321"


FAULTS = {
    "a secret itself": (PAGERDUTY | {"routing_key": "very-secret-key"}, "expected a reference"),
    "plain http elsewhere": (PAGERDUTY | {"url": "http://example.com"}, "expected https"),
    "a short token": (PAGERDUTY | {"inbound_secret": "env:SHORT"}, "16 characters or more"),
    "a key that is no key": (HOOK | {"signing_secret": "env:KEY"}, "expected whsec_ and 24 to 64"),
    "an answer's key that is none": (HOOK | {"inbound_secret": "env:LONG"}, "expected whsec_"),
    "a name with a slash": (PAGERDUTY | {"name": "a/b"}, "pattern"),
    "a header in an address": (MAIL | {"sender": "a@b.c\nBcc: x@y.z"}, "pattern"),
    "nobody to write to": (MAIL | {"recipients": []}, "at least 1 item"),
    "a name without a password": (MAIL | {"username": "u"}, "username and password together"),
    "mail that anybody can read": (MAIL | {"security": "none"}, 'expected security = "starttls"'),
    "an unknown kind": ({"kind": "pigeon", "name": "p"}, "pigeon"),
}


@pytest.mark.parametrize(("told", "said"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_told_without_the_secret(told, said):
    with pytest.raises(ValidationError) as caught:
        settings(ENVIRON, **told)
    sentences = [each["msg"] for each in caught.value.errors()]
    assert any(said in each for each in sentences), sentences
    assert not any("very-secret" in each or GOOD_KEY in each for each in sentences)


def test_mail_to_this_machine_needs_no_cover():
    assert settings(ENVIRON, **(MAIL | {"security": "none", "host": "127.0.0.1"}))
