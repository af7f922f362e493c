// One plan: who goes where by which way, how full the shelters get, who cannot and why.
import "./common.js";
import { get, post } from "../core/api.js";
import { byId, el, replace } from "../core/dom.js";
import { distance, duration, number } from "../core/format.js";
import { JobBar } from "../core/job.js";
import { Live } from "../core/live.js";
import { follow, Noun } from "../core/nouns.js";
import { may, page } from "../core/page.js";
import { emptyLine, errorLine, Panel } from "../core/panels.js";
import * as terms from "../core/terms.js";
import { _, n_ } from "../core/words.js";
import { CommunityLayer, GridLayer } from "../map/layers/grids.js";
import { HazardLayer } from "../map/layers/hazards.js";
import { HouseholdLayer } from "../map/layers/households.js";
import { FacilityLayer } from "../map/layers/places.js";
import { RouteLayer } from "../map/layers/routes.js";
import { hook, MapView } from "../map/view.js";
import { rowsOf } from "./coverage_panel.js";
import { toast } from "./common.js";
import { figures, loads, planFigures, planLine, unserved } from "./plan_panel.js";

const urls = page.urls || {};
const id = String(page.plan ?? location.pathname.split("/").pop());
const address = `${urls.plans || "/api/plans"}/${encodeURIComponent(id)}`;
const PAGE = 200;

const panel = new Panel(byId("panel-plan"));
const live = new Live([panel]);
const { feed } = live;
const view = new MapView(document.querySelector(".mapbox"));
const { overlay, map } = view;
const nouns = {
  communities: new Noun(urls.areas || "/api/areas?level=community"),
  grids: new Noun(urls.grids || "/api/grids"),
  hazards: new Noun(urls.hazards || "/api/hazards"),
  facilities: new Noun(urls.facilities || "/api/facilities"),
};
const layers = {
  communities: overlay.add(new CommunityLayer(hook("communities"), { neutral: true })),
  grids: overlay.add(new GridLayer(hook("grids"), { neutral: true })),
  households: overlay.add(new HouseholdLayer(hook("households"),
    urls.household_tiles || "/tiles/households/{z}/{x}/{y}.mvt", { from: 16 })),
  hazards: overlay.add(new HazardLayer(hook("hazards"))),
  routes: overlay.add(new RouteLayer(hook("routes"))),
  facilities: overlay.add(new FacilityLayer(hook("facilities"), ({ kind }) => kind === "shelter", { whole: true })),
};
let plan = null;
let mode = "walk";
let fitted = false;

function zoneTable(zones) {
  const heads = [[_("网格")], [_("户"), "n"], [_("人"), "n"], [_("批次"), "n"], [_("去往")]];
  return el("table", { class: "list" },
    el("caption", { class: "sr" }, _("每个网格去哪里")),
    el("thead", {}, el("tr", {}, heads.map(([words, name]) => el("th", { scope: "col", class: name || "" }, words)))),
    el("tbody", {}, zones.map((zone) => el("tr", {},
      el("th", { scope: "row" }, el("button", {
        type: "button", class: "row-button num", onclick: () => chooseZone(zone),
      }, zone.label || zone.grid)),
      el("td", { class: "n num" }, number(zone.households)),
      el("td", { class: "n num" }, number(zone.people)),
      el("td", { class: "n num" }, zone.wave ?? "–"),
      el("td", {}, terms.listed(zone.shelters || []) || _("没有去处"))))));
}

function chooseZone(zone) {
  const item = layers.grids.find(zone.grid);
  view.select("grid", zone.grid);
  if (item) view.goTo(...item.props.label_point, 15);
}

function assignmentRow(one) {
  const needs = (one.needs || []).map((need) => terms.need(need));
  return el("tr", {},
    el("th", { scope: "row" }, one.address || one.household),
    el("td", { class: "n num" }, number(one.people)),
    el("td", {}, needs.map((words) => el("span", { class: "chip line" }, words))),
    el("td", {}, one.shelter || el("b", {}, terms.reason(one.reason))),
    el("td", { class: "n num nw" }, one.seconds === null || one.seconds === undefined ? "–" : duration(one.seconds)),
    el("td", { class: "n num nw" }, one.metres === null || one.metres === undefined ? "–" : distance(one.metres)),
    el("td", { class: "n num" }, one.wave ?? "–"));
}

