// The side panel that shows one thread; on a phone it fills the screen.

import { createComposer } from "./composer.js";
import { h, icon, ICONS } from "./dom.js";
import { Timeline } from "./timeline.js";

/** Prepares the panel. Returns {open, close, put, remove, ts, focus}; `send(text)` replies in the open thread. */
export function createThread(panel, context, { send, choices, onClose }) {
  const where = h("span", { class: "quiet" });
  const list = h("ol", { class: "messages", "aria-label": "Thread" });
  const scroll = h("div", { class: "scroll", tabindex: "-1" }, list);
  const composer = createComposer({ name: "thread", send, choices });
  panel.append(
    h("header", {}, h("div", {}, h("h2", {}, "Thread"), where),
      h("button", { type: "button", class: "bare", "data-testid": "thread-close", "aria-label": "Close the thread", onclick: () => onClose() }, icon(ICONS.close))),
    scroll, composer.element);
  const timeline = new Timeline(list, scroll, context, { inThread: true });
  const thread = { ts: null, timeline, focus: composer.focus };

  thread.open = (ts, messages, channelName) => {
    thread.ts = ts;
    panel.hidden = false;
    document.body.classList.add("in-thread");
    where.textContent = channelName;
    composer.label("Reply…");
    timeline.load(messages);
  };

  thread.close = () => {
    thread.ts = null;
    panel.hidden = true;
    document.body.classList.remove("in-thread");
  };
  return thread;
}
