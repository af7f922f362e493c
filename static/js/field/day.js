// The panels of my day: warnings that concern my grid, visits in walking order, what became of my
// reports, and the roster.
import { byId, el, replace } from "../core/dom.js";
import { age, day, distance, moment } from "../core/format.js";
import { emptyLine, errorLine } from "../core/panels.js";
import { levelOf, roman } from "../core/severity.js";
import * as terms from "../core/terms.js";
import { severityGlyph } from "../map/symbols.js";
import { _, n_ } from "../core/words.js";
import { button } from "./rows.js";
import { today } from "./today.js";
import { meet, plain, walk } from "./where.js";

const PACE = 60; // Metres a minute, streets included, where only the crow's way is known.
const MOST_ROWS = 200;
const FIRST_ROWS = 3; // The next ones; the outbox is to be seen under them.
const LAST_DAY = "9999";

/** In place of a list that has never come: it is on its way, it failed, or there is no network. */
function absent(list, retry) {
  if (list?.error?.status) return errorLine(list.error, retry);
  return emptyLine(list?.error ? _("还没取到过。有网时自动取") : _("正在取数"));
}

/** Warnings whose area meets one of my grids, the most severe first. */
export function concerning(hazards, mine) {
  return hazards
    .filter(({ geometry }) => mine.some((grid) => meet(geometry, grid.geometry)))
    .sort((one, other) => (levelOf(one.properties.severity) || 9) - (levelOf(other.properties.severity) || 9));
}

function warning(hazard, { show, now }) {
  const { severity, name, kind, ends_at: until, households_affected: homes, plan_id: plan, exercise } = hazard.properties;
  const level = exercise ? null : levelOf(severity); // An exercise has no warning colour.
  const title = [name || terms.hazardKind(kind), until && _("到 {time}", { time: moment(until, now) })];
  return el("li", { class: `warnc ${exercise ? "drill" : severity || ""}` },
    exercise ? el("b", { class: "drill-word" }, _("演练")) : severityGlyph(level, terms.colourSign(level), 40),
    el("div", { class: "grow" }, el("b", { class: "t" }, title.filter(Boolean).join(" · ")),
      el("span", { class: "s" }, [level && `${terms.colourName(level)} ${roman(level)}`, terms.hazardKind(kind),
        homes && n_("要转移 {n} 户", homes)].filter(Boolean).join(" · "))),
    plan && el("a", { class: "btn", href: `/plans/${plan}` }, _("看预案")),
    button(_("看范围"), () => show(hazard)));
}

export function drawWarnings(hazards, on) {
  const box = byId("warnings");
  box.hidden = !hazards.length;
  replace(box, hazards.map((hazard) => warning(hazard, on)));
}

function needsOf(visit) {
  return (visit.needs || []).map((one) => terms.need(one.kind || one)).join(_("、"));
}

/** Visits that are due and not yet in the outbox, in the order they are walked or by their day. */
export function arranged(visits, items, byDay) {
  const taken = new Set(items.filter(({ content, state }) => content.visit && state !== "refused").map(({ content }) => content.visit));
  const open = visits.filter(({ id }) => !taken.has(String(id)));
  if (!byDay) return walk(open);
  const days = [...open].sort((one, other) => (one.due_on || LAST_DAY) < (other.due_on || LAST_DAY) ? -1 : 1);
  return { items: days, metres: null };
}

function visitRow(visit, number, { open, now }) {
  const first = number === 1;
  const last = visit.last_done ? _("上次 {time}", { time: moment(visit.last_done, now) }) : _("还没走访过");
  const past = Boolean(visit.due_on) && visit.due_on < today(now);
  const due = visit.due_on && !past && _("{day} 前", { day: day(visit.due_on) });
  return el("li", { class: first ? "v next" : "v", "data-id": visit.id },
    el("span", { class: "no num" }, number),
    el("div", { class: "grow" },
      el("span", { class: "v-title" }, el("b", {}, visit.address || _("没有地址")), " ", el("span", { class: "mut" }, [visit.householder, needsOf(visit)].filter(Boolean).join(" · "))),
      past && el("span", { class: "age old past" }, _("{day} 已到期", { day: day(visit.due_on) })),
      el("span", { class: "mut s" }, [last, due, visit.people && n_("{n} 人", visit.people)].filter(Boolean).join(" · "))),
    button(_("去这家"), () => open(visit.id), first ? "primary" : ""));
}

function tellWalk(count, metres) {
  const tag = byId("map-tag");
  tag.hidden = !(count && metres);
  tag.textContent = metres ? _("走 {n} 户，直线 {distance}，约 {minutes} 分钟", {
    n: count, distance: distance(metres), minutes: Math.max(1, Math.round(metres / PACE)),
  }) : "";
}

export class VisitsPanel {
  constructor(section, on) {
    Object.assign(this, { section, on, byDay: false, most: FIRST_ROWS });
    this.order = byId("visits-order");
    this.order.addEventListener("click", () => {
      this.byDay = !this.byDay;
      on.redraw();
    });
  }

