"""Answers people: the dashboard at /, the digest, and the form that takes the token."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from bot.store import Database
from bot.web.dashboard.page import policy_of, render_form
from bot.web.guard import COOKIE, Guard
from bot.web.looking import Looking

WRONG = "That is not the token."
Page = Callable[[Database], str]


class Pages:
    """`board` and `digest` make the pages from the database, in a thread."""

    def __init__(
        self, looking: Looking, guard: Guard, estate: str, board: Page, digest: Page
    ) -> None:
        self._looking, self._guard, self._estate = looking, guard, estate
        self._board, self._digest = board, digest

    async def board(self, _: web.Request) -> web.Response:
        return page(await self._looking.look(self._board))

    async def digest(self, _: web.Request) -> web.Response:
        return page(await self._looking.look(self._digest))

    async def form(self, _: web.Request) -> web.Response:
        if not self._guard.wants_token:
            raise web.HTTPSeeOther("/")
        return page(render_form(self._estate), form=True)

    async def enter(self, request: web.Request) -> web.Response:
        """Takes the token from the form, never from an address, and gives a cookie for it."""
        told = (await request.post()).get("token", "")
        if not isinstance(told, str) or not self._guard.is_right(told):
            return page(render_form(self._estate, WRONG), form=True, status=401)
        response = web.Response(status=303, headers={"Location": "/"})
        response.cookies[COOKIE] = self._guard.cookie()
        return response

    async def leave(self, _: web.Request) -> web.Response:
        response = web.Response(status=303, headers={"Location": "/login"})
        response.del_cookie(COOKIE, path="/")
        return response


def page(text: str, *, form: bool = False, status: int = 200) -> web.Response:
    headers = {"Content-Security-Policy": policy_of(text, form=form)}
    return web.Response(
        body=text.encode(),
        status=status,
        content_type="text/html",
        charset="utf-8",
        headers=headers,
    )
