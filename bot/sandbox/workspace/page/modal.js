// The modal that the app has open for a person: one dialog, whose view changes as the app says.
// https://docs.slack.dev/surfaces/modals

import { drawBlocks } from "./blocks.js";
import { h, icon, ICONS } from "./dom.js";
import { createForm, within } from "./form.js";
import { textObject } from "./text.js";

/**
 * `submit(viewId, values)` resolves to errors by block_id ("" for the modal itself), `close(viewId, all)` when done.
 * Returns {show(view)}: null closes it.
 */
export function createModal(context, { submit, close }) {
  let dialog = null;
  let view = null;
  let form = null;
  let opener = null;

  function show(next) {
    if (!next) return finish();
    const isSame = view?.id === next.id;
    draw(next, { kept: isSame ? form.values() : {}, errors: next.errors ?? {} }, isSame);
  }

  function finish() {
    if (!dialog) return;
    dialog.close();
    dialog.remove();
    dialog = view = form = null;
    if (opener?.isConnected) opener.focus({ preventScroll: true });
  }

  function draw(next, filled, isSame) {
    const before = isSame && { scroll: dialog.querySelector(".modal-body").scrollTop, at: place(document.activeElement) };
    view = next;
    form = createForm(view, filled);
    const parts = frame(filled.errors[""]);
    if (!dialog) open();
    dialog.replaceChildren(...parts);
    if (before) dialog.querySelector(".modal-body").scrollTop = before.scroll;
    focus(Object.keys(filled.errors).find((name) => form.field(name)), before?.at);
  }

  function open() {
    opener = document.activeElement;
    dialog = h("dialog", { class: "modal", "aria-labelledby": "modal-title", "data-testid": "modal", oncancel: (event) => { if (event.target === dialog) { event.preventDefault(); close(view.id, false); } } });
    document.body.append(dialog);
    dialog.showModal();
  }

  function frame(trouble) {
    const own = within(context, form);
    const where = { view_id: view.id, get values() { return form.values(); } };
    const label = (text, fallback) => (text ? textObject(text, context) : fallback);
    return [h("form", { novalidate: true, onsubmit: (event) => { event.preventDefault(); send(event.target); } },
      h("header", {}, h("img", { src: "/page/icon.svg", alt: "", width: "28", height: "28" }), h("h2", { id: "modal-title", tabindex: "-1" }, label(view.title, "")),
        h("button", { type: "button", class: "bare", "data-testid": "modal-exit", "aria-label": "Close all", title: "Close", onclick: () => close(view.id, true) }, icon(ICONS.close))),
      h("div", { class: "modal-body", tabindex: "-1" }, drawBlocks(view.blocks, own, where)),
      h("footer", {}, h("p", { class: "trouble", role: "alert" }, trouble ?? ""),
        h("button", { type: "button", class: "action", "data-testid": "modal-close", onclick: () => close(view.id, false) }, label(view.close, view.submit ? "Cancel" : "Close")),
        view.submit && h("button", { type: "submit", class: "action primary", "data-testid": "modal-submit" }, label(view.submit))))];
  }

  async function send(element) {
    const button = element.querySelector("[type=submit]");
    if (!button || button.getAttribute("aria-busy")) return;
    const { id } = view;
    button.setAttribute("aria-busy", "true");
    const errors = await submit(id, form.values());
    button.removeAttribute("aria-busy");
    if (view?.id === id && Object.keys(errors).length) draw(view, { kept: form.values(), errors }, true);
  }

  /** The keyboard goes to the first error, else back where it was, else to the first field; touch screens keep theirs down. */
  function focus(wrong, at) {
    const again = at && [...dialog.querySelectorAll(at.query)].find((each) => place(each)?.key === at.key);
    const first = matchMedia("(hover: hover)").matches && dialog.querySelector(".modal-body :is(input, textarea, select, button)");
    (form.field(wrong)?.control ?? again ?? (first || dialog.querySelector("#modal-title"))).focus();
  }
  return { show };
}

/** How to find the same control after the modal is drawn again. */
function place(element) {
  const { testid, actionId } = element?.dataset ?? {};
  if (testid) return { query: "[data-testid]", key: `testid ${testid}` };
  return actionId ? { query: "[data-action-id]", key: `action ${actionId}` } : null;
}
