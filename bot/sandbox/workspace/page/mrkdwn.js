// Slack's mrkdwn, read into a small tree. Pure: no page, no clock.
// A node is {type, ...}: text, bold, italic, strike, code, pre, quote, link, user, channel, group, special, date, emoji.
// https://docs.slack.dev/messaging/formatting-message-text

const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };
const STYLES = { "*": "bold", _: "italic", "~": "strike" };

/** Undo Slack's three escapes; nothing else is an entity there. */
export const unescape = (text) => text.replace(/&(?:amp|lt|gt);/g, (entity) => ENTITIES[entity]);

/** A whole text: fenced code, quotes, and lines between them. */
export function parse(text) {
  const nodes = [];
  text.split(/```([\s\S]+?)```/).forEach((part, index) => {
    if (index % 2) nodes.push({ type: "pre", text: plain(part.replace(/^\n/, "").replace(/\n$/, "")) });
    else nodes.push(...parseLines(index ? part.replace(/^\n/, "") : part));
  });
  return nodes;
}

/** Text with its tokens shown as their words: what stands inside code, and what is read aloud. */
export function plain(text) {
  return unescape(text.replace(/<([^<>\n]+)>/g, (_, inside) => words(parseToken(inside))));
}

const words = (node) => node.text ?? node.fallback ?? node.label ?? node.address ?? `${node.type === "channel" ? "#" : "@"}${node.id ?? node.name}`;

function parseLines(text) {
  const nodes = [];
  let quote = null;
  const lines = text.split("\n");
  lines.forEach((line, index) => {
    const rest = /^(?:&gt;|>)(?:(?:&gt;|>){2})? ?(.*)$/.exec(line);
    if (rest) {
      if (!quote) nodes.push((quote = { type: "quote", lines: [] }));
      quote.lines.push(rest[1]);
      return;
    }
    const last = index === lines.length - 1;
    if (line || !quote) nodes.push(...parseInline(last ? line : `${line}\n`));
    quote = null;
  });
  return nodes.map((node) => (node.type === "quote" ? { type: "quote", children: parseInline(node.lines.join("\n")) } : node));
}

/** One run of text without fences and quotes. */
export function parseInline(text) {
  const nodes = [];
  let from = 0;
  for (let at = 0; at < text.length; ) {
    const found = READERS[text[at]]?.(text, at);
    if (!found) { at += 1; continue; }
    addText(nodes, text.slice(from, at));
    nodes.push(found.node);
    at = from = found.end;
  }
  addText(nodes, text.slice(from));
  return nodes;
}

function addText(nodes, text) {
  if (text) nodes.push({ type: "text", text: unescape(text) });
}

const READERS = { "<": readToken, "`": readCode, ":": readEmoji, "*": readStyle, _: readStyle, "~": readStyle };

function readToken(text, at) {
  const match = /^<([^<>\n]+)>/.exec(text.slice(at));
  return match && { node: parseToken(match[1]), end: at + match[0].length };
}

function readCode(text, at) {
  const match = /^`([^`\n]+)`/.exec(text.slice(at));
  return match && { node: { type: "code", text: plain(match[1]) }, end: at + match[0].length };
}

function readEmoji(text, at) {
  const match = /^:([a-z0-9_+'-]{1,60}):/.exec(text.slice(at));
  return match && { node: { type: "emoji", name: match[1] }, end: at + match[0].length };
}

function readStyle(text, at) {
  const mark = text[at];
  if (isWord(text[at - 1]) || text[at - 1] === mark || !/\S/.test(text[at + 1] ?? " ") || text[at + 1] === mark) return null;
  const close = findClose(text, at + 1, mark);
  return close && { node: { type: STYLES[mark], children: parseInline(text.slice(at + 1, close)) }, end: close + 1 };
}

/** Where the style ends: on the same line, after a non-space, not inside a token or code. */
function findClose(text, from, mark) {
  for (let at = from; at < text.length && text[at] !== "\n"; at += 1) {
    const skipped = text[at] === "<" ? readToken(text, at) : text[at] === "`" ? readCode(text, at) : null;
    if (skipped) { at = skipped.end - 1; continue; }
    if (text[at] === mark && at > from && /\S/.test(text[at - 1]) && !isWord(text[at + 1])) return at;
  }
  return null;
}

const isWord = (character) => character !== undefined && /[\p{L}\p{N}]/u.test(character);

/** What stands between < and >. */
export function parseToken(inside) {
  const bar = inside.indexOf("|");
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? undefined : unescape(inside.slice(bar + 1));
  if (/^@[UW]\w+$/.test(target)) return { type: "user", id: target.slice(1), label };
  if (/^#[CGD]\w+$/.test(target)) return { type: "channel", id: target.slice(1), label };
  if (target.startsWith("!")) return parseSpecial(target.slice(1), label);
  if (!/^[a-z][a-z0-9+.-]*:/i.test(target)) return { type: "text", text: `<${unescape(inside)}>` };
  return { type: "link", address: unescape(target), label };
}

function parseSpecial(target, label) {
  const [kind, ...rest] = target.split("^");
  if (kind === "date") return { type: "date", seconds: rest[0], pattern: unescape(rest[1] ?? ""), address: rest[2], fallback: label ?? "" };
  if (kind === "subteam") return { type: "group", id: rest[0], label };
  return { type: "special", name: kind, label };
}
