"""What a person does on the page: commands, messages, threads, changing who they are."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

pytestmark = [pytest.mark.page, pytest.mark.asyncio(loop_scope="session")]


async def test_a_command_is_answered_where_only_its_sender_sees_it(tabs):
    priya, alex = await tabs.open("priya"), await tabs.open("alex")
    await tabs.say(priya, "/seam queue")
    answer = priya.get_by_test_id("message").filter(has_text="You asked for queue")
    await expect(answer).to_contain_text("Only visible to you")
    await tabs.say(alex, "good morning")
    await expect(tabs.read(priya, "good morning")).to_be_visible()
    await expect(tabs.read(alex, "You asked for queue")).to_have_count(0)


async def test_a_private_answer_can_be_dismissed(tabs):
    page = await tabs.open()
    await tabs.say(page, "/seam queue")
    await page.get_by_test_id("dismiss").click()
    await expect(page.get_by_test_id("message")).to_have_count(0)


async def test_the_empty_channel_says_what_will_happen_and_what_to_try(tabs):
    page = await tabs.open()
    await expect(page.get_by_test_id("welcome")).to_contain_text("When something goes wrong")
    await page.get_by_test_id("try").filter(has_text="/seam queue").click()
    await expect(tabs.read(page, "You asked for queue")).to_be_visible()
    await expect(page.get_by_test_id("welcome")).to_have_count(0)


async def test_the_keyboard_alone_completes_a_command_and_its_verb(tabs):
    page = await tabs.open()
    box = page.get_by_test_id("composer-input")
    await box.press_sequentially("/se")
    await box.press("Tab")
    await expect(page.get_by_role("listbox").get_by_role("option")).to_have_text(
        ["queuehow many wait", "show #nincident #1 with its story", "ack [#n]", "help"]
    )
    await box.press("ArrowDown")
    await box.press("ArrowDown")
    await expect(page.get_by_role("listbox").get_by_role("option", selected=True)).to_contain_text(
        "show"
    )
    await box.press("Enter")
    await expect(box).to_have_value("/seam show ")
    await box.press_sequentially("#1")
    await box.press("Enter")
    await expect(tabs.read(page, "You asked for show #1")).to_be_visible()


async def test_escape_closes_the_suggestions_and_keeps_the_text(tabs):
    page = await tabs.open()
    box = page.get_by_test_id("composer-input")
    await box.press_sequentially("/seam q")
    await box.press("Escape")
    await expect(page.get_by_test_id("composer-choices")).to_be_hidden()
    await expect(box).to_have_value("/seam q")


async def test_a_mention_of_the_app_reaches_it_and_is_drawn_by_name(tabs):
    page = await tabs.open()
    box = page.get_by_test_id("composer-input")
    await box.press_sequentially("hello @sea")
    await box.press("Enter")
    await box.press("Enter")
    await expect(page.locator("#messages .mention")).to_have_text("@seamwatch")
    await page.get_by_test_id("thread-bar").click()
    await expect(page.get_by_test_id("thread-panel").get_by_text("heard")).to_be_visible()


async def test_a_line_break_is_typed_with_shift(tabs):
    page = await tabs.open()
    box = page.get_by_test_id("composer-input")
    await box.press_sequentially("one")
    await box.press("Shift+Enter")
    await box.press_sequentially("two")
    await expect(page.get_by_test_id("message")).to_have_count(0)
    await box.press("Enter")
    await expect(page.get_by_test_id("message")).to_contain_text("one\ntwo")


async def test_a_reply_stands_in_the_thread_and_is_counted_below_its_root(tabs, stage):
    page, other = await tabs.open("priya"), await tabs.open("alex")
    ts = await stage.post(text="a root")
    root = page.locator(f'#messages [data-ts="{ts}"]')
    await root.hover()
    await root.get_by_test_id("reply").click()
    await tabs.say(page, "on it", box="thread")
    await expect(page.get_by_test_id("thread-panel").get_by_text("on it")).to_be_visible()
    await expect(other.get_by_test_id("thread-bar")).to_contain_text("1 reply")
    await expect(other.locator("#messages").get_by_text("on it")).to_have_count(0)
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("thread-panel")).to_be_hidden()


async def test_a_command_in_a_thread_is_refused_and_the_words_are_kept(tabs, stage):
    ts = await stage.post(text="a root")
    page = await tabs.open(where=f"#integrations/{ts}")
    await tabs.say(page, "/seam ack", box="thread")
    await expect(page.get_by_test_id("thread-trouble")).to_contain_text("does not work in threads")
    await expect(page.get_by_test_id("thread-input")).to_have_value("/seam ack")


async def test_an_app_that_does_not_answer_a_command_is_told_to_its_sender_alone(tabs):
    page = await tabs.open()
    await tabs.say(page, "/seam silent")
    await expect(page.locator(".message.private")).to_have_count(1)


async def test_somebody_else_sees_their_own_private_answers_and_acts_as_themselves(tabs):
    page = await tabs.open("priya")
    await tabs.say(page, "/seam queue")
    await expect(tabs.read(page, "You asked for queue")).to_be_visible()
    await page.get_by_test_id("user-switcher").select_option("otto")
    await expect(page).to_have_url(re.compile("user=otto"))
    await expect(page.get_by_test_id("message")).to_have_count(0)
    await tabs.say(page, "greetings from outside")
    message = tabs.read(page, "greetings from outside")
    await expect(message).to_contain_text("Otto Lindqvist")
    await expect(message).to_contain_text("Outside")


async def test_a_message_elsewhere_is_counted_and_marked_new_when_one_goes_there(tabs, stage):
    page = await tabs.open()
    await stage.do("message", user="alex", channel="#random", text="lunch?")
    row = page.get_by_test_id("channel-random")
    await expect(row.get_by_label("1 unread")).to_be_visible()
    await row.click()
    await expect(page.get_by_test_id("new-line")).to_be_visible()
    await expect(row.get_by_label("1 unread")).to_have_count(0)


async def test_a_reload_comes_back_to_the_same_channel_and_thread(tabs, stage):
    ts = await stage.post(text="a root")
    page = await tabs.open("alex")
    await page.locator(f'#messages [data-ts="{ts}"]').hover()
    await page.get_by_test_id("reply").click()
    await expect(page.get_by_test_id("thread-panel")).to_contain_text("a root")
    await page.reload()
    await expect(page.get_by_test_id("thread-panel")).to_contain_text("a root")
    await expect(page.get_by_test_id("user-switcher")).to_have_value("alex")


async def test_a_link_to_a_message_leads_there_inside_the_page(tabs, stage):
    ts = await stage.post(channel="integrations", text="the one that is meant")
    channel = stage.server.channels["integrations"]
    address = (await stage.client.chat_getPermalink(channel=channel, message_ts=ts))["permalink"]
    page = await tabs.open(where="#random")
    await stage.do("message", user="alex", channel="#random", text=f"see {address}")
    await tabs.read(page, "see http").get_by_role("link").click()
    await expect(page.get_by_test_id("channel-title")).to_have_text("#integrations")
    await expect(tabs.read(page, "the one that is meant")).to_be_focused()


async def test_a_list_that_is_being_used_survives_what_happens_meanwhile(tabs, stage):
    page = await tabs.open()
    await page.get_by_test_id("user-switcher").focus()
    await stage.do("message", user="alex", channel="#random", text="lunch?")
    await expect(page.get_by_test_id("channel-random").get_by_label("1 unread")).to_be_visible()
    await expect(page.get_by_test_id("user-switcher")).to_be_focused()
