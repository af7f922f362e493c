// The queue of open incidents: the numbers of the map, the most urgent first, the time that is left.
import { el, replace } from "../core/dom.js";
import { timer } from "../core/format.js";
import { emptyLine } from "../core/panels.js";
import { levelOf } from "../core/severity.js";
import * as terms from "../core/terms.js";
import { _ } from "../core/words.js";
import { due, inOrder, isLate, shortNumber } from "../duty/due.js";
import { severityGlyph } from "../map/symbols.js";

const FILTERS = {
  all: ["全部", () => true],
  waiting: ["待处理", ({ state }) => ["reported", "verified", "objected"].includes(state)],
  handling: ["处置中", ({ state }) => ["assigned", "handling"].includes(state)],
  resolved: ["待办结", ({ state }) => state === "resolved"],
  late: ["超时", (p, now) => isLate(p, now)],
};

function timeCell(p, now) {
  const time = due(p, now);
  if (!time) {
    const age = p.reported_at ? (now - new Date(p.reported_at)) / 1000 : p.age_seconds;
    return [timer(age || 0), _("已过"), null, false];
  }
  return [timer(Math.abs(time.left)), time.late ? _("超时") : _("还剩"), time.share, time.late];
}

const NEXT = { reported: "待核实", verified: "待派单", resolved: "待办结" };

function who(p) {
  const words = p.assignee?.name || (NEXT[p.state] && _(NEXT[p.state]));
  return words ? ` · ${words}` : "";
}

function row(feature, { now, gridLabel, selection, choose, ringing }) {
  const p = feature.properties;
  const chosen = selection?.layer === "incident" && selection.id === String(p.id);
  const level = levelOf(p.level);
  const [time, words, share, late] = timeCell(p, now);
  const bar = el("i");
  if (share !== null) bar.style.width = `${Math.round(share * 100)}%`;
  return el("li", {}, el("button", {
    type: "button", class: `q${chosen ? " sel" : ""}${late ? " late" : ""}`, "data-id": p.id,
    "aria-pressed": String(chosen), onclick: () => choose(feature),
  },
  el("span", { class: "qs" }, severityGlyph(level, shortNumber(p.number), 40),
    el("span", {}, terms.colourName(level))),
  el("span", { class: "grow" },
    el("b", { class: "qt" }, p.title || terms.category(p.category)),
    el("span", { class: "mut s clip" }, terms.category(p.category), " · ",
      el("span", { class: "num" }, gridLabel(p.grid) || _("网格外"))),
    el("span", { class: "s clip" }, el("b", {}, terms.incidentState(p.state)), who(p),
      ringing?.has(String(p.id)) && el("b", { class: "unheard" }, ` · ${_("未接警")}`))),
  el("span", { class: "qm" }, el("b", { class: "num qtime" }, time),
    el("span", { class: "qword" }, words),
    share !== null && el("span", { class: "qbar", "aria-hidden": "true" }, bar))));
}

/** The queue with its filters. `options(now)` gives what a row needs beside its feature. */
export class Queue {
  constructor(panel, options) {
    Object.assign(this, { panel, options, filter: "all", features: [], lateSeen: "" });
    this.bar = el("div", { class: "segments filters", role: "group", "aria-label": _("筛选") });
    this.list = el("ol", { class: "queue-list" });
    this.list.addEventListener("keydown", (event) => this.key(event));
  }

  set(features, now) {
    this.features = features;
    this.draw(now);
  }

  shown(now) {
    const [, passes] = FILTERS[this.filter];
    return inOrder(this.features.filter(({ properties }) => passes(properties, now)), now);
  }

  drawFilters(now) {
    const counts = Object.entries(FILTERS).map(([name, [words, passes]]) =>
      [name, words, this.features.filter(({ properties }) => passes(properties, now)).length]);
    const key = JSON.stringify([counts, this.filter]);
    if (key === this.filterKey) return;
    this.filterKey = key;
    const focused = this.bar.contains(document.activeElement) && document.activeElement.dataset.name;
    replace(this.bar, counts.map(([name, words, count]) => el("button", {
      type: "button", class: name === this.filter ? "on" : "", "data-name": name,
      "aria-pressed": String(name === this.filter), onclick: () => {
        this.filter = name;
        this.draw(this.options().now);
      },
    }, _(words), el("span", { class: "num" }, ` ${count}`))));
    if (focused) this.bar.querySelector(`[data-name=${focused}]`)?.focus();
  }

  /** Draw, keeping what has the focus and where one has scrolled to. */
  draw(now) {
    const { list, panel } = this;
    const focused = list.contains(document.activeElement) && document.activeElement.dataset.id;
    const top = panel.body.scrollTop;
    const sorted = this.shown(now);
    this.lateSeen = this.lateKey(now);
    this.drawFilters(now);
    replace(list, sorted.map((feature) => row(feature, this.options())));
    const empty = this.features.length ? _("这一类现在没有") : _("没有未结事件");
    panel.show(this.bar, sorted.length ? list : emptyLine(empty));
    panel.body.scrollTop = top;
    if (focused) list.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus();
  }

  lateKey(now) {
    return this.features.filter(({ properties }) => isLate(properties, now))
      .map(({ properties }) => properties.id).join(" ");
  }

  /** Every second: the figures count; a row that has become late moves. Gives those newly late. */
  tick(now) {
    const before = new Set(this.lateSeen.split(" "));
    if (this.lateKey(now) !== this.lateSeen) {
      const newly = this.features.filter(({ properties: p }) => isLate(p, now) && !before.has(String(p.id)));
      this.draw(now);
      return newly;
    }
    const byId = new Map(this.features.map((feature) => [String(feature.properties.id), feature]));
    for (const button of this.list.querySelectorAll(".q")) {
      const feature = byId.get(button.dataset.id);
      if (!feature) continue;
      const [time] = timeCell(feature.properties, now);
      const cell = button.querySelector(".qtime");
      if (cell.textContent !== time) cell.textContent = time;
    }
    return [];
  }

  /** Arrow keys walk the rows, Home and End go to the ends. */
  key(event) {
    const rows = [...this.list.querySelectorAll(".q")];
    const at = rows.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to === undefined || !rows[to]) return;
    event.preventDefault();
    rows[to].focus();
  }
}
