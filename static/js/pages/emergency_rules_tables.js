// The rules that are rows of an area: days until return, supplies, walking speeds; and the vehicles.
import { get, post } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import { moment, number } from "../core/format.js";
import * as terms from "../core/terms.js";
import { emptyLine, Panel } from "../core/panels.js";
import { may } from "../core/page.js";
import { toast } from "../core/toast.js";
import { _, n_ } from "../core/words.js";
import { kindOptions } from "../duty/hazard_levels.js";
import { hoursWord } from "./facilities_words.js";
import * as fields from "./emergency_rules_form.js";

const SUPPLIES = {
  drinking_water: "饮用水", water: "用水", food: "吃的", beds: "床位", blankets: "被子", toilets: "厕位", space: "住的地方",
  medicine_kits: "急救药包", infant_milk: "婴儿奶粉", diapers: "纸尿裤", lamps: "照明灯",
};
const PER = { person_day: "每人每天", person: "每人", people: "多少人一个" };

const source = (value) => fields.text("source", _("依据，写文件名和条款"), value, 300, { wide: true });
const days = (n) => n_("{n} 天", n, { n: number(n) });

/** "3 升" a person a day, or "50 人一个". */
function amountWords({ amount, per, unit }) {
  if (per === "people") return _("{n} 人一个", { n: number(amount) });
  const much = [String(amount), unit].filter(Boolean).join(" ");
  return per === "person_day" ? _("每人每天 {much}", { much }) : _("每人 {much}", { much });
}

function hazardChoice(chosen) {
  const field = fields.choice("kind", _("险情种类"), [], chosen, { fixed: chosen !== undefined });
  replace(field.input, kindOptions(chosen ?? "landslide"));
  return field;
}

/** `data` is what the page came with: needs, places, kinds of supplies with their units. */
export function tables(data) {
  const needs = new Map(data.needs.map(({ name, label }) => [name, label]));
  const supply = (kind) => _(SUPPLIES[kind] || kind);
  return {
    holds: {
      address: "/api/return-rules", key: "kind",
      heads: () => [_("险情种类"), _("在哪里"), _("解除后")],
      cells: (one, where) => [terms.hazardKind(one.kind), where, days(one.days)],
      form: (one = {}) => [fields.place(data.places, one.area), hazardChoice(one.kind),
        fields.figure("days", _("解除后几天"), one.days ?? 3, { min: 0, max: 60, step: 1 }), source(one.source)],
    },
    supplies: {
      address: "/api/supply-rules", key: "kind",
      heads: () => [_("物资"), _("在哪里"), _("要多少")],
      cells: (one, where) => [supply(one.kind), where, amountWords(one)],
      form: (one = {}) => {
        const unit = (kind) => data.supplies[kind] || _("个");
        const kind = fields.choice("kind", _("物资"), Object.keys(data.supplies).map((name) => [name, `${supply(name)}（${unit(name)}）`]), one.kind, { fixed: one.kind !== undefined });
        return [fields.place(data.places, one.area), kind,
          fields.figure("amount", _("数量"), one.amount, { min: 0.01, max: 10000 }),
          fields.choice("per", _("按什么算"), Object.entries(PER).map(([name, words]) => [name, _(words)]), one.per ?? "person_day"), source(one.source)];
      },
    },
    speeds: {
      address: "/api/walking-speeds", key: "need",
      heads: () => [_("什么人"), _("在哪里"), _("公里/时")],
      cells: (one, where) => [needs.get(one.need) || one.need, where, one.kmh ? String(one.kmh) : _("0，派车接")],
      form: (one = {}) => [fields.place(data.places, one.area),
        fields.choice("need", _("什么人"), [...needs], one.need, { fixed: one.need !== undefined }),
        fields.figure("kmh", _("公里/时，0 是走不动、派车接"), one.kmh ?? 3, { min: 0, max: 8 }), source(one.source)],
    },
  };
}

/** One table with its form above it: read, add, change with the version that was read. */
export class RuleTable {
  constructor(name, table, { places, now }) {
    Object.assign(this, { name, table, places, now });
    this.names = new Map(places.map((one) => [one.code, fields.areaWords(one).trim()]));
    this.panel = new Panel(document.getElementById(`panel-${name}`));
    this.box = this.panel.section.querySelector(".form-place");
    document.getElementById(`add-${name}`)?.addEventListener("click", () => this.open());
  }

  where(code) {
    return [this.names.get(code), code].filter(Boolean).join(" ");
  }

  close() {
    replace(this.box);
    document.getElementById(`add-${this.name}`)?.focus();
  }

  open(one) {
    const { table } = this;
    const form = new fields.RuleForm({
      title: one ? _("改这一条") : document.getElementById(`add-${this.name}`).textContent,
      address: table.address, build: (row) => table.form(row || undefined), row: one ?? null,
      close: () => this.close(),
      done: () => {
        this.close();
        this.load();
      },
      // of a new one somebody else has just set the same
      again: async (said) => {
        await this.load();
        return this.rows.find((row) => row.area === said.area && row[table.key] === said[table.key]) ?? null;
      },
    });
    replace(this.box, form.node);
    form.node.querySelector("select:not(:disabled), input").focus();
  }

