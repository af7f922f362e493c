// Facilities: where they are, whose, when open, on duty or not; written down and put right here.
import "./common.js";
import { FacilityForm } from "./facilities_form.js";
import { countWord, hoursWord, kindWord, levelWord, offWord, roomWord, stateOf } from "./facilities_words.js";
import { get } from "../core/api.js";
import { byId, el, replace } from "../core/dom.js";
import { Live } from "../core/live.js";
import { follow, Noun } from "../core/nouns.js";
import { page } from "../core/page.js";
import { emptyLine, errorLine, Panel } from "../core/panels.js";
import { _ } from "../core/words.js";
import { CommunityLayer } from "../map/layers/grids.js";
import { PinLayer } from "../map/layers/pin.js";
import { FacilityLayer } from "../map/layers/places.js";
import { hook, MapView } from "../map/view.js";

const KINDS = JSON.parse(byId("facility-kinds").textContent);
const MOST_ROWS = 300; // What a person looks through; the search finds the rest.

/** Facilities, those off duty with the ring and bar of what is closed. */
class KeptLayer extends FacilityLayer {
  symbol(view, item, x, y) {
    super.symbol(view, item, x, y);
    if (stateOf(item.props) === "on") return;
    const { ctx, colours } = view;
    ctx.beginPath();
    ctx.arc(x + 12, y - 12, 7, 0, Math.PI * 2);
    ctx.fillStyle = colours.surface;
    ctx.fill();
    ctx.lineWidth = 2.5;
    ctx.strokeStyle = colours.ink;
    ctx.stroke();
    ctx.beginPath();
    ctx.moveTo(x + 7, y - 12);
    ctx.lineTo(x + 17, y - 12);
    ctx.stroke();
  }

  legend() {
    const off = (this.drawn || []).some(({ item, small }) => !small && stateOf(item.props) !== "on");
    return [...super.legend(), ...(off ? [{ symbol: "blocked", words: "停值" }] : [])];
  }
}

const panel = new Panel(byId("panel-facilities"));
const formPanel = byId("panel-form");
const live = new Live([panel]);
live.fresh(panel);
const { feed } = live;
const view = new MapView(document.querySelector(".mapbox"), { filled: true });
const { overlay } = view;
const nouns = {
  communities: new Noun(page.urls?.areas || "/api/areas?level=community"),
  facilities: new Noun(`${page.urls?.facilities || "/api/facilities"}?retired=1`),
};
const layers = {
  communities: overlay.add(new CommunityLayer(hook("communities"))),
  facilities: overlay.add(new KeptLayer(hook("facilities"))),
  pin: overlay.add(new PinLayer()),
};
const now = () => feed.serverNow();
let chosen = null;
let pointed = null;
let form = null;

const map = {
  /** Ask for a point of the map; null when none is wanted any more. */
  point(take, at) {
    pointed = take;
    view.box.classList.toggle("pointing", Boolean(take));
    layers.pin.put(at);
  },
};

const all = () => nouns.facilities.features;
const nameOf = ({ name, kind }) => name || _("没有名称的{kind}", { kind: kindWord(kind) });

/** What the filters leave, by name. */
function wanted() {
  const words = byId("q").value.trim().toLowerCase();
  const [kind, state] = [byId("kind").value, byId("state").value];
  return all().filter(({ properties: p }) => {
    const is = stateOf(p);
    return (state === "kept" ? is !== "retired" : is === state) && (!kind || p.kind === kind)
      && (!words || [p.name, p.address, p.crew].some((one) => String(one || "").toLowerCase().includes(words)));
  }).sort((a, b) => nameOf(a.properties).localeCompare(nameOf(b.properties)));
}

function choose(id, { go = true } = {}) {
  chosen = id;
  const found = all().find(({ properties: p }) => p.id === id);
  if (found && go) view.goTo(...found.geometry.coordinates, 16);
  view.select(found ? "facility" : null, id);
  for (const row of panel.body.querySelectorAll("tr[data-id]")) row.classList.toggle("sel", row.dataset.id === String(id));
}

function row({ properties: p }) {
  const state = stateOf(p);
  const off = state === "off" && el("span", { class: "off-line" }, _("停值"), _("："), offWord(p, now()));
  return el("tr", { "data-id": p.id, class: [state === "off" && "off", state === "retired" && "gone", p.id === chosen && "sel"].filter(Boolean).join(" ") },
    el("th", { scope: "row" },
      el("button", { type: "button", class: "row-button", id: `name-${p.id}`, onclick: () => choose(p.id) }, nameOf(p)),
      el("span", { class: "mut under" }, [kindWord(p.kind), p.address].filter(Boolean).join(" · "))),
    el("td", {}, [p.crew, levelWord(p.level)].filter(Boolean).join(" · ") || "–"),
    el("td", {}, off || (state === "retired" ? _("已停用") : hoursWord(p.hours))),
    el("td", { class: "n num" }, roomWord(p.capacity)),
    el("td", { class: "acts" }, el("button", { type: "button", class: "btn", id: `edit-${p.id}`, "aria-labelledby": `edit-${p.id} name-${p.id}`, onclick: () => edit(p.id) }, _("改"))));
}

