// The queue of open incidents: the numbers of the map, the most urgent first, the time that is left.
import { el, replace } from "../core/dom.js";
import { timer } from "../core/format.js";
import { may, me } from "../core/page.js";
import { emptyLine } from "../core/panels.js";
import { levelOf } from "../core/severity.js";
import * as terms from "../core/terms.js";
import { _ } from "../core/words.js";
import { due, inOrder, isLate, shortNumber } from "../duty/due.js";
import { severityGlyph } from "../map/symbols.js";

const MOST = 80; // Rows that are drawn: the rest is one press away.
const FILTERS = {
  all: ["全部", () => true],
  waiting: ["待处理", ({ state }) => ["reported", "verified", "objected"].includes(state)],
  handling: ["处置中", ({ state }) => ["assigned", "handling"].includes(state)],
  resolved: ["待办结", ({ state }) => state === "resolved"],
  late: ["已超时", (p, now) => isLate(p, now)],
};
const OWN = ["我队", ({ assignee }) => assignee?.id === me.team.id];

/** Who works for a team looks for its work first; what waits for the desk is not theirs. */
export function filtersOf(person, permitted) {
  if (!person.team || permitted("incident.dispatch")) return FILTERS;
  const { all, handling, late } = FILTERS;
  return { mine: OWN, all, handling, late };
}

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

/** Put nodes into a list in this order, moving only those that stand elsewhere. */
function arrange(list, nodes) {
  nodes.forEach((node, i) => {
    if (list.children[i] !== node) list.insertBefore(node, list.children[i] || null);
  });
  while (list.children.length > nodes.length) list.lastChild.remove();
}

/** The queue with its filters. `options(now)` gives what a row needs beside its feature. */
export class Queue {
  constructor(panel, options) {
    this.filters = filtersOf(me, may);
    Object.assign(this, { panel, options, filter: Object.keys(this.filters)[0], features: [], lateSeen: "", rows: new Map() });
    this.bar = el("div", { class: "segments filters", role: "group", "aria-label": _("筛选") });
    this.list = el("ol", { class: "queue-list" });
    this.list.addEventListener("keydown", (event) => this.key(event));
  }

  set(features, now) {
    this.features = features;
    this.draw(now);
  }

  shown(now) {
    const [, passes] = this.filters[this.filter];
    return inOrder(this.features.filter(({ properties }) => passes(properties, now)), now);
  }

  drawFilters(now) {
    const counts = Object.entries(this.filters).map(([name, [words, passes]]) =>
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

  /** The row of a feature: the one that is there, unless what it says has changed. */
  row(feature, options) {
    const { properties: p } = feature;
    const chosen = options.selection?.layer === "incident" && options.selection.id === String(p.id);
    const key = JSON.stringify([p, chosen, options.ringing?.has(String(p.id)), isLate(p, options.now), options.gridLabel(p.grid)]);
    const held = this.rows.get(p.id);
    if (held?.key === key) return held.node;
    const node = row(feature, options);
    if (held?.node.contains(document.activeElement)) this.refocus = node;
    this.rows.set(p.id, { key, node });
    return node;
  }

  /** Draw, keeping what has the focus and where one has scrolled to. */
  draw(now) {
    const { list, panel } = this;
    this.refocus = null;
    const sorted = this.shown(now);
    const rest = this.whole ? 0 : sorted.length - MOST;
    const options = this.options();
    this.lateSeen = this.lateKey(now);
    this.drawFilters(now);
    const nodes = sorted.slice(0, this.whole ? Infinity : MOST).map((feature) => this.row(feature, options));
    if (rest > 0) nodes.push(this.more(rest));
    arrange(list, nodes);
    this.forget();
    const empty = this.features.length ? _("这一类现在没有") : _("没有未结事件");
    if (!sorted.length) panel.show(this.bar, emptyLine(empty));
    else if (!panel.body.contains(list) || panel.body.querySelector(":scope > .failed")) panel.show(this.bar, list);
    this.refocus?.querySelector("button").focus();
  }

  more(rest) {
    return el("li", {}, el("button", { type: "button", class: "btn quiet", onclick: () => {
      this.whole = true;
      this.draw(this.options().now);
    } }, _("看其余 {n} 件", { n: rest })));
  }

  /** Rows of incidents that are no longer open. */
  forget() {
    const open = new Set(this.features.map(({ properties }) => properties.id));
    for (const id of this.rows.keys()) if (!open.has(id)) this.rows.delete(id);
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
