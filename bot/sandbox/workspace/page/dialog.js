// The confirm dialog of a button.

import { h } from "./dom.js";
import { textObject } from "./text.js";

/** Ask a Block Kit `confirm` object's question; resolves to true when the person agreed. */
export function confirmed(question, context) {
  return new Promise((resolve) => {
    const choice = (value, text, style) => h("button", { type: "button", class: `action ${style}`, "data-testid": value, onclick: () => dialog.close(value) }, textObject(text, context));
    const title = h("h2", { id: "dialog-title" }, textObject(question.title, context));
    const dialog = h("dialog", { class: "confirm", "aria-labelledby": "dialog-title", "data-testid": "confirm-dialog" },
      title, h("div", { class: "mrkdwn" }, textObject(question.text, context)),
      h("div", { class: "choices" }, choice("deny", question.deny, ""), choice("confirm", question.confirm, question.style ?? "primary")));
    dialog.addEventListener("close", () => { dialog.remove(); resolve(dialog.returnValue === "confirm"); });
    document.body.append(dialog);
    dialog.showModal();
  });
}
