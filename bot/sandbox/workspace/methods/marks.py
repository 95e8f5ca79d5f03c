"""reactions.*, pins.*, bookmarks.*: what people and apps attach to messages and channels.

https://docs.slack.dev/reference/methods/reactions.add
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bot.sandbox.workspace import ids
from bot.sandbox.workspace.messages import Channel, Json, Message
from bot.sandbox.workspace.methods.call import Call, Method
from bot.sandbox.workspace.refusal import Refusal, explained

_EMOJI = re.compile(r"[a-z0-9_+'\-]{1,100}(::skin-tone-[2-6])?")


def add_reaction(call: Call) -> Json:
    message, name = _target(call), _emoji(call)
    users = message.reactions.get(name, ())
    if call.caller.user.id in users:
        raise Refusal("already_reacted")
    return _react(call, message, {**message.reactions, name: (*users, call.caller.user.id)})


def remove_reaction(call: Call) -> Json:
    message, name = _target(call), _emoji(call)
    users = message.reactions.get(name, ())
    if call.caller.user.id not in users:
        raise Refusal("no_reaction")
    left = tuple(user for user in users if user != call.caller.user.id)
    others = {emoji: who for emoji, who in message.reactions.items() if emoji != name}
    return _react(call, message, others | ({name: left} if left else {}))


def get_reactions(call: Call) -> Json:
    message = _target(call)
    return {
        "type": "message",
        "channel": message.channel,
        "message": call.site.workspace.show(message),
    }


def add_pin(call: Call) -> Json:
    message = _target(call)
    if (message.channel, message.ts) in call.site.pins:
        raise Refusal("already_pinned")
    call.site.pins[message.channel, message.ts] = call.caller.user.id
    return {}


def remove_pin(call: Call) -> Json:
    message = _target(call)
    if call.site.pins.pop((message.channel, message.ts), None) is None:
        raise Refusal("no_pin")
    return {}


def list_pins(call: Call) -> Json:
    channel = _joined(call, call.channel())
    found = [
        (call.site.workspace.find(channel.id, ts), user)
        for (place, ts), user in call.site.pins.items()
        if place == channel.id
    ]
    items = [
        {
            "type": "message",
            "channel": channel.id,
            "created_by": user,
            "message": call.site.workspace.show(message),
        }
        for message, user in found
        if message
    ]
    return {"items": items}


def add_bookmark(call: Call) -> Json:
    channel = _joined(call, call.channel("channel_id"))
    if call.required("type") != "link":
        raise Refusal("invalid_bookmark_type")
    link = call.required("link", "invalid_link")
    if not link.startswith(("http://", "https://")):
        raise explained("invalid_link", ["link must be an http or https URL"], listed=False)
    bookmark = {
        "id": ids.new("Bk"),
        "channel_id": channel.id,
        "title": call.required("title"),
        "type": "link",
        "link": link,
        "emoji": call.text("emoji"),
        "app_id": call.site.workspace.app_id,
    }
    call.site.bookmarks.setdefault(channel.id, []).append(bookmark)
    return {"bookmark": bookmark}


def list_bookmarks(call: Call) -> Json:
    channel = _joined(call, call.channel("channel_id"))
    return {"bookmarks": call.site.bookmarks.get(channel.id, [])}


def _joined(call: Call, channel: Channel) -> Channel:
    if call.caller.user.id not in channel.members:
        raise Refusal("not_in_channel")
    return channel


def _target(call: Call) -> Message:
    return call.message(_joined(call, call.channel()), "timestamp")


def _emoji(call: Call) -> str:
    name = call.required("name")
    if not _EMOJI.fullmatch(name):
        raise Refusal("invalid_name")
    return name


def _react(call: Call, message: Message, reactions: Mapping[str, Sequence[str]]) -> Json:
    call.site.workspace.change(message, by=call.caller.user.id, reactions=reactions)
    return {}


METHODS = {
    "reactions.add": Method(run=add_reaction, scope="reactions:write"),
    "reactions.remove": Method(run=remove_reaction, scope="reactions:write"),
    "reactions.get": Method(run=get_reactions, scope="reactions:read"),
    "pins.add": Method(run=add_pin, scope="pins:write"),
    "pins.remove": Method(run=remove_pin, scope="pins:write"),
    "pins.list": Method(run=list_pins, scope="pins:read"),
    "bookmarks.add": Method(run=add_bookmark, scope="bookmarks:write"),
    "bookmarks.list": Method(run=list_bookmarks, scope="bookmarks:read"),
}
