// Grids: how many households each has, how it is shaped, what is wrong, and where.
import "./common.js";
import { get } from "../core/api.js";
import { byId, el, replace } from "../core/dom.js";
import { number, percent, signedPercent } from "../core/format.js";
import { Live } from "../core/live.js";
import { follow, Noun } from "../core/nouns.js";
import { page } from "../core/page.js";
import { emptyLine, Panel } from "../core/panels.js";
import * as terms from "../core/terms.js";
import { _, n_ } from "../core/words.js";
import { FaultLayer } from "../map/layers/faults.js";
import { CommunityLayer, GridLayer } from "../map/layers/grids.js";
import { HouseholdLayer } from "../map/layers/households.js";
import { MicroGrids } from "../map/layers/micro.js";
import { SpecialLayer } from "../map/layers/special.js";
import { hook, MapView } from "../map/view.js";
import { bandOf, BANDS } from "../planner/bands.js";
import { addressOf, AsOf } from "./as_of.js";
import { DetailsPanel } from "./details_panel.js";
import { MicroList } from "./micro_list.js";

const urls = page.urls || {};

class DeviationGrids extends GridLayer {
  legend() {
    const seen = new Set(this.items.map(({ props }) => bandOf(props.deviation)?.name));
    return BANDS.filter(({ name }) => seen.has(name)).map(({ name, words }) => ({ symbol: "fill", name, words }));
  }
}

const panel = new Panel(byId("panel-grids"));
const live = new Live([panel]);
live.fresh(panel);
const { feed } = live;
const view = new MapView(document.querySelector(".mapbox"), { filled: true });
const { overlay } = view;
view.find(".legend").classList.add("titled");
const nouns = {
  communities: new Noun(urls.areas || "/api/areas?level=community"),
  grids: new Noun(urls.grids || "/api/grids"),
  special: new Noun(urls.special_grids || "/api/grids?kind=special"),
};
const layers = {
  communities: overlay.add(new CommunityLayer(hook("communities"))),
  grids: overlay.add(new DeviationGrids(hook("grids"), {
    paint: ({ props }, colours) => colours[bandOf(props.deviation)?.colour] || null,
    note: ({ props }) => _("{n} 户 {share}", { n: number(props.households), share: signedPercent(props.deviation) }),
  })),
  micro: new MicroGrids(view, urls.micro_grids || "/api/micro-grids"),
  special: overlay.add(new SpecialLayer(hook("special_grids"))),
  households: overlay.add(new HouseholdLayer(hook("households"),
    urls.household_tiles || "/tiles/households/{z}/{x}/{y}.mvt", { from: 15 })),
  faults: overlay.add(new FaultLayer(hook("grids"))),
};
const details = new DetailsPanel({ view, now: () => feed.serverNow() });
const micro = new MicroList({ day: () => asOf.day, choose: (props) => {
  layers.micro.show();
  view.select("micro", props.code);
  view.goTo(...props.label_point, 16);
} });
details.more.grid = (body, props) => micro.under(body, props);
const order = { by: "label", down: false };
let faultAt = -1;

const COLUMNS = [
  { by: "label", words: "网格", value: (p) => p.label },
  { by: "households", words: "户数", number: true, value: (p) => p.households },
  { by: "deviation", words: "偏差", number: true, value: (p) => p.deviation },
  { by: "people", words: "人数", number: true, value: (p) => p.people },
  { by: "incidents_open", words: "事件", number: true, value: (p) => p.incidents_open ?? 0 },
  { by: "member", words: "网格员", value: (p) => p.member?.name || p.member || "" },
];

function sorted() {
  const column = COLUMNS.find(({ by }) => by === order.by);
  const sign = order.down ? -1 : 1;
  return [...nouns.grids.features].sort(({ properties: one }, { properties: other }) => {
    const [a, b] = [column.value(one), column.value(other)];
    return sign * (column.number ? a - b : String(a).localeCompare(String(b)));
  });
}

