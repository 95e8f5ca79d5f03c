// Emoji shortcodes: the few dozen that status messages use. Discs, squares and signs are drawn by the
// style sheet, so that a status keeps its colour on a machine without an emoji font.

import { h } from "./dom.js";

const COLOURS = { red: "#e0243f", orange: "#f2811d", yellow: "#f4c21f", green: "#2ea664", blue: "#2b8fe6", purple: "#9a5bd1", brown: "#8a5a3c", white: "#f4f5f7", black: "#22252b" };
const SIGNS = {
  white_check_mark: ["✔", "#2ea664"], heavy_check_mark: ["✔", "#2ea664"], x: ["✖", "#e0243f"],
  warning: ["!", "#e8a317"], information_source: ["i", "#2b8fe6"], question: ["?", "#e0243f"],
  exclamation: ["!", "#e0243f"], no_entry: ["–", "#e0243f"], black_square_for_stop: ["■", "#5b6270"],
  arrow_forward: ["▶", "#2b8fe6"], double_vertical_bar: ["‖", "#5b6270"], repeat: ["↻", "#2b8fe6"],
  arrows_counterclockwise: ["↻", "#2b8fe6"], arrow_up: ["↑", "#2b8fe6"], arrow_down: ["↓", "#2b8fe6"],
  chart_with_upwards_trend: ["↗", "#e0243f"], chart_with_downwards_trend: ["↘", "#2b8fe6"],
};
const GLYPHS = {
  rotating_light: "🚨", bell: "🔔", no_bell: "🔕", eyes: "👀", fire: "🔥", hourglass: "⌛",
  hourglass_flowing_sand: "⏳", stopwatch: "⏱️", alarm_clock: "⏰", clock1: "🕐", book: "📖", closed_book: "📕",
  notebook: "📓", scroll: "📜", memo: "📝", link: "🔗", key: "🔑", lock: "🔒", unlock: "🔓", package: "📦",
  truck: "🚚", shopping_trolley: "🛒", moneybag: "💰", bar_chart: "📊", calendar: "📅", zzz: "💤", wave: "👋",
  pray: "🙏", tada: "🎉", rocket: "🚀", bulb: "💡", mag: "🔍", wrench: "🔧", hammer_and_wrench: "🛠️", gear: "⚙️",
  robot_face: "🤖", construction: "🚧", boom: "💥", ghost: "👻", snail: "🐌", sos: "🆘", speech_balloon: "💬",
  thread: "🧵", bust_in_silhouette: "👤", busts_in_silhouette: "👥", telephone_receiver: "📞", phone: "☎️",
  "+1": "👍", thumbsup: "👍", "-1": "👎", raised_hands: "🙌", point_right: "👉", heart: "❤️", smile: "😄",
  slightly_smiling_face: "🙂", tired_face: "😫", thinking_face: "🤔", sweat_smile: "😅", sunny: "☀️", coffee: "☕",
};

/** What a shortcode (without its colons) looks like: {glyph} or {colour, sign?, square?}; null when unknown. */
export function findEmoji(name) {
  if (GLYPHS[name]) return { glyph: GLYPHS[name] };
  if (SIGNS[name]) return { sign: SIGNS[name][0], colour: SIGNS[name][1], square: name !== "warning" };
  const [, disc, square] = /^(?:(?:large_)?(\w+?)_circle|(?:large_)?(\w+?)_(?:large_)?square)$/.exec(name) ?? [];
  const colour = COLOURS[disc ?? square];
  return colour ? { colour, square: Boolean(square) } : null;
}

const DRAWN = {
  "🔴": "red_circle", "🟠": "orange_circle", "🟡": "yellow_circle", "🟢": "green_circle", "🔵": "blue_circle",
  "🟣": "purple_circle", "🟤": "brown_circle", "⚪": "white_circle", "⚫": "black_circle", "🟥": "red_square",
  "🟧": "orange_square", "🟨": "yellow_square", "🟩": "green_square", "🟦": "blue_square", "🟪": "purple_square",
  "⬜": "white_square", "⬛": "black_square", "✅": "white_check_mark", "❌": "x", "⚠": "warning",
};
const DRAWN_GLYPH = new RegExp(`(${Object.keys(DRAWN).join("|")})\\uFE0F?`, "u");

/** An emoji as an element; an unknown shortcode stays as it was typed. */
export function emoji(name, glyph) {
  const found = findEmoji(name);
  const label = { role: "img", "aria-label": name.replaceAll("_", " "), title: glyph ?? `:${name}:` };
  if (!found) return `:${name}:`;
  if (found.glyph) return h("span", { class: "emoji", ...label }, found.glyph);
  const drawn = h("span", { class: `drawn ${found.square ? "square" : "disc"}`, ...label }, found.sign ?? "");
  drawn.style.backgroundColor = found.colour;
  return drawn;
}

/** Text whose coloured discs and signs are drawn, as the shortcodes are. */
export const drawGlyphs = (text) =>
  text.split(DRAWN_GLYPH).map((part, index) => (index % 2 ? emoji(DRAWN[part], part) : part));
