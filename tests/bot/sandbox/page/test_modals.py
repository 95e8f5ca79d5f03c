"""Modals and menus as a person uses them: by mouse, by keyboard, by finger."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.bot.sandbox.page.asking import HEARD, escalate

pytestmark = [pytest.mark.page, pytest.mark.asyncio(loop_scope="session")]

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


async def ask(tabs, page, which="escalate"):
    """Type the command that opens a modal."""
    await tabs.say(page, f"/seam {which}")
    modal = page.get_by_test_id("modal")
    await expect(modal).to_be_visible()
    return modal


def held(field):
    """What the app was told stands in this field."""
    block = HEARD.submitted[-1][field][f"{field}-field"]
    return next(value for name, value in block.items() if name != "type")


async def test_a_modal_is_filled_in_and_submitted(tabs):
    page = await tabs.open()
    modal = await ask(tabs, page)
    await expect(page.get_by_role("dialog", name="Escalate #1")).to_be_visible()
    await modal.get_by_label("Escalate to").select_option("retail-systems-lead")
    await modal.get_by_label("Tomorrow morning").check()
    await modal.get_by_label("Why now?").fill("Nothing has moved for an hour")
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal).to_have_count(0)
    assert held("to")["value"] == "retail-systems-lead"
    assert held("urgency")["value"] == "tomorrow-morning"
    assert held("reason") == "Nothing has moved for an hour"
    assert HEARD.closed == []


async def test_errors_stand_beside_their_fields_and_what_was_typed_stays(tabs):
    page = await tabs.open()
    modal = await ask(tabs, page)
    reason, to = modal.get_by_label("Why now?"), modal.get_by_label("Escalate to")
    await reason.fill("later")
    await modal.get_by_test_id("modal-submit").click()
    await expect(to).to_be_focused()
    await expect(to).to_have_attribute("aria-invalid", "true")
    beside = modal.locator('[data-block-id="reason"] .trouble')
    await expect(beside).to_contain_text("at least 10 characters")
    await expect(reason).to_have_value("later")
    assert HEARD.submitted == []
    await to.select_option("integrations-on-call")
    await reason.fill("maybe later today")
    await modal.get_by_test_id("modal-submit").click()
    await expect(beside).to_contain_text("Later is no reason")
    await expect(reason).to_be_focused()
    await expect(to).to_have_value("integrations-on-call")
    await expect(to).not_to_have_attribute("aria-invalid", "true")


async def test_the_keyboard_stays_inside_and_escape_closes(tabs):
    page = await tabs.open()
    modal = await ask(tabs, page)
    inside = "document.querySelector('dialog').contains(document.activeElement)"
    outside = "document.activeElement === document.body"
    for _ in range(12):
        assert await page.evaluate(f"{inside} || {outside}")
        await page.keyboard.press("Tab")
    await page.keyboard.press("Escape")
    await expect(modal).to_have_count(0)
    await expect(page.get_by_test_id("composer-input")).to_be_focused()
    assert HEARD.closed == [("escalate", False)]


async def test_escape_closes_the_menu_first(tabs):
    page = await tabs.open()
    modal = await ask(tabs, page)
    await modal.get_by_label("More actions").click()
    await expect(modal.get_by_role("menuitem").first).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(modal.get_by_role("menu")).to_be_hidden()
    await expect(modal).to_be_visible()


async def test_a_menu_changes_the_modal_and_what_was_typed_stays(tabs):
    page = await tabs.open()
    modal = await ask(tabs, page)
    await modal.get_by_label("Why now?").fill("Nothing has moved")
    await modal.get_by_label("More actions").click()
    await modal.get_by_role("menuitem", name="Show the queue").click()
    await expect(modal).to_contain_text("37 wait, 1 runs")
    await expect(modal.get_by_label("Why now?")).to_have_value("Nothing has moved")
    await expect(modal.get_by_label("More actions")).to_be_focused()


async def test_a_second_step_lies_on_top_and_goes_back_to_the_first(tabs):
    page = await tabs.open()
    modal = await ask(tabs, page)
    await modal.get_by_label("Why now?").fill("Nothing has moved")
    await modal.get_by_label("More actions").click()
    await modal.get_by_role("menuitem", name="Add a second step").click()
    await expect(page.get_by_role("dialog", name="Second step")).to_be_visible()
    await expect(modal.get_by_test_id("modal-submit")).to_have_count(0)
    await modal.get_by_test_id("modal-close").click()
    await expect(page.get_by_role("dialog", name="Escalate #1")).to_be_visible()
    await expect(modal.get_by_label("Why now?")).to_have_value("Nothing has moved")
    await modal.get_by_test_id("modal-exit").click()
    await expect(modal).to_have_count(0)
    assert HEARD.closed == [("escalate", True)]


async def test_every_field_is_drawn_and_read(tabs, stage):
    page = await tabs.open()
    modal = await ask(tabs, page, "everything")
    await modal.get_by_label("Person").select_option(label="Nora Whitfield")
    await modal.get_by_label("Priya Raman").check()
    await modal.get_by_label("Channel").select_option(label="#random")
    await expect(modal.get_by_label("From")).to_have_value("2026-03-09T14:00")
    await modal.get_by_label("From").fill("2026-03-30T09:00")
    await modal.get_by_label("Day").fill("2026-03-31")
    await modal.get_by_label("Pages").check()
    await modal.get_by_label("Hours").fill("4")
    await modal.get_by_label("Title").fill("Stock take")
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal).to_have_count(0)
    users, channels = stage.server.users, stage.server.channels
    assert held("who") == users["nora"]
    assert held("team") == [users["priya"]]
    assert held("where") == channels["random"]
    assert held("from") == 1774857600, "09:00 of British summer time"
    assert (held("day"), held("at"), held("hours")) == ("2026-03-31", "09:30", "4")
    assert [option["value"] for option in held("what")] == ["pages"]
    assert (held("mail"), held("title")) == (None, "Stock take")


async def test_a_moment_is_read_in_the_zone_of_whoever_fills_it_in(tabs):
    page = await tabs.open("nora")
    modal = await ask(tabs, page, "everything")
    await expect(modal.get_by_label("From")).to_have_value("2026-03-09T10:00")


async def test_a_reload_finds_the_modal_open_and_another_person_does_not_see_it(tabs):
    page, other = await tabs.open(), await tabs.open("alex")
    modal = await ask(tabs, page)
    await page.reload()
    await expect(modal).to_be_visible()
    await expect(other.get_by_test_id("modal")).to_have_count(0)
    await modal.get_by_test_id("modal-close").click()
    await expect(modal).to_have_count(0)


async def test_on_a_phone_the_modal_fills_the_screen_and_fingers_find_everything(tabs):
    page = await tabs.open(**PHONE)
    modal = await ask(tabs, page)
    box = await modal.bounding_box()
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 390, 844)
    wide = "[...document.querySelectorAll('dialog, .modal-body')].map(e => e.scrollWidth)"
    assert max(await page.evaluate(wide)) <= 390
    places = [
        modal.get_by_test_id("modal-submit"),
        modal.get_by_test_id("modal-close"),
        modal.get_by_test_id("modal-exit"),
        modal.get_by_label("Escalate to"),
        modal.get_by_label("More actions"),
        modal.locator(".choice").first,
    ]
    for place in places:
        assert (await place.bounding_box())["height"] >= 40
    await modal.get_by_text("Tomorrow morning").tap()
    await modal.get_by_label("Escalate to").select_option("integrations-on-call")
    await modal.get_by_label("Why now?").fill("Nothing has moved for an hour")
    await modal.get_by_test_id("modal-submit").tap()
    await expect(modal).to_have_count(0)
    assert held("urgency")["value"] == "tomorrow-morning"


READ = [".modal h2", ".label", ".choice", ".entry", ".input .quiet", ".modal .trouble"]


async def test_a_modal_has_contrast_in_both_colour_schemes(tabs, too_faint):
    page = await tabs.open()
    modal = await ask(tabs, page)
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal.locator(".input .trouble")).to_have_count(2)
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        assert await page.evaluate(too_faint, READ) == [], scheme


async def test_everything_in_a_modal_has_a_name(tabs):
    page = await tabs.open()
    modal = await ask(tabs, page, "everything")
    tree = await modal.aria_snapshot()
    for role in ("button", "textbox", "combobox", "checkbox", "group"):
        assert f"- {role}:" not in tree
        assert f"- {role}\n" not in tree


async def test_a_select_in_a_message_offers_people(tabs, stage):
    page = await tabs.open()
    select = {"type": "users_select", "action_id": "chosen"}
    select["placeholder"] = {"type": "plain_text", "text": "Hand over to"}
    row = {"type": "actions", "elements": [select]}
    await stage.post(text="who", blocks=[row])
    choices = page.get_by_label("Hand over to").locator("option")
    await expect(choices).to_have_count(7)
    await expect(page.get_by_label("Hand over to")).not_to_contain_text("Theo")


async def test_a_modal_that_the_app_changes_by_itself_is_drawn_anew(tabs, stage):
    page = await tabs.open()
    modal = await ask(tabs, page)
    await modal.get_by_label("Why now?").fill("Nothing has moved")
    state = await page.request.get(f"{stage.server.url}/page/state?user=priya")
    view_id = (await state.json())["view"]["id"]
    taken = escalate(title={"type": "plain_text", "text": "Taken meanwhile"})
    await stage.client.views_update(view_id=view_id, view=taken)
    await expect(page.get_by_role("dialog", name="Taken meanwhile")).to_be_visible()
    await expect(modal.get_by_label("Why now?")).to_have_value("Nothing has moved")
