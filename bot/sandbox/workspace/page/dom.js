// Builds elements. Foreign text reaches the page through here only, as text, never as markup.

/** An element: `attributes` may hold on<event> functions, booleans, `class`, `dataset` and plain values. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) set(element, name, value);
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function set(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (name === "dataset") Object.assign(element.dataset, value);
  else element.setAttribute(name, value === true ? "" : value);
}

const SVG = "http://www.w3.org/2000/svg";

/** An element of a drawing. */
export function shape(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** A line drawing on a 24 x 24 grid, in the colour of the text around it. */
export const icon = (path) => shape("svg", { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" }, shape("path", { d: path }));

export const ICONS = {
  menu: "M4 7h16M4 12h16M4 17h16",
  close: "M6 6l12 12M18 6L6 18",
  reply: "M5 5h14a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-7l-5 4v-4H5a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1z",
  send: "M5 12l-1-8 17 8-17 8 1-8zm0 0h8",
  eye: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zm7 0a3 3 0 1 0 6 0 3 3 0 0 0-6 0z",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  down: "M12 5v14M6 13l6 6 6-6",
};

/** The address when a browser may follow it (http, https, mailto), else null. */
export function safeUrl(address) {
  try {
    const url = new URL(address);
    return ["http:", "https:", "mailto:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** The address of a picture when it is on this machine: the sandbox fetches nothing from elsewhere. */
export function localUrl(address) {
  const url = new URL(address, location.href);
  const here = ["127.0.0.1", "localhost", location.hostname].includes(url.hostname);
  return here && url.protocol === "http:" ? url.href : null;
}

/** A link that opens beside the page, or the bare text when the address is not safe to follow. */
export function link(address, ...children) {
  const href = safeUrl(address);
  if (!href) return h("span", {}, ...children);
  return h("a", { href, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

const UNLOADED = { thumb: () => "", beside: (description) => description };

/** A picture from this machine; from anywhere else, its description and address. */
export function picture(address, description, className) {
  const src = address && localUrl(address);
  if (src) return h("img", { src, alt: description, class: className, loading: "lazy" });
  const words = UNLOADED[className] ?? (() => `Picture, not loaded in the sandbox: ${description}`);
  return h("span", { class: `${className} unloaded`, role: "img", "aria-label": description, title: address }, words(description));
}
