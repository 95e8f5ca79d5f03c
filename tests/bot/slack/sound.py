"""What every message must be: one that Slack takes, and that pings nobody."""

from __future__ import annotations

import re

from hypothesis import HealthCheck, settings

from tests.bot.slack.scene import all_blocks, assert_slack_takes, texts_of

OURS = re.compile(
    r"<(?:!date\^\d+\^[^<>|]+\|\d+ \w{3} \d{4} \d\d:\d\d UTC|@U0(?:PRIYA|ALEX)|#C0CHANNEL"
    r"|https://app\.wearepatchworks\.com[^<>|\s]*\|[^<>]*|https://doc\.wearepatchworks\.com[^<>]*)>"
)
thorough = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def assert_pings_nobody(message):
    """All markup in it is ours; everything else is escaped."""
    shown = [message.text, *texts_of(all_blocks(message))]
    for text in shown:
        left = OURS.sub("", text)
        assert "<" not in left, left
        assert ">" not in left, left
        assert not re.search(r"&(?!amp;|lt;|gt;)", left), left
    inactive = [each for each in _objects(all_blocks(message)) if each.get("type") == "mrkdwn"]
    assert all(each["verbatim"] for each in inactive)


def _objects(value):
    if isinstance(value, dict):
        yield value
        for entry in value.values():
            yield from _objects(entry)
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from _objects(entry)


def assert_sound(message):
    assert_slack_takes(message)
    assert_pings_nobody(message)
