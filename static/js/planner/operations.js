// What was done, in words: kind, grids, and the figures before and after.
import { number } from "../core/format.js";
import * as terms from "../core/terms.js";
import { _ } from "../core/words.js";

/** The grid that was there before, and into how many it fell. */
function splitWords(operation, labels) {
  const source = changesOf(operation).find(({ before }) => before !== null);
  const grid = source?.label || labels[0] || "";
  return labels.length > 1 ? _("拆开 {grid} 成 {n} 格", { grid, n: labels.length }) : _("拆开 {grid}", { grid });
}

const useOf = ({ figures }, end) => (figures.special_use[end] ? terms.specialUse(figures.special_use[end]) : "–");

/** One line for an operation of the list. */
export function operationWords(operation) {
  const { kind, grids = [] } = operation;
  const labels = grids.map(String);
  const [first = ""] = labels;
  const words = {
    move_edge: () => _("移边 {grids}", { grids: labels.join("│") }),
    split: () => splitWords(operation, labels),
    merge_communities: () => _("由 {list} 合并成 {code}", { list: terms.listed(operation.figures.names || operation.figures.communities), code: operation.figures.code }),
    merge: () => _("合并 {grids}", { grids: terms.listed(labels) }),
    hand_over: () => _("划转街块 {grids}", { grids: labels.join("│") }),
    name_community: () => _("社区改名 {from} → {to}", { from: operation.figures.before, to: operation.figures.name }),
    rename: () => (operation.figures?.special_use
      ? _("改类别 {grid}：{from} → {to}", { grid: first, from: useOf(operation, 0), to: useOf(operation, 1) })
      : _("改名 {grid}", { grid: first })),
    move_vertex: () => _("移点 {grids}", { grids: labels.join("│") }),
    redraw: () => _("重画 {n} 格", { n: labels.length }),
    set_kind: () => _("改类别 {grid}", { grid: first }),
    draw_special: () => _("画专属网格 {grid}", { grid: first }),
    move_special: () => _("重画专属网格 {grid}", { grid: first }),
    erase_special: () => _("删掉专属网格 {grid}", { grid: first }),
    appoint: () => _("换网格员 {grid}", { grid: first }),
  };
  return words[kind] ? words[kind]() : kind;
}

/** Households before and after by grid: `[{label, before, after}]`, in the order of the labels. */
export function changesOf({ figures = {}, keys = [], grids = [] }) {
  const label = new Map(keys.map((key, i) => [String(key), grids[i] ?? String(key)]));
  return Object.entries(figures.households || {})
    .map(([key, [before, after]]) => ({ label: label.get(key) ?? key, before: before ?? null, after: after ?? null }))
    .sort((one, other) => one.label.localeCompare(other.label, "en", { numeric: true }));
}

/** "003 428→382、004 505→551 户"; empty when nothing moved. */
export function figureWords(operation) {
  // Nobody moves: they stay in the grid under it, or in the same grid under another code.
  if (operation.kind?.endsWith("_special") || operation.figures?.special_use || operation.kind === "merge_communities") return "";
  const parts = changesOf(operation)
    .filter(({ before, after }) => before !== after)
    .map(({ label, before, after }) => `${label} ${number(before)}→${number(after)}`);
  return parts.length ? _("{list} 户", { list: terms.listed(parts) }) : "";
}
