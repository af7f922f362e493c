// Sensors: what each says now and has said today, its thresholds, its token, given up and back.
import { get, post } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import { clock, dateOf, duration, moment, number } from "../core/format.js";
import { emptyLine, errorLine, Panel } from "../core/panels.js";
import { may } from "../core/page.js";
import { levelOf } from "../core/severity.js";
import * as terms from "../core/terms.js";
import { toast } from "../core/toast.js";
import { _, n_ } from "../core/words.js";
import { sensorName, sensorWords } from "../map/layers/sensors.js";
import { severityGlyph, symbolOf } from "../map/symbols.js";
import { sensorCharacter } from "../map/layers/sensors.js";
import { measures } from "./details.js";
import * as fields from "./emergency_rules_form.js";
import { dayChart } from "./emergency_rules_chart.js";

const KINDS = { water_level: "水位", rain: "雨量", smoke: "烟感" };
const RISING = ["blue", "yellow", "orange", "red"];
const UNITS = { water_level: "m", rain: "mm/h", smoke: "%/m" };

export const kindWord = (kind) => _(KINDS[kind] || kind);

/** The level it is at, as a shape with its character; a drill's without the colour of a warning. */
function levelChip(p) {
  if (p.retired) return el("span", { class: "chip" }, _("已停用"));
  if (p.stale) return el("span", { class: "chip silent" }, _("没有数据"));
  if (!p.level) return el("span", { class: "mut s" }, _("没到线"));
  return el("span", { class: "row" }, severityGlyph(p.exercise ? 0 : p.level, terms.colourSign(p.level), 26),
    _("{colour}色线", { colour: terms.colourName(p.level) }));
}

const thresholdWords = (p) => RISING.filter((level) => p[level] !== null)
  .map((level) => `${terms.colourName(level)} ${p[level]}`).join(_("，"));

const NEW = {
  name: "", name_en: null, unit: "m", lowest: 0, highest: 30, blue: null, yellow: null, orange: null, red: null,
  hysteresis: 0, stale_minutes: 60, radius_m: 200, at: null,
};

/** Fields of a sensor; its code, kind and whether it is of drills stay what they were. */
function form(map, one) {
  const shown = one || NEW;
  return [
    fields.text("name", _("名称"), shown.name, 100), fields.text("name_en", _("英文名"), shown.name_en, 100, { required: false }),
    ...(one ? [] : [fields.text("code", _("编号，发数据时用"), "", 40), fields.choice("kind", _("测什么"), Object.keys(KINDS).map((kind) => [kind, kindWord(kind)]))]),
    fields.text("unit", _("单位"), shown.unit, 20),
    fields.figure("lowest", _("能测的最小值"), shown.lowest, {}), fields.figure("highest", _("能测的最大值"), shown.highest, {}),
    ...RISING.map((level) => fields.figure(level, _("{colour}色线（可不填）", { colour: terms.colourName(level) }), shown[level], { required: false })),
    fields.figure("hysteresis", _("低于线多少才退级"), shown.hysteresis, { min: 0 }),
    fields.figure("stale_minutes", _("几分钟没数据算断"), shown.stale_minutes, { min: 1, max: 10080, step: 1 }),
    fields.figure("radius_m", _("提议的范围，半径几米"), shown.radius_m, { min: 10, max: 20000, step: 1 }),
    fields.spot(map, shown.at),
    ...(one ? [] : [fields.yes("exercise", _("演练用的，提出的都是演练"), false)]),
  ];
}

/** The token of one sensor: made, shown once, renewed, revoked. */
class Token {
  constructor(sensor, now) {
    Object.assign(this, { sensor, now, said: undefined, shown: null });
    this.node = el("section", { class: "token-box" });
    this.address = `/api/sensors/${encodeURIComponent(sensor.id)}/token`;
  }

  async load() {
    try {
      this.said = (await get(this.address)).token;
      this.draw();
    } catch (error) {
      replace(this.node, errorLine(error, () => this.load()));
    }
  }

  words() {
    const { said } = this;
    if (!said) return _("没有令牌：程序还不能替它发数据");
    if (!said.lives) return _("令牌失效了（{time} 到期，或者做它的人停用了）。换一个新的", { time: dateOf(said.expires_at) });
    return [_("{person} {time} 做的，用到 {end}", { person: said.by, time: moment(said.made_at, this.now()), end: dateOf(said.expires_at) }),
      said.used_at ? _("最近用过 {time}", { time: moment(said.used_at, this.now()) }) : _("还没用过")].join(_("，"));
  }

