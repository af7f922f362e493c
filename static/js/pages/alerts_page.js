// Warnings: what has come and what went out, one in full, and the form to issue one.
import "./common.js";
import { get, postFile } from "../core/api.js";
import { byId, el, replace } from "../core/dom.js";
import { Live } from "../core/live.js";
import { follow, Noun } from "../core/nouns.js";
import { page } from "../core/page.js";
import { emptyLine, Panel } from "../core/panels.js";
import { toast } from "../core/toast.js";
import { _, n_ } from "../core/words.js";
import { drawDrills } from "../duty/drill_band.js";
import { boundsOf } from "../duty/hazard_view.js";
import { CommunityLayer } from "../map/layers/grids.js";
import { HazardLayer } from "../map/layers/hazards.js";
import { hook, MapView } from "../map/view.js";
import { openStart } from "../responses/start.js";
import { detail, line } from "./alerts_detail.js";
import { AlertForm } from "./alerts_form.js";

const panel = new Panel(byId("panel-alerts"));
const one = byId("panel-alert");
const body = one.querySelector(".body");
const live = new Live([panel]);
live.fresh(panel);
const { feed } = live;
const now = () => feed.serverNow();
const view = new MapView(document.querySelector(".mapbox"), { filled: true });
const nouns = {
  communities: new Noun(page.urls?.areas || "/api/areas?level=community"),
  hazards: new Noun(page.urls?.hazards || "/api/hazards"),
};
const layers = {
  communities: view.overlay.add(new CommunityLayer(hook("communities"))),
  hazards: view.overlay.add(new HazardLayer(hook("hazards"))),
};
let [items, shown, open] = [[], "current", null];

function say(words) {
  byId("said").textContent = words;
  byId("said").hidden = !words;
}

function draw() {
  const current = items.filter((each) => each.in_force);
  const list = shown === "all" ? items : current;
  byId("summary").textContent = current.length ? n_("{n} 条在效", current.length) : _("没有在效的预警");
  drawDrills(byId("exercise-band"), current.map((each) => ({ properties: { exercise: each.exercise, name: each.headline } })));
  panel.show(list.length
    ? el("div", { class: "alert-list" }, list.map((each) => line(each, now(), choose)))
    : emptyLine(shown === "all" ? _("还没有收到或发布过预警") : _("没有在效的预警")));
}

async function load() {
  try {
    ({ items } = await get("/api/alerts"));
    panel.at(now().toISOString());
    draw();
    if (open) choose(open);
  } catch (error) {
    panel.fail(error, load);
  }
}

function close() {
  open = null;
  one.hidden = true;
  panel.section.hidden = false;
  layers.hazards.setData(nouns.hazards.collection);
  replace(body);
}

function take(title) {
  byId("alert-title").textContent = title;
  panel.section.hidden = true;
  one.hidden = false;
}

/** The area of a warning on the map, drawn like a hazard; a drill like a drill. */
function area(alert) {
  const feature = alert.geometry && { type: "Feature", id: alert.id, geometry: alert.geometry,
    properties: { id: alert.id, name: alert.headline, severity: alert.severity, exercise: alert.exercise } };
  layers.hazards.setData({ features: feature ? [feature] : [] });
  if (feature) view.map.fitBounds(boundsOf(alert.geometry), { padding: [40, 40], maxZoom: 16 });
}

async function choose(id) {
  const known = open === id;
  open = id;
  try {
    const alert = await get(`/api/alerts/${encodeURIComponent(id)}`);
    if (open !== id) return;
    take(_("一条预警"));
    if (!known) area(alert);
    detail(body, alert, { now: now(), choose, changed: load, say: (words) => toast(words), begin: respond, update: (before) => issue(before) });
    if (!known) byId("alert-close").focus();
  } catch (error) {
    say(error.detail || error.message);
    close();
  }
}

/** The form that starts a response, in place of the warning it is started by. */
function respond(alert) {
  openStart((node) => {
    if (!node) {
      choose(alert.id);
      return;
    }
    open = null;
    take(_("启动响应"));
    replace(body, node);
    node.querySelector("select, input")?.focus();
  }, now(), { alert });
}

function issue(before = null) {
  open = null;
  take(before ? _("更新预警") : _("发布预警"));
  layers.hazards.setData(nouns.hazards.collection);
  const form = new AlertForm(body, {
    hazards: nouns.hazards.features.map(({ properties }) => properties), before, now,
    issuer: items.find((each) => each.direction === "issued")?.issuer,
    done: (id) => {
      load();
      choose(id);
    },
    leave: close,
  });
  form.body.querySelector("select, input")?.focus();
}

for (const button of document.querySelectorAll("[data-show]")) {
  button.addEventListener("click", () => {
    shown = button.dataset.show;
    for (const each of document.querySelectorAll("[data-show]")) {
      each.classList.toggle("on", each === button);
      each.setAttribute("aria-pressed", String(each === button));
    }
    draw();
  });
}
byId("alert-close").addEventListener("click", () => {
  close();
  panel.body.querySelector("button")?.focus();
});
document.getElementById("issue")?.addEventListener("click", () => issue());
document.getElementById("cap-file")?.addEventListener("change", async ({ target }) => {
  const [file] = target.files;
  target.value = "";
  if (!file) return;
  say("");
  try {
    const made = await postFile("/api/alerts/cap", file, "application/cap+xml");
    await load();
    choose(made.id);
  } catch (error) {
    say([error.detail || error.message, ...(error.faults || []).map((each, at) => `${each.place}${_("：")}${error.more.said?.[at] || each.message}`)].join(" · "));
  }
});
nouns.communities.addEventListener("change", () => layers.communities.setData(nouns.communities.collection));
nouns.hazards.addEventListener("change", () => {
  if (!open) layers.hazards.setData(nouns.hazards.collection);
});
panel.loading(4);
follow(feed, { hazard: [nouns.hazards], area: [nouns.communities], town: Object.values(nouns) });
feed.addEventListener("change", ({ detail: change }) => {
  if (change.subject === "alert" || change.subject === "hazard") load();
});
for (const name of ["ready", "resumed"]) feed.addEventListener(name, load);
const asked = Number(new URLSearchParams(window.location.search).get("id"));
if (asked) choose(asked);
live.start();
