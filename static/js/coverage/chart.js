// How the share that is reached has changed: a line of our own, numbers first, then SVG.
import { svg } from "../core/dom.js";
import { day, percent } from "../core/format.js";

const BOX = { width: 560, height: 190, left: 50, right: 548, top: 14, bottom: 152 };
const MOST_TICKS = 6;
const GRID = [0.01, 0.02, 0.05, 0.1, 0.2, 0.25];

/** The part of 0..1 that a chart of these shares shows, in round steps: `{from, to, step}`. */
export function scaleOf(shares) {
  const [low, high] = [Math.min(...shares), Math.max(...shares)];
  const step = GRID.find((one) => (high - low) / one <= 4) || 0.25;
  let from = Math.max(0, Math.floor(low / step - 1e-9) * step);
  let to = Math.min(1, Math.ceil(high / step + 1e-9) * step);
  if (to - from < step * 2) [from, to] = [Math.max(0, from - step), Math.min(1, to + step)];
  return { from, to, step };
}

/** Times on the line: all of them, or evenly chosen ones with the first and the last. */
export function ticksOf(count, most = MOST_TICKS) {
  if (count <= most) return Array.from({ length: count }, (_each, i) => i);
  return [...new Set(Array.from({ length: most }, (_each, i) => Math.round((i * (count - 1)) / (most - 1))))];
}

/** Points `{at, share, stale?}` in time as an SVG; the words of the whole are for the ear. */
export function lineChart(points, { words, dateOf }) {
  const { from, to, step } = scaleOf(points.map(({ share }) => share));
  const times = points.map(({ at }) => Date.parse(at));
  const [first, last] = [times[0], times[times.length - 1]];
  const x = (i) => BOX.left + 8 + (last > first ? (times[i] - first) / (last - first) : 0.5) * (BOX.right - BOX.left - 24);
  const y = (share) => BOX.bottom - ((share - from) / (to - from)) * (BOX.bottom - BOX.top);
  const text = (at, level, content, anchor = "middle") =>
    svg("text", { class: "ax", x: at.toFixed(1), y: level.toFixed(1), "text-anchor": anchor }, content);
  const lines = [];
  for (let share = from; share <= to + 1e-9; share += step) {
    lines.push(svg("path", { class: "axg", d: `M${BOX.left} ${y(share).toFixed(1)}H${BOX.right}` }),
      text(BOX.left - 6, y(share) + 4.5, percent(share, step < 0.02 ? 1 : 0), "end"));
  }
  const path = points.map(({ share }, i) => `${i ? "L" : "M"}${x(i).toFixed(1)} ${y(share).toFixed(1)}`).join("");
  let taken = -Infinity;
  const ticks = ticksOf(points.length).map((i) => {
    if (x(i) - taken < 78) return null;
    taken = x(i);
    const anchor = i === 0 && last > first ? "start" : i === points.length - 1 && last > first ? "end" : "middle";
    return text(i === 0 && last > first ? x(i) - 8 : x(i), BOX.bottom + 20, dateOf(points[i].at), anchor);
  });
  return svg("svg", { viewBox: `0 0 ${BOX.width} ${BOX.height}`, class: "line-chart", role: "img", "aria-label": words },
    lines, svg("path", { class: "line", d: path }),
    points.map((_point, i) => svg("circle", { class: "point", cx: x(i).toFixed(1), cy: y(points[i].share).toFixed(1), r: 4 })),
    ticks);
}

/** The day of a time, for an axis. */
export const axisDay = (at) => day(String(at).slice(0, 10));
