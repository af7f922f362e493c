// The readings of the last day as a line, broken where the sensor was silent, with its thresholds.
import { svg } from "../core/dom.js";

const BOX = { width: 560, height: 190, left: 48, right: 520, top: 12, bottom: 156 };
const DAY = 24 * 3600000;
const TICKS = 4; // Each six hours.

/** Runs of points that follow each other within `gap` milliseconds. */
export function runs(points, gap) {
  const found = [];
  points.forEach((point, i) => {
    const before = points[i - 1];
    if (!before || Date.parse(point.at) - Date.parse(before.at) > gap) found.push([]);
    found.at(-1).push(point);
  });
  return found;
}

/** Round values of an axis from below the lowest to above the highest: `{from, to, step}`. */
export function axis(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const rough = Math.max((high - low) / 4, Math.abs(high) / 100, 1e-6);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough - 1e-12);
  const from = Math.floor(low / step + 1e-9) * step;
  return { from, to: Math.max(Math.ceil(high / step - 1e-9) * step, from + step), step };
}

/** `points` `{at, value}` in time; `lines` `{value, level, words}`; `words` are for the ear. */
export function dayChart(points, { now, words, gap, lines, hour }) {
  const { from, to, step } = axis([...points.map(({ value }) => value), ...lines.map(({ value }) => value)]);
  const end = now.getTime();
  const x = (time) => BOX.left + (1 - (end - time) / DAY) * (BOX.right - BOX.left);
  const y = (value) => BOX.bottom - ((value - from) / (to - from)) * (BOX.bottom - BOX.top);
  const text = (at, level, content, anchor) => svg("text", { class: "ax", x: at.toFixed(1), y: level.toFixed(1), "text-anchor": anchor }, content);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const steps = Array.from({ length: Math.round((to - from) / step) + 1 }, (_each, i) => from + i * step);
  return svg("svg", { viewBox: `0 0 ${BOX.width} ${BOX.height}`, class: "line-chart", role: "img", "aria-label": words },
    steps.map((value) => [svg("path", { class: "axg", d: `M${BOX.left} ${y(value).toFixed(1)}H${BOX.right}` }), text(BOX.left - 6, y(value) + 4.5, value.toFixed(digits), "end")]),
    Array.from({ length: TICKS + 1 }, (_each, i) => end - DAY + (i * DAY) / TICKS)
      .map((time, i) => text(x(time), BOX.bottom + 20, hour(new Date(time)), i === 0 ? "start" : "middle")),
    lines.map(({ value, level, words: sign }) => [
      svg("path", { class: `limit l-${level}`, d: `M${BOX.left} ${y(value).toFixed(1)}H${BOX.right}` }),
      text(BOX.right + 6, y(value) + 4.5, sign, "start")]),
    runs(points, gap).map((run) => (run.length > 1
      ? svg("path", { class: "line", d: run.map(({ at, value }, i) => `${i ? "L" : "M"}${x(Date.parse(at)).toFixed(1)} ${y(value).toFixed(1)}`).join("") })
      : svg("circle", { class: "point", cx: x(Date.parse(run[0].at)).toFixed(1), cy: y(run[0].value).toFixed(1), r: 3 }))));
}
