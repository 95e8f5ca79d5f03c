// The box in which a person writes: grows with the text, completes, sends on Enter.

import { complete } from "./completion.js";
import { h, icon, ICONS } from "./dom.js";

const LETTER_WIDTH = 8.5; // pixels; most letters are narrower

/**
 * A composer. `name` gives its test hooks, `send(text)` resolves to a sentence of trouble or null,
 * `choices()` to what can be completed. Returns {element, focus, write, label}.
 */
export function createComposer({ name, send, choices }) {
  const list = h("ul", { class: "choices-list", role: "listbox", id: `${name}-choices`, "aria-label": "Suggestions", "data-testid": `${name}-choices`, hidden: true });
  const input = h("textarea", {
    rows: "1", "data-testid": `${name}-input`, autocomplete: "off", spellcheck: "false", enterkeyhint: "send", role: "combobox",
    "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false",
    oninput: () => { fit(); suggest(); }, onclick: () => suggest(), onkeydown: (event) => onKey(event), onblur: () => hide(),
  });
  const button = h("button", { type: "button", class: "send", "data-testid": `${name}-send`, "aria-label": "Send", onclick: () => submit() }, icon(ICONS.send));
  const trouble = h("p", { class: "trouble", role: "alert", "data-testid": `${name}-trouble` });
  let found = null;
  let chosen = -1;
  let words = { full: "", brief: "" };
  new ResizeObserver(invite).observe(input);

  function fit() {
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight, 160)}px`;
    button.classList.toggle("ready", input.value.trim() !== "");
  }

  function suggest() {
    found = input.selectionEnd === input.selectionStart ? complete(input.value.slice(0, input.selectionEnd), choices()) : null;
    list.hidden = !found;
    input.setAttribute("aria-expanded", String(Boolean(found)));
    list.replaceChildren(...(found?.items ?? []).map((item, index) => h("li", {
      role: "option", id: `${name}-choice-${index}`, onpointerdown: (event) => { event.preventDefault(); take(index); },
    }, h("span", { class: "word" }, h("strong", {}, item.title), item.rest && ` ${item.rest}`), h("span", { class: "quiet" }, item.note ?? ""))));
    mark(found?.first ? 0 : -1);
  }

  function mark(index) {
    chosen = index;
    [...list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === index)));
    list.children[index]?.scrollIntoView({ block: "nearest" });
    if (index < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", `${name}-choice-${index}`);
  }

  function hide() {
    found = null;
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function take(index) {
    const end = input.selectionEnd;
    input.setRangeText(`${found.items[index].insert} `, found.from, input.value[end] === " " ? end + 1 : end, "end");
    input.focus();
    fit();
    suggest();
  }

  const keys = {
    ArrowDown: () => mark((chosen + 1) % found.items.length),
    ArrowUp: () => mark((chosen <= 0 ? found.items.length : chosen) - 1),
    Tab: () => take(Math.max(chosen, 0)),
    Escape: hide,
  };

  function onKey(event) {
    if (event.isComposing || event.shiftKey) return;
    if (event.key === "Enter") {
      event.preventDefault();
      if (found && chosen >= 0) take(chosen);
      else submit();
    } else if (found && keys[event.key]) {
      event.preventDefault();
      event.stopPropagation();
      keys[event.key]();
    }
  }

  async function submit() {
    const text = input.value.trim();
    if (!text) return;
    trouble.textContent = "";
    input.value = "";
    fit();
    hide();
    button.setAttribute("aria-busy", "true");
    trouble.textContent = (await send(text)) ?? "";
    button.removeAttribute("aria-busy");
    if (trouble.textContent && !input.value) write(text);
  }

  function write(text) {
    input.value = text;
    fit();
    input.focus();
  }

  /** What the box asks for; `brief` is for a box that is too narrow to show all of it. */
  function label(full, brief = full) {
    words = { full, brief };
    input.setAttribute("aria-label", full);
    trouble.textContent = "";
    invite();
  }

  function invite() {
    const fits = words.full.length * LETTER_WIDTH < input.clientWidth;
    input.placeholder = fits ? words.full : words.brief;
  }

  return { element: h("div", { class: "composer" }, list, h("div", { class: "box" }, input, button), trouble), focus: () => input.focus(), write, label };
}
