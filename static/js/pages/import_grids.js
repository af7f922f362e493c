// The repair of imported grids: every change listed and on the map, decided, made a scenario.
import "./common.js";
import { get, post } from "../core/api.js";
import { byId, el, replace } from "../core/dom.js";
import { number } from "../core/format.js";
import { JobBar } from "../core/job.js";
import { Noun } from "../core/nouns.js";
import { page } from "../core/page.js";
import { _, n_ } from "../core/words.js";
import { ChangeLayer, DrawnLayer } from "../imports/layers.js";
import { choiceWords, fieldWords, kindWords, nameOf, ORDER, sizeWords, whose } from "../imports/words.js";
import { CommunityLayer, GridLayer } from "../map/layers/grids.js";
import { hook, MapView } from "../map/view.js";

const main = byId("main");
const address = `/api/uploads/${encodeURIComponent(main.dataset.upload)}`;
const view = new MapView(document.querySelector(".mapbox"));
const { overlay } = view;

class ResultLayer extends GridLayer {
  item(feature) {
    const item = super.item(feature);
    if (item) item.id = String(feature.id);
    return item;
  }
}

const layers = {
  communities: overlay.add(new CommunityLayer(hook("communities"))),
  grids: overlay.add(new ResultLayer(hook("grids"), { note: ({ props }) => n_("{n} 户", props.households, { n: number(props.households) }) })),
  drawn: overlay.add(new DrawnLayer()),
  changes: overlay.add(new ChangeLayer()),
};
const communities = new Noun(page.urls?.areas || "/api/areas?level=community");
communities.addEventListener("change", () => layers.communities.setData(communities.collection));
const said = byId("said");
const makeButton = byId("make");
let shown = null; // The last answer of the server.
let listed = []; // Its changes in the order of the list.
let chosen = null; // Id of the change that is open.
let busy = false;
const open = new Set(); // Kinds whose changes are listed.

const job = new JobBar(byId("job"), (ended) => {
  if (ended.state === "done" && ended.result?.scenario) location.assign(`/planner/${ended.result.scenario}`);
  else load();
});

function tell(words) {
  said.hidden = !words;
  said.textContent = words || "";
}

const waits = (change) => change.ask && !change.decided;
const editable = () => shown.scenario === null && shown.state !== "taken" && !busy;

function ordered(changes) {
  const rank = ({ kind }) => (ORDER.indexOf(kind) + 1) || ORDER.length + 1;
  return [...changes].sort((one, other) => rank(one) - rank(other) || other.area_m2 - one.area_m2);
}

async function decide(wish) {
  if (!editable()) return;
  busy = true;
  main.classList.add("waiting");
  tell(_("正在重算"));
  try {
    take(await post(`${address}/repair`, wish, { version: shown.version }));
    tell("");
    layers.grids.setData(await get(`${address}/repair/grids`));
  } catch (error) {
    tell(error.status === 409 ? _("别人刚改过，已换成最新的") : _("没改成：{why}", { why: error.detail || error.message }));
    if (error.status === 409) await load();
  }
  busy = false;
  main.classList.remove("waiting");
  draw();
}

/** One button for each thing that may be done; pressing one decides. */
function choices(change) {
  const { labels } = shown.summary;
  const many = change.choices.length > 1;
  if (!many && !waits(change)) return null;
  return el("div", { class: "choices", role: "group", "aria-label": _("怎么改") },
    change.choices.map((choice) => {
      const on = change.decided && choice === change.choice;
      return el("button", {
        type: "button", class: on ? "btn on" : "btn", "data-choice": choice, disabled: !editable(),
        "aria-pressed": String(on), onclick: () => decide({ decisions: { [change.id]: choice } }),
      }, choiceWords(change, labels, choice), choice === change.default && many && el("span", { class: "mut s" }, _("推荐")));
    }));
}

function row(change, i) {
  const here = change.id === chosen;
  const { labels } = shown.summary;
  return el("li", { class: here ? "change sel" : "change", "data-id": change.id },
    el("button", {
      type: "button", class: "fi", "aria-expanded": String(here), onclick: () => choose(here ? null : change.id, true),
    },
    el("span", { class: "n num" }, String(i + 1)),
    el("span", { class: "grow" },
      el("b", {}, whose(change, labels) || kindWords(change.kind)),
      el("span", { class: "s mut" }, sizeWords(change)),
      el("span", { class: "s" }, choiceWords(change, labels))),
    waits(change) && el("span", { class: "chip orange" }, _("待定"))),
    here && choices(change));
}

function group(kind, changes) {
  const undecided = changes.filter(waits).length;
  const shownOpen = open.has(kind);
  return el("section", { class: "kind", "data-kind": kind },
    el("h3", {}, el("button", {
      type: "button", class: "btn quiet", "aria-expanded": String(shownOpen), onclick: () => {
        if (shownOpen) open.delete(kind);
        else open.add(kind);
        draw();
      },
    }, kindWords(kind), el("span", { class: "num mut" }, ` ${number(changes.length)}`))),
    undecided > 0 && el("button", {
      type: "button", class: "btn accept", disabled: !editable(), onclick: () => decide({ accept: [kind] }),
    }, n_("{n} 处都照此改", undecided, { n: number(undecided) })),
    shownOpen && el("ol", {}, changes.map((change) => row(change, listed.indexOf(change)))));
}

