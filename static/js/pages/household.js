// The card of one household: what is known and since when, its needs, visits, place and changes.
import { toast } from "./common.js";
import { get, post } from "../core/api.js";
import { byId, el, replace } from "../core/dom.js";
import { Live } from "../core/live.js";
import { follow, Noun } from "../core/nouns.js";
import { emptyLine, Panel } from "../core/panels.js";
import * as terms from "../core/terms.js";
import { _, n_ } from "../core/words.js";
import { CommunityLayer, GridLayer } from "../map/layers/grids.js";
import { PinLayer } from "../map/layers/pin.js";
import { hook, MapView } from "../map/view.js";
import { EditForm } from "./household_edit.js";
import { day, factName, moment, seen, source, value, visitState } from "./household_words.js";

const id = byId("main").dataset.household;
const url = `/api/households/${encodeURIComponent(id)}`;
const panels = {};
for (const name of ["facts", "needs", "visits", "changes", "uses"]) panels[name] = new Panel(byId(`panel-${name}`));
const live = new Live([]);
const { feed } = live;
const view = new MapView(document.querySelector(".mapbox"), { legend: false });
const nouns = { communities: new Noun("/api/areas?level=community"), grids: new Noun("/api/grids") };
const layers = {
  communities: view.overlay.add(new CommunityLayer(hook("communities"))),
  grids: view.overlay.add(new GridLayer(hook("grids"))),
  pin: view.overlay.add(new PinLayer()),
};
const state = { card: null, form: null, items: [], kinds: [], gone: false };

function line(label, content, when, old = false) {
  return el("div", {}, el("dt", {}, label), el("dd", {}, content), el("dd", { class: old ? "when old" : "when" }, when));
}

function when(fact) {
  if (!fact.seen_at) return _("没看过");
  return [seen(fact.seen_at), source(fact.source), fact.seen_by].filter(Boolean).join(" · ");
}

function content(fact, held) {
  if (fact.kind === "phone" && held && !String(held).includes("*")) return el("a", { href: `tel:${held}` }, held);
  return state.card.hidden.includes(fact.name) ? _("不给看") : value(fact, held);
}

function numberLine(card) {
  if (!card.id_number) return null;
  const hidden = card.id_number.includes("*");
  const ask = hidden && card.can.includes("number") &&
    el("button", { type: "button", class: "btn", onclick: () => load("correction") }, _("为更正看全号"));
  return line(_("身份证号"), el("span", { class: "num" }, card.id_number), ask || (hidden ? "" : _("这次查看已留痕")));
}

function drawFacts() {
  const { card } = state;
  const rows = card.facts.map((fact) => line(fact.label, content(fact, card[fact.name]), when(fact), fact.stale));
  panels.facts.show(el("dl", { class: "facts" }, rows, numberLine(card)), card.masked && el("p", { class: "masked s mut" }, _("你的角色只看得到遮住的姓名和电话")));
  byId("edit").hidden = !card.can.includes("edit");
}

function drawNeeds() {
  const { needs } = state.card;
  if (needs === null) {
    panels.needs.show(emptyLine(_("你的角色看不到需要照顾的情况")));
    return;
  }
  if (!needs.length) {
    panels.needs.show(emptyLine(_("没有记下需要照顾的人")));
    return;
  }
  panels.needs.show(el("ul", {}, needs.map((need) => el("li", { class: "need-line" },
    el("b", { class: "boxed" }, terms.need(need.kind)), el("span", {}, n_("{n} 人", need.people)),
    need.note && el("span", { class: "mut" }, need.note),
    el("span", { class: "right when" }, [_("{time} 看到", { time: seen(need.seen_at) }), need.source && source(need.source)].filter(Boolean).join(" · "))))));
}

function drawVisits() {
  const { visits } = state.card;
  if (visits === null) {
    panels.visits.show(emptyLine(_("你的角色看不到走访")));
    return;
  }
  panels.visits.show(visits.length ? el("ul", {}, visits.map((one) => el("li", { class: "need-line" },
    el("b", {}, visitState(one.state)),
    el("span", {}, one.state === "planned" ? _("{day} 到日子", { day: day(one.due_on) }) : seen(one.at)),
    el("span", { class: "mut s" }, (one.needs || []).map(terms.need).join(_("、"))),
    one.note && el("span", {}, one.note),
    el("span", { class: "right when" }, one.by || "")))) : emptyLine(_("还没有走访")));
}

function drawChanges() {
  const { changes, facts } = state.card;
  const now = feed.serverNow();
  panels.changes.show(changes.length ? el("ul", {}, changes.map((one) => el("li", { class: "need-line" },
    el("span", {}, one.kind === "household.placed" ? _("重新落位")
      : _("改了：{what}", { what: one.fields.map((name) => factName(facts, name)).join(_("、")) || _("不给看的内容") })),
    el("span", { class: "right when" }, [one.by, moment(one.at, now)].filter(Boolean).join(" · "))))) : emptyLine(_("还没有改动")));
}

