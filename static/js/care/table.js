// A table of areas: the first column goes there on the map, the others are figures or words.
import { el } from "../core/dom.js";
import { number } from "../core/format.js";
import { rowName } from "./words.js";

/** `columns`: {words, value(row), text}; `choose(row)` is told which area is looked at. */
export function areaTable(caption, level, rows, columns, choose) {
  return el("table", { class: "list" },
    el("caption", { class: "sr" }, caption),
    el("thead", {}, el("tr", {}, columns.map(({ words, text }, at) =>
      el("th", { scope: "col", class: at && !text ? "n" : "" }, words)))),
    el("tbody", {}, rows.map((row) => el("tr", { "data-code": row.code }, columns.map((column, at) => {
      if (!at) return first(row, level, choose);
      const value = column.value(row);
      const shown = typeof value === "number" || value === null ? number(value) : value;
      return el("td", { class: column.text ? "words" : "n num" }, shown);
    })))));
}

function first(row, level, choose) {
  const under = level === "grid" && row.name && el("span", { class: "mut under clip" }, row.name);
  return el("th", { scope: "row" },
    el("button", { type: "button", class: "row-button num", onclick: () => choose(row) }, rowName(row)), under);
}

/** Large figures above a table. */
export function figures(list) {
  return el("dl", { class: "fig" }, list.map(([value, words]) =>
    el("div", {}, el("dt", {}, words), el("dd", { class: "num" }, value))));
}

/** Mark the row of an area. */
export function mark(body, code) {
  for (const line of body.querySelectorAll("tr[data-code]")) {
    const chosen = line.dataset.code === code;
    line.classList.toggle("sel", chosen);
    if (chosen) line.scrollIntoView({ block: "nearest" });
  }
}