  /** The order, found again only when there is something new to order. */
  arranged(visits, items) {
    const about = items.map(({ content, state }) => content.visit && `${content.visit} ${state}`).join();
    const { known } = this;
    if (known?.visits !== visits || known.about !== about || known.byDay !== this.byDay) {
      this.known = { visits, about, byDay: this.byDay, found: arranged(visits, items, this.byDay) };
    }
    return this.known.found;
  }

  /** Draw, and give the stops in their order for the map. */
  draw(list, items, now) {
    const body = this.section.querySelector(".body");
    if (!list.value) {
      byId("visits-count").textContent = "";
      this.order.hidden = true;
      replace(body, absent(list, this.on.retry));
      return [];
    }
    const { items: order, metres } = this.arranged(list.value, items);
    this.order.hidden = order.length < 2;
    this.order.textContent = this.byDay ? _("按路顺排") : _("按期限排");
    byId("visits-count").textContent = order.length ? n_("剩 {n} 户", order.length) : "";
    tellWalk(order.length, metres);
    const rows = order.slice(0, this.most).map((visit, i) => visitRow(visit, i + 1, { ...this.on, now }));
    replace(body, order.length ? el("ul", {}, rows) : emptyLine(_("没有到期的走访")),
      order.length > this.most && button(n_("还有 {n} 户", order.length - this.most), () => {
        this.most += 50;
        this.on.redraw();
      }, "quiet"));
    return order;
  }
}

/** What became of my reports: the last ones, with their state and who has them. */
export function drawReports(section, list, { now, retry }) {
  const body = section.querySelector(".body");
  const rows = (list.value || []).map(({ properties }) => properties);
  byId("reports-count").textContent = rows.length ? n_("{n} 条", rows.length) : "";
  if (!list.value) {
    replace(body, absent(list, retry));
    return;
  }
  if (!rows.length) {
    replace(body, emptyLine(_("还没有报过事")));
    return;
  }
  replace(body, el("ul", {}, rows.slice(0, 20).map((one) => el("li", { class: "rep" },
    severityGlyph(one.level, terms.colourSign(one.level), 26),
    el("div", { class: "grow" }, el("span", { class: "ob-title" }, one.title),
      el("span", { class: "mut s" }, [
        _("编号 {number}", { number: one.number }), one.assignee?.name,
        one.merged_into && _("并入 {number}", { number: one.merged_into.number }), one.reason, moment(one.state_changed_at || one.reported_at, now),
      ].filter(Boolean).join(" · "))),
    el("b", { class: "chip" }, terms.incidentState(one.state))))));
}

/** The roster of my grid: every household, those that need help marked; found by address. */
export class Roster {
  constructor(on) {
    this.on = on;
    this.needing = false;
    byId("roster-search").addEventListener("input", () => this.draw());
    byId("roster-all").addEventListener("click", () => this.choose(false));
    byId("roster-needs").addEventListener("click", () => this.choose(true));
  }

  choose(needing) {
    this.needing = needing;
    this.draw();
  }

  /** `seen`: hundreds of rows are made only when somebody looks at them. */
  setData(list, now, seen) {
    this.list = list;
    this.now = now;
    if (seen) this.draw();
  }

  draw() {
    const homes = this.list?.value || [];
    const needing = homes.filter(({ needs }) => needs.length);
    for (const [id, words, count, on] of [
      ["roster-all", _("全部"), homes.length, !this.needing], ["roster-needs", _("要帮助"), needing.length, this.needing],
    ]) {
      const chip = byId(id);
      chip.classList.toggle("on", on);
      chip.setAttribute("aria-pressed", String(on));
      replace(chip, words, " ", el("span", { class: "num" }, count));
    }
    const words = plain(byId("roster-search").value);
    const found = (this.needing ? needing : homes).filter(({ address }) => plain(address).includes(words))
      .sort((one, other) => one.address.localeCompare(other.address, "zh", { numeric: true }));
    byId("roster-age").textContent = this.list?.at ? _("名单 {age}", { age: age(this.list.at, this.now) }) : "";
    const body = byId("roster-body");
    if (!this.list?.value) {
      replace(body, absent(this.list, this.on.retry));
      return;
    }
    replace(body, found.length
      ? el("ul", {}, found.slice(0, MOST_ROWS).map((home) => this.row(home)))
      : emptyLine(_("没有这样的户")),
    found.length > MOST_ROWS && el("p", { class: "mut pad" }, n_("还有 {n} 户，输入地址来找", found.length - MOST_ROWS)));
  }

  row(home) {
    const detail = el("div", { class: "mut s roster-detail", hidden: true, role: "status" });
    return el("li", { class: "rr" },
      el("div", { class: "grow" }, el("b", {}, home.address || _("没有地址")),
        el("span", { class: "row wrap" }, el("span", { class: "mut s" }, n_("{n} 人", home.people)),
          home.needs.map((one) => el("span", { class: "box" }, terms.need(one.kind || one)))), detail),
      button(_("看图"), () => this.on.show(home), "quiet"),
      button(_("电话"), () => this.on.details(home, detail)));
  }
}
