// The inputs of one modal or Home tab: what stands in them, and how an input block is drawn.

import { h } from "./dom.js";
import { drawField, isField, plainValue } from "./fields.js";
import { textObject } from "./text.js";

let drawn = 0;

/** `kept` is what a person had put in before the view was drawn again; `errors` are sentences by block_id. */
export function createForm(view, { kept = {}, errors = {} } = {}) {
  const fields = new Map();
  const held = view.state?.values ?? {};
  return {
    errors,
    add: (blockId, actionId, field) => fields.set(blockId, { actionId, field }),
    field: (blockId) => fields.get(blockId)?.field,
    value: (blockId, actionId) => kept[blockId]?.[actionId] ?? fromState(held[blockId]?.[actionId]),
    values: () => Object.fromEntries([...fields].map(([blockId, { actionId, field }]) => [blockId, { [actionId]: field.read() }])),
  };
}

function fromState(field) {
  const { type: _, ...rest } = field ?? {};
  return plainValue(Object.values(rest)[0]);
}

/** A context for drawing the blocks of a view: the page's own, and the form that its inputs belong to. */
export const within = (context, form) => Object.create(context, { form: { value: form } });

/** An input block: label, field, hint, and the error beside it. `tell(value)` when the app hears of it at once. */
export function drawInput(block, context, tell) {
  const { form } = context;
  const { element } = block;
  if (!form || !isField(element)) return h("p", { class: "undrawn" }, `${element.type}: not drawn in the sandbox`);
  drawn += 1;
  const id = `field-${drawn}`;
  const error = form.errors[block.block_id];
  const notes = [block.hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || null;
  const isGroup = ["radio_buttons", "checkboxes"].includes(element.type) || element.type.startsWith("multi_");
  const attributes = { "aria-describedby": notes, "aria-invalid": error ? "true" : null, "aria-required": block.optional || isGroup ? null : "true", ...(isGroup ? { "aria-labelledby": `${id}-label` } : { id }) };
  const field = drawField(element, context, {
    value: form.value(block.block_id, element.action_id), isOptional: block.optional, attributes,
    changed: block.dispatch_action ? () => tell(field) : null,
  });
  form.add(block.block_id, element.action_id, field);
  return h("div", { class: error ? "input wrong" : "input", "data-block-id": block.block_id },
    h(isGroup ? "div" : "label", { class: "label", id: `${id}-label`, for: isGroup ? null : id }, textObject(block.label, context), block.optional && h("span", { class: "quiet" }, " (optional)")),
    field.element,
    error && h("p", { class: "trouble", id: `${id}-error`, role: "alert" }, error),
    block.hint && h("p", { class: "quiet", id: `${id}-hint` }, textObject(block.hint, context)));
}
