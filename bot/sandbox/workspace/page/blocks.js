// Draws Block Kit blocks and coloured attachments.
// https://docs.slack.dev/reference/block-kit/blocks

import { drawChart } from "./charts.js";
import { h, link, picture } from "./dom.js";
import { interactive, tell } from "./elements.js";
import { drawInput } from "./form.js";
import { markdown } from "./markdown.js";
import { richText } from "./richtext.js";
import { mrkdwn, textObject } from "./text.js";

const BLOCKS = {
  header: (block, context) => h("h3", {}, textObject(block.text, context)),
  divider: () => h("hr"),
  section,
  context: (block, context) => h("div", { class: "context" }, block.elements.map((element) => small(element, context))),
  actions: (block, context, place) => h("div", { class: "actions pressable" }, block.elements.map((element) => interactive(element, context, place, block))),
  input: (block, context, place) => drawInput(block, context, (field) => tell(field, block.element, context, place)),
  image: figure,
  rich_text: (block, context) => h("div", { class: "mrkdwn rich" }, richText(block, context)),
  markdown: (block, context) => h("div", { class: "mrkdwn rich" }, markdown(block.text ?? "", context)),
  table,
  data_visualization: drawChart,
};

/** Blocks as elements, in order; `place` tells which message or view they are in. */
export const drawBlocks = (blocks, context, place) => blocks.map((block) => {
  const draw = BLOCKS[block.type];
  const drawn = draw ? draw(block, context, place) : h("p", { class: "undrawn" }, `${block.type}: not drawn in the sandbox`);
  drawn.classList.add("block");
  return drawn;
});

function section(block, context, place) {
  const text = block.text && h("div", { class: "mrkdwn" }, textObject(block.text, context));
  const fields = block.fields && h("div", { class: "fields" }, block.fields.map((field) => h("div", { class: "mrkdwn" }, textObject(field, context))));
  const words = h("div", { class: "words" }, text, fields);
  if (!block.accessory) return h("div", { class: "section" }, words);
  const beside = block.accessory.type === "image"
    ? picture(block.accessory.image_url, block.accessory.alt_text ?? "", "beside")
    : interactive(block.accessory, context, place, block);
  return h("div", { class: "section pressable" }, words, h("div", { class: "accessory" }, beside));
}

const small = (element, context) => element.type === "image"
  ? picture(element.image_url, element.alt_text ?? "", "thumb")
  : h("span", { class: "mrkdwn" }, textObject(element, context));

/** Where a picture that was uploaded here is read from. */
const uploaded = (file) => file?.url ?? (file?.id && `/files/${encodeURIComponent(file.id)}`);

function figure(block, context) {
  const title = block.title && h("figcaption", {}, textObject(block.title, context));
  return h("figure", {}, title, picture(block.image_url ?? uploaded(block.slack_file), block.alt_text ?? "", "image"));
}

function table(block, context) {
  const columns = block.column_settings ?? [];
  const cell = (content, column, tag) => {
    const drawn = h(tag, { scope: tag === "th" ? "col" : null }, content?.type === "rich_text" ? richText(content, context) : content?.text ?? "");
    drawn.style.textAlign = columns[column]?.align ?? "left";
    return drawn;
  };
  const row = (cells, index) => h("tr", {}, cells.map((content, column) => cell(content, column, index ? "td" : "th")));
  return h("div", { class: "table", tabindex: "0" }, h("table", {}, block.rows.map(row)));
}

/** One attachment: the coloured bar, and blocks or the older fields beside it. */
export function drawAttachment(attachment, context, place) {
  const drawn = h("div", { class: "attachment" },
    attachment.pretext && h("div", { class: "mrkdwn" }, mrkdwn(attachment.pretext, context)),
    h("div", { class: "barred" }, attachment.blocks?.length ? drawBlocks(attachment.blocks, context, place) : drawLegacy(attachment, context)));
  const colour = { good: "#2eb886", warning: "#daa038", danger: "#a30200" }[attachment.color] ?? attachment.color;
  if (colour) drawn.style.setProperty("--bar", /^[0-9a-f]{3,8}$/i.test(colour) ? `#${colour}` : colour);
  return drawn;
}

function drawLegacy(attachment, context) {
  const title = attachment.title && h("strong", {}, attachment.title_link ? link(attachment.title_link, attachment.title) : attachment.title);
  const field = (each) => h("div", { class: "mrkdwn" }, h("strong", {}, each.title ?? ""), "\n", mrkdwn(each.value, context));
  return [
    attachment.author_name && h("div", { class: "author" }, attachment.author_name),
    title && h("div", {}, title),
    h("div", { class: "mrkdwn" }, mrkdwn(attachment.text ?? (title ? "" : attachment.fallback), context)),
    attachment.fields?.length && h("div", { class: "fields" }, attachment.fields.map(field)),
    attachment.image_url && picture(attachment.image_url, attachment.fallback ?? "", "image"),
    attachment.footer && h("div", { class: "context" }, h("span", { class: "mrkdwn" }, mrkdwn(attachment.footer, context))),
  ];
}
