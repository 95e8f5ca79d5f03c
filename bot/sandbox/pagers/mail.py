"""A mail server that keeps what it gets: SMTP with STARTTLS (given a certificate) and AUTH.

RFC 5321, 3207, 4954 as far as a client that submits mail goes.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import ssl
from collections.abc import Awaitable, Callable
from email import message_from_bytes, policy
from functools import partial

from bot.sandbox.pagers.board import Board, Json
from bot.sandbox.pagers.faults import Faults

Say = Callable[[str], Awaitable[None]]


class Hangup(Exception):
    """The connection ends here."""


class MailDouble:
    """A server on loopback. With `login` (name and password) it takes mail after AUTH only."""

    def __init__(
        self,
        board: Board,
        faults: Faults,
        login: tuple[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._board, self._faults, self._login, self._tls = board, faults, login, tls
        self._server: asyncio.Server | None = None
        self.port = 0

    async def start(self, host: str) -> None:
        self._server = await asyncio.start_server(self._serve, host, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server:
            self._server.close()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = _Talk(reader, writer, self._board, self._faults, self._login, self._tls)
        try:
            await talk.run()
        except (Hangup, ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()


class _Talk:
    """One connection."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        board: Board,
        faults: Faults,
        login: tuple[str, str] | None,
        tls: ssl.SSLContext | None,
    ) -> None:
        self._reader, self._writer = reader, writer
        self._board, self._faults = board, faults
        self._login, self._tls = login, tls
        self._secure = self._known = False
        self._sender, self._recipients = "", list[str]()

    async def run(self) -> None:
        await self._at("CONNECT", partial(self._say, "220 sandbox ESMTP"))
        verbs = {
            "EHLO": self._ehlo,
            "HELO": self._ehlo,
            "STARTTLS": self._starttls,
            "AUTH": self._auth,
            "MAIL": self._mail,
            "RCPT": self._rcpt,
            "DATA": self._data,
        }
        while line := (await self._reader.readline()).decode("utf-8", "replace").strip():
            verb, _, rest = line.partition(" ")
            if verb.upper() == "QUIT":
                await self._say("221 bye")
                return
            do = verbs.get(verb.upper())
            if do is None:
                await self._say("250 ok" if verb.upper() in ("RSET", "NOOP") else "502 unknown")
                continue
            await self._at(verb.upper(), partial(do, rest))

    async def _at(self, stage: str, do: Callable[[], Awaitable[None]]) -> None:
        """Do it, or what the ordered fault makes of it. Raises Hangup."""
        fault = self._faults.take("email", stage)
        if fault is None:
            await do()
            return
        await asyncio.sleep(fault.delay)
        if fault.lost:
            raise Hangup
        await self._say(f"{fault.status or 451} {fault.body or 'as ordered'}")

    async def _say(self, line: str) -> None:
        self._writer.write(f"{line}\r\n".encode())
        await self._writer.drain()

    async def _ehlo(self, _: str) -> None:
        offers = ["sandbox", "8BITMIME"]
        if self._tls and not self._secure:
            offers.append("STARTTLS")
        if self._login:
            offers.append("AUTH PLAIN")
        for offer in offers[:-1]:
            await self._say(f"250-{offer}")
        await self._say(f"250 {offers[-1]}")

    async def _starttls(self, _: str) -> None:
        if self._tls is None:
            await self._say("454 not available")
            return
        await self._say("220 go ahead")
        await self._writer.start_tls(self._tls)
        self._secure = True

    async def _auth(self, rest: str) -> None:
        method, _, first = rest.partition(" ")
        if method.upper() != "PLAIN":
            await self._say("504 PLAIN only")
            return
        try:
            _, user, password = base64.b64decode(first).decode().split("\0")
        except (binascii.Error, ValueError):
            await self._say("501 not understood")
            return
        self._known = (user, password) == self._login
        await self._say("235 welcome" if self._known else f"535 wrong password {password}")

    async def _mail(self, rest: str) -> None:
        if self._login and not self._known:
            await self._say("530 log in first")
            return
        self._sender, self._recipients = _address(rest), []
        await self._say("250 ok")

    async def _rcpt(self, rest: str) -> None:
        self._recipients.append(_address(rest))
        await self._say("250 ok")

    async def _data(self, _: str) -> None:
        await self._say("354 go on")
        lines = []
        while (line := await self._reader.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        await self._at("END", partial(self._keep, b"".join(lines)))

    async def _keep(self, raw: bytes) -> None:
        self._board.mails.append(_read(raw, self._sender, self._recipients, self._secure))
        await self._say("250 kept")


def _address(rest: str) -> str:
    return rest.partition("<")[2].partition(">")[0]


def _read(raw: bytes, sender: str, recipients: list[str], secure: bool) -> Json:
    message = message_from_bytes(raw, policy=policy.default)
    body, page = message.get_body(("plain",)), message.get_body(("html",))
    return {
        "from": sender,
        "to": recipients,
        "headers": {name: str(value) for name, value in message.items()},
        "text": body.get_content().replace("\r\n", "\n") if body else "",
        "page": page.get_content().replace("\r\n", "\n") if page else "",
        "files": [part.get_filename() for part in message.iter_attachments()],
        "secure": secure,
    }