/** Households page by page, asked for when opened. */
function households() {
  const body = el("tbody");
  const more = el("button", { type: "button", class: "btn", onclick: () => load() }, _("再看一些"));
  const foot = el("div", { class: "pad" }, more);
  let cursor = null;
  const heads = [[_("地址")], [_("人"), "n"], [_("要的帮助")], [_("去往")], [_("走多久"), "n"],
    [_("走多远"), "n"], [_("批次"), "n"]];
  async function load() {
    more.disabled = true;
    try {
      const after = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
      const answer = await get(`${address}/assignments?limit=${PAGE}${after}`);
      body.append(...rowsOf(answer, "rows").map(assignmentRow));
      cursor = answer.cursor ?? answer.next ?? null;
      more.hidden = !cursor;
      more.disabled = false;
    } catch (error) {
      replace(foot, errorLine(error, () => { replace(foot, more); load(); }));
    }
  }
  const details = el("details", { class: "fold-list" },
    el("summary", { class: "btn" }, _("逐户看")),
    el("div", { class: "sideways", tabindex: 0, role: "region", "aria-label": _("逐户看") },
      el("table", { class: "list" },
        el("caption", { class: "sr" }, _("每户去哪里")),
        el("thead", {}, el("tr", {}, heads.map(([words, name]) => el("th", { scope: "col", class: name || "" }, words)))),
        body)), foot);
  details.addEventListener("toggle", () => details.open && !body.childElementCount && load());
  return details;
}

function draw() {
  const hazard = hazardOf(plan);
  byId("plan-title").textContent = hazard ? _("转移 · {name}", { name: hazard }) : _("预案 {number}", { number: id });
  const chip = byId("plan-state");
  chip.hidden = false;
  chip.textContent = terms.planState(plan.state);
  panel.at(plan.drafted_at || plan.created_at);
  if (plan.state === "drafting") {
    panel.show(emptyLine(_("正在起草，算完就显示")));
    return;
  }
  panel.show(
    figures(planFigures(plan)),
    planLine(plan, feed.serverNow()),
    unserved(plan.unserved),
    el("h3", { class: "pad" }, _("安置点")), loads(plan.shelters || []),
    el("h3", { class: "pad" }, _("按网格")), zoneTable(plan.zones || []),
    households());
}

function hazardOf(one) {
  const number_ = String(one.hazard?.id ?? one.hazard);
  const found = nouns.hazards.features.find(({ properties }) => String(properties.id) === number_);
  return one.hazard_name || found?.properties.name || "";
}

async function loadPlan() {
  panel.loading(6);
  try {
    plan = await get(address);
    draw();
    await loadRoutes();
  } catch (error) {
    panel.fail(error, loadPlan);
  }
}

/** The ways on foot, or those by vehicle to the same shelters. */
async function loadRoutes() {
  const routes = await get(`${address}/routes?mode=${mode}`);
  layers.routes.setData(routes);
  fit(routes);
}

for (const button of document.querySelectorAll("[data-mode]")) {
  button.addEventListener("click", async () => {
    mode = button.dataset.mode;
    for (const each of document.querySelectorAll("[data-mode]")) {
      each.setAttribute("aria-pressed", String(each === button));
      each.classList.toggle("on", each === button);
    }
    try {
      await loadRoutes();
    } catch (error) {
      toast(_("没取到数据：{title}。", { title: error.title || error.message || "" }));
    }
  });
}

function fit(routes) {
  if (fitted || !routes.features.length) return;
  fitted = true;
  map.fitBounds(L.geoJSON(routes).getBounds(), { padding: [30, 30], maxZoom: 16, animate: false });
}

for (const name of Object.keys(nouns)) {
  nouns[name].addEventListener("change", () => {
    layers[name].setData(nouns[name].collection);
    if (name === "hazards" && plan) byId("plan-title").textContent = _("转移 · {name}", { name: hazardOf(plan) });
  });
}

function zoneWords(props) {
  const zone = (plan?.zones || []).find(({ grid }) => grid === props.code);
  if (!zone) return _("{label} 不用转移", { label: props.label });
  return _("{label}：{n} 人去 {shelters}", {
    label: zone.label, n: number(zone.people), shelters: terms.listed(zone.shelters) || _("没有去处"),
  });
}

const WORDS = {
  route: (p) => _("{shelter}：{n} 人走这里", { shelter: p.shelter, n: number(p.people) }),
  grid: zoneWords,
  household: (p) => n_("一户 {n} 人", p.people),
};

view.onchoose((hit) => {
  view.select(hit?.layer || null, hit?.id);
  if (hit) view.say(WORDS[hit.layer]?.(hit.props) || hit.props.name || "");
});
view.search((result) => result.kind === "grid" && view.select("grid", result.ref));

const job = new JobBar(byId("job"), (ended) => {
  byId("again").disabled = false;
  if (ended.state === "done" && job.plan) location.assign(`/plans/${encodeURIComponent(job.plan)}`);
});
byId("again").hidden = !may("plan.draft");
byId("again").addEventListener("click", async () => {
  byId("again").disabled = true;
  try {
    const answer = await post(urls.plans || "/api/plans", { hazard: plan.hazard?.id ?? plan.hazard });
    job.plan = answer.plan;
    job.start(answer.job);
  } catch (error) {
    byId("again").disabled = false;
    toast(_("没能起草：{why}", { why: error.detail || error.message }));
  }
});

follow(feed, {
  hazard: [nouns.hazards], facility: [nouns.facilities], grid: [nouns.grids], grids: [nouns.grids],
  area: [nouns.communities],
});
feed.addEventListener("change", ({ detail }) => {
  if (detail.subject === "plan" && String(detail.id) === id) loadPlan();
});
feed.addEventListener("ready", loadPlan);
live.start();