function drawList() {
  const box = byId("changes");
  const top = box.scrollTop;
  const kinds = ORDER.filter((kind) => listed.some((change) => change.kind === kind));
  replace(box, kinds.length
    ? kinds.map((kind) => group(kind, listed.filter((change) => change.kind === kind)))
    : el("p", { class: "empty mut" }, _("和社区边界正好合上，一处都不用改")));
  box.scrollTop = top;
}

function drawHead() {
  const { summary, undecided } = shown;
  byId("file").textContent = shown.file;
  replace(byId("summary"), [
    n_("文件里 {n} 格", summary.features, { n: number(summary.features) }),
    n_("修成 {n} 格", summary.grids, { n: number(summary.grids) }),
    n_("{n} 个社区", summary.communities, { n: number(summary.communities) }),
    n_("{n} 户", summary.households, { n: number(summary.households) }),
  ].join(" · "));
  byId("name").value ||= shown.name;
  byId("metres").value = String(shown.metres);
  byId("metres").disabled = !editable();
  const ready = editable() && !undecided;
  makeButton.disabled = !ready;
  makeButton.hidden = shown.scenario !== null;
  byId("taken").hidden = shown.scenario === null;
  if (shown.scenario !== null) byId("taken").href = `/planner/${shown.scenario}`;
  byId("left").textContent = shown.scenario !== null ? _("已建成方案")
    : undecided ? n_("还有 {n} 处待定", undecided, { n: number(undecided) }) : _("都定了，可以建成方案");
  byId("stale").hidden = shown.current || shown.scenario !== null;
}

function drawMapping() {
  replace(byId("mapping"), shown.fields.map((field) => el("div", { class: "stack" },
    el("label", { class: "s", for: `column-${field}` }, fieldWords(field)),
    el("select", {
      id: `column-${field}`, class: "select field", name: field, disabled: !editable() || !shown.columns.length,
      onchange: () => {
        const chosenColumns = [...byId("mapping").querySelectorAll("select")].filter(({ value }) => value);
        decide({ mapping: Object.fromEntries(chosenColumns.map(({ name, value }) => [name, value])) });
      },
    },
    el("option", { value: "" }, _("没有这列")),
    shown.columns.map((column) => el("option", { value: column, selected: shown.mapping[field] === column }, column))))));
}

function draw() {
  if (!shown) return;
  drawHead();
  drawMapping();
  drawList();
  layers.changes.setChanges(listed);
  layers.changes.choose(listed.some(({ id }) => id === chosen) ? chosen : null);
}

/** Show a change in the list and on the map; going there moves the map. */
function choose(id, go) {
  chosen = id;
  const change = listed.find((each) => each.id === id);
  if (change) open.add(change.kind);
  draw();
  if (!change) return;
  if (go) view.goTo(...change.point, change.area_m2 > 50_000 ? 15 : 17);
  const list = byId("changes");
  view.say(`${kindWords(change.kind)} ${whose(change, shown.summary.labels)} ${sizeWords(change)}`.trim());
  list.querySelector(".change.sel")?.scrollIntoView({ block: "nearest" });
}

function next() {
  const wanted = listed.some(waits) ? listed.filter(waits) : listed;
  if (!wanted.length) return;
  const at = listed.findIndex(({ id }) => id === chosen);
  choose((wanted.find((change) => listed.indexOf(change) > at) || wanted[0]).id, true);
}

function take(answer) {
  const first = shown === null;
  shown = answer;
  listed = ordered(answer.changes);
  if (first) for (const change of listed) if (waits(change)) open.add(change.kind);
}

async function load() {
  try {
    take(await get(`${address}/repair`));
    const [grids, drawn] = await Promise.all([get(`${address}/repair/grids`), get(`${address}/repair/drawn`)]);
    layers.grids.setData(grids);
    layers.drawn.setData(drawn);
    draw();
  } catch (error) {
    tell(_("没取到：{why}", { why: error.detail || error.message }));
  }
}

byId("metres").addEventListener("change", ({ target }) => {
  const metres = Number(target.value);
  if (target.reportValidity()) decide({ metres });
});
byId("again").addEventListener("click", () => decide({}));
byId("next").addEventListener("click", next);
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input:not([type=radio]), select, textarea");
  if (event.key.toLowerCase() === "n" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) next();
});
byId("make-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const name = byId("name").value.trim();
  if (name && name !== shown.name) await decide({ name });
  if (!editable() || shown.undecided) return;
  makeButton.disabled = true;
  try {
    const made = await post(`${address}/scenario`, {}, { version: shown.version });
    tell("");
    job.start(made.job);
  } catch (error) {
    tell(_("没建成：{why}", { why: error.detail || error.message }));
    await load();
  }
});
view.onchoose((hit) => {
  if (hit?.layer === "change") choose(hit.id, false);
  else if (hit?.layer === "grid") view.say(`${nameOf(hit.props.feature, shown.summary.labels)} ${hit.props.name || ""}`);
});

communities.load();
load().then(() => {
  if (shown) view.fit(shown.summary.bounds, 17);
  document.documentElement.dataset.repair = "ready";
});
