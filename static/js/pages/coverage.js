// Coverage gaps: choose a standard, a run and a limit; compare, try out, see what people hang on.
import "./common.js";
import { post } from "../core/api.js";
import { byId, el, replace } from "../core/dom.js";
import { moment } from "../core/format.js";
import { JobBar } from "../core/job.js";
import { Live } from "../core/live.js";
import { follow, Noun } from "../core/nouns.js";
import { may, page } from "../core/page.js";
import { emptyLine, Panel } from "../core/panels.js";
import { Tabs } from "../core/tabs.js";
import * as terms from "../core/terms.js";
import { _ } from "../core/words.js";
import { ComparePanel } from "../coverage/compare_panel.js";
import { CriticalPanel } from "../coverage/critical_panel.js";
import { Desk } from "../coverage/desk.js";
import { GapPanel } from "../coverage/gap_panel.js";
import { HistoryPanel } from "../coverage/history_panel.js";
import { LimitSlider } from "../coverage/limit_slider.js";
import { coverageLayers } from "../coverage/map_layers.js";
import { OptionsPanel } from "../coverage/options_panel.js";
import { areasOf, ReportDialog } from "../coverage/report_dialog.js";
import { SiteCards } from "../coverage/site_cards.js";
import { StandardsBar } from "../coverage/standards_bar.js";
import { codeAt, LEVELS } from "../coverage/sums.js";
import { WhatIfPanel } from "../coverage/what_if_panel.js";
import { MapView } from "../map/view.js";
import { toast } from "./common.js";

const urls = page.urls || {};
const panels = Object.fromEntries(["gaps", "compare", "critical", "history", "options"]
  .map((name) => [name, new Panel(byId(`panel-${name}`))]));
const live = new Live([panels.gaps]);
const { feed } = live;
const now = () => feed.serverNow();
const view = new MapView(document.querySelector(".mapbox"), { filled: true });
const desk = new Desk(urls);
const nouns = {
  communities: new Noun(urls.areas || "/api/areas?level=community"),
  townships: new Noun("/api/areas?level=township"),
  grids: new Noun(urls.grids || "/api/grids"),
  facilities: new Noun(urls.facilities || "/api/facilities"),
};

const layers = coverageLayers(view, desk, { site: () => cards.chosen, street: () => critical.number });
new StandardsBar(byId("standards"), desk);
new LimitSlider(byId("limit-box"), desk);
const around = { choose: chooseRow, chosen: () => view.overlay.selection?.id || null };

function nameOf(code, level = "grid") {
  const noun = level === "township" ? nouns.townships : nouns.communities;
  const wanted = String(code).slice(0, level === "township" ? LEVELS.township : LEVELS.community);
  return noun.features.find(({ properties }) => properties.code === wanted)?.properties.name || "";
}

function chooseRow(row) {
  const code = String(row.code);
  const first = layers.grids.items.find((item) => item.id.startsWith(code));
  view.select(desk.level === "grid" ? "grid" : "community", code);
  if (first && code.length === LEVELS.grid) view.goTo(...first.props.label_point, 15);
  else if (first) view.fit(layers.boxOf(code), 16);
  gaps.mark(code);
}

const gaps = new GapPanel(panels.gaps, desk, { nameOf, now, ...around });
const compare = new ComparePanel(panels.compare, desk, { now, nameOf, show: layers.difference, ...around });
const history_ = new HistoryPanel(panels.history, desk, {
  now,
  open: (id) => {
    const run = desk.runs.find((one) => one.id === id);
    if (run) desk.open(run);
    else desk.loadRuns(id);
  },
});
const whatIf = new WhatIfPanel(desk, view, {
  map: layers.whatIf, nameOf, ...around,
  facility: (id) => layers.placeOf(id),
  kept: () => options.active && options.open(),
});
const critical = new CriticalPanel(panels.critical, desk, {
  show: layers.streets,
  gridOf: layers.gridOf,
  choose: (street) => view.fit(layers.boundsOf(street.geometry), 17),
  tryClosed: (street) => tryOut(() => whatIf.made(() => whatIf.changes.close(street.geometry, street.name))),
  tryOff: ({ id, name }) => tryOut(() => whatIf.made(() => whatIf.changes.off(id, name, layers.placeOf(id)))),
});
const cards = new SiteCards(desk, {
  show: layers.sites,
  go: (site) => view.goTo(...site.at, 16),
  keep: (job, site) => whatIf.keep(site.moved ? { job } : { job, site: site.number }, site.near || ""),
  tryOut: (site) => tryOut(() => whatIf.add(site.at)),
  map: {
    ground: layers.ground,
    difference: layers.sitesDifference,
    pointing: (on) => view.box.classList.toggle("placing-tool", on),
    middle: () => {
      const { lng, lat } = view.map.getCenter();
      return [lng, lat];
    },
  },
  around: { choose: chooseRow, nameOf },
});
const options = new OptionsPanel(panels.options, desk, {
  now,
  take: async (option) => {
    const standard = desk.standards.find(({ key }) => key === option.standard);
    if (standard && standard !== desk.standard) await desk.choose(standard);
    tryOut(() => whatIf.take(option, (id) => ({ name: layers.nameOf(id), at: layers.placeOf(id) })));
  },
});

const shown = { gaps, compare, critical, history: history_, options };
let seen = "gaps";

