// Coverage gaps: choose a standard and a run, see where people are not reached, compute again.
import "./common.js";
import { get, post } from "../core/api.js";
import { byId, el, replace } from "../core/dom.js";
import { distance, duration, moment, number, percent, travel } from "../core/format.js";
import { JobBar } from "../core/job.js";
import { Live } from "../core/live.js";
import { follow, Noun } from "../core/nouns.js";
import { may, page } from "../core/page.js";
import { emptyLine, Panel } from "../core/panels.js";
import * as terms from "../core/terms.js";
import { _, n_ } from "../core/words.js";
import { bandOf, BANDS, CoveredHouseholds } from "../map/layers/coverage.js";
import { CommunityLayer, GridLayer } from "../map/layers/grids.js";
import { FacilityLayer } from "../map/layers/places.js";
import { hook, MapView } from "../map/view.js";
import { rowsOf } from "./coverage_panel.js";
import { toast } from "./common.js";
import { figures } from "./plan_panel.js";

const urls = page.urls || {};
const SHOWN_ROWS = 400;

const panel = new Panel(byId("panel-gaps"));
const live = new Live([panel]);
const { feed } = live;
const view = new MapView(document.querySelector(".mapbox"), { filled: true });
const { overlay } = view;
view.find(".legend").classList.add("titled");

const nouns = {
  communities: new Noun(urls.areas || "/api/areas?level=community"),
  grids: new Noun(urls.grids || "/api/grids"),
  facilities: new Noun(urls.facilities || "/api/facilities"),
};
const state = { standards: [], standard: null, runs: [], run: null, rows: new Map() };

class GapGrids extends GridLayer {
  legend() {
    const seen = new Set(this.items.map((item) => bandOf(state.rows.get(item.id))?.name));
    return BANDS.filter(({ name }) => seen.has(name))
      .map(({ name, words }) => ({ symbol: "fill", name, words }));
  }
}

const layers = {
  communities: overlay.add(new CommunityLayer(hook("communities"))),
  grids: overlay.add(new GapGrids(hook("grids"), {
    paint,
    note: (item) => {
      const row = state.rows.get(item.id);
      return row && row.uncovered ? n_("{n} 户到不了", row.uncovered, { n: number(row.uncovered) }) : null;
    },
  })),
  coverage: overlay.add(new CoveredHouseholds(hook("coverage"), null)),
  facilities: overlay.add(new FacilityLayer(hook("facilities"), (props) => {
    const kinds = state.standard?.facility_kinds;
    return !kinds?.length || kinds.includes(props.kind);
  }, { whole: true })),
};

function paint(item, colours) {
  const band = bandOf(state.rows.get(item.id));
  if (!band) return null;
  return band.colour === "hatch" ? "hatch" : colours[band.colour];
}

function limitWords(standard) {
  const limit = standard.by === "metres" ? distance(standard.limit)
    : standard.limit % 60 ? travel(standard.limit) : duration(standard.limit);
  return _("{profile} {limit}以内", { profile: terms.profile(standard.profile), limit });
}

function drawStandards() {
  replace(byId("standards"), state.standards.map((one) => {
    const chosen = one.key === state.standard?.key;
    return el("button", {
      type: "button", role: "radio", "aria-checked": String(chosen), tabindex: chosen ? 0 : -1,
      class: chosen ? "on" : "", "data-key": one.key, onclick: () => chooseStandard(one),
    }, one.name || one.key);
  }));
}

byId("standards").addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const index = state.standards.indexOf(state.standard);
  const next = state.standards[(index + step + state.standards.length) % state.standards.length];
  chooseStandard(next).then(() => byId("standards").querySelector("[aria-checked=true]")?.focus());
});

async function chooseStandard(standard) {
  state.standard = standard;
  history.replaceState(null, "", `?standard=${encodeURIComponent(standard.key)}`);
  drawStandards();
  layers.facilities.setData(nouns.facilities.collection);
  await loadRuns();
}

async function loadRuns() {
  const key = state.standard?.key;
  if (!key) return;
  try {
    const answer = await get(`/api/coverage/runs?standard=${encodeURIComponent(key)}`);
    if (key !== state.standard.key) return;
    state.runs = rowsOf(answer, "runs", "items").filter((run) => run.state === "done");
    drawRuns();
    await chooseRun(state.runs[0] || null);
  } catch (error) {
    panel.fail(error, loadRuns);
  }
}

function drawRuns() {
  const now = feed.serverNow();
  const options = state.runs.map((run) => el("option", { value: run.id },
    `${moment(run.ended_at, now)}${run.stale ? ` · ${_("数据已变")}` : ""}`));
  replace(byId("runs"), options.length ? options : el("option", { value: "" }, _("还没算过")));
}

byId("runs").addEventListener("change", (event) => {
  const run = state.runs.find(({ id }) => String(id) === event.target.value);
  if (run) chooseRun(run);
});

async function chooseRun(run) {
  state.run = run;
  if (!run) {
    state.rows = new Map();
    layers.coverage.setPattern(null);
    replace(byId("figures"));
    panel.at(null);
    panel.show(emptyLine(_("这个标准还没算过。点“重新算”")));
    overlay.redraw();
    return;
  }
  byId("runs").value = String(run.id);
  const answer = await get(`/api/coverage/runs/${encodeURIComponent(run.id)}/grids`);
  if (run !== state.run) return;
  const rows = rowsOf(answer, "grids", "items");
  state.rows = new Map(rows.map((row) => [String(row.code), row]));
  const pattern = urls.coverage_tiles || "/tiles/coverage/{run}/{z}/{x}/{y}.mvt";
  layers.coverage.setPattern(pattern.replace("{run}", run.id));
  draw(rows);
  overlay.redraw();
}

