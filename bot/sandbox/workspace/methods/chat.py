"""chat.*: posting, editing, deleting. https://docs.slack.dev/reference/methods/chat.postMessage"""

from __future__ import annotations

from typing import Any

from bot.sandbox.workspace import content as contents
from bot.sandbox.workspace import ids
from bot.sandbox.workspace.content import Content
from bot.sandbox.workspace.messages import Channel, Json, Message
from bot.sandbox.workspace.methods.call import Call, Method
from bot.sandbox.workspace.people import User
from bot.sandbox.workspace.refusal import Refusal, explained
from bot.sandbox.workspace.state import Unknown

UPDATE_TEXT_MOST = 4000


def post_message(call: Call) -> Json:
    channel = _postable(call, _destination(call))
    content = contents.read(call.params)
    if content.is_empty:
        raise Refusal("no_text")
    _keep_pace(call, channel)
    thread_ts = _thread(call, channel)
    workspace = call.site.workspace
    message = workspace.post(
        Message(
            channel=channel.id,
            ts=workspace.mint_ts(),
            user=call.caller.user.id,
            text=content.text or "",
            blocks=content.blocks,
            attachments=content.attachments,
            metadata=content.metadata or None,
            thread_ts=thread_ts,
            broadcast=bool(thread_ts) and call.flag("reply_broadcast"),
            **authorship(call.site.workspace.app_id, call.caller.user),
        )
    )
    call.site.background.start(call.site.announcer.message(message))
    shown = workspace.show(message, with_metadata=True)
    return {"channel": channel.id, "ts": message.ts, "message": shown}


def update(call: Call) -> Json:
    channel = call.channel()
    message = call.message(channel)
    if message.user != call.caller.user.id:
        raise Refusal("cant_update_message")
    if channel.is_archived:
        raise Refusal("is_archived")
    content = contents.read(call.params)
    if content == Content():
        raise Refusal("no_text")
    if len(content.text or "") > UPDATE_TEXT_MOST:
        raise Refusal("msg_too_long")
    changed = call.site.workspace.change(
        message, by=call.caller.user.id, **_edited(call, message, content)
    )
    shown = call.site.workspace.show(changed, with_metadata=True)
    return {"channel": channel.id, "ts": message.ts, "text": changed.text, "message": shown}


def delete(call: Call) -> Json:
    channel = call.channel()
    message = call.message(channel)
    if message.user != call.caller.user.id:
        raise Refusal("cant_delete_message")
    call.site.workspace.delete(message, by=call.caller.user.id)
    return {"channel": channel.id, "ts": message.ts}


def post_ephemeral(call: Call) -> Json:
    channel = _postable(call, call.channel())
    user = call.user()
    if user.id not in channel.members:
        raise Refusal("user_not_in_channel")
    content = contents.read(call.params)
    if content.is_empty:
        raise Refusal("no_text")
    workspace = call.site.workspace
    message = workspace.post(
        Message(
            channel=channel.id,
            ts=workspace.mint_ts(),
            user=call.caller.user.id,
            text=content.text or "",
            blocks=content.blocks,
            attachments=content.attachments,
            thread_ts=_thread(call, channel),
            visible_to=user.id,
            **authorship(workspace.app_id, call.caller.user),
        )
    )
    return {"message_ts": message.ts}


def get_permalink(call: Call) -> Json:
    channel = call.channel()
    message = call.message(channel, "message_ts")
    link = f"{call.site.url}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.thread_ts:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def authorship(app_id: str, user: User) -> dict[str, Any]:
    """What marks a message as an app's."""
    return {"bot_id": user.bot_id, "app_id": app_id} if user.is_bot else {}


def _destination(call: Call) -> Channel:
    """The channel by id or name; a user's id opens the direct message.

    That of a deactivated account is still there and takes messages, which nobody reads
    (https://github.com/slackapi/python-slack-sdk/issues/1156).
    """
    workspace = call.site.workspace
    wanted = call.required("channel", "channel_not_found")
    if wanted in workspace.users:
        if workspace.users[wanted].is_bot:
            raise Refusal("cannot_dm_bot")
        return workspace.direct_message(wanted)
    if wanted in workspace.channels:
        return call.channel()
    try:
        return workspace.channel(wanted)
    except Unknown as unknown:
        raise Refusal("channel_not_found") from unknown


def _postable(call: Call, channel: Channel) -> Channel:
    if channel.is_archived:
        raise Refusal("is_archived")
    if channel.im_user and call.site.workspace.app_home("messages_tab_enabled") is False:
        raise Refusal("messages_tab_disabled")
    joined = call.caller.user.id in channel.members
    if not joined and (call.caller.is_person or "chat:write.public" not in call.caller.scopes):
        raise Refusal("not_in_channel")
    return channel


def _keep_pace(call: Call, channel: Channel) -> None:
    options = call.site.options
    if not options.pace_messages or call.caller.is_person:
        return
    now = options.monotonic()
    last = call.site.last_post.get(channel.id)
    if last is not None and now - last < options.pace.total_seconds():
        raise Refusal("ratelimited", status=429, headers={"Retry-After": "1"})
    call.site.last_post[channel.id] = now


def _thread(call: Call, channel: Channel) -> str | None:
    """The parent's ts. Given a ts that is no parent's, Slack posts to the channel instead."""
    wanted = call.text("thread_ts")
    if wanted is None:
        return None
    if not ids.is_ts(wanted):
        raise explained("invalid_thread_ts", [f"{wanted} is not a valid thread_ts"], listed=False)
    parent = call.site.workspace.find(channel.id, wanted)
    return wanted if parent and parent.thread_ts is None else None


def _edited(call: Call, message: Message, content: Content) -> Json:
    """The fields an edit changes.

    Text without blocks drops the old blocks; attachments and metadata stay unless sent; a message
    shown by blocks never carries the "(edited)" mark.
    """
    fields: Json = {}
    if content.text is not None:
        fields |= {"text": content.text, "blocks": None}
    if content.blocks is not None:
        fields["blocks"] = content.blocks or None
    if content.attachments is not None:
        fields["attachments"] = content.attachments or None
    if content.metadata is not None:
        fields["metadata"] = content.metadata or None
    attachments = fields.get("attachments", message.attachments) or []
    in_blocks = fields.get("blocks", message.blocks) or any("blocks" in one for one in attachments)
    if not in_blocks:
        fields["edited_ts"] = call.site.workspace.mint_ts()
    return fields


METHODS = {
    "chat.postMessage": Method(run=post_message, scope="chat:write"),
    "chat.update": Method(run=update, scope="chat:write"),
    "chat.delete": Method(run=delete, scope="chat:write"),
    "chat.postEphemeral": Method(run=post_ephemeral, scope="chat:write"),
    "chat.getPermalink": Method(run=get_permalink),
}
