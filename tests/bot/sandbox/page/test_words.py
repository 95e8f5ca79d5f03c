"""The page's pure parts, asked in the browser: mrkdwn, times, completion."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.page, pytest.mark.asyncio(loop_scope="session")]

CONTEXT = """{
  me: {id: 'U1'}, zone: 'Europe/London', clock: {now: () => Date.UTC(2026, 2, 5, 14, 0)},
  user: (id) => ({U1: {id: 'U1', name: 'priya'}}[id]), channel: () => undefined,
}"""


async def draw(page, text):
    """The HTML that a mrkdwn text becomes."""
    return await page.evaluate(
        f"""async (text) => {{
          const {{ mrkdwn }} = await import('/page/text.js');
          const box = document.createElement('div');
          box.append(...mrkdwn(text, {CONTEXT}));
          return box.innerHTML.replaceAll(' target="_blank" rel="noopener noreferrer"', '');
        }}""",
        text,
    )


MRKDWN = {
    "bold italic strike": ("*a* _b_ ~c~", "<strong>a</strong> <em>b</em> <s>c</s>"),
    "nested": ("*a _b_*", "<strong>a <em>b</em></strong>"),
    "inside a word it is not a mark": ("snake_case_name 2*3*4", "snake_case_name 2*3*4"),
    "not over the end of a line": ("*a\nb*", "*a\nb*"),
    "space after the mark": ("* a*", "* a*"),
    "code keeps its marks": ("`*a*`", "<code>*a*</code>"),
    "escapes": ("a &lt;b&gt; &amp;amp;", "a &lt;b&gt; &amp;amp;"),
    "fence": ("x ```a\n*b*``` y", "x <pre>a\n*b*</pre> y"),
    "quote": ("&gt; a\n&gt; *b*\nc", "<blockquote>a\n<strong>b</strong></blockquote>c"),
    "link": (
        "<https://x.example/a_b_|the *page*>",
        '<a href="https://x.example/a_b_">the *page*</a>',
    ),
    "bold link": (
        "*<https://x.example/|x>*",
        '<strong><a href="https://x.example/">x</a></strong>',
    ),
    "unsafe link": ("<javascript:alert(1)|x>", "<span>x</span>"),
    "mention of me": ("<@U1>", '<span class="mention loud">@priya</span>'),
    "mention of a stranger": ("<@U99>", '<span class="mention">@U99</span>'),
    "everyone": ("<!here>", '<span class="mention loud">@here</span>'),
    "unknown shortcode": (":nonsense_word: 10:30:45", ":nonsense_word: 10:30:45"),
    "not a token": ("<script>", "&lt;script&gt;"),
}


async def test_mrkdwn_is_drawn_as_slack_draws_it(tabs):
    page = await tabs.open()
    drawn = {name: await draw(page, text) for name, (text, _) in MRKDWN.items()}
    assert drawn == {name: html for name, (_, html) in MRKDWN.items()}


# 5 March 2026, 14:00 UTC is the reader's now; 1772719200 is that moment.
NOW = 1_772_719_200
DATES = {
    "time of day": (NOW, "{time}", "14:00"),
    "seconds": (NOW + 5, "{time_secs}", "14:00:05"),
    "number": (NOW, "{date_num}", "2026-03-05"),
    "day of this half-year has no year": (NOW, "{date}", "5 March"),
    "day long ago has one": (NOW - 400 * 86_400, "{date_short}", "29 Jan 2025"),
    "long": (NOW, "{date_long}", "Thursday 5 March"),
    "today": (NOW, "{date_short_pretty} at {time}", "Today at 14:00"),
    "yesterday": (NOW - 86_400, "since {date_pretty}", "since yesterday"),
    "summer time is the reader's": (1_782_907_200, "{time}", "13:00"),
    "ago": (NOW - 3 * 60, "{ago}", "3 minutes ago"),
    "ahead": (NOW + 7200, "{ago}", "in 2 hours"),
    "unknown token": (NOW, "{nonsense}", "fallback UTC"),
    "not a time": ("soon", "{date}", "fallback UTC"),
}


async def test_times_are_told_in_the_readers_zone(tabs):
    page = await tabs.open()
    told = {}
    for name, (seconds, pattern, _) in DATES.items():
        html = await draw(page, f"<!date^{seconds}^{pattern}|fallback UTC>")
        told[name] = html.split(">")[1].split("<")[0]
    assert told == {name: text for name, (_, _, text) in DATES.items()}


STATES = {
    "shortcode": (":red_circle:", "red circle"),
    "glyph": ("\U0001f534", "red circle"),
    "sign with a variation selector": ("\u26a0\ufe0f", "warning"),
}


async def test_a_status_keeps_its_colour_without_an_emoji_font(tabs):
    page = await tabs.open()
    for name, (text, label) in STATES.items():
        html = await draw(page, text)
        assert f'aria-label="{label}"' in html, name
        assert "background-color: rgb" in html, name


VERBS = {
    "bars": ("queue | show #n | ack [#n]", ["queue", "show", "ack"]),
    "in brackets": ("[queue|status|help]", ["queue", "status", "help"]),
    "words": ("queue status", ["queue", "status"]),
    "only a placeholder": ("[text]", ["text"]),
    "nothing": ("", []),
}


async def test_the_verbs_of_a_command_are_read_from_its_hint(tabs):
    page = await tabs.open()
    ask = """async (hint) => {
      const { readVerbs } = await import('/page/completion.js');
      return readVerbs(hint).map(({ verb }) => verb);
    }"""
    read = {name: await page.evaluate(ask, hint) for name, (hint, _) in VERBS.items()}
    assert read == {name: verbs for name, (_, verbs) in VERBS.items()}


async def test_pathological_text_is_read_in_linear_time(tabs):
    page = await tabs.open()
    ask = """async (text) => {
      const { parse } = await import('/page/mrkdwn.js');
      const before = performance.now();
      parse(text);
      return performance.now() - before;
    }"""
    for text in ("*" * 3000, "_a" * 1500, "<" * 3000, "*a _b ~c " * 300, "`" * 3000):
        assert await page.evaluate(ask, text) < 500
