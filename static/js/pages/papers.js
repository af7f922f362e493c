// Papers about grids: which, of where, as of when; a worker makes them, with progress.
import "./common.js";
import { get, post } from "../core/api.js";
import { byId, el, replace } from "../core/dom.js";
import { JobBar } from "../core/job.js";
import { Live } from "../core/live.js";
import { may } from "../core/page.js";
import { _ } from "../core/words.js";
import { refusal } from "../planner/refusals.js";
import { dayOf } from "../planner/steps.js";

const LEVELS = [["township", "乡镇街道"], ["community", "社区"]];
const given = new URLSearchParams(location.search);
const form = byId("order");
const { source, day, area } = form.elements;
const note = byId("order-note");
const done = byId("paper-done");
const live = new Live([]);
let places = [];
let scenarios = [];
let file = null;
const bar = new JobBar(byId("paper-job"), ended);

function inside(code, whole) {
  return !whole || code.startsWith(whole);
}

/** Only places of the scenario are offered while one is chosen. */
function offer() {
  const scenario = scenarios.find(({ id }) => String(id) === source.value);
  day.hidden = source.value !== "day";
  byId("draft-note").hidden = !scenario;
  const before = area.value || given.get("area") || "";
  replace(area, places.map(({ words, items }) => {
    const rows = items.filter(({ code }) => inside(code, scenario?.area));
    return rows.length > 0 && el("optgroup", { label: _(words) }, rows.map(({ code, name }) => el("option", { value: code }, `${name} · ${code}`)));
  }));
  if (/^\d{15}$/.test(given.get("area") || "") && !scenario) {
    const code = given.get("area");
    area.append(el("optgroup", { label: _("网格") }, el("option", { value: code }, code)));
  }
  if ([...area.options].some(({ value }) => value === before)) area.value = before;
}

async function begin() {
  const lists = await Promise.all(LEVELS.map(([level]) => get(`/api/areas?level=${level}`)));
  places = LEVELS.map(([, words], i) => ({
    words, items: lists[i].features.map(({ properties }) => ({ code: properties.code, name: properties.name })),
  }));
  if (may("grid.draw")) scenarios = (await get("/api/scenarios")).items;
  replace(source, el("option", { value: "now" }, _("现行网格")), el("option", { value: "day" }, _("某一天的网格")),
    scenarios.length > 0 && el("optgroup", { label: _("方案") }, scenarios.map(({ id, name }) => el("option", { value: String(id) }, `${id} · ${name}`))));
  day.max = dayOf(new Date(), day.dataset.zone);
  day.value = given.get("as_of") || day.max;
  source.value = given.get("scenario") || (given.get("as_of") ? "day" : "now");
  if (!source.value) source.value = "now";
  offer();
}

function order() {
  const kinds = [...form.querySelectorAll("input[name=kinds]:checked")].map(({ value }) => value);
  const body = { area: area.value, kinds, form: form.elements.form.value };
  if (source.value === "day") body.as_of = day.value;
  else if (source.value !== "now") body.scenario = Number(source.value);
  return body;
}

function ended(job) {
  form.querySelector("button").disabled = false;
  if (job.state !== "done") {
    note.textContent = job.state === "failed" ? _("没做成材料：{why}", { why: job.error || "" }) : "";
    return;
  }
  const link = el("a", { class: "btn primary", href: file, download: "" }, _("下载材料"));
  replace(done, link, el("span", { class: "s" }, _("{n} 页，{size} MB", { n: job.result.pages, size: (job.result.bytes / 1e6).toFixed(1) })));
  done.hidden = false;
  link.focus();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = order();
  note.textContent = "";
  done.hidden = true;
  if (!body.kinds.length) {
    note.textContent = _("选一种材料");
    return;
  }
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const answer = await post("/api/papers", body);
    file = answer.file;
    bar.start(answer.job);
  } catch (error) {
    note.textContent = _("没做成材料：{why}", { why: refusal(error) });
    button.disabled = false;
  }
});
source.addEventListener("change", offer);
begin().catch((error) => {
  note.textContent = refusal(error);
});
live.start();