function draw() {
  const found = wanted();
  const off = found.filter(({ properties: p }) => stateOf(p) === "off").length;
  byId("summary").textContent = [countWord(found.length), off > 0 && _("其中停值 {n} 处", { n: off })].filter(Boolean).join(_("，"));
  layers.facilities.setData({ features: found });
  if (!found.length) {
    panel.show(emptyLine(all().length ? _("没有这样的设施。换个字或种类再找") : _("还没有设施。点“登记一处”")));
    return;
  }
  const heads = [_("名称"), _("班组和级别"), _("什么时候开"), _("容量"), ""];
  panel.show(
    el("table", { class: "list" }, el("caption", { class: "sr" }, _("设施名单")),
      el("thead", {}, el("tr", {}, heads.map((head, at) => el("th", { scope: "col", class: at === 3 ? "n" : null }, head || el("span", { class: "sr" }, _("改")))))),
      el("tbody", {}, found.slice(0, MOST_ROWS).map(row))),
    found.length > MOST_ROWS && el("p", { class: "mut pad" }, _("列出前 {n} 处，写几个字找其余的", { n: MOST_ROWS })));
}

function fillKinds() {
  const select = byId("kind");
  const held = select.value;
  const kinds = [...new Set(all().map(({ properties: p }) => p.kind))].map((kind) => [kind, kindWord(kind)]);
  kinds.sort(([, a], [, b]) => a.localeCompare(b));
  replace(select, el("option", { value: "" }, _("全部")), kinds.map(([kind, words]) => el("option", { value: kind }, words)));
  select.value = kinds.some(([kind]) => kind === held) ? held : "";
}

function close() {
  formPanel.hidden = true;
  panel.section.hidden = false;
  replace(formPanel.querySelector(".body"));
  byId("add").disabled = false;
  (panel.body.querySelector("tr.sel .acts button") || byId("add")).focus();
}

function open(title, facility, draft = {}) {
  form = new FacilityForm({
    facility, draft, kinds: KINDS, near: all().map(({ properties }) => properties), map, now, close,
    done: async (kept) => {
      chosen = kept.id;
      if (kept.retired) chosen = null;
      await nouns.facilities.load();
      choose(chosen);
    },
    again: (mine) => edit(facility.id, mine),
  });
  byId("form-title").textContent = title;
  panel.section.hidden = true;
  formPanel.hidden = false;
  byId("add").disabled = true;
  replace(formPanel.querySelector(".body"), form.node);
  form.node.querySelector("select:not(:disabled), input").focus({ preventScroll: true });
}

async function edit(id, draft = {}) {
  choose(id);
  try {
    const facility = await get(`/api/facilities/${id}`);
    const shown = all().find(({ properties: p }) => p.id === id)?.properties || facility;
    open(_("改{name}", { name: nameOf(shown) }), facility, draft);
  } catch (error) {
    panel.body.prepend(errorLine(error, () => edit(id, draft)));
  }
}

const add = () => {
  choose(null);
  open(_("登记一处设施"), null);
};

byId("add").addEventListener("click", add);
byId("find").addEventListener("submit", (event) => event.preventDefault());
byId("q").addEventListener("input", draw);
for (const id of ["kind", "state"]) byId(id).addEventListener("change", draw);
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea, dialog");
  if (event.key === "Escape" && !formPanel.hidden && !document.querySelector("details.menu[open]")) {
    // what has been written is not thrown away by a key
    if (!Object.keys(form.changes()).length) form.leave();
  } else if (!typing && !event.ctrlKey && !event.metaKey && !event.altKey && formPanel.hidden) {
    if (event.key === "/") byId("q").focus();
    else if (event.key === "a") add();
    else return;
    event.preventDefault();
  }
});
view.onchoose((hit, at) => {
  if (pointed) {
    pointed(at);
    return;
  }
  if (hit?.layer !== "facility") return;
  choose(Number(hit.id), { go: false });
  view.say(nameOf(hit.props));
  panel.body.querySelector("tr.sel")?.scrollIntoView({ block: "center" });
});
view.search((result) => {
  if (result.kind === "facility") choose(Number(result.ref));
});
nouns.communities.addEventListener("change", () => layers.communities.setData(nouns.communities.collection));
nouns.facilities.addEventListener("change", () => {
  fillKinds();
  draw();
});
nouns.facilities.addEventListener("error", () => panel.fail(nouns.facilities.error, () => nouns.facilities.load()));
panel.loading(8);
follow(feed, { facility: [nouns.facilities], facilities: [nouns.facilities], area: [nouns.communities], town: Object.values(nouns) });
live.start();