function deviationBar(deviation) {
  const band = bandOf(deviation);
  const bar = el("i", { class: `dev-bar ${band?.name || ""}` });
  const share = Math.min(1, Math.abs(deviation || 0) / 0.3) * 50;
  bar.style.width = `${share}%`;
  bar.style.left = deviation < 0 ? `${50 - share}%` : "50%";
  return el("span", { class: "dev", "aria-hidden": "true" }, bar);
}

function communityOf(code) {
  const found = nouns.communities.features.find(({ properties }) => String(code).startsWith(properties.code));
  return found?.properties.name || "";
}

function row({ properties: p }) {
  const chosen = overlay.selection?.id === String(p.code);
  return el("tr", { class: chosen ? "sel" : "", "data-code": p.code },
    el("th", { scope: "row" }, el("button", { type: "button", class: "row-button num", onclick: () => choose(p, true) }, p.label),
      communityOf(p.code) && el("span", { class: "mut under clip" }, communityOf(p.code))),
    el("td", { class: "n num" }, number(p.households)),
    el("td", { class: "n num dev-cell" }, deviationBar(p.deviation), el("span", {}, signedPercent(p.deviation))),
    el("td", { class: "n num" }, number(p.people)),
    el("td", { class: "n num" }, number(p.incidents_open ?? 0)),
    el("td", {}, p.member?.name || p.member || "–"));
}

function head({ by, words, number: right }) {
  const here = order.by === by;
  return el("th", {
    scope: "col", class: right ? "n" : "",
    "aria-sort": here ? (order.down ? "descending" : "ascending") : "none",
  }, el("button", { type: "button", class: "sort", onclick: () => {
    order.down = here ? !order.down : by !== "label" && by !== "member";
    order.by = by;
    draw();
    panel.body.querySelector(`[data-by="${by}"]`)?.focus();
  }, "data-by": by }, _(words), el("span", { "aria-hidden": "true" }, here ? (order.down ? " ↓" : " ↑") : "")));
}

function draw() {
  if (!nouns.grids.features.length) {
    panel.show(emptyLine(asOf.day ? _("那天还没有网格。换一天，或回到现行") : _("还没有网格。规划员先画网格")));
    return;
  }
  const top = panel.body.scrollTop;
  panel.show(el("table", { class: "list" },
    el("caption", { class: "sr" }, _("全部网格")),
    el("thead", {}, el("tr", {}, COLUMNS.map(head))),
    el("tbody", {}, sorted().map(row))));
  panel.body.scrollTop = top;
}

function choose(props, go) {
  details.show({ layer: "grid", id: props.code, props });
  if (go && props.label_point) view.goTo(...props.label_point, 15);
  for (const line of panel.body.querySelectorAll("tr[data-code]")) {
    const chosen = line.dataset.code === String(props.code);
    line.classList.toggle("sel", chosen);
    if (chosen && !go) line.scrollIntoView({ block: "nearest" });
  }
}

/** Sum the quality of several areas up into one line. */
function sumQuality(quality) {
  const list = (Array.isArray(quality) ? quality : [quality]).filter(Boolean);
  const total = (name) => list.reduce((sum, one) => sum + (one[name] || 0), 0);
  const grids = total("grids");
  const mean = (name) => list.reduce((sum, one) => sum + (one[name] || 0) * (one.grids || 0), 0) / (grids || 1);
  const same = (name) => (list.every((one) => one[name] === list[0][name]) ? list[0]?.[name] : null);
  return { grids, within: total("within"), minimum: same("minimum"), maximum: same("maximum"), contiguous: total("contiguous"), compact: mean("mean_polsby_popper") };
}

/** How many keep the rule of size: with its figures where all communities have the same. */
const keptWords = (share, a, b) => (a && b
  ? _("{share} 在 {a}–{b} 户", { share, a: number(a), b: number(b) })
  : _("{share} 合户数规则", { share }));