  draw() {
    const { said, shown } = this;
    const act = (words, run) => el("button", { type: "button", class: "btn", onclick: (event) => this.run(event.currentTarget, run) }, words);
    replace(this.node, el("h4", {}, _("令牌")), el("p", { class: "s" }, this.words()),
      shown && el("div", { class: "token-shown", role: "status" }, el("p", {}, el("b", {}, _("只显示这一次，现在抄进设备："))), el("code", {}, shown),
        el("p", { class: "s mut" }, "POST /api/sensors/readings · Authorization: Bearer …")),
      el("div", { class: "row wrap" }, act(said ? _("换新令牌，旧的作废") : _("做一个令牌"), () => this.renew()), said && act(_("收回令牌"), () => this.revoke())));
  }

  async run(pressed, work) {
    pressed.disabled = true;
    try {
      await work();
    } catch (error) {
      pressed.disabled = false;
      toast(error.status === 0 ? _("没连上服务器") : error.detail || error.message);
    }
  }

  async renew() {
    const made = await post(this.address, {});
    this.shown = made.token; // Kept until its row is closed: news of the sensor draws the list anew.
    await this.load();
    this.node.querySelector("code").scrollIntoView({ block: "nearest" });
  }

  async revoke() {
    await post(`${this.address}/revoke`, {});
    this.shown = null;
    toast(_("收回了，留了痕"));
    await this.load();
  }
}

export class Sensors {
  constructor({ map, now }) {
    Object.assign(this, { map, now, items: [], chosen: null, tokens: new Map() });
    this.panel = new Panel(document.getElementById("panel-sensors"));
    this.box = this.panel.section.querySelector(".form-place");
    document.getElementById("add-sensors")?.addEventListener("click", () => this.open());
  }

  close() {
    this.map.point(null, null);
    replace(this.box);
  }

  open(one = null) {
    const own = new fields.RuleForm({
      title: one ? _("改{name}", { name: sensorName(one) }) : _("登记监测点"),
      address: one ? `/api/sensors/${encodeURIComponent(one.id)}` : "/api/sensors",
      row: one, build: (row) => form(this.map, row),
      close: () => this.close(),
      done: (kept) => {
        this.close();
        this.load(kept.id);
      },
      again: one && (async () => {
        await this.load(one.id);
        return this.items.find(({ id }) => id === one.id) ?? null;
      }),
    });
    const kind = own.fields.find(({ name }) => name === "kind");
    kind?.input.addEventListener("change", () => { own.fields.find(({ name }) => name === "unit").input.value = UNITS[kind.read()]; });
    replace(this.box, own.node);
    own.node.querySelector("input").focus();
    own.node.scrollIntoView({ block: "nearest" });
  }

  /** Read the list; `chosen` is opened, else what is open stays so, whatever answers first. */
  async load(chosen) {
    if (chosen !== undefined) this.chosen = chosen;
    this.panel.loading(4);
    try {
      this.items = (await get("/api/sensors?retired=1")).items;
      this.map.sensors(this.items.filter((one) => !one.retired));
      this.panel.at(this.now());
      this.draw();
    } catch (error) {
      this.panel.fail(error, () => this.load());
    }
  }

  draw() {
    this.panel.show(this.items.length ? el("ul", { class: "sensor-list" }, this.items.map((one) => this.row(one)))
      : emptyLine(_("还没有监测点。水位、雨量、烟感登记以后，越线就提醒值班员")));
  }

  row(one) {
    const open = String(one.id) === String(this.chosen);
    const detail = el("div", { class: "sensor-more", hidden: !open });
    if (open) this.detail(one, detail);
    return el("li", { class: one.retired ? "gone" : "", "data-id": one.id },
      el("button", { type: "button", class: "sensor-row", "aria-expanded": String(open), onclick: () => this.choose(open ? null : one.id) },
        symbolOf({ symbol: "sensor", name: one.stale && !one.retired ? "silent" : one.kind, character: sensorCharacter(one.kind) }),
        el("b", {}, one.exercise && el("span", { class: "drill-word" }, _("演练")), sensorName(one)),
        levelChip(one),
        el("span", { class: "mut s" }, `${kindWord(one.kind)} · ${one.code}`), el("span", { class: "num s" }, one.retired ? "" : sensorWords(one, this.now()))), detail);
  }

