// A list of messages that follows what happens: grouped by day and author, changed in place.

import { h, icon, ICONS } from "./dom.js";
import { drawMessage } from "./message.js";
import { dayKey, dayName } from "./time.js";

const SAME_BREATH_S = 300;
const NEAR_END_PX = 90;

export class Timeline {
  /** `list` is the <ol>, `scroll` what scrolls around it; `inThread` when it shows a thread. */
  constructor(list, scroll, context, { inThread = false } = {}) {
    Object.assign(this, { list, scroll, context, inThread, messages: new Map(), drawn: new Map(), readUpTo: null, atEnd: true });
    this.newer = h("button", { type: "button", class: "newer", hidden: true, onclick: () => this.toEnd() }, icon(ICONS.down), "New messages");
    scroll.after(this.newer);
    scroll.addEventListener("scroll", () => this.noticeEnd());
    const stay = new ResizeObserver(() => { if (this.atEnd) this.toEnd(); });
    for (const part of [scroll, ...scroll.children]) stay.observe(part);
  }

  /** Show these instead; what is later than `readUpTo` stands below a line saying "New". */
  load(messages, readUpTo = null) {
    this.messages = new Map(messages.map((message) => [message.ts, message]));
    this.drawn.clear();
    this.readUpTo = readUpTo;
    this.list.replaceChildren();
    this.draw();
    this.toEnd();
  }

  put(message) {
    const isNew = !this.messages.has(message.ts);
    this.messages.set(message.ts, message);
    this.draw();
    if (this.atEnd && isNew && this.isTall(message.ts)) this.toTop(message.ts);
    else if (this.atEnd) this.toEnd();
    else if (isNew) this.newer.hidden = false;
  }

  isTall(ts) {
    return this.drawn.get(ts).row.offsetHeight > this.scroll.clientHeight;
  }

  /** What does not fit on the screen is read from its beginning. */
  toTop(ts) {
    this.atEnd = false;
    this.drawn.get(ts).row.scrollIntoView({ block: "start" });
  }

  remove(ts) {
    if (this.messages.delete(ts)) this.draw();
  }

  /** Bring a message into sight and put the keyboard there. */
  show(ts) {
    const found = this.drawn.get(ts)?.row;
    this.atEnd = false;
    found?.scrollIntoView({ block: "center" });
    found?.focus({ preventScroll: true });
    found?.classList.add("found");
  }

  noticeEnd() {
    this.atEnd = this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < NEAR_END_PX;
    if (this.atEnd) this.newer.hidden = true;
  }

  toEnd() {
    this.scroll.scrollTop = this.scroll.scrollHeight;
    this.atEnd = true;
    this.newer.hidden = true;
  }

  /** Bring the list in line; what has not changed keeps its element, with its focus and its errors. */
  draw() {
    const wanted = this.rows();
    const staying = new Set(wanted);
    for (const row of [...this.list.children]) if (!staying.has(row)) row.remove();
    wanted.forEach((row, index) => {
      if (this.list.children[index] !== row) this.list.insertBefore(row, this.list.children[index] ?? null);
    });
    this.focusAgain?.();
    this.focusAgain = null;
  }

  rows() {
    const rows = [];
    let last = null;
    for (const message of [...this.messages.values()].sort((a, b) => Number(a.ts) - Number(b.ts))) {
      const lines = this.linesBetween(last, message);
      rows.push(...lines, this.row(message, lines.length === 0 && sameBreath(last, message)));
      last = message;
    }
    if (this.inThread && rows.length > 1) rows.splice(1, 0, this.line("replies", rows.length === 2 ? "1 reply" : `${rows.length - 1} replies`));
    return rows;
  }

  linesBetween(last, message) {
    const { zone, clock } = this.context;
    const at = Number(message.ts) * 1000;
    const lines = [];
    if (!this.inThread && (!last || dayKey(Number(last.ts) * 1000, zone) !== dayKey(at, zone))) {
      lines.push(this.line("day", dayName(at, clock.now(), zone)));
    }
    const isFirstNew = this.readUpTo && message.ts > this.readUpTo && (!last || last.ts <= this.readUpTo);
    if (isFirstNew) lines.push(this.line("new", "New"));
    return lines;
  }

  /** The same line is the same element, so that drawing again moves nothing. */
  line(kind, text) {
    if (!this.drawn.has(text)) this.drawn.set(text, h("li", { class: `line ${kind}`, "data-testid": `${kind}-line` }, h("span", {}, text)));
    return this.drawn.get(text);
  }

  row(message, compact) {
    const shown = JSON.stringify([compact, message]);
    const before = this.drawn.get(message.ts);
    if (before?.shown === shown) return before.row;
    const row = drawMessage(message, this.context, { compact, inThread: this.inThread });
    if (before?.row.contains(document.activeElement)) this.focusAgain = refocus(row, document.activeElement);
    this.drawn.set(message.ts, { shown, row });
    return row;
  }
}

const sameBreath = (last, message) =>
  last?.user === message.user && message.ts - last.ts < SAME_BREATH_S && !message.ephemeral && !last.ephemeral && !last.reply_count;

/** A pressed button is often gone after the edit: the keyboard stays at its successor or the message. */
function refocus(row, pressed) {
  const { actionId } = pressed.dataset;
  return () => {
    const same = actionId && [...row.querySelectorAll("[data-action-id]")].find((each) => each.dataset.actionId === actionId);
    (same || row.querySelector("[data-action-id]") || row).focus({ preventScroll: true });
  };
}
