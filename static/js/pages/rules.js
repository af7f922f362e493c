// Rules of care: how often a need is visited, for how long a fact stays fresh, what grids are for.
import * as fields from "./rules_form.js";
import { get } from "../core/api.js";
import { byId, el, replace } from "../core/dom.js";
import { number } from "../core/format.js";
import { may } from "../core/page.js";
import { emptyLine, Panel } from "../core/panels.js";
import { _, n_ } from "../core/words.js";

const { needs, facts, services, places, today } = JSON.parse(byId("rules-data").textContent);
const names = new Map(places.map((one) => [one.code, (document.documentElement.lang === "en" && one.name_en) || one.name_zh]));
const changes = may("data.import");
const labels = (list, chosen) => chosen.map((name) => list.find((one) => one.name === name)?.label || name).join(_("、"));
const where = (code) => [names.get(code), code].filter(Boolean).join(" ");
const span = (words) => el("span", { class: "nw" }, words);
const days = (n) => n_("{n} 天", n, { n: number(n) });

const MOST = 100000;
const grounds = [
  { name: "any", label: _("一般") }, { name: "urban", label: _("城区社区") }, { name: "village", label: _("村") },
  { name: "mountain", label: _("山区") }, { name: "island", label: _("海岛") }, { name: "micro", label: _("微网格") }];
const households = (one) => (one.minimum === null ? "–" : _("{min}–{max} 户", { min: number(one.minimum), max: number(one.maximum) }));

function smallest(one) {
  if (one.smallest === null) return "–";
  return one.ground === "island" ? _("满 {n} 人的岛自成网格", { n: number(one.smallest) }) : _("不满 {n} 户的小聚落不拆开", { n: number(one.smallest) });
}

/** The fields of a size: which figures there are follows from the ground. */
function sizeForm(one = {}) {
  const ground = fields.known("ground", _("适用"), grounds, one.ground);
  const [minimum, maximum, least] = ["minimum", "maximum", "smallest"].map((name) => fields.figure(name, name, one[name], MOST));
  const compare = () => maximum.refuse(maximum.read() !== null && minimum.read() > maximum.read() ? _("最多户数不能小于最少户数") : "");
  for (const one of [minimum, maximum]) one.node.addEventListener("input", compare);
  const follow = () => {
    const of = ground.read();
    minimum.ask(of !== "island" && _("最少户数"));
    maximum.ask(of !== "island" && _("最多户数"));
    compare();
    least.ask({ island: _("多少人的岛自成网格"), mountain: _("少于多少户的小聚落不拆开，没有就空着") }[of], of === "island");
  };
  ground.node.addEventListener("change", follow);
  follow();
  return [fields.place(places, one.area_code), ground, minimum, maximum, least,
    fields.day("valid_from", _("哪天起"), one.valid_from ?? today, true), fields.text("source", _("依据，写文件名和条款"), one.source, 500)];
}

async function sizes() {
  const found = await get("/api/grid-rules");
  return [...found.rules, ...found.standard];
}

