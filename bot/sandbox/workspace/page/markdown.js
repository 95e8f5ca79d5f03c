// The markdown block: standard Markdown as far as messages use it. Inline marks become nodes of mrkdwn.js.
// https://docs.slack.dev/reference/block-kit/blocks/markdown-block

import { h } from "./dom.js";
import { parseToken } from "./mrkdwn.js";
import { drawAll } from "./text.js";

const INLINE = /`([^`\n]+)`|\*\*(.+?)\*\*|__(.+?)__|~~(.+?)~~|\*([^*\n]+)\*|(?<![\p{L}\p{N}])_([^_\n]+)_(?![\p{L}\p{N}])|!?\[([^\]\n]*)\]\(([^)\s]+)\)|<([@#!][^<>\n]+|https?:[^<>\n]+)>|:([a-z0-9_+-]+):/u;

function inline(text) {
  const match = INLINE.exec(text);
  if (!match) return text ? [{ type: "text", text }] : [];
  return [...inline(text.slice(0, match.index)), node(match), ...inline(text.slice(match.index + match[0].length))];
}

function node([, code, bold, bold2, strike, italic, italic2, label, address, token, emoji]) {
  if (code) return { type: "code", text: code };
  if (bold ?? bold2) return { type: "bold", children: inline(bold ?? bold2) };
  if (strike) return { type: "strike", children: inline(strike) };
  if (italic ?? italic2) return { type: "italic", children: inline(italic ?? italic2) };
  if (address) return { type: "link", address, label };
  return token ? parseToken(token) : { type: "emoji", name: emoji };
}

// The kinds of paragraph, the first that fits a line: how it begins, what to take off, how the lines are drawn.
const KINDS = [
  { starts: /^#{1,6} /, take: /^#{1,6} +/, draw: (lines, put) => lines.map((line) => h("p", { class: "heading" }, put(line))) },
  { starts: /^(-{3,}|\*{3,})$/, take: /^.*$/, draw: () => h("hr") },
  { starts: /^\s*[-*+] /, take: /^\s*[-*+] /, draw: (lines, put) => h("ul", {}, lines.map((line) => h("li", {}, put(line)))) },
  { starts: /^\s*\d+[.)] /, take: /^\s*\d+[.)] /, draw: (lines, put) => h("ol", {}, lines.map((line) => h("li", {}, put(line)))) },
  { starts: /^> ?/, take: /^> ?/, draw: (lines, put) => h("blockquote", {}, put(lines.join("\n"))) },
  { starts: /^\|.*\|\s*$/, take: /^\||\|\s*$/g, draw: drawTable },
  { starts: /^\s*$/, take: /^\s*$/, draw: () => [] },
  { starts: /^/, take: /^$/, draw: (lines, put) => h("p", {}, put(lines.join("\n"))) },
];

function drawTable(lines, put) {
  const rows = lines.filter((line) => !/^[\s|:-]+$/.test(line)).map((line) => line.split("|").map((cell) => cell.trim()));
  const row = (cells, tag) => h("tr", {}, cells.map((cell) => h(tag, { scope: tag === "th" ? "col" : null }, put(cell))));
  return h("div", { class: "table" }, h("table", {}, rows.map((cells, index) => row(cells, index ? "td" : "th"))));
}

/** A Markdown text as elements. */
export function markdown(text, context) {
  const put = (line) => drawAll(inline(line), context);
  return text.split(/^```[^\n]*\n([\s\S]*?)^```[^\n]*$/m).map((part, index) =>
    index % 2 ? h("pre", {}, part.replace(/\n$/, "")) : drawParagraphs(part, put));
}

function drawParagraphs(text, put) {
  const groups = [];
  for (const line of text.split("\n")) {
    const kind = KINDS.find((each) => each.starts.test(line));
    if (groups.at(-1)?.kind !== kind) groups.push({ kind, lines: [] });
    groups.at(-1).lines.push(line.replace(kind.take, ""));
  }
  return groups.map(({ kind, lines }) => kind.draw(lines, put));
}
