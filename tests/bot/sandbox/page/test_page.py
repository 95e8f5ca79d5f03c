"""The page as a place: phones, colours, the clock, a screen reader, lost connections."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

pytestmark = [pytest.mark.page, pytest.mark.asyncio(loop_scope="session")]

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
LONG = "https://shop.example/" + "x" * 400


async def widths(page):
    return await page.evaluate(
        "[document.documentElement, ...document.querySelectorAll('.scroll')]"
        ".filter((e) => e.clientWidth).map((e) => e.scrollWidth - e.clientWidth)"
    )


async def test_a_phone_never_scrolls_sideways(tabs, stage):
    await stage.do("command", user="alex", channel="#integrations", text="/seam raise")
    ts = await stage.post(text=LONG)
    page = await tabs.open(**PHONE)
    await expect(tabs.read(page, "37 runs")).to_be_visible()
    assert set(await widths(page)) == {0}
    await page.locator(f'[data-ts="{ts}"]').get_by_test_id("reply").tap()
    await expect(page.get_by_test_id("thread-panel")).to_be_visible()
    assert set(await widths(page)) == {0}


async def test_on_a_phone_the_thread_fills_the_screen_and_closes(tabs, stage):
    ts = await stage.post(text="a root")
    page = await tabs.open(where=f"#integrations/{ts}", **PHONE)
    panel = page.get_by_test_id("thread-panel")
    assert (await panel.bounding_box())["width"] == 390
    await page.get_by_test_id("thread-close").tap()
    await expect(panel).to_be_hidden()


async def test_on_a_phone_the_menu_opens_and_choosing_a_channel_closes_it(tabs):
    page = await tabs.open(**PHONE)
    await expect(page.get_by_test_id("user-switcher")).to_be_hidden()
    await page.get_by_test_id("menu").tap()
    await page.get_by_test_id("channel-random").tap()
    await expect(page.get_by_test_id("channel-title")).to_have_text("#random")
    await expect(page.get_by_test_id("user-switcher")).to_be_hidden()


async def test_fingers_find_the_buttons(tabs, stage):
    await stage.do("command", user="alex", channel="#integrations", text="/seam raise")
    page = await tabs.open(**PHONE)
    box = await page.locator('[data-action-id="ack"]').bounding_box()
    assert box["height"] >= 40


READ = [".byline .at", ".mrkdwn", "h3", ".action.primary", ".link", ".only-you", "code"]


async def test_text_has_contrast_in_both_colour_schemes(tabs, stage, too_faint):
    await stage.do("command", user="alex", channel="#integrations", text="/seam raise")
    await stage.do("command", user="priya", channel="#integrations", text="/seam queue `x`")
    await stage.post(text="some `code`")
    page = await tabs.open()
    await expect(page.locator("code")).not_to_have_count(0)
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        assert await page.evaluate(too_faint, READ) == [], scheme


async def test_everything_that_can_be_used_has_a_name(tabs, stage):
    await stage.do("command", user="alex", channel="#integrations", text="/seam raise")
    page = await tabs.open()
    await expect(page.get_by_test_id("message")).to_have_count(1)
    tree = await page.locator("body").aria_snapshot()
    nameless = re.findall(
        r"^\s*- (?:button|textbox|combobox|link|navigation)(?::|$)", tree, re.MULTILINE
    )
    assert nameless == []


async def test_new_messages_are_announced(tabs, stage):
    page = await tabs.open()
    await stage.post(text="*37 runs* wait")
    await expect(page.locator("#announcer")).to_have_text("seamwatch: 37 runs wait")


async def test_the_clock_is_the_sandboxs_and_can_be_moved(tabs):
    page, other = await tabs.open("priya"), await tabs.open("alex")
    clock = page.get_by_test_id("clock")
    await expect(clock).to_contain_text("Thu 5 Mar")
    await page.get_by_test_id("advance-2h").click()
    await expect(clock).to_contain_text("16:0")
    await expect(other.get_by_test_id("clock")).to_contain_text("16:0")
    await page.get_by_test_id("speed-60").click()
    await expect(other.get_by_test_id("speed-60")).to_have_attribute("aria-pressed", "true")


async def test_the_apps_connection_is_shown(tabs, stage):
    page = await tabs.open()
    await expect(page.get_by_test_id("connection")).to_have_text("Seamwatch is connected")
    await stage.handler.disconnect_async()
    await expect(page.get_by_test_id("connection")).to_have_text("Seamwatch is not connected")
    await expect(page.get_by_test_id("welcome")).to_contain_text("Waiting for Seamwatch")


async def test_a_message_taller_than_the_screen_is_read_from_its_beginning(tabs, stage):
    page = await tabs.open()
    await stage.post(text="\n".join(f"line {number}" for number in range(1, 80)))
    await expect(tabs.read(page, "line 79")).to_be_visible()
    top = "e => e.getBoundingClientRect().top - document.querySelector('#scroll').offsetTop"
    assert 0 <= await tabs.read(page, "line 79").evaluate(top) < 20


async def test_a_restarted_sandbox_is_found_again(tabs, stage, make_server):
    page = await tabs.open()
    await stage.post(text="from before")
    await expect(tabs.read(page, "from before")).to_be_visible()
    await stage.server.stop()
    await expect(page.get_by_role("alert").filter(has_text="does not answer")).to_be_visible()
    again = make_server(port=int(stage.server.url.rsplit(":", 1)[1]))
    await again.start()
    try:
        await expect(page.locator("#lost")).to_be_hidden()
        await expect(tabs.read(page, "from before")).to_have_count(0)
        await tabs.say(page, "anybody here?")
        await expect(tabs.read(page, "anybody here?")).to_be_visible()
    finally:
        await tabs.close()
        await again.stop()
    tabs.complaints.clear()  # a browser reports every refused connection


async def test_a_sandbox_that_is_gone_is_told_where_the_text_was_typed(tabs, stage):
    page = await tabs.open()
    await stage.server.stop()
    await tabs.say(page, "hello?")
    await expect(page.get_by_test_id("composer-trouble")).to_contain_text("does not answer")
    await expect(page.get_by_test_id("composer-input")).to_have_value("hello?")
    await tabs.close()
    tabs.complaints.clear()  # a browser reports every refused connection


# The options of a list of choices that are wider than it shows when they are chosen.
TOO_WIDE = """(select) => {
  const style = getComputedStyle(select);
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  const arrow = 22;
  const room = select.clientWidth - parseFloat(style.paddingLeft) - arrow;
  const words = [...select.options].map((option) => option.text);
  return words.filter((text) => pen.measureText(text).width > room);
}"""


async def test_every_scenarios_title_can_be_read_whole(tabs):
    page = await tabs.open()
    assert await page.get_by_test_id("scenario").evaluate(TOO_WIDE) == []


@pytest.mark.parametrize("height", [800, 420, 333])
async def test_suggestions_are_shown_as_whole_rows_wherever_they_are_scrolled(tabs, height):
    page = await tabs.open(viewport={"width": 1280, "height": height})
    box, choices = page.get_by_test_id("composer-input"), page.get_by_test_id("composer-choices")
    await box.press_sequentially("/seam ")
    for _ in range(4):
        await box.press("ArrowDown")
        cut = await choices.evaluate(
            "(list) => [list.clientHeight, list.scrollTop].map((at) => at % 34)"
        )
        assert cut == [0, 0]


async def test_a_narrow_box_asks_in_fewer_words(tabs):
    page, phone = await tabs.open(), await tabs.open(**PHONE)
    wide, narrow = page.get_by_test_id("composer-input"), phone.get_by_test_id("composer-input")
    full = "Message #integrations, or / for a command"
    await expect(wide).to_have_attribute("placeholder", full)
    await expect(narrow).to_have_attribute("placeholder", "Message #integrations")
    await expect(narrow).to_have_accessible_name(full)
    await phone.set_viewport_size({"width": 740, "height": 390})
    await expect(narrow).to_have_attribute("placeholder", full)