  row(one, at) {
    const { table } = this;
    const [first, ...cells] = table.cells(one, this.where(one.area));
    const who = one.by ? _("{person}，{time}", { person: one.by, time: moment(one.at, this.now()) }) : _("随产品来的");
    return el("tr", {},
      el("th", { scope: "row", id: `${this.name}-${at}` }, first), cells.map((words) => el("td", {}, words)),
      el("td", { class: "long" }, one.source, el("span", { class: "mut under" }, who)),
      el("td", { class: "acts" }, one.own && el("button", { type: "button", class: "btn", "aria-describedby": `${this.name}-${at}`, onclick: () => this.open(one) }, _("改"))));
  }

  async load() {
    this.panel.loading(4);
    try {
      this.rows = (await get(this.table.address)).items;
      this.panel.show(this.rows.length ? el("div", { class: "sideways" }, el("table", { class: "list" },
        el("thead", {}, el("tr", {}, [...this.table.heads(), _("依据和谁定的")].map((words) => el("th", { scope: "col" }, words)), el("th", { scope: "col" }, el("span", { class: "sr" }, _("改"))))),
        el("tbody", {}, this.rows.map((one, at) => this.row(one, at))))) : emptyLine(_("还没有规则")));
    } catch (error) {
      this.panel.fail(error, () => this.load());
    }
  }
}

const NEW = { name: "", contact: null, seats: 7, wheelchairs: 0, ready_minutes: 15, at: null, hours: null };

function vehicleFields(map, shown) {
  return [
    fields.text("name", _("车名或车牌"), shown.name, 80),
    fields.text("contact", _("司机或调度，姓名和电话"), shown.contact, 80, { required: false }),
    fields.figure("seats", _("座位"), shown.seats, { min: 1, max: 100, step: 1 }),
    fields.figure("wheelchairs", _("轮椅位"), shown.wheelchairs, { min: 0, max: 20, step: 1 }),
    fields.figure("ready_minutes", _("几分钟能出车"), shown.ready_minutes, { min: 0, max: 600, step: 1 }),
    fields.spot(map, shown.at), fields.hours(shown.hours),
  ];
}

/** The vehicles: a list, the form of one of them, and where they start on the map. */
export class Vehicles {
  constructor({ map, now, shown }) {
    Object.assign(this, { map, now, shown, items: [] });
    this.panel = new Panel(document.getElementById("panel-vehicles"));
    this.box = this.panel.section.querySelector(".form-place");
    document.getElementById("add-vehicles")?.addEventListener("click", () => this.open());
  }

  close() {
    this.map.point(null, null);
    replace(this.box);
  }

  open(one = null) {
    const form = new fields.RuleForm({
      title: one ? _("改{name}", { name: one.name }) : _("登记一辆车"),
      address: one ? `/api/vehicles/${encodeURIComponent(one.id)}` : "/api/vehicles",
      row: one, build: (row) => vehicleFields(this.map, row || NEW),
      body: ({ at, ...said }) => ({ ...said, lon: at[0], lat: at[1] }),
      close: () => this.close(),
      done: () => {
        this.close();
        this.load();
      },
      again: async () => {
        await this.load();
        return this.items.find(({ id }) => id === one.id) ?? null;
      },
      more: one && el("button", { type: "button", class: "btn", onclick: (event) => this.use(form, one, event.currentTarget) }, one.in_use ? _("停用") : _("恢复")),
    });
    replace(this.box, form.node);
    form.node.querySelector("input").focus();
  }

  /** Take it out of use or back; the rest stays as it was read. */
  async use(form, one, pressed) {
    pressed.disabled = true;
    try {
      await post(form.address, { in_use: !one.in_use }, { version: form.version });
      toast(_("存下了，留了痕"));
      this.close();
      this.load();
    } catch (error) {
      pressed.disabled = false;
      if (error.status === 409) form.late(error);
      else form.fail(error.status === 0 ? _("没连上服务器。写的还在") : _("没存成：{why}", { why: error.detail || error.message }));
    }
  }

  row(one) {
    const notes = [_("{n} 分钟能出车", { n: one.ready_minutes }), one.contact].filter(Boolean).join(" · ");
    return el("tr", { class: one.in_use ? "" : "gone" },
      el("th", { scope: "row", id: `vehicle-${one.id}` }, el("button", { type: "button", class: "row-button", onclick: () => this.shown(one) }, one.name),
        el("span", { class: "mut under" }, one.in_use ? notes : _("已停用"))),
      el("td", { class: "n num" }, number(one.seats)), el("td", { class: "n num" }, number(one.wheelchairs)),
      el("td", {}, hoursWord(one.hours)),
      el("td", {}, el("span", { class: "mut under" }, one.by ? _("{person}，{time}", { person: one.by, time: moment(one.set_at, this.now()) }) : "–")),
      el("td", { class: "acts" }, one.own && may("plan.draft") && el("button", { type: "button", class: "btn", "aria-describedby": `vehicle-${one.id}`, onclick: () => this.open(one) }, _("改"))));
  }

  async load() {
    this.panel.loading(3);
    try {
      this.items = (await get("/api/vehicles")).items;
      this.map.vehicles(this.items);
      this.panel.show(this.items.length ? el("div", { class: "sideways" }, el("table", { class: "list" },
        el("thead", {}, el("tr", {}, [_("车"), _("座位"), _("轮椅位"), _("时段"), _("谁定的")].map((words, i) => el("th", { scope: "col", class: i === 1 || i === 2 ? "n" : null }, words)), el("th", { scope: "col" }, el("span", { class: "sr" }, _("改"))))),
        el("tbody", {}, this.items.map((one) => this.row(one))))) : emptyLine(_("还没有车。登记以后，走不动的人排进接人的趟次")));
    } catch (error) {
      this.panel.fail(error, () => this.load());
    }
  }
}