function drawUses() {
  const { facts, needs } = state.card;
  const own = new Set((needs || []).map(({ kind }) => kind));
  // An item for needs nobody here has does not use this household.
  const items = state.items.filter((item) => !needs || !item.needs.length || item.needs.some((kind) => own.has(kind)));
  panels.uses.show(items.length ? el("ul", {}, items.map((item) => el("li", { class: "need-line" },
    el("b", {}, item.name), el("span", {}, item.owner),
    el("span", { class: "mut s" }, item.legal_basis),
    el("span", { class: "mut s" }, [...item.fields.map((name) => factName(facts, name)), ...item.needs.map(terms.need)].join(_("、"))))))
    : emptyLine(_("事项清单里还没有")));
}

function conflictBox(one) {
  const { content: held } = one;
  const said = [
    ...Object.entries(held.fields || {}).map(([name, given]) => {
      const fact = state.card.facts.find((each) => each.name === name) || { kind: "text", label: name };
      return `${fact.label}：${value(fact, given)}`;
    }),
    ...(held.needs || []).map(([kind, people]) => `${terms.need(kind)} ${n_("{n} 人", people)}`),
    held.note,
  ].filter(Boolean);
  return el("div", { class: "conflict" },
    el("b", {}, _("这份走访没有用上，留在这里：{who}，{time}", { who: one.by || "–", time: moment(one.at, feed.serverNow()) })),
    el("p", {}, said.join(_("；")) || _("没有写内容")),
    el("div", { class: "row" }, el("button", { type: "button", class: "btn", onclick: async ({ target }) => {
      target.disabled = true;
      await post(`${url}/conflicts/${encodeURIComponent(one.id)}/settle`).catch((error) => toast(error.detail || error.message));
      load();
    } }, _("看过了，收起"))));
}

function draw() {
  const { card } = state;
  byId("address").textContent = card.address;
  byId("summary").textContent = [
    card.grid ? _("网格 {label}", { label: `${card.grid.slice(9, 12)}-${card.grid.slice(12)}` }) : _("待落位"),
    n_("{n} 人", card.people), card.householder,
  ].filter(Boolean).join(" · ");
  byId("conflicts").hidden = !card.conflicts.length;
  replace(byId("conflicts"), card.conflicts.map(conflictBox));
  layers.pin.put(card.point);
  if (!state.form) drawFacts();
  if (!state.form) drawNeeds();
  drawVisits();
  drawChanges();
  drawUses();
}

async function load(purpose = null) {
  for (const panel of Object.values(panels)) panel.loading(4);
  try {
    const card = await get(purpose ? `${url}?purpose=${purpose}` : url);
    const first = !state.card;
    state.card = card;
    draw();
    if (first && card.point) view.goTo(...card.point, 17);
    if (first && !card.point) view.say(_("这户还没有位置"));
    return true;
  } catch (error) {
    for (const panel of Object.values(panels)) panel.fail(error, () => load());
    return false;
  }
}

function stopEditing() {
  state.form = null;
  byId("edit").hidden = !state.card.can.includes("edit");
  draw();
}

async function startEditing() {
  byId("edit").hidden = true;
  if (!state.kinds.length) {
    const { rules } = await get("/api/visit-rules").catch(() => ({ rules: [] }));
    state.kinds = [...new Set(rules.map(({ need }) => need))];
  }
  state.form = new EditForm(panels, state.card, state.kinds, {
    save: (body, version) => post(url, body, { version }),
    saved: (card) => {
      state.card = card;
      toast(card.changed.length ? _("改好了") : _("内容没有变，记下今天看过"));
      stopEditing();
    },
    reread: async () => {
      await load();
      return state.card;
    },
    stop: stopEditing,
  });
}

byId("edit").addEventListener("click", startEditing);
for (const name of Object.keys(nouns)) {
  nouns[name].addEventListener("change", () => layers[name].setData(nouns[name].collection));
}
follow(feed, { grid: [nouns.grids], grids: [nouns.grids], area: [nouns.communities] });
feed.addEventListener("change", ({ detail }) => {
  const own = detail.subject === "household" && String(detail.id) === id;
  if (own && ["household.changed", "household.placed"].includes(detail.kind) && !state.form) load();
});
live.start();
Promise.all([load(), get("/api/service-items").catch(() => ({ items: [] }))]).then(([ok, { items }]) => {
  const area = state.card?.area || "";
  state.items = items.filter((item) => area.startsWith(item.area_code));
  if (ok) drawUses();
});
