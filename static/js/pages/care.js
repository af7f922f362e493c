// Care as coverage: visits overdue, what grids ask, services wanted and offered, on one map.
import "./common.js";
import { toast } from "./common.js";
import { OffersPanel } from "../care/offers_panel.js";
import { LoadsPanel } from "../care/loads_panel.js";
import { ServicesPanel } from "../care/services_panel.js";
import { CareGrids } from "../care/shading.js";
import { mark } from "../care/table.js";
import { VisitsPanel } from "../care/visits_panel.js";
import { WishesPanel } from "../care/wishes_panel.js";
import { LEVEL_WORDS, LEVELS, provider } from "../care/words.js";
import { post } from "../core/api.js";
import { byId, el, replace } from "../core/dom.js";
import { JobBar } from "../core/job.js";
import { Live } from "../core/live.js";
import { follow, Noun } from "../core/nouns.js";
import { may, page } from "../core/page.js";
import { Panel } from "../core/panels.js";
import { Tabs } from "../core/tabs.js";
import { _ } from "../core/words.js";
import { facility } from "../map/glyphs.js";
import { CommunityLayer } from "../map/layers/grids.js";
import { PinLayer } from "../map/layers/pin.js";
import { FacilityLayer } from "../map/layers/places.js";
import { hook, MapView } from "../map/view.js";

const SIGNS = { volunteers: "志", social_worker: "社", charity: "慈", room: "室", market: "市" };
const urls = page.urls || {};
const areasUrl = (level) => `/api/areas?level=${level}`;

/** Who offers help and has a place: a square with the character of its kind. */
class OfferLayer extends FacilityLayer {
  constructor(group) {
    super(group, () => true, { whole: true });
  }

  symbol({ ctx, colours }, item, x, y) {
    facility(ctx, x, y, SIGNS[item.props.kind], colours, 0.92);
  }

  legend() {
    const kinds = [...new Set((this.drawn || []).map(({ item }) => item.props.kind))].sort();
    return kinds.map((kind) => ({ symbol: "facility", character: SIGNS[kind], text: provider(kind) }));
  }
}

const names = ["visits", "loads", "services", "offers", ...(may("household.personal") ? ["wishes"] : [])];
const sections = Object.fromEntries(names.map((name) => [name, new Panel(byId(`panel-${name}`))]));
const live = new Live([]);
const { feed } = live;
const view = new MapView(document.querySelector(".mapbox"), { filled: true });
view.find(".legend").classList.add("titled");
const { overlay } = view;
const nouns = {
  townships: new Noun(areasUrl("township")),
  communities: new Noun(urls.areas || areasUrl("community")),
  grids: new Noun(urls.grids || "/api/grids"),
};
const layers = {
  communities: overlay.add(new CommunityLayer(hook("communities"))),
  grids: overlay.add(new CareGrids(hook("grids"))),
  offers: overlay.add(new OfferLayer(hook("facilities"))),
  pin: overlay.add(new PinLayer()),
};
let level = "grid";
let seen = "visits";
let pointed = null;

const map = {
  /** Ask for a point of the map; null when none is wanted any more. */
  point(take, at) {
    pointed = take;
    view.box.classList.toggle("pointing", Boolean(take));
    layers.pin.put(at);
  },
};

function places() {
  const own = ["townships", "communities"].flatMap((name) => nouns[name].features);
  return own.map(({ properties: p }) => ({ code: p.code, name: p.name })).sort((a, b) => a.code.localeCompare(b.code));
}

function showOffers(offers) {
  layers.offers.setData({ features: offers.filter(({ at }) => at).map((offer) => ({
    type: "Feature", geometry: { type: "Point", coordinates: offer.at },
    properties: { id: offer.id, kind: offer.provider, name: offer.name },
  })) });
}

