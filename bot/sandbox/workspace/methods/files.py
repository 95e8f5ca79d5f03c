"""files.*: the three-step upload. https://docs.slack.dev/messaging/working-with-files"""

from __future__ import annotations

from bot.sandbox.workspace.content import structure
from bot.sandbox.workspace.files import File
from bot.sandbox.workspace.messages import Json, Message
from bot.sandbox.workspace.methods.call import Call, Method
from bot.sandbox.workspace.methods.chat import authorship
from bot.sandbox.workspace.refusal import Refusal


def get_upload_url(call: Call) -> Json:
    length = call.required("length")
    if not length.isdigit() or int(length) == 0:
        raise Refusal("invalid_arguments")
    file = call.site.files.announce(
        call.required("filename"), int(length), call.caller.user.id, call.text("alt_txt")
    )
    return {"upload_url": f"{call.site.url}/upload/{file.id}", "file_id": file.id}


def complete_upload(call: Call) -> Json:
    """Answers before Slack would have looked into the file: ids and titles only."""
    wanted = structure(call.params, "files", "invalid_arguments")
    if not isinstance(wanted, list) or not wanted:
        raise Refusal("invalid_arguments")
    found = [_received(call, entry) for entry in wanted]
    channel, ts = _share(call, [file for file, _ in found])
    done = [call.site.files.complete(file, title, channel, ts) for file, title in found]
    return {"files": [{"id": file.id, "title": file.title or file.name} for file in done]}


def info(call: Call) -> Json:
    return {"file": call.site.files.find(call.required("file")).as_json(call.site.url)}


def _received(call: Call, entry: object) -> tuple[File, str | None]:
    if not isinstance(entry, dict):
        raise Refusal("invalid_arguments")
    file = call.site.files.find(entry.get("id"))
    if file.content is None:
        raise Refusal("file_upload_not_complete")
    return file, entry.get("title")


def _share(call: Call, files: list[File]) -> tuple[str, str]:
    """Post the files to `channel_id`, if there is one; the channel and the message's ts."""
    if call.text("channel_id") is None:
        return "", ""
    channel = call.channel("channel_id")
    if call.caller.user.id not in channel.members:
        raise Refusal("not_in_channel")
    workspace = call.site.workspace
    ts = workspace.mint_ts()
    shown = [file.as_json(call.site.url) for file in files]
    workspace.post(
        Message(
            channel=channel.id,
            ts=ts,
            user=call.caller.user.id,
            text=call.text("initial_comment") or "",
            thread_ts=call.text("thread_ts"),
            files=shown,
            subtype="file_share",
            **authorship(workspace.app_id, call.caller.user),
        )
    )
    return channel.id, ts


METHODS = {
    "files.getUploadURLExternal": Method(run=get_upload_url, scope="files:write"),
    "files.completeUploadExternal": Method(run=complete_upload, scope="files:write"),
    "files.info": Method(run=info, scope="files:read"),
}
