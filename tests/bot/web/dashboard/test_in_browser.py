"""The page in a real Chromium: on a desk, on a phone, in the dark, renewed, and behind its form."""

from __future__ import annotations

import os

import pytest
from playwright.async_api import Page, expect

from bot import facts, inventory
from bot.incidents.events import Acknowledge
from tests.bot.digest import scene as days
from tests.bot.export import scene
from tests.bot.web.dashboard.nasty import NASTY, make_hostile
from tests.bot.web.seen import TOKEN, seen

pytestmark = [pytest.mark.page, pytest.mark.asyncio(loop_scope="session")]

RATIO = """() => {
  const parts = (colour) => colour.match(/[0-9.]+/g).slice(0, 3).map((each) => each / 255);
  const light = (colour) => parts(colour)
    .map((each) => each <= 0.03928 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4)
    .reduce((sum, each, place) => sum + each * [0.2126, 0.7152, 0.0722][place], 0);
  const ground = light(getComputedStyle(document.body).backgroundColor);
  return Math.min(...[...document.querySelectorAll("p, dt, dd, h1, h2, th, td, .mark, summary")]
    .map((each) => light(getComputedStyle(each).color))
    .map((each) => (Math.max(each, ground) + 0.05) / (Math.min(each, ground) + 0.05)));
}"""
"""The lowest contrast of any text with the ground, by https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio"""

BROKEN = """() => {
  const range = document.createRange();
  const lines = (each) => {
    range.selectNodeContents(each);
    return new Set([...range.getClientRects()].map((box) => box.top)).size;
  };
  return [...document.querySelectorAll("td.short, thead th")]
    .filter((each) => lines(each) > 1).map((each) => each.textContent);
}"""
"""Short cells that take more than a line."""


@pytest.fixture
def filled(tmp_path):
    store = scene.filled(tmp_path / "filled.db")
    yield store
    store.close()


def listening(page: Page) -> tuple[list[str], list[str]]:
    """What the console and dialogs say, and what is asked for, from now on."""
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda told: said.append(told.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda told: said.append(told.message))
    page.on("request", lambda told: asked.append(told.url))
    return said, asked


@pytest.mark.parametrize("hostile", [False, True], ids=["a bad day", "hostile names"])
async def test_it_can_be_read_on_every_screen_and_asks_nobody_else(filled, browser, hostile):
    if hostile:
        make_hostile(filled)
    async with seen(filled) as door:
        for width in (1280, 390):
            for scheme in ("light", "dark"):
                page = await browser.new_page(
                    viewport={"width": width, "height": 900}, color_scheme=scheme
                )
                said, asked = listening(page)
                await page.goto(door.url)
                assert said == []
                assert asked[0] == f"{door.url}/"
                assert {each for each in asked if not each.endswith("/favicon.ico")} == {asked[0]}
                assert await page.evaluate("document.documentElement.scrollWidth") == width
                assert await page.evaluate(RATIO) >= 4.5, (width, scheme)
                assert await page.locator("svg polygon").count() >= 4
                if width > 760:
                    assert await page.evaluate(BROKEN) == []
                if folder := os.environ.get("SEAMWATCH_PICTURES"):
                    name = f"{folder}/board-{width}-{scheme}-{hostile}.png"
                    await page.screenshot(path=name, full_page=True)
                if hostile:
                    body = await page.locator("body").inner_text()
                    assert NASTY.split("<")[0].strip() in body
                    assert await page.locator("img, iframe, a[href^=javascript]").count() == 0
                await page.close()


async def test_it_renews_itself_and_keeps_where_the_reader_is(filled, browser):
    with filled.writing() as db:
        inventory.save_inventory(db, days.estate(40))
    async with seen(filled) as door:
        page = await browser.new_page(viewport={"width": 390, "height": 700})
        await page.clock.install()
        said, _ = listening(page)
        await page.goto(door.url)
        more = page.locator("#more-flows")
        await more.locator("summary").click()
        await page.evaluate("scrollTo(0, 900)")
        await expect(page.locator("#incidents")).to_contain_text("nobody has it")
        days.did(filled, 5, Acknowledge(), days.EIGHT)
        await page.clock.fast_forward(61_000)
        await expect(page.locator("#incidents")).not_to_contain_text("nobody has it")
        assert await page.evaluate("scrollY") == 900
        await expect(more).to_have_attribute("open", "")
        await expect(page.locator("#stale")).to_be_hidden()
        assert said == []
        await page.close()


async def test_it_says_when_nothing_answers_any_more(filled, browser):
    async with seen(filled) as door:
        page = await browser.new_page()
        await page.clock.install()
        await page.goto(door.url)
        await page.route("**/*", lambda route: route.abort())
        await page.clock.fast_forward(61_000)
        await expect(page.locator("#stale")).to_contain_text("Not renewed since 12:00:00")
        await page.unroute("**/*")
        await page.clock.fast_forward(61_000)
        await expect(page.locator("#stale")).to_be_hidden()
        await page.close()


async def test_a_person_types_the_token_on_a_phone(filled, browser):
    async with seen(filled, token=TOKEN) as door:
        page = await browser.new_page(viewport={"width": 390, "height": 700})
        said, asked = listening(page)
        await page.goto(door.url)
        await page.get_by_label("The token of this dashboard").fill("wrong-wrong-wrong")
        await page.get_by_role("button").click()
        await expect(page.get_by_role("alert")).to_have_text("That is not the token.")
        await page.get_by_label("The token of this dashboard").fill(TOKEN)
        await page.get_by_role("button").click()
        await expect(page.locator("#incidents")).to_contain_text("#5")
        await page.get_by_role("link", name="The digest").click()
        await expect(page.locator("p")).to_have_text("The digest")
        await page.goto(door.url + "/leave")
        await expect(page.get_by_role("button")).to_be_visible()
        assert [each for each in said if "401" not in each] == []
        assert not [each for each in asked if TOKEN in each]
        await page.close()


async def test_before_the_first_round_it_says_that_nothing_is_known(store, browser):
    async with seen(store) as door:
        page = await browser.new_page()
        await page.goto(door.url)
        await expect(page.locator(".first")).to_have_text(
            "No round has been finished yet, so nothing is known."
        )
        assert facts.find_round(store.db) is None
        await page.close()