function choose(row) {
  const first = layers.grids.find(row.code) || layers.grids.items.find(({ id }) => id.startsWith(row.code));
  if (first) view.goTo(...first.props.label_point, row.code.length === LEVELS.grid ? 15 : 14);
  view.select(row.code.length === LEVELS.grid ? "grid" : null, row.code);
  mark(sections[seen].body, row.code);
}

const panels = {
  visits: new VisitsPanel(sections.visits, { choose }),
  loads: new LoadsPanel(sections.loads, { choose }),
  services: new ServicesPanel(sections.services, { choose, now: () => feed.serverNow(), changed: () => shade() }),
  offers: new OffersPanel(sections.offers, { map, places, show: showOffers, go: (offer) => {
    view.goTo(...offer.at, 16);
    view.select("facility", offer.id);
  } }),
};
if (may("household.personal")) {
  panels.wishes = new WishesPanel(sections.wishes, { changed: () => panels.services.load(level).then(shade) });
}

/** The map shows what the table is about; of offers and wishes, the services. */
function shade() {
  const panel = panels[seen].share ? panels[seen] : panels.services;
  const digits = LEVELS[level];
  layers.grids.show(panel.name, (code) => panel.share(code.slice(0, digits)));
  view.box.classList.toggle("run-stale", panel === panels.services && Boolean(panel.run?.stale));
}

async function load() {
  const { services } = panels;
  const wanted = panels[seen];
  await Promise.all([wanted.load(level), wanted.share || services.answer ? null : services.load(level)]);
  shade();
}

function setLevel(chosen) {
  level = chosen;
  for (const button of byId("levels").children) button.setAttribute("aria-pressed", String(button.dataset.level === level));
  for (const button of byId("levels").children) button.classList.toggle("on", button.dataset.level === level);
  byId("figures-file").href = `/api/care/figures.xlsx?level=${level}`;
  panels.services.answer = null;
  load();
}

replace(byId("levels"), Object.entries(LEVEL_WORDS).map(([name, words]) => el("button", {
  type: "button", "data-level": name, onclick: () => setLevel(name) }, _(words))));

const job = new JobBar(byId("job"), (ended) => {
  byId("again").disabled = false;
  if (ended.state !== "done") return;
  toast(_("算完了"));
  panels.services.load(level).then(shade);
  if (seen === "wishes") panels.wishes.load();
});
byId("again").hidden = !may("coverage.run");
byId("again").addEventListener("click", async () => {
  byId("again").disabled = true;
  try {
    job.start((await post("/api/care/runs", {})).job);
  } catch (error) {
    byId("again").disabled = false;
    toast(_("没能开始算：{why}", { why: error.detail || error.message }));
  }
});

view.onchoose((hit, at) => {
  if (pointed) {
    pointed(at);
    return;
  }
  view.select(hit?.layer || null, hit?.id);
  if (hit?.layer === "facility") view.say(hit.props.name);
  if (hit?.layer !== "grid") return;
  const code = String(hit.id).slice(0, LEVELS[level]);
  mark(sections[seen].body, code);
  const panel = panels[seen].said ? panels[seen] : panels.services;
  view.say([hit.props.label, panel.said(code)].filter(Boolean).join("："));
});
view.search((result) => {
  if (result.kind === "grid") choose({ code: result.ref });
});
nouns.communities.addEventListener("change", () => layers.communities.setData(nouns.communities.collection));
nouns.grids.addEventListener("change", () => layers.grids.setData(nouns.grids.collection));
follow(feed, { grid: [nouns.grids], grids: [nouns.grids], area: [nouns.communities, nouns.townships], town: Object.values(nouns) });
feed.addEventListener("change", ({ detail }) => {
  if (detail.subject === "visit" && seen === "visits") load();
  if (detail.subject === "care") panels.services.load(level).then(shade);
  if (detail.subject === "service_offer" && seen !== "offers") panels.offers.load();
});
new Tabs(byId("views"), (id) => {
  if (seen === "offers") panels.offers.close();
  seen = id.replace("view-", "");
  load();
}, "shown");
setLevel("grid");
panels.offers.load();
live.start();