const TABLES = {
  visits: {
    address: "/api/visit-rules",
    rows: async () => (await get("/api/visit-rules")).rules,
    area: (one) => one.area_code,
    off: (one) => !one.active,
    long: [5],
    heads: () => [_("需要"), _("在哪里"), _("多久一次"), _("没遇到人，再过"), _("先后"), _("依据")],
    cells: (one) => [one.label, where(one.area_code), one.active ? days(one.interval_days) : _("停用"), days(one.retry_days), number(one.priority), one.source],
    form: (one = {}) => [
      fields.place(places, one.area_code), fields.known("need", _("需要"), needs, one.need),
      fields.count("interval_days", _("多少天一次"), one.interval_days ?? 90, 730),
      fields.count("retry_days", _("没遇到人，再过几天"), one.retry_days ?? 7, 365),
      fields.count("priority", _("先后，1 最先"), one.priority ?? 3, 5),
      fields.count("stale_days", _("需要本身多少天再问"), one.stale_days ?? 180, 3650),
      fields.text("source", _("依据，写文件名和条款"), one.source, 300),
      fields.yes("active", _("在用"), one.active ?? true)],
  },
  facts: {
    address: "/api/fact-rules",
    long: [],
    rows: async () => (await get("/api/visit-rules")).fields,
    area: (one) => one.area_code,
    off: () => false,
    heads: () => [_("信息"), _("在哪里"), _("多少天算旧")],
    cells: (one) => [one.label, where(one.area_code), days(one.stale_days)],
    form: (one = {}) => [
      fields.place(places, one.area_code), fields.known("name", _("信息"), facts, one.name),
      fields.count("stale_days", _("多少天算旧"), one.stale_days ?? 180, 3650)],
  },
  items: {
    address: "/api/service-items",
    long: [3, 4],
    rows: async () => (await get("/api/service-items")).items,
    area: (one) => one.area_code,
    off: () => false,
    heads: () => [_("事项"), _("在哪里"), _("归哪个部门"), _("依据"), _("用到的信息"), _("起止")],
    cells: (one) => [one.name, where(one.area_code), one.owner, one.legal_basis,
      [labels(facts, one.fields), labels(needs, one.needs)].filter(Boolean).join(_("；")) || _("没有"),
      [span(one.admitted_on), " – ", span(one.ends_on || _("没有止期"))]],
    form: (one = {}) => [
      fields.place(places, one.area_code), fields.text("name", _("事项"), one.name, 100, one.name !== undefined),
      fields.text("owner", _("归哪个部门"), one.owner, 100),
      fields.day("admitted_on", _("哪天起"), one.admitted_on, true), fields.day("ends_on", _("到哪天，不限就空着"), one.ends_on, false),
      fields.text("legal_basis", _("依据，写文件名和条款"), one.legal_basis, 500),
      fields.several("fields", _("用到哪些信息"), facts, one.fields ?? []),
      fields.several("needs", _("用到哪些需要"), needs, one.needs ?? [])],
  },
  sizes: {
    address: "/api/grid-rules",
    long: [5],
    rows: sizes,
    area: (one) => one.area_code,
    off: () => false,
    heads: () => [_("适用"), _("在哪里"), _("户数"), _("小岛和小聚落"), _("哪天起"), _("依据")],
    cells: (one) => [labels(grounds, [one.ground]), one.area_code ? where(one.area_code) : _("没有另定的地方"), span(households(one)), smallest(one), span(one.valid_from || "–"), one.source],
    form: sizeForm,
  },
  services: {
    address: "/api/care/rules",
    rows: async () => (await get("/api/care/rules")).services,
    area: (one) => one.area_code,
    off: (one) => !one.active,
    long: [4],
    heads: () => [_("需要"), _("要的服务"), _("在哪里"), _("在用"), _("依据")],
    cells: (one) => [one.label, labels(services, [one.service]), where(one.area_code), one.active ? "✓" : _("停用"), one.source],
    form: (one = {}) => [
      fields.place(places, one.area_code), fields.known("need", _("需要"), needs, one.need),
      fields.known("service", _("要的服务"), services, one.service),
      fields.text("source", _("依据，写文件名和条款"), one.source, 300), fields.yes("active", _("在用"), one.active ?? true)],
  },
  loads: {
    address: "/api/care/load-rules",
    rows: async () => (await get("/api/care/rules")).loads,
    area: (one) => one.area_code,
    off: () => false,
    long: [3],
    heads: () => [_("在哪里"), _("一次走访几分钟"), _("每人每周几小时"), _("依据")],
    cells: (one) => [where(one.area_code), number(one.visit_minutes), number(one.weekly_hours), one.source],
    form: (one = {}) => [
      fields.place(places, one.area_code), fields.count("visit_minutes", _("一次走访几分钟"), one.visit_minutes ?? 30, 480),
      fields.count("weekly_hours", _("每人每周几小时"), one.weekly_hours ?? 20, 60),
      fields.text("source", _("依据，写文件名和条款"), one.source, 300)],
  },
};

for (const [name, table] of Object.entries(TABLES)) {
  const panel = new Panel(byId(`panel-${name}`));
  const box = panel.section.querySelector(".form-place");
  const close = () => replace(box);
  const open = (one) => {
    replace(box, fields.form(table.address, table.form(one), () => {
      close();
      load();
    }, close));
    box.querySelector("select:not(:disabled), input:not([readonly])").focus();
  };
  const row = (one, at) => el("tr", { class: table.off(one) ? "off" : "" },
    table.cells(one).map((words, i) => (i === 0 ? el("th", { scope: "row", id: `${name}-${at}` }, words) : el("td", { class: table.long.includes(i) ? "long" : "" }, words))),
    changes && el("td", { class: "nw" }, names.has(table.area(one)) && el("button", {
      type: "button", class: "btn", "aria-describedby": `${name}-${at}`, onclick: () => open(one) }, _("改"))));

  async function load() {
    panel.loading(3);
    try {
      const rows = await table.rows();
      panel.show(rows.length ? el("table", { class: "list" },
        el("thead", {}, el("tr", {}, table.heads().map((words) => el("th", { scope: "col" }, words)), changes && el("th", { scope: "col" }, el("span", { class: "sr" }, _("改"))))),
        el("tbody", {}, rows.map(row))) : emptyLine(_("还没有规则")));
    } catch (error) {
      panel.fail(error, load);
    }
  }

  document.getElementById(`add-${name}`)?.addEventListener("click", () => open());
  load();
}
