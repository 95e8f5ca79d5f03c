// The rich_text block: what Slack's own composer produces.
// https://docs.slack.dev/reference/block-kit/blocks/rich-text-block

import { h, link } from "./dom.js";
import { drawGlyphs, emoji } from "./emoji.js";
import { drawDate, mentionChannel, mentionGroup, mentionUser } from "./text.js";

const STYLES = { bold: "strong", italic: "em", strike: "s", code: "code" };

const ELEMENTS = {
  text: (element) => drawGlyphs(element.text),
  link: (element) => link(element.url, element.text || element.url),
  emoji: (element) => emoji(element.name),
  user: (element, context) => mentionUser(element.user_id, context),
  channel: (element, context) => mentionChannel(element.channel_id, context),
  usergroup: (element, context) => mentionGroup(element.usergroup_id, context),
  broadcast: (element) => h("span", { class: "mention loud" }, `@${element.range}`),
  date: (element, context) => drawDate({ seconds: element.timestamp, pattern: element.format, address: element.url, fallback: element.fallback ?? "" }, context),
  color: (element) => h("code", {}, element.value),
};

function run(elements, context) {
  return (elements ?? []).map((element) => {
    const drawn = (ELEMENTS[element.type] ?? (() => ""))(element, context);
    const styles = Object.keys(STYLES).filter((style) => element.style?.[style]);
    return styles.reduce((inner, style) => h(STYLES[style], {}, inner), drawn);
  });
}

function list(part, context) {
  const tag = part.style === "ordered" ? "ol" : "ul";
  const drawn = h(tag, { start: part.offset ? part.offset + 1 : null }, part.elements.map((item) => h("li", {}, run(item.elements, context))));
  drawn.style.marginInlineStart = `${(part.indent ?? 0) * 1.5}em`;
  return drawn;
}

const PARTS = {
  rich_text_section: (part, context) => h("p", {}, run(part.elements, context)),
  rich_text_preformatted: (part, context) => h("pre", {}, run(part.elements, context)),
  rich_text_quote: (part, context) => h("blockquote", {}, run(part.elements, context)),
  rich_text_list: list,
};

/** A rich_text block as elements; parts of an unknown kind are left out. */
export const richText = (block, context) => (block.elements ?? []).map((part) => PARTS[part.type]?.(part, context));
