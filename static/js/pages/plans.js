// Plans: what is declared, what has been drafted, and the step from one to the other.
import "./common.js";
import { get, post } from "../core/api.js";
import { byId, el } from "../core/dom.js";
import { moment, number, percent } from "../core/format.js";
import { JobBar } from "../core/job.js";
import { Live } from "../core/live.js";
import { follow, Noun } from "../core/nouns.js";
import { may, page } from "../core/page.js";
import { emptyLine, Panel } from "../core/panels.js";
import * as terms from "../core/terms.js";
import { _ } from "../core/words.js";
import { drawDrills } from "../duty/drill_band.js";
import { severityGlyph } from "../map/symbols.js";
import { rowsOf } from "./coverage_panel.js";
import { levelWords } from "./details.js";
import { toast } from "./common.js";
import { planFigures } from "./plan_panel.js";

const urls = page.urls || {};
const panels = { hazards: new Panel(byId("panel-hazards")), plans: new Panel(byId("panel-plans")) };
const live = new Live(Object.values(panels));
live.fresh(panels.hazards);
live.fresh(panels.plans);
const { feed } = live;
const hazards = new Noun(urls.hazards || "/api/hazards");
const mayDraft = may("plan.draft");
const jobs = new Map();

async function draft(hazard, box, button) {
  button.disabled = true;
  try {
    const answer = await post(urls.plans || "/api/plans", { hazard: hazard.id });
    const bar = new JobBar(box, (job) => {
      jobs.delete(hazard.id);
      toast(job.state === "done" ? _("预案算完了") : _("预案没算成，可以再起草一次"));
      loadPlans();
      hazards.load();
      drawHazards();
    });
    jobs.set(hazard.id, bar);
    bar.start(answer.job);
  } catch (error) {
    button.disabled = false;
    toast(_("没能起草：{why}", { why: error.detail || error.message }));
  }
}

function hazardRow({ properties: p }) {
  const box = el("div", { hidden: true });
  const button = el("button", { type: "button", class: p.plan_id ? "btn" : "btn primary", onclick: () => draft(p, box, button) },
    p.plan_id ? _("重新起草") : _("起草预案"));
  // an exercise wears its word: the shapes and colours of warnings are for what is real
  return el("li", { class: "line" }, p.exercise ? el("b", { class: "drill-word" }, _("演练")) : severityGlyph(p.severity, terms.colourSign(p.severity), 40),
    el("div", { class: "grow" }, el("b", {}, p.name || terms.hazardKind(p.kind)),
      el("p", { class: "mut s" }, [
        levelWords(p.severity), terms.hazardKind(p.kind),
        p.households_affected !== null && p.households_affected !== undefined &&
          _("影响 {h} 户 {p} 人", { h: number(p.households_affected), p: number(p.people_affected) }),
        _("{time} 宣布", { time: moment(p.declared_at, feed.serverNow()) }),
      ].filter(Boolean).join(" · "))),
    box,
    p.plan_id && el("a", { class: "btn", href: `/plans/${encodeURIComponent(p.plan_id)}` }, _("看预案")),
    mayDraft && button);
}

function drawHazards() {
  drawDrills(byId("exercise-band"), hazards.features);
  if (jobs.size) return; // A running draft keeps its bar.
  if (!hazards.features.length) {
    panels.hazards.show(emptyLine(_("没有宣布的险情。宣布后在这里起草预案")));
    return;
  }
  panels.hazards.show(el("ul", {}, hazards.features.map(hazardRow)));
}

function planRow(plan) {
  const now = feed.serverNow();
  const [people, placed, left] = planFigures(plan).map(([, value]) => value);
  return el("tr", {},
    el("th", { scope: "row" }, el("a", { href: `/plans/${encodeURIComponent(plan.id)}` }, plan.number || _("预案 {number}", { number: plan.id }))),
    el("td", {}, plan.hazard_name || plan.hazard?.name || nameOf(plan.hazard)),
    el("td", {}, el("div", { class: "row wrap" }, plan.exercise && el("span", { class: "chip line" }, _("演练")),
      el("span", { class: "chip" }, terms.planState(plan.state)),
      plan.approved_by && el("span", { class: "mut s" }, plan.approved_by.name, " ", moment(plan.approved_at, now)),
      plan.stale && el("span", { class: "age old" }, _("数据已变")))),
    el("td", { class: "n num" }, people),
    el("td", { class: "n num" }, placed),
    el("td", { class: "n num" }, left),
    el("td", { class: "n num" }, typeof plan.gap_percent === "number" ? percent(plan.gap_percent / 100, 2) : "–"),
    el("td", { class: "nw" }, moment(plan.drafted_at || plan.created_at, now)));
}

function nameOf(id) {
  const found = hazards.features.find(({ properties }) => String(properties.id) === String(id));
  return found?.properties.name || "";
}

async function loadPlans() {
  panels.plans.loading(4);
  try {
    const plans = rowsOf(await get(urls.plans || "/api/plans"), "plans", "items");
    if (!plans.length) {
      panels.plans.show(emptyLine(_("还没有预案。先在上面的险情旁起草")));
      return;
    }
    const heads = [[_("预案号")], [_("哪处险情")], [_("状态")], [_("应转（人）"), "n"], [_("排上（人）"), "n"],
      [_("排不上（人）"), "n"], [_("比下限多"), "n"], [_("算于")]];
    panels.plans.show(el("table", { class: "list" },
      el("caption", { class: "sr" }, _("预案")),
      el("thead", {}, el("tr", {}, heads.map(([words, name]) => el("th", { scope: "col", class: name || "" }, words)))),
      el("tbody", {}, plans.map(planRow))));
  } catch (error) {
    panels.plans.fail(error, loadPlans);
  }
}

hazards.addEventListener("change", drawHazards);
hazards.addEventListener("error", () => panels.hazards.fail(hazards.error, () => hazards.load()));
panels.hazards.loading(2);
follow(feed, { hazard: [hazards] });
feed.addEventListener("ready", loadPlans);
feed.addEventListener("resumed", loadPlans);
feed.addEventListener("change", ({ detail }) => {
  if (detail.subject === "plan") loadPlans();
});
live.start();
