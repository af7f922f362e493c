// The evacuation beside the map: who moves, how full the shelters get, who cannot and why.
import { get } from "../core/api.js";
import { byId, el, replace } from "../core/dom.js";
import { moment, number, percent } from "../core/format.js";
import { may } from "../core/page.js";
import { emptyLine } from "../core/panels.js";
import { levelOf } from "../core/severity.js";
import * as terms from "../core/terms.js";
import { _, n_ } from "../core/words.js";
import { bar, legend, steps, sumsOf } from "../roll_call/bars.js";

const MOST_GRIDS = 6; // In the side panel; the board has all.
const MOST_LOADS = 3; // In the side panel; the page of the plan has all.
const CURRENT = ["active", "approved", "drafted"];

/**
 * The plan to show: one in force first, then a real one before an exercise's, then the most severe
 * hazard's, then the newest. A draft nobody set going is over with its hazard.
 */
export function currentPlan(plans) {
  const rank = (plan) => CURRENT.indexOf(plan.state);
  const urgency = (plan) => levelOf(plan.hazard_severity) || 5;
  return plans.filter((plan) => rank(plan) >= 0 && (plan.state === "active" || plan.hazard_state !== "lifted"))
    .sort((one, other) => rank(one) - rank(other) || Number(one.exercise || 0) - Number(other.exercise || 0) || urgency(one) - urgency(other) ||
      String(other.created_at).localeCompare(String(one.created_at)))[0] || null;
}

/** How far an evacuation is, grid by grid; those with most to do first. */
export function progress({ totals, grids }) {
  const rows = [...grids].sort((one, other) => (other.households - other.arrived) - (one.households - one.arrived)).slice(0, MOST_GRIDS);
  return [steps(sumsOf(totals)), el("table", { class: "prog" },
    el("caption", { class: "sr" }, _("各网格叫应到哪一步")),
    el("thead", { class: "sr" }, el("tr", {}, [_("网格"), _("进度"), _("到达")].map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", {}, rows.map((grid) => el("tr", {}, el("th", { scope: "row", class: "num" }, `${grid.grid.slice(9, 12)}-${grid.grid.slice(12)}`),
      el("td", { class: "pb" }, bar(sumsOf(grid))),
      el("td", { class: "n num nw" }, el("b", {}, number(grid.arrived)), el("span", { class: "mut" }, `/${number(grid.households)}`)))))),
  legend()];
}

/** Sum of a column over the unserved. */
export function total(rows, column) {
  return (rows || []).reduce((sum, row) => sum + (Number(row[column]) || 0), 0);
}

/** Shelter loads as bars with people and places; the fullest `most` of them. */
export function loads(all, most = Infinity) {
  const shelters = all.slice(0, most);
  return el("table", { class: "prog" },
    el("caption", { class: "sr" }, _("安置点去多少人、能住多少人")),
    el("thead", { class: "sr" }, el("tr", {}, el("th", { scope: "col" }, _("安置点")),
      el("th", { scope: "col" }, _("占用")), el("th", { scope: "col" }, _("人")))),
    el("tbody", {}, shelters.map((shelter) => {
      const share = shelter.capacity ? Math.min(1, shelter.people / shelter.capacity) : 0;
      const bar = el("i", { class: "k-arrived" });
      bar.style.width = `${share * 100}%`;
      return el("tr", {}, el("th", { scope: "row" }, shelter.name),
        el("td", { class: "pb" }, el("span", { class: "bar" }, bar)),
        el("td", { class: "n num nw" }, el("b", {}, number(shelter.people)),
          el("span", { class: "mut" }, `/${number(shelter.capacity)}`)));
    })));
}

/** Who leaves in which wave; nothing for a single one. */
export function waves(all) {
  const rows = Object.entries(all || {}).sort(([one], [other]) => Number(one) - Number(other));
  if (rows.length < 2) return null;
  return el("div", { class: "pad" }, el("h3", {}, _("分批走")),
    el("ul", { class: "reasons" }, rows.map(([wave, sum]) => el("li", {},
      el("b", {}, _("第 {n} 批", { n: wave })),
      el("span", { class: "num" }, _("{h} 户 {p} 人", { h: number(sum.households), p: number(sum.people) })),
      wave === "1" && el("span", { class: "mut s" }, _("要帮助的先走"))))));
}

