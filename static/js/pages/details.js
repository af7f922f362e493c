// Details of what is chosen on the map: names and values as text, never HTML.
import { get } from "../core/api.js";
import { el } from "../core/dom.js";
import { distance, duration, moment, number, percent, signedPercent } from "../core/format.js";
import { levelOf, roman } from "../core/severity.js";
import { shortfallWords } from "../core/shortfall.js";
import * as terms from "../core/terms.js";
import { _, n_ } from "../core/words.js";
import { facilityWord, isBusy, unitWord } from "../map/layers/places.js";
import { severityGlyph } from "../map/symbols.js";

/** A list of measures: pairs of words and value; pairs without a value are left out. */
export function measures(pairs) {
  const shown = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return el("dl", { class: "measures" }, shown.map(([words, value]) =>
    el("div", {}, el("dt", {}, words), el("dd", { class: "num" }, value))));
}

function title(words, ...beside) {
  return el("div", { class: "details-title" }, beside, el("h3", {}, words));
}

export function levelWords(level) {
  return levelOf(level)
    ? _("{colour} {roman}级", { colour: terms.colourName(level), roman: roman(level) })
    : _("无级");
}

const nameOf = (value) => (value && typeof value === "object" ? value.name : value);
const yesNo = (value) => (value === undefined || value === null ? null : value ? _("是") : _("否"));
const count = (source, value) => (value === undefined || value === null ? null : n_(source, value, { n: number(value) }));

const SHOW = {
  incident: (p, now) => [
    title(p.title || terms.category(p.category), severityGlyph(p.level, p.number ?? "", 40)),
    measures([
      [_("级别"), levelWords(p.level)],
      [_("类别"), terms.category(p.category)],
      [_("状态"), terms.incidentState(p.state)],
      [_("网格"), p.grid_label || p.grid],
      [_("专属网格"), p.special_grid],
      [_("上报"), moment(p.reported_at, now)],
      [_("已过"), p.reported_at ? duration((now - new Date(p.reported_at)) / 1000) : null],
      [_("位置误差"), p.accuracy_m ? distance(p.accuracy_m) : null],
    ]),
  ],
  hazard: (p, now) => [
    title(p.name || terms.hazardKind(p.kind), severityGlyph(p.severity, terms.colourSign(p.severity), 40)),
    measures([
      [_("种类"), terms.hazardKind(p.kind)],
      [_("级别"), levelWords(p.severity)],
      [_("状态"), terms.hazardState(p.state)],
      [_("宣布"), moment(p.declared_at, now)],
      [_("影响户"), number(p.households_affected)],
      [_("影响人"), number(p.people_affected)],
    ]),
  ],
  facility: (p) => [
    title(p.name || facilityWord(p.kind)),
    measures([
      [_("种类"), facilityWord(p.kind)],
      [_("容量"), p.capacity ? count("{n} 人", p.capacity) : null],
      [_("无障碍"), yesNo(p.accessible)],
      [_("开放"), yesNo(p.open)],
    ]),
  ],
  responder: (p) => [
    title(p.name || unitWord(p.kind)),
    measures([
      [_("种类"), unitWord(p.kind)],
      [_("人数"), number(p.people)],
      [_("在岗"), yesNo(p.on_duty)],
      [_("任务"), isBusy(p) ? _("在用") : _("空闲")],
    ]),
  ],
  route: (p) => [
    title(_("转移路线")),
    measures([
      [_("去往"), p.shelter_name || p.name || p.shelter],
      [_("户"), number(p.households)],
      [_("人"), number(p.people)],
      [_("批次"), p.wave ? _("第 {n} 批", { n: p.wave }) : null],
    ]),
  ],
  special: (p) => [
    title(p.name || _("专属网格 {label}", { label: p.label })),
    measures([
      [_("类别"), p.special_use ? terms.specialUse(p.special_use) : null],
      [_("网格"), p.label],
      [_("代码"), p.code],
      [_("户数"), number(p.households)],
      [_("人数"), number(p.people)],
      [_("占地"), p.area_m2 ? _("{n} 公顷", { n: (p.area_m2 / 10_000).toFixed(2) }) : null],
      [_("里面的设施"), p.facilities ?? null],
      [_("网格员"), nameOf(p.member)],
      [_("说明"), _("户仍在各自的综合网格里")],
    ]),
  ],
  micro: (p) => [
    title(_("微网格 {label}", { label: p.label })),
    measures([
      [_("网格"), p.grid_label],
      [_("户数"), number(p.households)],
      [_("人数"), number(p.people)],
      [_("微网格长"), p.head],
      [_("规模"), _("{min}–{max} 户", { min: number(p.minimum), max: number(p.maximum) })],
      [_("依据"), p.source],
      [_("为什么"), p.why && shortfallWords({ ...p.why, minimum: p.minimum, maximum: p.maximum })],
      [_("起用日"), p.valid_from],
    ]),
  ],
  community: (p) => [title(p.name), measures([[_("代码"), p.code]])],
};

const ratio = (value) => (typeof value === "number" ? value.toFixed(2) : null);
const share = (value) => (typeof value === "boolean" ? yesNo(value) : typeof value === "number" ? percent(value, 0) : null);

function gridRows(props, m = {}) {
  return measures([
    [_("代码"), props.code],
    [_("户数"), number(props.households)],
    [_("人数"), number(props.people)],
    [_("要帮助的人"), number(props.people_with_needs)],
    [_("偏差"), signedPercent(m.deviation ?? props.deviation)],
    [_("网格员"), nameOf(props.member)],
    [_("未结事件"), number(props.incidents_open)],
    [_("连成一块"), yesNo(m.contiguous)],
    [_("紧凑度 PP"), ratio(m.polsby_popper)],
    [_("外接圆比"), ratio(m.reock)],
    [_("沿路边界"), share(m.along_roads)],
    [_("走得通"), share(m.walkable)],
    [_("版本"), props.version],
  ]);
}

function householdRows(body) {
  const p = body.properties || body;
  const needs = Array.isArray(p.needs) ? p.needs : [];
  return measures([
    [_("地址"), p.address],
    [_("户主"), p.householder],
    [_("人数"), number(p.people)],
    [_("要的帮助"), needs.length ? terms.listed(needs.map((one) => terms.need(one.kind || one))) : needs === p.needs ? _("没有登记") : null],
    [_("电话"), p.phone],
    [_("网格"), p.grid_label || p.grid],
    [_("楼"), nameOf(p.building)],
  ]);
}

const FETCH = {
  grid: async (id, props) => {
    const answer = await get(`/api/grids/${encodeURIComponent(id)}`);
    const full = { ...props, ...answer.properties };
    const measured = answer.measures || answer.properties?.measures;
    return [title(_("网格 {label}", { label: full.label || id })), gridRows(full, measured)];
  },
  household: async (id) => {
    const answer = await get(`/api/households/${encodeURIComponent(id)}`);
    return [title(_("住户")), householdRows(answer)];
  },
};

/** What to show at once for a hit of the map. */
export function shownNow(hit, now) {
  if (hit.layer === "grid") {
    return [title(_("网格 {label}", { label: hit.props.label || hit.id })), gridRows(hit.props)];
  }
  if (hit.layer === "household") return [title(_("住户")), el("p", { class: "mut" }, _("正在取数"))];
  return SHOW[hit.layer]?.(hit.props, now) || [title(String(hit.id))];
}

/** What the server knows beyond that; null when there is nothing more to ask. */
export function shownLater(hit) {
  return FETCH[hit.layer]?.(hit.id, hit.props) || null;
}
