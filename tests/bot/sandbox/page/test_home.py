"""The app's own place on the page: its Home tab, its direct messages, what is unread."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.bot.sandbox.page.asking import HEARD

pytestmark = [pytest.mark.page, pytest.mark.asyncio(loop_scope="session")]

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def page_somebody(stage, user, text="You are paged: #1 waits for you"):
    return stage.client.chat_postMessage(channel=stage.server.users[user], text=text)


async def test_the_app_opens_on_its_home_tab_and_fills_it(tabs):
    page = await tabs.open()
    await page.get_by_test_id("channel-Seamwatch").click()
    home = page.get_by_test_id("home-tab")
    await expect(home).to_contain_text("You are on call until Monday 09:00")
    await expect(page.get_by_test_id("composer-input")).to_be_hidden()
    await expect(page.get_by_role("tab", name="Home")).to_have_attribute("aria-selected", "true")
    assert HEARD.opened == ["home"]
    await page.keyboard.press("Tab")
    await page.get_by_test_id("tab-home").focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_test_id("composer-input")).to_be_visible()
    await expect(page.get_by_test_id("tab-messages")).to_be_focused()
    assert HEARD.opened == ["home", "messages"]


async def test_a_menu_of_the_home_tab_changes_it_in_place(tabs):
    page = await tabs.open(where="#Seamwatch/home")
    home = page.get_by_test_id("home-tab")
    await expect(home).to_contain_text("Queue: all")
    await home.get_by_label("Which queue?").focus()
    await home.get_by_label("Which queue?").select_option("stock")
    await expect(home).to_contain_text("Queue: stock")
    await expect(home.get_by_label("Which queue?")).to_be_focused()
    await expect(home.get_by_label("Which queue?")).to_have_value("stock")


async def test_a_button_of_the_home_tab_opens_a_modal(tabs):
    page = await tabs.open(where="#Seamwatch/home")
    await page.get_by_test_id("home-tab").locator('[data-action-id="home-ask"]').click()
    await expect(page.get_by_role("dialog", name="Escalate #1")).to_be_visible()


async def test_everybody_has_a_home_tab_of_their_own(tabs, stage):
    page, other = await tabs.open(where="#Seamwatch/home"), await tabs.open("nora")
    await expect(page.get_by_test_id("home-tab")).to_contain_text("Opened 1 times")
    await other.get_by_test_id("channel-Seamwatch").click()
    await expect(other.get_by_test_id("home-tab")).to_contain_text("Opened 2 times")
    await expect(page.get_by_test_id("home-tab")).to_contain_text("Opened 1 times")


async def test_a_direct_message_is_marked_and_read_when_one_goes_there(tabs, stage):
    page = await tabs.open()
    row = page.get_by_test_id("channel-Seamwatch")
    await page_somebody(stage, "priya")
    await expect(row.get_by_label("1 unread")).to_be_visible()
    await expect(page).to_have_title(re.compile(r"^\(1\) #integrations "))
    await row.click()
    await expect(tabs.read(page, "You are paged")).to_be_visible()
    await expect(page.get_by_test_id("tab-messages")).to_have_attribute("aria-selected", "true")
    await expect(row.locator(".count")).to_have_count(0)


async def test_a_page_to_somebody_else_waits_until_one_becomes_them(tabs, stage):
    page = await tabs.open()
    await page_somebody(stage, "nora")
    await expect(page.get_by_test_id("channel-Seamwatch").locator(".count")).to_have_count(0)
    await page.get_by_test_id("user-switcher").select_option("nora")
    row = page.get_by_test_id("channel-Seamwatch")
    await expect(row.get_by_label("1 unread")).to_be_visible()
    async with page.expect_response(lambda answer: answer.url.endswith("/control/read")):
        await row.click()
    await expect(tabs.read(page, "You are paged")).to_be_visible()
    async with page.expect_response(lambda answer: answer.url.endswith("/control/read")):
        pass
    await page.reload()
    await expect(tabs.read(page, "You are paged")).to_be_visible()
    await expect(row.locator(".count")).to_have_count(0)


async def test_while_home_is_shown_a_message_is_counted_on_its_tab(tabs, stage):
    page = await tabs.open(where="#Seamwatch/home")
    await expect(page.get_by_test_id("home-tab")).to_contain_text("on call")
    await page_somebody(stage, "priya")
    await expect(page.get_by_test_id("tab-messages").get_by_label("1 unread")).to_be_visible()
    await page.get_by_test_id("tab-messages").click()
    await expect(tabs.read(page, "You are paged")).to_be_visible()
    await expect(page.get_by_test_id("tab-messages").locator(".count")).to_have_count(0)


async def test_a_user_group_is_mentioned_by_its_handle(tabs, stage):
    page, other = await tabs.open("priya"), await tabs.open("alex")
    group = stage.server.groups["integrations-oncall"]
    ts = await stage.post(text=f"Escalated to <!subteam^{group}>")
    mention = page.locator(f'[data-ts="{ts}"] .mention')
    await expect(mention).to_have_text("@integrations-oncall")
    await expect(mention).to_have_attribute("class", "mention loud")
    theirs = other.locator(f'[data-ts="{ts}"] .mention')
    await expect(theirs).to_have_attribute("class", "mention")


async def test_a_group_is_completed_and_who_has_left_is_not(tabs):
    page = await tabs.open()
    await page.get_by_test_id("composer-input").press_sequentially("@int")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("composer-input")).to_have_value("@integrations-oncall ")
    await page.get_by_test_id("composer-input").fill("")
    await page.get_by_test_id("composer-input").press_sequentially("@the")
    await expect(page.get_by_test_id("composer-choices")).to_be_hidden()
    options = await page.get_by_test_id("user-switcher").locator("option").all_inner_texts()
    assert "Nora Whitfield" in options
    assert not any("Theo" in option for option in options)


async def test_on_a_phone_home_is_reached_by_finger_and_never_scrolls_sideways(tabs):
    page = await tabs.open(**PHONE)
    await page.get_by_test_id("menu").tap()
    await page.get_by_test_id("channel-Seamwatch").tap()
    await expect(page.get_by_test_id("home-tab")).to_contain_text("on call")
    for tab in ("home", "messages"):
        assert (await page.get_by_test_id(f"tab-{tab}").bounding_box())["height"] >= 40
    wide = "document.querySelector('#home').scrollWidth"
    assert await page.evaluate(wide) <= 390
    await page.get_by_test_id("tab-messages").tap()
    await expect(page.get_by_test_id("composer-input")).to_be_visible()


READ = [".tab", ".tab[aria-selected=true]", ".home-body h3", ".home-body .context"]


async def test_home_has_contrast_in_both_colour_schemes(tabs, too_faint):
    page = await tabs.open(where="#Seamwatch/home")
    await expect(page.get_by_test_id("home-tab")).to_contain_text("on call")
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        assert await page.evaluate(too_faint, READ) == [], scheme
