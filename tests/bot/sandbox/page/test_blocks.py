"""Messages as the page draws them: blocks, buttons, edits in place, and text that means harm."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

pytestmark = [pytest.mark.page, pytest.mark.asyncio(loop_scope="session")]

OPTIONS = [
    {"text": {"type": "plain_text", "text": name}, "value": name.lower()}
    for name in ("Shopify", "NetSuite")
]


def section(text, **more):
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


async def raise_incident(page, stage):
    await stage.do("command", user="alex", channel="#integrations", text="/seam raise")
    message = page.get_by_test_id("message").filter(has_text="Orders to NetSuite")
    await expect(message).to_contain_text("#1 Triggered")
    return message


async def test_a_pressed_button_edits_the_message_where_it_stands(tabs, stage):
    page, other = await tabs.open("priya"), await tabs.open("marcus")
    message = await raise_incident(page, stage)
    ts = await message.get_attribute("data-ts")
    await message.locator('[data-action-id="ack"]').click()
    for tab in (page, other):
        edited = tab.locator(f'[data-ts="{ts}"]')
        await expect(edited).to_contain_text("#1 Acknowledged")
        await expect(edited.locator('[data-action-id="ack"]')).to_have_count(0)
    assert await page.get_by_test_id("message").count() == 1


async def test_the_bar_takes_the_colour_of_the_state(tabs, stage):
    page = await tabs.open()
    message = await raise_incident(page, stage)
    bar = "e => getComputedStyle(e, '::before').backgroundColor"
    assert await message.locator(".barred").evaluate(bar) == "rgb(163, 2, 0)"
    await message.locator('[data-action-id="ack"]').click()
    await expect(message).to_contain_text("Acknowledged")
    assert await message.locator(".barred").evaluate(bar) == "rgb(218, 160, 56)"


async def test_a_question_is_asked_first_and_a_no_changes_nothing(tabs, stage):
    page = await tabs.open()
    message = await raise_incident(page, stage)
    await message.locator('[data-action-id="ack"]').click()
    resolve = message.locator('[data-action-id="resolve"]')
    await resolve.click()
    dialog = page.get_by_role("dialog", name="Resolve #1?")
    await expect(dialog).to_contain_text("still stalled")
    await dialog.get_by_text("Keep it open").click()
    await expect(dialog).to_have_count(0)
    await expect(message).to_contain_text("#1 Acknowledged")
    await resolve.click()
    await dialog.get_by_text("Yes, resolve").click()
    await expect(message).to_contain_text("#1 Resolved")


async def test_a_button_that_nobody_answers_says_so_beside_it_and_can_be_pressed_again(tabs, stage):
    page = await tabs.open()
    message = await raise_incident(page, stage)
    broken = message.locator('[data-action-id="broken"]')
    await broken.click()
    await expect(broken).to_have_attribute("aria-busy", "true")
    await expect(message.get_by_role("alert")).to_contain_text("did not answer")
    await expect(broken).not_to_have_attribute("aria-busy", "true")


async def test_the_keyboard_stays_at_the_message_when_its_button_goes(tabs, stage):
    page = await tabs.open()
    message = await raise_incident(page, stage)
    await message.locator('[data-action-id="ack"]').focus()
    await page.keyboard.press("Enter")
    await expect(message).to_contain_text("#1 Acknowledged")
    await expect(message.locator('[data-action-id="resolve"]')).to_be_focused()


async def test_an_overflow_menu_and_a_select_send_what_was_chosen(tabs, stage):
    page = await tabs.open()
    select = {
        "type": "static_select",
        "action_id": "chosen",
        "placeholder": {"type": "plain_text", "text": "Which system?"},
        "options": OPTIONS,
    }
    overflow = {"type": "overflow", "action_id": "chosen", "options": OPTIONS}
    ts = await stage.post(text="choose", blocks=[section("one", accessory=overflow)])
    await page.locator(f'[data-ts="{ts}"]').get_by_label("More actions").click()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(tabs.read(page, "chosen: netsuite")).to_be_visible()
    await stage.post(text="choose", blocks=[section("two", accessory=select)])
    await page.get_by_label("Which system?").select_option("shopify")
    await expect(tabs.read(page, "chosen: shopify")).to_be_visible()


async def test_an_edit_by_the_app_shows_at_once_and_text_edits_are_marked(tabs, stage):
    page = await tabs.open()
    ts = await stage.post(text="first words")
    await expect(tabs.read(page, "first words")).to_be_visible()
    channel = stage.server.channels["integrations"]
    await stage.client.chat_update(channel=channel, ts=ts, text="second words")
    message = page.locator(f'[data-ts="{ts}"]')
    await expect(message).to_contain_text("second words")
    await expect(message).to_contain_text("(edited)")
    await stage.client.chat_delete(channel=channel, ts=ts)
    await expect(message).to_have_count(0)


async def test_every_block_that_a_message_may_hold_is_drawn(tabs, stage):
    page = await tabs.open()

    def cell(text):
        return {"type": "raw_text", "text": text}

    run = {"type": "text", "text": "rich words", "style": {"bold": True}}
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "A headline"}},
        section("with fields", fields=[{"type": "mrkdwn", "text": "*Oldest*\n9 min"}]),
        {"type": "divider"},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "small print"}]},
        {"type": "image", "image_url": "https://pictures.example/x.png", "alt_text": "a chart"},
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [run]}]},
        {"type": "markdown", "text": "# Title\n- **strong** item"},
        {"type": "table", "rows": [[cell("a title")], [cell("a cell")]]},
    ]
    ts = await stage.post(text="all", blocks=blocks)
    body = page.locator(f'[data-ts="{ts}"] .body')
    await expect(body.get_by_role("heading", name="A headline")).to_be_visible()
    await expect(body.locator(".fields strong")).to_have_text("Oldest")
    await expect(body.locator(".context")).to_have_text("small print")
    await expect(body.get_by_role("img", name="a chart")).to_be_visible()
    await expect(body.locator("strong").filter(has_text="rich words")).to_be_visible()
    await expect(body.locator("li strong")).to_have_text("strong")
    await expect(body.get_by_role("columnheader")).to_have_text("a title")
    await expect(body.locator("hr")).to_have_count(1)


HOSTILE = (
    "<script>window.harmed = 1</script>",
    "<img src=x onerror='window.harmed = 1'>",
    "right to left: abc\u202edcba\u202c \u05e9\u05dc\u05d5\u05dd",
    "entities twice over: &amp;lt;b&amp;gt; &lt;b&gt;",
    "<javascript:window.harmed=1|press me>",
    "<!date^1^{date}^javascript:window.harmed=1|then>",
)


def everywhere(text):
    """The text in every place of a message that shows foreign text."""
    plain = {"type": "plain_text", "text": text[:70]}
    actions = [{"type": "button", "action_id": "x", "text": plain}]
    return {
        "text": text,
        "blocks": [
            {"type": "header", "text": plain},
            section(text, fields=[{"type": "mrkdwn", "text": text}]),
            {"type": "markdown", "text": text},
            {"type": "actions", "elements": actions},
        ],
        "attachments": [{"color": "#a30200", "title": text, "text": text, "footer": text}],
    }


async def test_foreign_text_is_shown_and_does_nothing(tabs, stage):
    page = await tabs.open()
    for text in HOSTILE:
        await stage.post(**everywhere(text))
        await stage.do("message", user="alex", channel="#integrations", text=text)
    await expect(page.get_by_test_id("message")).to_have_count(2 * len(HOSTILE))
    assert await page.locator("#messages").get_by_text("<script>").count() > 5
    assert await page.evaluate("window.harmed") is None
    assert await page.locator("#messages script, #messages [onerror]").count() == 0
    assert await page.locator('#messages a[href^="javascript"]').count() == 0


async def test_what_a_person_types_is_shown_as_typed(tabs):
    page = await tabs.open()
    typed = "<b>1 & 2</b> &lt; <!channel>"
    await page.get_by_test_id("composer-input").fill(typed)
    await page.get_by_test_id("composer-send").click()
    await expect(page.get_by_test_id("message").locator(".mrkdwn")).to_have_text(typed)


async def test_the_page_asks_no_other_machine_for_anything(tabs, stage):
    page = await tabs.open()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    image = {"type": "image", "image_url": "https://pictures.example/x.png", "alt_text": "a chart"}
    await stage.post(text="picture", blocks=[image])
    await expect(page.get_by_role("img", name="a chart")).to_be_visible()
    assert [url for url in asked if "127.0.0.1" not in url] == []


CHART = {
    "type": "data_visualization",
    "title": "dispatch: calls <b>an hour</b>",
    "chart": {
        "type": "line",
        "series": [
            {
                "name": "Measured, expected",
                "data": [
                    {"label": "Thu 19 12-18", "value": 1700},
                    {"label": "Thu 19 18-24", "value": 1340},
                ],
            },
            {
                "name": "Limit",
                "data": [
                    {"label": "Thu 19 12-18", "value": 2400},
                    {"label": "Thu 19 18-24", "value": 2400},
                ],
            },
        ],
        "axis_config": {
            "categories": ["Thu 19 12-18", "Thu 19 18-24"],
            "x_label": "highest of 6 h, Europe/London",
        },
    },
}


async def test_a_chart_is_drawn_and_told_to_those_who_do_not_see_it(tabs, stage):
    page = await tabs.open()
    ts = await stage.post(text="A chart.", blocks=[CHART])
    chart = page.locator(f'[data-ts="{ts}"] .chart')
    await expect(chart).to_contain_text("dispatch: calls <b>an hour</b>")
    await expect(chart.locator("polyline")).to_have_count(2)
    await expect(chart.get_by_role("img")).to_have_attribute(
        "aria-label",
        "dispatch: calls <b>an hour</b>. Measured, expected: 1,340 to 1,700; Limit: 2,400 to 2,400",
    )


@pytest.mark.parametrize("kind", ["area", "bar"])
async def test_other_charts_are_drawn_too(tabs, stage, kind):
    page = await tabs.open()
    ts = await stage.post(
        text="A chart.", blocks=[CHART | {"chart": CHART["chart"] | {"type": kind}}]
    )
    marks = page.locator(f'[data-ts="{ts}"] .chart .{kind}')
    await expect(marks).to_have_count(2 if kind == "area" else 4)


async def test_a_pie_is_drawn_as_shares(tabs, stage):
    page = await tabs.open()
    segments = [{"label": "Orders", "value": 3}, {"label": "Stock", "value": 1}]
    pie = {
        "type": "data_visualization",
        "title": "Share",
        "chart": {"type": "pie", "segments": segments},
    }
    ts = await stage.post(text="A pie.", blocks=[pie])
    await expect(page.locator(f'[data-ts="{ts}"] .shares')).to_contain_text("Orders")
