// Exports: one asks, another decides, and for a day the person who asked may fetch the file.
import { toast } from "./common.js";
import { get, post } from "../core/api.js";
import { byId, el, replace } from "../core/dom.js";
import { moment, number } from "../core/format.js";
import { Live } from "../core/live.js";
import { may } from "../core/page.js";
import { emptyLine, Panel } from "../core/panels.js";
import { _, n_ } from "../core/words.js";
import { exportKind, exportState, purpose } from "./household_words.js";

const panels = { own: new Panel(byId("panel-own")) };
for (const name of ["decide", "decided"]) {
  const section = document.getElementById(`panel-${name}`);
  if (section) panels[name] = new Panel(section);
}
const live = new Live([panels.own, ...(panels.decide ? [panels.decide] : [])]);
live.fresh(panels.own);
if (panels.decide) live.fresh(panels.decide);
const { feed } = live;
const state = { kinds: [], areas: new Map(), refusing: null };

function areaWords(one) {
  return [state.areas.get(one.area) || one.area_name, one.area].filter(Boolean).join(" ");
}

function fieldWords(one) {
  const kind = state.kinds.find((each) => each.kind === one.kind);
  return one.fields.map((name) => kind?.fields.find((field) => field.name === name)?.label || name).join(_("、"));
}

function told(one) {
  const now = feed.serverNow();
  return el("div", { class: "grow" },
    el("p", {}, el("b", {}, `${exportKind(one.kind)} · ${areaWords(one)}`), " ", el("span", { class: "chip" }, exportState(one.state))),
    el("p", { class: "s" }, _("用途：{what}。{why}", { what: purpose(one.purpose), why: one.reason })),
    el("p", { class: "s mut" }, fieldWords(one)),
    el("p", { class: "s mut" }, [
      _("{who} {time} 申请", { who: one.requested_by, time: moment(one.requested_at, now) }),
      one.decided_by && _("{who} {time} 定的", { who: one.decided_by, time: moment(one.decided_at, now) }),
      one.decision && _("说明：{why}", { why: one.decision }),
      one.rows !== null && one.rows !== undefined && n_("{n} 行", one.rows, { n: number(one.rows) }),
      one.state === "made" && _("{time} 销毁", { time: moment(one.expires_at, now) }),
    ].filter(Boolean).join(" · ")));
}

async function decide(one, verb, body = {}) {
  try {
    await post(`/api/exports/${encodeURIComponent(one.id)}/${verb}`, body);
    state.refusing = null;
    toast(verb === "approve" ? _("同意了，文件正在制作") : _("没同意，申请人看得到原因"));
  } catch (error) {
    toast(error.detail || error.message);
  }
  load();
}

function refusal(one) {
  const why = el("input", { class: "field", id: `why-${one.id}`, maxlength: 500, required: true, "aria-label": _("为什么不同意") , placeholder: _("为什么不同意") });
  return el("form", { class: "refusal", onsubmit: (event) => {
    event.preventDefault();
    if (why.value.trim()) decide(one, "refuse", { reason: why.value.trim() });
    else why.focus();
  } }, why, el("button", { class: "btn" }, _("不同意")),
  el("button", { type: "button", class: "btn quiet", onclick: () => { state.refusing = null; load(); } }, _("再想想")));
}

function row(one) {
  const can = new Set(one.can);
  return el("li", { class: "export-row" }, told(one),
    can.has("approve") && el("button", { type: "button", class: "btn primary", onclick: ({ target }) => { target.disabled = true; decide(one, "approve"); } }, _("同意")),
    can.has("refuse") && state.refusing !== one.id && el("button", { type: "button", class: "btn", onclick: () => { state.refusing = one.id; load(); } }, _("不同意…")),
    can.has("download") && el("a", { class: "btn primary", href: `/api/exports/${encodeURIComponent(one.id)}/file`, download: "" }, _("下载")),
    state.refusing === one.id && refusal(one));
}

function show(panel, items, empty) {
  if (!panel) return;
  const typing = panel.body.contains(document.activeElement) && document.activeElement.matches("input") && state.refusing !== null;
  if (typing) return; // What is being written stays.
  panel.show(items.length ? el("ul", {}, items.map(row)) : emptyLine(empty));
  panel.body.querySelector(".refusal input")?.focus();
}

function drawFields() {
  const kind = state.kinds.find((each) => each.kind === byId("kind").value);
  const closed = !may("household.personal");
  replace(document.querySelector("#fields .checks"), (kind?.fields || []).map((field) => el("label", { class: "check" },
    el("input", { type: "checkbox", value: field.name, checked: ["address", "grid", "people", "state", "due_on", "name", "skills", "area"].includes(field.name), disabled: closed && field.personal }),
    field.label)));
  byId("number-note").textContent = closed ? _("你的角色导出的姓名、电话、身份证号是遮住的") : _("身份证号只在更正和应急时给全号，平时只有后 4 位");
}

async function fillAreas(codes) {
  const levels = await Promise.all(["county", "township", "community"].map((level) => get(`/api/areas?level=${level}`)));
  const rows = levels.flatMap((answer) => answer.features.map(({ properties }) => properties));
  state.areas = new Map(rows.map((one) => [one.code, one.name]));
  const own = rows.filter((one) => codes.some((code) => one.code.startsWith(code)));
  replace(byId("area"), own.map((one) => el("option", { value: one.code }, `${one.name} ${one.code}`)),
    codes.filter((code) => code.length === 15).map((code) => el("option", { value: code }, code)));
}

async function load() {
  for (const panel of Object.values(panels)) panel.loading(2);
  try {
    const answer = await get("/api/exports");
    if (!state.kinds.length) {
      state.kinds = answer.kinds;
      await fillAreas(answer.areas);
      drawFields();
    }
    show(panels.own, answer.items, _("还没有申请过"));
    show(panels.decide, answer.to_decide, _("没有等你决定的"));
    show(panels.decided, answer.decided, _("还没有"));
  } catch (error) {
    for (const panel of Object.values(panels)) panel.fail(error, load);
  }
}

byId("kind").addEventListener("change", drawFields);
byId("new-export").addEventListener("submit", async (event) => {
  event.preventDefault();
  const said = event.target.querySelector(".failed-line");
  const fields = [...event.target.querySelectorAll(".checks input:checked")].map(({ value }) => value);
  said.hidden = true;
  try {
    await post("/api/exports", {
      kind: byId("kind").value, area: byId("area").value, purpose: byId("purpose").value,
      reason: byId("reason").value.trim(), fields,
    });
    byId("reason").value = "";
    toast(_("申请了，等别人决定"));
    load();
  } catch (error) {
    said.hidden = false;
    said.textContent = fields.length ? error.detail || error.message : _("至少选一列");
  }
});
feed.addEventListener("change", ({ detail }) => {
  if (detail.subject === "export") load();
});
live.start();
load();
