// Draws text: mrkdwn trees, plain text with shortcodes, mentions and times.

import { h, link } from "./dom.js";
import { drawGlyphs, emoji } from "./emoji.js";
import { parse, parseInline, plain, unescape } from "./mrkdwn.js";
import { formatDate } from "./time.js";

const TAGS = { bold: "strong", italic: "em", strike: "s", quote: "blockquote" };

/** mrkdwn as nodes. `context` knows people, channels, the clock and the zone. */
export const mrkdwn = (text, context) => drawAll(parse(text ?? ""), context);

export const drawAll = (nodes, context) => nodes.flatMap((node) => draw(node, context));

function draw(node, context) {
  if (node.type === "text") return drawGlyphs(node.text);
  if (TAGS[node.type]) return h(TAGS[node.type], {}, drawAll(node.children, context));
  return (DRAW[node.type] ?? (() => ""))(node, context);
}

const DRAW = {
  code: (node) => h("code", {}, node.text),
  pre: (node) => h("pre", {}, node.text),
  link: (node) => link(node.address, node.label || node.address),
  emoji: (node) => emoji(node.name),
  user: (node, context) => mentionUser(node.id, context, node.label),
  channel: (node, context) => mentionChannel(node.id, context, node.label),
  group: (node, context) => mentionGroup(node.id, context, node.label),
  special: (node) => h("span", { class: "mention loud" }, `@${node.label?.replace(/^@/, "") || node.name}`),
  date: drawDate,
};

export function mentionUser(id, context, label) {
  const name = context.user(id)?.name ?? label ?? id;
  return h("span", { class: id === context.me.id ? "mention loud" : "mention" }, `@${name}`);
}

/** A user group by its handle; louder for those who are in it. */
export function mentionGroup(id, context, label) {
  const group = context.group(id);
  const isMine = group?.members.includes(context.me.id);
  return h("span", { class: isMine ? "mention loud" : "mention", title: group?.name ?? null }, `@${(group?.handle ?? label ?? id).replace(/^@/, "")}`);
}

export function mentionChannel(id, context, label) {
  const channel = context.channel(id);
  const name = `#${channel?.name ?? (label || "private-channel")}`;
  if (!channel) return h("span", { class: "mention" }, name);
  return h("button", { class: "mention bare", type: "button", onclick: () => context.openChannel(id) }, name);
}

/** A time that keeps itself true: `refreshDates` rewrites it as the clock moves. */
export function drawDate(node, context) {
  const time = h("time", { title: node.fallback || null, dataset: { date: node.seconds, pattern: node.pattern, fallback: node.fallback } });
  time.textContent = dateText(time.dataset, context);
  return node.address ? link(node.address, time) : time;
}

const dateText = ({ date, pattern, fallback }, context) =>
  formatDate(date, pattern, context.clock.now(), context.zone) ?? fallback;

export function refreshDates(context) {
  for (const time of document.querySelectorAll("time[data-date]")) {
    const text = dateText(time.dataset, context);
    if (time.textContent !== text) time.textContent = text;
  }
}

/** A text object of Block Kit, plain_text or mrkdwn. */
export function textObject(text, context) {
  if (!text) return [];
  if (text.type === "mrkdwn") return mrkdwn(text.text, context);
  if (text.emoji === false) return [unescape(text.text ?? "")];
  const parts = (text.text ?? "").split(/:([a-z0-9_+'-]{1,60}):/);
  return parts.flatMap((part, index) => (index % 2 ? emoji(part) : drawGlyphs(unescape(part))));
}

/** One line for a screen reader or a title: no marks, no tokens. */
export const spoken = (text, context) => {
  const said = h("span", {}, drawAll(parseInline(text ?? ""), context)).textContent;
  return plain(said).replace(/\s+/g, " ").slice(0, 200);
};
