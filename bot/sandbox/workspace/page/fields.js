// The fields of Block Kit that hold a value: text, choices, people, places, dates. Each is {element, control, read, isGroup}.
// https://docs.slack.dev/reference/block-kit/block-elements

import { h } from "./dom.js";
import { textObject } from "./text.js";
import { fromWallTime, wallTime } from "./time.js";

let drawn = 0;

const KINDS = {
  plain_text_input: (element, context, how) => (element.multiline ? entry("textarea", { rows: 4 }) : entry("input", { type: "text" }))(element, context, how),
  email_text_input: entry("input", { type: "email" }),
  url_text_input: entry("input", { type: "url" }),
  number_input: entry("input", { type: "text", inputmode: "decimal" }),
  datepicker: picker("date"),
  timepicker: picker("time"),
  datetimepicker: moment,
  static_select: (element, context, how) => menu(element, context, how, groupsOf(element, context)),
  users_select: (element, context, how) => menu(element, context, how, [{ options: people(context) }]),
  channels_select: (element, context, how) => menu(element, context, how, [{ options: channels(context) }]),
  conversations_select: (element, context, how) => menu(element, context, how, [{ options: channels(context) }]),
  radio_buttons: (element, context, how) => choices("radio", element, context, how, element.options),
  checkboxes: (element, context, how) => choices("checkbox", element, context, how, element.options),
  multi_static_select: (element, context, how) => choices("checkbox", element, context, how, [element.options ?? [], ...(element.option_groups ?? []).map((group) => group.options)].flat()),
  multi_users_select: (element, context, how) => choices("checkbox", element, context, how, people(context).map(asOption)),
  multi_channels_select: (element, context, how) => choices("checkbox", element, context, how, channels(context).map(asOption)),
};

/** Whether the page can draw this element as a field. */
export const isField = (element) => element.type in KINDS;

/**
 * Draw a field. `how` holds `value` (as `read` gives it), `changed()` for a choice that the app hears
 * of at once, `isOptional`, and `attributes` of the control, such as its id or label.
 */
export const drawField = (element, context, how) => KINDS[element.type](element, context, how);

/** What a field of `state.values`, or an element's initial value, comes to: a text, a number, a list or null. */
export function plainValue(held) {
  if (Array.isArray(held)) return held.map(plainValue);
  return held?.value ?? (typeof held === "object" ? null : held ?? null);
}

/** What the app put into an element beforehand. */
export const initialValue = (element) => plainValue(Object.entries(element).find(([name]) => name.startsWith("initial_"))?.[1]);

const words = (text, context) => textObject(text, context).map((part) => part.textContent ?? part).join("");
const people = (context) => context.people().map((user) => ({ value: user.id, label: user.real_name || user.name }));
const channels = (context) => context.channels().map((channel) => ({ value: channel.id, label: `#${channel.name}` }));
const asOption = ({ value, label }) => ({ value, text: { type: "plain_text", text: label, emoji: false } });

function groupsOf(element, context) {
  const options = (list) => (list ?? []).map((each) => ({ value: each.value, label: words(each.text, context) }));
  const groups = (element.option_groups ?? []).map((group) => ({ label: words(group.label, context), options: options(group.options) }));
  return [{ options: options(element.options) }, ...groups];
}

/** A box to type into. The app hears of Enter, or of every letter where it asked so. */
function entry(tag, kind) {
  return (element, context, { value, changed, attributes }) => {
    const letters = element.dispatch_action_config?.trigger_actions_on?.includes("on_character_entered");
    const control = h(tag, {
      class: "entry", ...kind, placeholder: words(element.placeholder, context) || null, "data-action-id": element.action_id, autocomplete: "off",
      maxlength: element.max_length, oninput: changed && letters && (() => changed()),
      onkeydown: (event) => { if (changed && event.key === "Enter" && !element.multiline) { event.preventDefault(); changed(); } }, ...attributes,
    });
    control.value = value ?? "";
    return { element: control, control, read: () => control.value };
  };
}

function picker(type) {
  return (element, context, { value, changed, attributes }) => {
    const control = h("input", { class: "entry", type, "data-action-id": element.action_id, onchange: changed && (() => changed()), ...attributes });
    control.value = value ?? "";
    return { element: control, control, read: () => control.value };
  };
}

/** Date and time together: Unix seconds, in the reader's own zone. */
function moment(element, context, { value, changed, attributes }) {
  const control = h("input", { class: "entry", type: "datetime-local", "data-action-id": element.action_id, onchange: changed && (() => changed()), ...attributes });
  control.value = value ? wallTime(value * 1000, context.zone) : "";
  return { element: control, control, read: () => (control.value ? fromWallTime(control.value, context.zone) / 1000 : "") };
}

function menu(element, context, { value, changed, isOptional, attributes, className = "entry" }, groups) {
  const option = (each) => h("option", { value: each.value, selected: each.value === value }, each.label);
  const placeholder = words(element.placeholder, context) || "Choose…";
  const control = h("select", { class: className, "data-action-id": element.action_id, "aria-label": attributes?.id ? null : placeholder, onchange: changed && (() => changed()), ...attributes },
    h("option", { value: "", disabled: !isOptional, selected: !value }, placeholder),
    groups.map((group) => (group.label ? h("optgroup", { label: group.label }, group.options.map(option)) : group.options.map(option))));
  return { element: control, control, read: () => control.value };
}

/** One or several of a list, all of them in sight: easier for a finger than a list that must be held open. */
function choices(type, element, context, { value, changed, attributes }, options) {
  drawn += 1;
  const chosen = [value ?? []].flat();
  const boxes = options.map((option) => h("input", { type, name: `choice-${drawn}`, value: option.value, checked: chosen.includes(option.value), onchange: changed && (() => changed()) }));
  const row = (option, index) => h("label", { class: "choice" }, boxes[index],
    h("span", {}, textObject(option.text, context), option.description && h("span", { class: "quiet about" }, textObject(option.description, context))));
  const group = h("div", { class: options.length > 8 ? "list tall" : "list", role: type === "radio" ? "radiogroup" : "group", "data-action-id": element.action_id, ...attributes }, options.map(row));
  const read = () => {
    const marked = boxes.filter((box) => box.checked).map((box) => box.value);
    return type === "radio" ? marked[0] ?? "" : marked;
  };
  return { element: group, control: boxes[0], read, isGroup: true };
}
