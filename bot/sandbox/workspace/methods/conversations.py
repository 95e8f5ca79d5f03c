"""conversations.*: what channels there are, who is in them, what was said.

https://docs.slack.dev/reference/methods/conversations.history
"""

from __future__ import annotations

from bot.sandbox.workspace.messages import Channel, Json, Message
from bot.sandbox.workspace.methods.call import Call, Method
from bot.sandbox.workspace.refusal import Refusal


def list_conversations(call: Call) -> Json:
    kinds = (call.text("types") or "public_channel").split(",")
    found = [
        channel
        for channel in call.site.workspace.channels.values()
        if _kind(channel) in kinds and _visible(call, channel)
    ]
    if call.flag("exclude_archived"):
        found = [channel for channel in found if not channel.is_archived]
    for family in sorted({channel.scope_family for channel in found}):
        call.caller.needs(f"{family}:read")
    page, cursor = call.page(found, lambda channel: channel.id)
    return {"channels": [channel.as_json(call.caller.user.id) for channel in page]} | cursor


def info(call: Call) -> Json:
    channel = call.channel()
    call.caller.needs(f"{channel.scope_family}:read")
    return {"channel": channel.as_json(call.caller.user.id)}


def members(call: Call) -> Json:
    channel = call.channel()
    call.caller.needs(f"{channel.scope_family}:read")
    page, cursor = call.page(sorted(channel.members), str)
    return {"members": list(page)} | cursor


def history(call: Call) -> Json:
    channel = _readable(call)
    found = [
        message
        for message in reversed(call.site.workspace.history(channel.id))
        if _within(call, message)
    ]
    return _messages(call, found)


def replies(call: Call) -> Json:
    channel = _readable(call)
    root = call.site.workspace.find(channel.id, call.required("ts"))
    if root is None or root.visible_to:
        raise Refusal("thread_not_found")
    if root.thread_ts:
        return _messages(call, [root])
    answers = call.site.workspace.replies(channel.id, root.ts)
    return _messages(call, [root, *(reply for reply in answers if _within(call, reply))])


def join(call: Call) -> Json:
    channel = call.channel()
    call.caller.needs("channels:join")
    if channel.im_user or channel.is_private:
        raise Refusal("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise Refusal("is_archived")
    joined = call.site.workspace.change_channel(
        channel, members=channel.members | {call.caller.user.id}
    )
    return {"channel": joined.as_json(call.caller.user.id)}


def kick(call: Call) -> Json:
    """Put somebody out of a channel; with the app's id, the way to test not_in_channel."""
    channel, user = _managed(call), call.user()
    if user.id not in channel.members:
        raise Refusal("not_in_channel")
    call.site.workspace.change_channel(channel, members=channel.members - {user.id})
    return {}


def archive(call: Call) -> Json:
    channel = _managed(call)
    if channel.is_archived:
        raise Refusal("already_archived")
    call.site.workspace.change_channel(channel, is_archived=True)
    return {}


def unarchive(call: Call) -> Json:
    channel = _managed(call)
    if not channel.is_archived:
        raise Refusal("not_archived")
    call.site.workspace.change_channel(channel, is_archived=False)
    return {}


def open_conversation(call: Call) -> Json:
    """The direct message with a person, or the one that `channel` names."""
    call.caller.needs("im:write")
    workspace = call.site.workspace
    if call.text("channel"):
        channel = call.channel()
        if not channel.im_user:
            raise Refusal("method_not_supported_for_channel_type")
    else:
        channel = workspace.direct_message(_partner(call))
    whole = channel.as_json(call.caller.user.id) if call.flag("return_im") else {"id": channel.id}
    return {"channel": whole}


def _partner(call: Call) -> str:
    users = [name for name in (call.text("users") or "").split(",") if name]
    if len(users) != 1:
        raise Refusal("not_enough_users" if not users else "too_many_users")
    user = call.site.workspace.users.get(users[0])
    if user is None:
        raise Refusal("user_not_found")
    if user.is_deactivated:
        raise Refusal("user_disabled")
    if user.is_bot:
        raise Refusal("cannot_dm_bot")
    return user.id


def _managed(call: Call) -> Channel:
    channel = call.channel()
    call.caller.needs("channels:manage")
    if channel.im_user:
        raise Refusal("method_not_supported_for_channel_type")
    return channel


def _kind(channel: Channel) -> str:
    if channel.im_user:
        return "im"
    return "private_channel" if channel.is_private else "public_channel"


def _visible(call: Call, channel: Channel) -> bool:
    return _kind(channel) == "public_channel" or call.caller.user.id in channel.members


def _readable(call: Call) -> Channel:
    channel = call.channel()
    call.caller.needs(f"{channel.scope_family}:history")
    if call.caller.user.id not in channel.members:
        raise Refusal("not_in_channel")
    return channel


def _within(call: Call, message: Message) -> bool:
    """Whether the message lies between `oldest` and `latest`; the ends count if `inclusive`."""
    inclusive = call.flag("inclusive")
    at = _seconds(message.ts)
    oldest, latest = _bound(call, "oldest"), _bound(call, "latest")
    after = oldest is None or at > oldest or (inclusive and at == oldest)
    before = latest is None or at < latest or (inclusive and at == latest)
    return after and before


def _bound(call: Call, name: str) -> int | None:
    value = call.text(name)
    if value in (None, "0", "now"):
        return None
    try:
        return _seconds(str(value))
    except ValueError as wrong:
        raise Refusal(f"invalid_ts_{name}") from wrong


def _seconds(ts: str) -> int:
    """A ts, or any Unix time with a fraction, in whole microseconds, which compare exactly."""
    seconds, _, fraction = ts.partition(".")
    return int(seconds) * 1_000_000 + int((fraction or "0")[:6].ljust(6, "0"))


def _messages(call: Call, found: list[Message]) -> Json:
    page, cursor = call.page(found, lambda message: message.ts)
    with_metadata = call.flag("include_all_metadata")
    shown = [call.site.workspace.show(entry, with_metadata=with_metadata) for entry in page]
    has_more = bool(cursor["response_metadata"]["next_cursor"])
    answer: Json = {"messages": shown, "has_more": has_more, "pin_count": 0}
    return answer | (cursor if has_more else {})


METHODS = {
    "conversations.list": Method(run=list_conversations),
    "conversations.info": Method(run=info),
    "conversations.members": Method(run=members),
    "conversations.history": Method(run=history),
    "conversations.replies": Method(run=replies),
    "conversations.join": Method(run=join),
    "conversations.kick": Method(run=kick),
    "conversations.archive": Method(run=archive),
    "conversations.unarchive": Method(run=unarchive),
    "conversations.open": Method(run=open_conversation),
}