/** Large figures side by side. */
export function figures(pairs) {
  return el("dl", { class: "fig" }, pairs.map(([words, value]) =>
    el("div", {}, el("dt", {}, words), el("dd", { class: "num" }, value))));
}

/** How many beds are short, and where. */
export const shortWords = (beds, name) => _("还差 {n} 张床，{name}", { n: number(beds), name: name || _("最近的安置点") });

/** Those who cannot be served, by reason. */
export function unserved(rows) {
  if (!total(rows, "households")) return el("p", { class: "pad s" }, _("都排上了，没有走不了的户"));
  return el("div", { class: "pad" }, el("h3", {}, _("排不上的")),
    el("ul", { class: "reasons" }, rows.map((row) => el("li", {},
      el("b", {}, terms.reason(row.reason)),
      el("span", { class: "num" }, _("{h} 户 {p} 人", { h: number(row.households), p: number(row.people) })),
      (row.short || []).map((one) => el("span", { class: "mut s" }, shortWords(one.beds, one.name)))))));
}

/** The three figures of a plan: to move, placed, not placed. */
export function planFigures(plan) {
  const totals = plan.totals || {};
  const left = totals.unserved_people ?? total(plan.unserved, "people");
  const moved = totals.served_people ?? total(plan.shelters, "people");
  return [
    [_("应转（人）"), number(totals.people ?? moved + left)],
    [_("排上（人）"), number(moved)],
    [_("排不上（人）"), number(left)],
  ];
}

/** State, age and how near the plan is to the best there can be. */
export function planLine(plan, now) {
  const gap = typeof plan.gap_percent === "number"
    ? ` · ${_("比下限多 {share}", { share: percent(plan.gap_percent / 100, 2) })}` : null;
  return el("p", { class: "pad s mut" }, terms.planState(plan.state), " · ",
    _("{time} 算", { time: moment(plan.created_at, now) }), gap,
    plan.stale && plan.hazard_state !== "lifted" && el("b", {}, " · ", _("数据已变，要重算")));
}

export class PlanPanel {
  constructor(panel, { layers, view, now }) {
    Object.assign(this, { panel, layers, view, now, declared: [] });
    this.title = byId("plan-title");
  }

  /** Names of hazards come with their layer. */
  hazards(features) {
    this.declared = features.map(({ properties }) => properties);
    if (this.plan) this.draw();
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(), 400);
  }

  async load() {
    if (!may("plan.view")) return;
    try {
      const answer = await get("/api/plans");
      const chosen = currentPlan(answer.plans || answer.items || answer);
      if (!chosen) {
        this.plan = null;
        this.title.textContent = _("转移");
        this.layers.routes.setData(null);
        this.panel.show(emptyLine(_("还没有转移预案。先在上面的险情旁起草")));
        return;
      }
      this.plan = await get(`/api/plans/${encodeURIComponent(chosen.id)}`);
      this.board = this.plan.state === "active" ? await get(`/api/plans/${encodeURIComponent(chosen.id)}/board`) : null;
      this.draw();
      this.layers.routes.setData(await get(`/api/plans/${encodeURIComponent(chosen.id)}/routes`), chosen.exercise);
    } catch (error) {
      this.panel.fail(error, () => this.load());
    }
  }

  name() {
    const { plan } = this;
    const id = String(plan.hazard?.id ?? plan.hazard);
    return this.declared.find((hazard) => String(hazard.id) === id)?.name ||
      plan.hazard_name || plan.hazard?.name || "";
  }

  draw() {
    const { plan } = this;
    const name = this.name();
    replace(this.title, plan.exercise && [el("b", { class: "drill-word" }, _("演练")), " "], name ? _("转移 · {name}", { name }) : _("转移"));
    this.panel.at(plan.created_at);
    const { board } = this;
    this.panel.show(
      board ? progress(board) : figures(planFigures(plan)),
      loads(plan.shelters || [], MOST_LOADS),
      plan.shelters?.length > MOST_LOADS && el("p", { class: "pad s mut" },
        n_("还有 {n} 处安置点", plan.shelters.length - MOST_LOADS)),
      unserved(plan.unserved),
      el("div", { class: "row plan-foot" }, planLine(plan, this.now()),
        board && el("a", { class: "btn primary right", href: `/plans/${encodeURIComponent(plan.id)}/board` }, _("叫应")),
        el("a", { class: board ? "btn" : "btn right", href: `/plans/${encodeURIComponent(plan.id)}` }, _("看预案"))));
  }
}