  choose(id, { go = true } = {}) {
    this.chosen = id;
    this.tokens.clear();
    this.draw();
    const found = this.items.find((one) => String(one.id) === String(id));
    if (found && go) this.map.go(found);
    const row = this.panel.body.querySelector(`[data-id="${id}"] .sensor-row`);
    row?.focus();
    row?.scrollIntoView({ block: "nearest" });
  }

  /** The token of a sensor in use, the same while its row is open; null for who may not see it. */
  tokenOf(one) {
    if (!may("hazard.declare") || one.retired) return null;
    if (!this.tokens.has(one.id)) this.tokens.set(one.id, new Token(one, this.now));
    return this.tokens.get(one.id);
  }

  detail(one, box) {
    const chart = el("div", { class: "day-chart" }, el("p", { class: "mut s" }, _("正在取数")));
    const token = this.tokenOf(one);
    token?.load();
    replace(box,
      one.proposal && el("p", { class: "pad-s" }, el("b", {}, _("有提议等人决定")), " ", el("a", { href: "/map" }, _("去值守图"))),
      chart,
      measures([
        [_("四条线"), `${thresholdWords(one)} ${one.unit}`], [_("低于线多少才退级"), `${one.hysteresis} ${one.unit}`],
        [_("能测"), `${one.lowest} – ${one.highest} ${one.unit}`], [_("多久没数据算断"), duration(one.stale_minutes * 60)],
        [_("提议的范围"), _("半径 {n} 米", { n: number(one.radius_m) })],
        [_("谁改的"), one.changed_by && `${one.changed_by} ${moment(one.changed_at || one.added_at, this.now())}`],
      ]),
      token?.node,
      may("hazard.declare") && el("div", { class: "row wrap pad-s" },
        !one.retired && el("button", { type: "button", class: "btn", onclick: () => this.open(one) }, _("改")),
        el("button", { type: "button", class: "btn", onclick: (event) => this.retire(one, event.currentTarget) }, one.retired ? _("恢复") : _("停用"))));
    this.readings(one, chart);
  }

  async readings(one, chart) {
    try {
      const { readings } = await get(`/api/sensors/${encodeURIComponent(one.id)}`);
      const since = this.now().getTime() - 24 * 3600000;
      const day = readings.filter(({ at }) => Date.parse(at) >= since).reverse();
      if (!day.length) {
        replace(chart, el("p", { class: "mut s" }, _("过去一天没有数据")));
        return;
      }
      const values = day.map(({ value }) => value);
      const words = _("过去一天 {n} 个读数，最低 {low}，最高 {high} {unit}", {
        n: number(day.length), low: Math.min(...values), high: Math.max(...values), unit: one.unit,
      });
      replace(chart, el("p", { class: "s" }, words),
        dayChart(day, { now: this.now(), words, gap: one.stale_minutes * 60000, hour: (time) => clock(time).slice(0, 5),
          lines: RISING.filter((level) => one[level] !== null).map((level) => ({ value: one[level], level, words: terms.colourSign(level) })) }));
    } catch (error) {
      replace(chart, errorLine(error, () => this.readings(one, chart)));
    }
  }

  async retire(one, pressed) {
    pressed.disabled = true;
    try {
      await post(`/api/sensors/${encodeURIComponent(one.id)}/${one.retired ? "restore" : "retire"}`, {}, { version: one.revision });
      toast(one.retired ? _("恢复了。要另做令牌才能发数据") : _("停用了，令牌作废"));
    } catch (error) {
      toast(error.status === 0 ? _("没连上服务器") : error.detail || error.message);
    }
    await this.load();
  }

  /** How many report, and how many are silent or at a line. */
  summary() {
    const used = this.items.filter((one) => !one.retired);
    const silent = used.filter(({ stale }) => stale).length;
    const high = used.filter((one) => !one.stale && levelOf(one.level)).length;
    return [n_("{n} 处在用", used.length), silent && _("{n} 处没有数据", { n: silent }), high && _("{n} 处到了线", { n: high })].filter(Boolean).join(_("，"));
  }
}
