// The app's Home tab, and the tabs above it and above the messages with the app.
// https://docs.slack.dev/surfaces/app-home

import { drawBlocks } from "./blocks.js";
import { h } from "./dom.js";
import { createForm, within } from "./form.js";

const TABS = { home: "Home", messages: "Messages" };

/** The tabs; `unread` marks the messages. */
export function drawTabs(current, unread, choose) {
  const move = (event) => {
    if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    const next = current === "home" ? "messages" : "home";
    choose(next).then(() => document.querySelector(`[data-testid=tab-${next}]`)?.focus());
  };
  return h("div", { role: "tablist", class: "tabs", "aria-label": "The app", onkeydown: move }, Object.entries(TABS).map(([name, title]) => h("button", {
    type: "button", role: "tab", id: `tab-${name}`, class: "tab", "data-testid": `tab-${name}`, "aria-selected": String(name === current), tabindex: name === current ? "0" : "-1",
    "aria-controls": name === "home" ? "home" : "scroll", onclick: () => choose(name),
  }, title, name === "messages" && unread > 0 && h("span", { class: "count", "aria-label": `${unread} unread` }, String(unread)))));
}

/** Draws Home when it has changed; what a person has put in, and where the keyboard is, stay. */
export function createHome(panel, context) {
  let shown = null;
  let form = null;

  return function show(view, appName) {
    if (shown && view?.hash === shown.hash && view?.id === shown.id) return;
    const kept = shown?.id === view?.id && form ? form.values() : {};
    const focused = panel.contains(document.activeElement) && document.activeElement.dataset.actionId;
    shown = view;
    form = view && createForm(view, { kept });
    const where = view && { view_id: view.id, get values() { return form.values(); } };
    panel.replaceChildren(h("div", { class: "home-body", "data-testid": "home-tab" },
      view ? drawBlocks(view.blocks, within(context, form), where) : h("p", { class: "quiet" }, `${appName} has put nothing here for you yet.`)));
    if (focused) [...panel.querySelectorAll("[data-action-id]")].find((each) => each.dataset.actionId === focused)?.focus({ preventScroll: true });
  };
}
