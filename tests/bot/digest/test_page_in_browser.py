"""The page in a real Chromium: on a desk, on a phone, in the dark, and printed."""

from __future__ import annotations

import pytest

from bot.digest.page import render
from tests.bot.digest import days

pytestmark = [pytest.mark.page, pytest.mark.asyncio(loop_scope="session")]

RATIO = """() => {
  const parts = (colour) => colour.match(/[0-9.]+/g).slice(0, 3).map((each) => each / 255);
  const light = (colour) => parts(colour)
    .map((each) => each <= 0.03928 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4)
    .reduce((sum, each, place) => sum + each * [0.2126, 0.7152, 0.0722][place], 0);
  const ground = light(getComputedStyle(document.body).backgroundColor);
  return Math.min(...[...document.querySelectorAll("p, li, dt, dd, h1, h2, th, td, .mark")]
    .map((each) => light(getComputedStyle(each).color))
    .map((each) => (Math.max(each, ground) + 0.05) / (Math.min(each, ground) + 0.05)));
}"""
"""The lowest contrast of any text with the ground, by https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio"""


@pytest.mark.parametrize("made", [days.bad, days.hostile], ids=["a bad day", "hostile names"])
async def test_it_can_be_read_on_every_screen_and_asks_nobody(made, store, tmp_path, browser):
    file = tmp_path / "digest.html"
    file.write_text(render(made(store)), encoding="utf-8")
    for width in (1280, 390):
        for scheme in ("light", "dark"):
            page = await browser.new_page(
                viewport={"width": width, "height": 900}, color_scheme=scheme
            )
            said: list[str] = []
            page.on("console", lambda told: said.append(told.text))  # noqa: B023 (closed below)
            page.on("dialog", lambda told: said.append(told.message))  # noqa: B023 (closed below)
            page.on("request", lambda told: said.append(told.url))  # noqa: B023 (closed below)
            await page.goto(file.as_uri())
            assert said == [file.as_uri()]
            assert await page.evaluate("document.documentElement.scrollWidth") == width
            assert await page.evaluate(RATIO) >= 4.5, (width, scheme)
            assert await page.locator("svg rect").count() > 0
            await page.close()


async def test_it_prints_in_black_on_white_however_dark_the_screen(store, tmp_path, browser):
    file = tmp_path / "digest.html"
    file.write_text(render(days.bad(store)), encoding="utf-8")
    page = await browser.new_page(color_scheme="dark")
    await page.goto(file.as_uri())
    await page.emulate_media(media="print")
    ground = "getComputedStyle(document.body).backgroundColor"
    assert await page.evaluate(ground) == "rgb(255, 255, 255)"
    printed = await page.pdf(format="A4")
    assert 1 <= printed.count(b"/Type /Page\n") <= 4
    await page.close()