async function loadFaults() {
  try {
    const answer = await get(urls.grid_faults || "/api/grids/faults");
    const { grids, within, minimum, maximum, contiguous, compact } = sumQuality(answer.quality || answer.summary);
    replace(byId("summary"), [
      n_("{n} 格", grids, { n: number(grids) }),
      keptWords(percent(grids ? within / grids : null), minimum, maximum),
      contiguous === grids ? _("都连成一块") : _("{n} 格不连成一块", { n: number(grids - contiguous) }),
      _("平均紧凑度 {n}", { n: compact.toFixed(2) }),
    ].join(" · "));
    layers.faults.setData(answer);
    const counts = new Map();
    for (const { properties } of answer.features) counts.set(properties.kind, (counts.get(properties.kind) || 0) + 1);
    const kinds = ["gap", "overlap", "outside", ...counts.keys()].filter((kind, i, all) => all.indexOf(kind) === i);
    replace(byId("faults"), kinds.map((kind) => el("span", { class: counts.get(kind) ? "chip line" : "mut" },
      `${terms.faultKind(kind)} ${number(counts.get(kind) || 0)}`)), !counts.size && el("span", {}, "✓"));
    byId("next-fault").hidden = !answer.features.length;
  } catch (error) {
    replace(byId("faults"), error.status === 0 ? _("没连上服务器") : _("问题没取到"));
  }
}

function nextFault() {
  const { items } = layers.faults;
  if (!items.length) return;
  faultAt = (faultAt + 1) % items.length;
  const item = items[faultAt];
  view.goTo(...item.lonlat, 16);
  view.select("fault", item.id);
  view.say(_("问题 {n}：{kind}，{area} 平方米，{grids}", {
    n: item.number, kind: terms.faultKind(item.props.kind), area: number(item.props.area_m2),
    grids: terms.listed(item.props.grids || []),
  }));
}

byId("next-fault").addEventListener("click", nextFault);
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, select, textarea");
  if (event.key.toLowerCase() === "n" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) nextFault();
});

nouns.communities.addEventListener("change", () => {
  layers.communities.setData(nouns.communities.collection);
  if (nouns.grids.loaded) draw();
});
nouns.grids.addEventListener("change", () => {
  layers.grids.setData(nouns.grids.collection);
  draw();
});
nouns.special.addEventListener("change", () => layers.special.setData(nouns.special.collection));
nouns.grids.addEventListener("error", () => panel.fail(nouns.grids.error, () => nouns.grids.load()));
view.onchoose((hit) => {
  if (hit?.layer === "grid") choose(hit.props, false);
  else if (hit) details.show(hit);
  else details.close();
});
view.search((result) => {
  const item = result.kind === "grid" && layers.grids.find(result.ref);
  const over = result.kind === "grid" && layers.special.find(result.ref);
  if (item) choose(item.props, true);
  else if (over) details.show({ layer: "special", id: over.id, props: over.props });
});
const asOf = new AsOf(byId("as-of"), ({ url, day }) => {
  Object.assign(nouns.grids, { url, etag: null });
  details.close();
  layers.faults.group = day ? L.layerGroup() : hook("grids"); // Faults are those of the grids in force.
  byId("quality").hidden = Boolean(day);
  nouns.grids.load();
  Object.assign(nouns.special, { url: addressOf(urls.special_grids || "/api/grids?kind=special", day), etag: null });
  nouns.special.load();
  layers.micro.from(addressOf(urls.micro_grids || "/api/micro-grids", day));
}, urls.grids || "/api/grids");
panel.loading(8);
follow(feed, {
  grid: [nouns.grids, nouns.special], grids: [nouns.grids, nouns.special], area: [nouns.communities], town: Object.values(nouns),
  incident: [nouns.grids],
});
feed.addEventListener("change", ({ detail }) => {
  if (detail.subject !== "grid" && detail.subject !== "grids") return;
  loadFaults();
  asOf.load();
});
feed.addEventListener("ready", () => {
  loadFaults();
  asOf.load();
});
layers.micro.follow(feed);
live.start();
