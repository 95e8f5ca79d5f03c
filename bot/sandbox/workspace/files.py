"""Uploaded files, in memory, in three steps.

https://docs.slack.dev/messaging/working-with-files
"""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass, field, replace

from bot.sandbox.workspace import ids
from bot.sandbox.workspace.messages import Json
from bot.sandbox.workspace.refusal import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file on its way: announced, then filled with bytes, then completed with a title."""

    id: str
    name: str
    length: int
    owner: str
    alt_text: str | None = None
    content: bytes | None = None
    title: str | None = None
    shares: tuple[tuple[str, str], ...] = field(default=())
    """Channel and ts of every message it stands in."""

    @property
    def mimetype(self) -> str:
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    def as_json(self, base_url: str) -> Json:
        """The file object. Before completion Slack leaves the type out; so does this."""
        shown: Json = {
            "id": self.id,
            "name": self.name,
            "title": self.title or self.name,
            "size": self.length,
            "user": self.owner,
            "mode": "hosted",
            "url_private": f"{base_url}/files/{self.id}",
        }
        if self.alt_text:
            shown["alt_txt"] = self.alt_text
        if self.shares:
            public: dict[str, list[Json]] = {}
            for channel, ts in self.shares:
                public.setdefault(channel, []).append({"ts": ts})
            shown |= {"shares": {"public": public}, "channels": list(public)}
        return shown | {"mimetype": self.mimetype, "filetype": self.name.rpartition(".")[2]}


class Files:
    """Every file announced to the workspace."""

    def __init__(self) -> None:
        self._files: dict[str, File] = {}

    def announce(self, name: str, length: int, owner: str, alt_text: str | None) -> File:
        return self._keep(
            File(id=ids.new("F"), name=name, length=length, owner=owner, alt_text=alt_text)
        )

    def find(self, file_id: object) -> File:
        """The file with this id. Raises Refusal if there is none."""
        found = self._files.get(str(file_id))
        if found is None:
            raise Refusal("file_not_found")
        return found

    def fill(self, file: File, content: bytes) -> File:
        return self._keep(replace(file, content=content))

    def complete(self, file: File, title: str | None, channel: str, ts: str) -> File:
        """Give it its title and, where it was shared, note the message."""
        shares = (*file.shares, (channel, ts)) if channel else file.shares
        return self._keep(replace(file, title=title or file.title, shares=shares))

    def _keep(self, file: File) -> File:
        self._files[file.id] = file
        return file