function drawFigures(rows) {
  const { households = 0, uncovered = 0 } = state.run.totals || {};
  const gaps = rows.filter((row) => row.uncovered > 0).length;
  replace(byId("figures"), figures([
    [limitWords(state.standard), percent(households ? 1 - uncovered / households : null)],
    [_("户到不了，共 {all}", { all: number(households) }), number(uncovered)],
    [_("格有缺口，共 {all}", { all: number(rows.length) }), number(gaps)],
  ]), el("p", { class: "pad s mut" },
    state.run.stale && el("b", { class: "age old" }, _("数据已变，要重算")), " ",
    _("算次 {id}", { id: state.run.id }),
    state.standard.source && ` · ${_("依据 {source}", { source: state.standard.source })}`),
  el("details", { class: "pad s mut" }, el("summary", {}, _("输入版本")),
    el("p", { class: "num" }, String(state.run.input_version).split(" ").join(" · "))));
}

function communityOf(code) {
  const found = nouns.communities.features.find(({ properties }) => String(code).startsWith(properties.code));
  return found?.properties.name || "";
}

function row(one) {
  const share = one.households ? one.uncovered / one.households : 0;
  const bar = el("i", { class: "k-none" });
  bar.style.width = `${share * 100}%`;
  const worst = state.standard.by === "metres"
    ? distance(one.worst_metres ?? one.worst_seconds) : travel(one.worst_seconds);
  const chosen = overlay.selection?.id === String(one.code);
  return el("tr", { class: chosen ? "sel" : "", "data-code": one.code },
    el("th", { scope: "row" }, el("button", { type: "button", class: "row-button num", onclick: () => chooseGrid(one) }, one.label),
      communityOf(one.code) && el("span", { class: "mut under clip" }, communityOf(one.code))),
    el("td", { class: "n num" }, el("b", {}, number(one.uncovered))),
    el("td", { class: "n num mut" }, number(one.households)),
    el("td", {}, el("span", { class: "bar", role: "img", "aria-label": percent(share, 0) }, bar)),
    el("td", { class: "n num nw" }, worst),
    el("td", {}, one.main_reason ? terms.reason(one.main_reason) : ""));
}

function draw(rows) {
  drawFigures(rows);
  panel.at(state.run.ended_at);
  const sorted = [...rows].sort((one, other) => other.uncovered - one.uncovered);
  const shown = sorted.filter((one) => one.uncovered > 0).slice(0, SHOWN_ROWS);
  if (!shown.length) {
    panel.show(emptyLine(_("没有缺口，每户都到得了")));
    return;
  }
  const heads = [[_("网格")], [_("到不了"), "n"], [_("全部户"), "n"], [_("占比")],
    [state.standard.by === "metres" ? _("最远") : _("最久"), "n"], [_("原因")]];
  panel.show(el("table", { class: "list" },
    el("caption", { class: "sr" }, _("缺口最大的网格")),
    el("thead", {}, el("tr", {}, heads.map(([words, name]) => el("th", { scope: "col", class: name || "" }, words)))),
    el("tbody", {}, shown.map(row))));
}

function chooseGrid(one) {
  const item = layers.grids.find(one.code);
  view.select("grid", one.code);
  if (item) view.goTo(...item.props.label_point, 15);
  markRow(one.code);
}

function markRow(code) {
  for (const line of panel.body.querySelectorAll("tr[data-code]")) {
    const chosen = line.dataset.code === String(code);
    line.classList.toggle("sel", chosen);
    if (chosen) line.scrollIntoView({ block: "nearest" });
  }
}

view.onchoose((hit) => {
  if (hit?.layer === "household") {
    view.select("household", hit.id);
    view.say(hit.props.covered === false
      ? _("这户到不了：{why}", { why: terms.reason(hit.props.reason) }) : _("这户到得了"));
  } else if (hit?.layer === "facility") {
    view.select("facility", hit.id);
    view.say(hit.props.name || "");
  } else {
    view.select(hit?.layer || null, hit?.id);
    markRow(hit?.id);
  }
});
view.search((result) => {
  if (result.kind === "grid") {
    view.select("grid", result.ref);
    markRow(result.ref);
  }
});

const job = new JobBar(byId("job"), (ended) => {
  byId("again").disabled = false;
  if (ended.state === "done") {
    toast(_("算完了"));
    loadRuns();
  }
});
byId("again").hidden = !may("coverage.run");
byId("again").addEventListener("click", async () => {
  byId("again").disabled = true;
  try {
    const answer = await post("/api/coverage/runs", { standard: state.standard.key });
    job.start(answer.job);
  } catch (error) {
    byId("again").disabled = false;
    toast(_("没能开始算：{why}", { why: error.detail || error.message }));
  }
});

nouns.communities.addEventListener("change", () => state.run && draw([...state.rows.values()]));
for (const name of ["communities", "grids", "facilities"]) {
  nouns[name].addEventListener("change", () => layers[name].setData(nouns[name].collection));
}

async function begin() {
  panel.loading(6);
  try {
    state.standards = rowsOf(await get(urls.standards || "/api/coverage/standards"), "standards", "items");
  } catch (error) {
    panel.fail(error, begin);
    return;
  }
  const asked = new URLSearchParams(location.search).get("standard");
  const first = state.standards.find(({ key }) => key === asked) || state.standards[0];
  if (first) await chooseStandard(first);
  else panel.show(emptyLine(_("没有覆盖标准")));
}

follow(feed, {
  grid: [nouns.grids], grids: [nouns.grids], facility: [nouns.facilities], area: [nouns.communities],
  town: Object.values(nouns),
});
feed.addEventListener("change", ({ detail }) => {
  if (detail.subject === "coverage" && !job.id) loadRuns();
});
feed.addEventListener("ready", begin);
live.start();
