// Draws Slack's own charts: lines, areas and bars on one scale, and pies as shares.
// https://docs.slack.dev/reference/block-kit/blocks

import { h, shape } from "./dom.js";

const WIDTH = 400, HEIGHT = 210;
const LEFT = 44, RIGHT = 8, TOP = 10, BOTTOM = 26;
const COLOURS = 6;

/** One data_visualization block. */
export function drawChart(block) {
  const { chart, title } = block;
  const drawn = chart.type === "pie" ? shares(chart.segments) : plot(chart, title);
  return h("figure", { class: "chart" }, h("figcaption", {}, title), drawn);
}

const format = (value) => new Intl.NumberFormat("en-GB", { notation: Math.abs(value) >= 1e5 ? "compact" : "standard", maximumFractionDigits: 1 }).format(value);

function shares(segments) {
  const all = segments.reduce((sum, each) => sum + each.value, 0) || 1;
  return h("ul", { class: "shares" }, segments.map((each) => h("li", {}, h("span", {}, each.label), h("meter", { max: all, value: each.value }), format(each.value))));
}

function plot(chart, title) {
  const names = chart.axis_config.categories;
  const lines = chart.series.map((each) => names.map((name) => each.data.find((point) => point.label === name)?.value ?? 0));
  const top = niceTop(Math.max(0, ...lines.flat()));
  const low = Math.min(0, ...lines.flat());
  const x = (place) => LEFT + (WIDTH - LEFT - RIGHT) * (names.length > 1 ? place / (names.length - 1) : 0.5);
  const y = (value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - low) / (top - low));
  const svg = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": inWords(chart, lines, title) },
    scale(low, top, y), ...marks(names, x),
    ...lines.flatMap((values, series) => draw(chart.type, values, series, lines.length, x, y)));
  return [svg, legend(chart), h("p", { class: "quiet" }, [chart.axis_config.x_label, chart.axis_config.y_label].filter(Boolean).join(" · "))];
}

/** The next of 1, 2, 4 or 5 times a power of ten. */
function niceTop(value) {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 5, 10].find((step) => step * power >= value) * power;
}

const scale = (low, top, y) => shape("g", {}, ...[low, (low + top) / 2, top].flatMap((value) => [
  shape("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y(value), y2: y(value) }),
  shape("text", { x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, format(value)),
]));

/** The first, the middle and the last category, so that their names do not run into each other. */
function marks(names, x) {
  const last = names.length - 1;
  const anchors = new Map([[last >> 1, "middle"], [0, "start"], [last, last ? "end" : "middle"]]);
  return [...anchors].map(([place, anchor]) => shape("text", { x: x(place), y: HEIGHT - 8, "text-anchor": anchor }, names[place]));
}

function draw(type, values, series, many, x, y) {
  const colour = `c${series % COLOURS}`;
  if (type === "bar") {
    const width = Math.max(1, (x(1) - x(0)) * 0.8 / many) || 20;
    return values.map((value, place) => shape("rect", { class: `bar ${colour}`, x: x(place) + (series - many / 2) * width, width, y: Math.min(y(value), y(0)), height: Math.abs(y(value) - y(0)) }));
  }
  const points = values.map((value, place) => `${x(place).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
  const line = shape("polyline", { class: `line-of ${colour}`, points });
  if (type !== "area") return [line];
  return [shape("polygon", { class: `area ${colour}`, points: `${x(0)},${y(0)} ${points} ${x(values.length - 1)},${y(0)}` }), line];
}

const legend = (chart) => h("ul", { class: "legend" }, chart.series.map((each, series) => h("li", { class: `c${series % COLOURS}` }, each.name)));

/** For those who do not see it: each line with its lowest and highest value. */
const inWords = (chart, lines, title) => `${title}. ${chart.series.map((each, series) => `${each.name}: ${format(Math.min(...lines[series]))} to ${format(Math.max(...lines[series]))}`).join("; ")}`;
