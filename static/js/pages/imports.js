// Files in: send one, look at what it would change or what is wrong with it, take it.
import "./common.js";
import { get, post, Problem } from "../core/api.js";
import { byId, el, replace } from "../core/dom.js";
import { number } from "../core/format.js";
import { JobBar } from "../core/job.js";
import { csrfToken, may } from "../core/page.js";
import { _, n_ } from "../core/words.js";
import { hazardsPreview } from "../imports/hazards_preview.js";
import { RasterWays } from "../imports/raster.js";

const KINDS = {
  areas: "区划", roads: "道路", buildings: "楼栋", households: "住户名册", facilities: "设施",
  hazards: "险情", grids: "网格", volunteers: "志愿者名单",
};
const TABLES = {
  area: "区划", road: "道路", water: "水面", place: "地名", building: "楼栋", household: "住户",
  facility: "设施", hazard: "险情", volunteer: "志愿者",
};
const STATES = {
  waiting: "正在检查", read: "可以收下", refused: "用不了", taking: "正在收下", taken: "已收下",
};
const LISTED = 20; // Faults shown of one file; the rest is a number.

const files = byId("files");
const said = byId("said");
const job = new JobBar(byId("job"), () => draw());

function tell(words) {
  said.hidden = !words;
  said.textContent = words || "";
}

function counts(preview) {
  return Object.entries(preview || {}).filter(([, value]) => value && value.inserted !== undefined)
    .map(([table, value]) => el("li", {},
      el("b", {}, _(TABLES[table] || table)), " ",
      _("新增 {a}，更新 {b}，不变 {c}", {
        a: number(value.inserted), b: number(value.updated), c: number(value.unchanged),
      })));
}

function waiting(preview) {
  const left = preview?.unplaced?.households;
  return left ? el("li", {}, _("{n} 户对不上楼栋，收下后在“待落位”里落", { n: number(left) })) : null;
}

function gridsLine(grids) {
  const line = [
    n_("文件里 {n} 格", grids.features, { n: number(grids.features) }),
    n_("修成 {n} 格", grids.grids, { n: number(grids.grids) }),
  ];
  if (grids.undecided) line.push(n_("{n} 处待定", grids.undecided, { n: number(grids.undecided) }));
  return el("li", {}, line.join(" · "));
}

function place(fault) {
  const parts = [];
  if (fault.row !== null && fault.row !== undefined) parts.push(_("第 {n} 行", { n: fault.row }));
  if (fault.column) parts.push(fault.column);
  return parts.length ? `${parts.join(" · ")} ` : "";
}

function faults(list) {
  const shown = list.slice(0, LISTED).map((fault) => el("li", {}, el("b", {}, place(fault)), fault.message));
  if (list.length > LISTED) shown.push(el("li", { class: "mut" }, _("还有 {n} 处", { n: list.length - LISTED })));
  return shown;
}

async function take(upload, button) {
  button.disabled = true;
  try {
    const made = await post(`/api/uploads/${encodeURIComponent(upload.id)}/take`);
    job.start(made.job);
  } catch (error) {
    tell(error.detail || error.message);
  }
  draw();
}

/** What can be done with a file now. */
function step(upload, grids) {
  const read = upload.state === "read";
  if (grids) {
    const href = `/imports/${encodeURIComponent(upload.id)}`;
    return el("a", { class: read ? "btn primary" : "btn", href }, read ? _("看修补") : _("看修了什么"));
  }
  // what is taken is declared, by whoever may declare
  if (read && upload.kind === "hazards" && !may("hazard.declare")) return el("span", { class: "mut s" }, _("由值班员收下"));
  return read && el("button", {
    type: "button", class: "btn primary", onclick: (event) => take(upload, event.currentTarget),
  }, _("收下"));
}

function card(upload) {
  const found = upload.state === "refused" ? faults(upload.faults) : [counts(upload.preview), waiting(upload.preview)];
  const grids = upload.kind === "grids" && upload.preview?.grids;
  return el("article", { class: "file-card" },
    el("div", { class: "line" },
      upload.exercise && el("b", { class: "drill-word" }, _("演练")),
      el("b", { class: "grow clip" }, upload.name),
      el("span", { class: "mut s nw" }, _(KINDS[upload.kind] || upload.kind), " · ", `${number(Math.ceil(upload.bytes / 1024))} KB`),
      el("span", { class: upload.state === "refused" ? "chip bad" : "chip" }, _(STATES[upload.state] || upload.state)),
      step(upload, grids)),
    el("ul", { class: "s file-found" }, found, grids && gridsLine(grids)),
    upload.state !== "refused" && upload.kind === "hazards" && hazardsPreview(upload, tell));
}

async function draw() {
  try {
    const { items } = await get("/api/uploads");
    replace(files, items.length ? items.map(card) : el("p", { class: "empty mut" }, _("还没有送来文件")));
  } catch (error) {
    tell(_("列表没取到：{why}", { why: error.detail || error.message }));
  }
}

async function send(file, kind, crs, exercise) {
  if (raster.empty()) throw new Error(_("至少填一级从几米起"));
  const asked = new URLSearchParams({ kind, name: file.name, ...raster.read() });
  if (exercise && kind === "hazards") asked.set("exercise", "true");
  if (crs) asked.set("crs", crs);
  const response = await fetch(`/api/uploads?${asked}`, {
    method: "POST",
    credentials: "same-origin",
    headers: {
      Accept: "application/json",
      "Content-Type": "application/octet-stream",
      "X-CSRFToken": csrfToken(),
    },
    body: file,
  });
  const body = await response.json().catch(() => ({}));
  if (response.status !== 202) throw new Problem(response.status, body.title || String(response.status), body.detail, body.faults);
  return body;
}

const kinds = byId("new-file").elements.kind;
const raster = new RasterWays(byId("raster"));
function drillOrNot() {
  byId("drill").hidden = kinds.value !== "hazards";
  raster.follow(kinds.value, byId("new-file").elements.file.files[0]);
}
kinds.addEventListener("change", drillOrNot);
byId("new-file").elements.file.addEventListener("change", drillOrNot);
drillOrNot();

byId("new-file").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  const [file] = form.elements.file.files;
  if (!file) return;
  const button = form.querySelector("button");
  button.disabled = true;
  tell(_("正在送，别关这一页"));
  try {
    const made = await send(file, form.elements.kind.value, form.elements.crs.value, form.elements.exercise.checked);
    tell("");
    form.reset();
    drillOrNot();
    job.start(made.job);
    await draw();
  } catch (error) {
    tell(_("没送成：{why}", { why: error.detail || error.message }));
  }
  button.disabled = false;
});

draw();
