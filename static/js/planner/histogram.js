// How many grids have how many households, with the band of the rule: numbers first, then SVG.
import { replace, svg } from "../core/dom.js";
import { number } from "../core/format.js";
import { _ } from "../core/words.js";
import { bandOf, deviationOf } from "./bands.js";
import { classWords } from "./measures.js";

const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
const MOST = 14; // Bars that have room for their figures.

/** Bars of equal width over the counts and the rule: `{step, from, to, bars, mean}`. */
export function bars(counts, minimum, maximum) {
  const low = Math.min(minimum, ...counts);
  const high = Math.max(maximum, ...counts);
  const wide = Math.max(1, (maximum - minimum) / 10);
  const fits = (step) => step >= wide && Math.ceil((high + 1) / step) - Math.floor(low / step) <= MOST;
  const step = STEPS.find(fits) || Math.ceil((high - low + 1) / MOST);
  const from = Math.floor(low / step) * step;
  const to = Math.max(Math.ceil((high + 1) / step) * step, from + step);
  const found = Array.from({ length: Math.round((to - from) / step) }, (_each, i) => ({
    from: from + i * step, to: from + (i + 1) * step, count: 0,
  }));
  for (const count of counts) found[Math.floor((count - from) / step)].count += 1;
  const mean = counts.length ? counts.reduce((sum, count) => sum + count, 0) / counts.length : null;
  return { step, from, to, bars: found, mean };
}

const BOX = { left: 20, right: 540, top: 8, bottom: 112, width: 560, height: 136 };

/** Draw the bars into `box`. */
export function drawHistogram(box, counts, minimum, maximum) {
  const held = bars(counts, minimum, maximum);
  const x = (value) => BOX.left + ((value - held.from) / (held.to - held.from)) * (BOX.right - BOX.left);
  const most = Math.max(1, ...held.bars.map(({ count }) => count));
  const unit = (BOX.bottom - BOX.top - 54) / most;
  const words = (at, y, text, name = "ax", anchor = "middle") =>
    svg("text", { class: name, x: at, y, "text-anchor": anchor }, text);
  const every = Math.ceil(held.bars.length / 13);
  replace(box, svg("svg", {
    viewBox: `0 0 ${BOX.width} ${BOX.height}`, class: "histogram", role: "img",
    "aria-label": _("每格户数：{list}", {
      list: held.bars.filter(({ count }) => count)
        .map(({ from, to, count }) => `${from}–${to - 1}: ${count}`).join(_("、")),
    }),
  },
  svg("rect", { class: "okband", x: x(minimum), y: BOX.top, width: x(maximum) - x(minimum), height: BOX.bottom - BOX.top }),
  words(x(minimum) + 6, 22, _("规定范围 {a}–{b}", { a: number(minimum), b: number(maximum) }), "ax", "start"),
  held.bars.map(({ from, to, count }, i) => {
    const height = count * unit;
    const name = bandOf(deviationOf((from + to - 1) / 2, minimum, maximum))?.name || "";
    const middle = (x(from) + x(to)) / 2;
    return [
      count > 0 && svg("rect", { class: `hb ${name}`, x: x(from) + 3, y: BOX.bottom - height, width: Math.max(1, x(to) - x(from) - 6), height }),
      // The line of the mean would run through the figure: it steps aside.
      count > 0 && words(Math.abs(middle - x(held.mean)) < 9 ? middle - 14 : middle, BOX.bottom - height - 5, number(count)),
      i % every === 0 && words(x(from), 130, number(from)),
    ];
  }),
  svg("path", { class: "axl", d: `M${BOX.left} ${BOX.bottom}H${BOX.right}` }),
  held.mean !== null && [
    svg("path", { class: "mean", d: `M${x(held.mean)} 26V${BOX.bottom}` }),
    meanWords(words, x(held.mean), held.mean),
  ]));
}

/** Bars of grids by class of any other measure; the grids without a figure stand last, hatched. */
export function drawClasses(box, { classes, measure }, grids, say) {
  const values = grids.map(({ properties }) => measure.value(properties));
  const unknown = values.filter((value) => typeof value !== "number").length;
  const rows = classes.map((one) => ({
    name: one.name, words: classWords(one, say),
    count: values.filter((value) => typeof value === "number" && value >= one.from && (value < one.to || one.last)).length,
  }));
  if (unknown) rows.push({ name: "hatch", words: _("还没有数"), count: unknown });
  const most = Math.max(1, ...rows.map(({ count }) => count));
  const wide = Math.min(110, (BOX.right - BOX.left) / Math.max(1, rows.length));
  const unit = (BOX.bottom - BOX.top - 24) / most;
  const words = (x, y, text) => svg("text", { class: "ax", x, y, "text-anchor": "middle" }, text);
  replace(box, svg("svg", {
    viewBox: `0 0 ${BOX.width} ${BOX.height}`, class: "histogram", role: "img",
    "aria-label": rows.map((row) => `${row.words}: ${row.count}`).join(_("、")),
  },
  rows.map(({ name, words: label, count }, i) => {
    const x = BOX.left + i * wide;
    return [
      count > 0 && svg("rect", { class: `hb ${name}`, x: x + 6, y: BOX.bottom - count * unit, width: wide - 12, height: count * unit }),
      count > 0 && words(x + wide / 2, BOX.bottom - count * unit - 5, number(count)),
      words(x + wide / 2, 130, label),
    ];
  }),
  svg("path", { class: "axl", d: `M${BOX.left} ${BOX.bottom}H${BOX.right}` })));
}

function meanWords(words, at, mean) {
  const text = _("平均 {n}", { n: number(mean) });
  const late = at > BOX.right - 90;
  return words(late ? at - 6 : at + 6, 38, text, "ax b", late ? "end" : "start");
}