function look(name = seen) {
  seen = name;
  for (const [other, panel] of Object.entries(shown)) if (other !== name) panel.close?.();
  cards.aside(name !== "gaps");
  shown[name].open?.();
  byId("cards").hidden = name !== "gaps" || !may("coverage.run");
}

new Tabs(byId("views"), (id) => look(id.replace("view-", "")), "shown");

function turn(on) {
  cards.aside(on);
  whatIf.turn(on);
  byId("what-if").setAttribute("aria-pressed", String(on));
  byId("what-if").classList.toggle("on", on);
  byId("what-if").textContent = on ? _("假设：开") : _("假设：关");
  byId("reading").hidden = on;
  // What they do is about the real data.
  byId("report").hidden = on;
  byId("again").hidden = on || !may("coverage.run");
  byId("speeds").hidden = on || !desk.hasSpeeds;
  if (!on) look(); // The map shows again what the tab is about.
}

function tryOut(act) {
  turn(true);
  act();
}

byId("what-if").hidden = !may("coverage.run");
byId("what-if").addEventListener("click", () => turn(!whatIf.on));
byId("if-leave").addEventListener("click", () => {
  turn(false);
  byId("what-if").focus();
});
turn(false);

byId("runs").addEventListener("change", (event) => {
  const run = desk.runs.find(({ id }) => String(id) === event.target.value);
  if (run) desk.open(run);
});
byId("speeds").addEventListener("click", () => desk.setSpeeds(!desk.speeds));
desk.addEventListener("standard", () => {
  history.replaceState(null, "", `?standard=${encodeURIComponent(desk.standard.key)}`);
  layers.facilities.setData(nouns.facilities.collection);
});
desk.addEventListener("runs", () => {
  const choices = desk.runs.map((run) => el("option", { value: run.id },
    `${moment(run.ended_at, now())}${run.stale ? ` · ${_("数据已变")}` : ""}`));
  replace(byId("runs"), choices.length ? choices : el("option", { value: "" }, _("还没算过")));
});
desk.addEventListener("run", () => {
  if (desk.run) byId("runs").value = String(desk.run.id);
  byId("what-if").disabled = !desk.standard;
});
for (const name of ["rows", "limit", "run"]) {
  desk.addEventListener(name, () => {
    byId("speeds").hidden = whatIf.on || !desk.hasSpeeds;
    byId("speeds").setAttribute("aria-pressed", String(desk.speeds));
    byId("speeds").classList.toggle("on", desk.speeds);
  });
}

// What a tap on a layer does, beside marking it.
const taps = {
  household: ({ props }) => view.say(layers.households.band(props) === 3
    ? _("这户到不了：{why}", { why: terms.reason(props.reason || "too_far") }) : _("这户到得了")),
  facility: ({ props }) => view.say(props.name || ""),
  site: ({ props }) => cards.pick(props),
  critical: ({ props }) => critical.pick(props),
  grid: ({ id }) => gaps.mark(codeAt(desk.level, id)),
};
view.onchoose((hit, lonlat) => {
  if (whatIf.on && whatIf.tools.take(hit, lonlat)) return;
  if (cards.take(lonlat)) return;
  view.select(hit?.layer || null, hit?.id);
  if (hit) taps[hit.layer]?.(hit);
});
view.search((result) => {
  if (result.kind !== "grid") return;
  view.select("grid", result.ref);
  gaps.mark(result.ref);
});

const job = new JobBar(byId("job"), (ended) => {
  byId("again").disabled = false;
  if (ended.state !== "done") return;
  toast(_("算完了"));
  desk.loadRuns();
});
byId("again").addEventListener("click", async () => {
  byId("again").disabled = true;
  try {
    const answer = await post("/api/coverage/runs", { standard: desk.standard.key });
    job.start(answer.job);
  } catch (error) {
    byId("again").disabled = false;
    toast(_("没能开始算：{why}", { why: error.detail || error.message }));
  }
});

const listed = ({ features }) => features.map(({ properties: { code, name } }) => ({ code: String(code), name }));
new ReportDialog(byId("report"), byId("report-job"), desk,
  (area) => areasOf(area, listed(nouns.townships), listed(nouns.communities)));

nouns.communities.addEventListener("change", () => gaps.draw());
nouns.townships.addEventListener("change", () => gaps.draw());
for (const name of ["communities", "grids", "facilities"]) {
  nouns[name].addEventListener("change", () => layers[name].setData(nouns[name].collection));
}

async function begin() {
  panels.gaps.loading(6);
  try {
    await desk.loadStandards();
  } catch (error) {
    panels.gaps.fail(error, begin);
    return;
  }
  const asked = new URLSearchParams(location.search).get("standard");
  const first = desk.standards.find(({ key }) => key === asked) || desk.standards[0];
  if (first) await desk.choose(first);
  else panels.gaps.show(emptyLine(_("没有覆盖标准")));
}

follow(feed, {
  grid: [nouns.grids], grids: [nouns.grids], facility: [nouns.facilities], area: [nouns.communities],
  town: Object.values(nouns),
});
feed.addEventListener("change", ({ detail }) => {
  if (detail.subject !== "coverage" || job.id) return;
  // Who looks at an earlier run goes on looking at it.
  desk.loadRuns(desk.run === desk.runs[0] ? null : desk.run?.id);
});
feed.addEventListener("ready", begin);
live.start();
