// What was done, in words: kind, grids, and the figures before and after.
import { number } from "../core/format.js";
import * as terms from "../core/terms.js";
import { _, n_ } from "../core/words.js";

const count = (list) => (Array.isArray(list) ? list.length : 0);

/** One line for an operation of the list. */
export function operationWords(operation) {
  const { kind, grids = [], figures = {} } = operation;
  const labels = grids.map(String);
  const [first = "", ...rest] = labels;
  const blocks = figures.blocks ?? count(operation.blocks);
  const words = {
    move_edge: () => _("移边 {grids}", { grids: labels.join("│") }),
    split: () => (rest.length ? _("拆开 {grid} 成 {parts}", { grid: first, parts: terms.listed(labels) }) : _("拆开 {grid}", { grid: first })),
    merge: () => _("合并 {grids}", { grids: terms.listed(labels) }),
    hand_over: () => (blocks
      ? n_("划 {n} 个街块：{grids}", blocks, { grids: labels.join(_(" 到 ")) })
      : _("划转街块：{grids}", { grids: labels.join(_(" 到 ")) })),
    rename: () => _("改名 {grid}", { grid: first }),
  };
  return words[kind] ? words[kind]() : kind;
}

/** Counts before and after by grid: `[{label, before, after}]`. */
export function changesOf(figures = {}) {
  const before = figures.before || {};
  const after = figures.after || {};
  const labels = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const of = (side, label) => {
    const value = side[label];
    return value !== null && typeof value === "object" ? value.households : value;
  };
  return labels.map((label) => ({ label, before: of(before, label) ?? null, after: of(after, label) ?? null }));
}

/** "003 428→382 户、004 505→551 户"; empty when the server gave no figures. */
export function figureWords(figures) {
  const parts = changesOf(figures)
    .filter(({ before, after }) => before !== after)
    .map(({ label, before, after }) => `${label} ${number(before)}→${number(after)}`);
  return parts.length ? _("{list} 户", { list: terms.listed(parts) }) : "";
}
