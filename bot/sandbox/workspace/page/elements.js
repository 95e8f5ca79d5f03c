// What can be pressed or chosen in a message or a view: buttons, overflow menus, fields, and their questions first.

import { confirmed } from "./dialog.js";
import { h, icon, ICONS, safeUrl } from "./dom.js";
import { drawField, initialValue, isField } from "./fields.js";
import { textObject } from "./text.js";

/** An interactive element; `place` tells which message or view it is in, `block` which block. Kinds the page cannot draw say so. */
export function interactive(element, context, place, block) {
  const draw = { button, overflow }[element.type] ?? (isField(element) && choice);
  return draw ? draw(element, context, place, block) : h("span", { class: "undrawn" }, `${element.type}: not drawn in the sandbox`);
}

function button(element, context, place) {
  const press = () => perform({ element, value: element.value, control, context, place });
  const control = h("button", {
    type: "button", class: `action ${element.style ?? ""}`, "data-action-id": element.action_id,
    "aria-label": element.accessibility_label, onclick: press,
  }, textObject(element.text, context));
  return control;
}

function overflow(element, context, place) {
  const control = h("button", {
    type: "button", class: "action more", "data-action-id": element.action_id, "aria-label": "More actions",
    "aria-haspopup": "menu", "aria-expanded": "false", onclick: () => toggle(),
  }, icon(ICONS.more));
  const menu = h("div", { class: "menu", role: "menu", hidden: true, onkeydown: (event) => moveInMenu(event, menu, close) },
    element.options.map((option) => h("button", { type: "button", role: "menuitem", "data-value": option.value, onclick: () => choose(option) }, textObject(option.text, context))));
  const outside = (event) => { if (!menu.parentElement.contains(event.target)) close(); };

  function toggle() {
    if (!menu.hidden) return close();
    menu.hidden = false;
    control.setAttribute("aria-expanded", "true");
    document.addEventListener("pointerdown", outside);
    keepInSight(menu);
    menu.firstElementChild.focus();
  }

  function close() {
    menu.hidden = true;
    control.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside);
  }

  function choose(option) {
    close();
    control.focus();
    perform({ element: { ...element, url: option.url }, value: option.value, control, context, place });
  }
  return h("span", { class: "overflow" }, control, menu);
}

/** A menu near the right edge opens to the left. */
function keepInSight(menu) {
  menu.style.removeProperty("left");
  if (menu.getBoundingClientRect().right > document.documentElement.clientWidth - 8) menu.style.left = `${menu.parentElement.offsetWidth - menu.offsetWidth}px`;
  menu.scrollIntoView({ block: "nearest" });
}

function moveInMenu(event, menu, close) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === "Escape") {
    event.preventDefault(); // else the dialog around it would close too
    event.stopPropagation();
    close();
    menu.previousElementSibling.focus();
  } else if (step) {
    event.preventDefault();
    const items = [...menu.children];
    items.at((items.indexOf(document.activeElement) + step) % items.length).focus();
  }
}

/** A field that tells the app at once what was chosen. */
function choice(element, context, place, block) {
  const value = context.form ? context.form.value(block.block_id, element.action_id) : initialValue(element);
  const field = drawField(element, context, { value, className: "action", changed: () => tell(field, element, context, place) });
  return field.element;
}

/** Tell the app what stands in the field. */
export const tell = (field, element, context, place) => perform({ element, value: field.read(), control: field.element, context, place });

/** Ask first where the app wants it, then act; busy meanwhile, and the error where the press was. */
async function perform({ element, value, control, context, place }) {
  if (control.getAttribute("aria-busy")) return;
  if (element.confirm && !(await confirmed(element.confirm, context))) return;
  const address = element.url && safeUrl(element.url);
  if (address) window.open(address, "_blank", "noopener");
  const row = control.closest(".pressable, .input");
  row?.querySelector(":scope > .trouble")?.remove();
  control.setAttribute("aria-busy", "true");
  const trouble = await context.press({ ...place, action_id: element.action_id, value });
  control.removeAttribute("aria-busy");
  if (trouble) row?.append(h("p", { class: "trouble", role: "alert" }, trouble));
}
