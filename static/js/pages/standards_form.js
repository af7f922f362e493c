// The forms of a coverage standard: another version of it, a new one, or its end.
import { toast } from "./common.js";
import * as fields from "./rules_form.js";
import { AREA_TYPES, BARRIERS, DIRECTIONS, kindWord, MEASURES, PROFILES, SCORES, versionWords } from "./standards_words.js";
import { post } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import * as terms from "../core/terms.js";
import { _ } from "../core/words.js";

const PER = { seconds: 60, metres: 1 };
const NEW = {
  key: "", name_zh: "", name_en: "", area_type: "any", facility_kinds: [], profile: "walk", direction: "to_facility", by: "metres",
  limit: 1000, capacity: false, scores: "none", barriers: [], area_rule: {}, slider: [300, 3000], source: "", version: null,
  bands: [{ key: "day", name_zh: "白天", name_en: "Day", speeds: { "*": 1 } }],
};
const options = (table) => Object.entries(table).map(([name, label]) => ({ name, label: _(label) }));

function choose(name, words, list, chosen) {
  const select = el("select", { class: "select", name }, list.map((one) => el("option", { value: one.name, selected: one.name === chosen }, one.label)));
  return { name, select, node: el("label", { class: "stack" }, el("span", {}, words), select), read: () => select.value };
}

function amount(name, words, value, least, step = "any") {
  const input = el("input", { class: "field num", name, type: "number", inputmode: "decimal", min: least, step, required: true, value });
  const label = el("span", {}, words);
  return { name, input, label, node: el("label", { class: "stack" }, label, input), read: () => Number(input.value) };
}

function line(name, words, value, most, pattern) {
  const input = el("input", { class: "field", name, maxlength: most, required: true, value, pattern });
  return { name, input, node: el("label", { class: most > 100 ? "stack wide" : "stack" }, el("span", {}, words), input), read: () => input.value.trim() };
}

/** Rows of small fields that people add and take away; `cells` makes the fields of one. */
function rowsOf(words, more, entries, cells, least = 0) {
  const held = [];
  const list = el("div", { class: "entries" });
  const add = (entry) => {
    const row = cells(entry);
    const node = el("div", { class: "entry" }, row.map((cell) => cell.node),
      el("button", { type: "button", class: "btn", onclick: () => {
        if (held.length <= least) return;
        held.splice(held.indexOf(row), 1);
        node.remove();
      } }, _("去掉")));
    held.push(row);
    list.append(node);
  };
  entries.forEach(add);
  return {
    rows: held,
    node: el("fieldset", { class: "wide" }, el("legend", {}, words), list,
      el("button", { type: "button", class: "btn", onclick: () => add(null) }, more)),
  };
}

const pairsOf = (text) => Object.fromEntries(text.split(/[\s,，;；]+/u).filter(Boolean).map((pair) => {
  const [name, value] = pair.split(/[=＝:：]/u);
  return [name.trim(), Number(value) / 100];
}));
const pairText = (speeds) => Object.entries(speeds).filter(([name]) => name !== "*")
  .map(([name, share]) => `${name}=${Number((share * 100).toFixed(1))}`).join(" ");

function bandCells(one) {
  const band = one || { key: "", name_zh: "", name_en: "", speeds: { "*": 1 } };
  const zh = line("band_zh", _("时段（中文）"), band.name_zh, 80);
  const en = line("band_en", _("时段（英文）"), band.name_en, 80);
  const share = amount("band_share", _("速度，占平常的 %"), Number((band.speeds["*"] * 100).toFixed(1)), 1);
  const rest = fields.text("band_rest", _("另定的道路等级，如 primary=80"), pairText(band.speeds), 100);
  rest.node.querySelector("input").required = false;
  const cells = [zh, en, share, rest];
  cells.read = (taken) => {
    let key = band.key || en.read().toLowerCase().replace(/[^a-z]+/gu, "_").replace(/^_+|_+$/gu, "").slice(0, 30) || "band";
    if (key.length < 2) key = `band_${key}`;
    while (taken.has(key)) key += "_x";
    taken.add(key);
    return { key, name_zh: zh.read(), name_en: en.read(), speeds: { "*": share.read() / 100, ...pairsOf(rest.read()) } };
  };
  return cells;
}

function levelCells(entry) {
  const [name, km2] = entry || ["", ""];
  const level = line("rule_level", _("级别，如 1、2、small、suburb"), name, 20, "[a-z0-9_]{1,20}");
  const size = amount("rule_km2", _("平方公里"), km2, 0.1);
  const cells = [level, size];
  cells.read = () => [level.read(), size.read()];
  return cells;
}

/** A form that sends what it holds as the version after the one that was read. */
function formOf(title, parts, send, words, done, close) {
  const failed = el("p", { class: "failed-line wide", role: "alert", hidden: true });
  return el("form", { class: "standard-form panel", "aria-label": title, onsubmit: async (event) => {
    event.preventDefault();
    failed.hidden = true;
    try {
      await send();
      toast(_("存下了新的一版，留了痕"));
      done();
    } catch (error) {
      const stale = error.status === 409 && error.more?.version;
      replace(failed, _("没改成：{why}", { why: error.detail || error.message }),
        stale ? el("button", { type: "button", class: "btn", onclick: done }, _("看新的一版")) : null);
      failed.hidden = false;
    }
  } }, el("h2", { class: "wide" }, title), parts, failed,
  el("div", { class: "row wide" }, el("button", { class: "btn primary" }, words), el("button", { type: "button", class: "btn", onclick: close }, _("不改"))));
}

/** The form of the version after `last`, or of a new standard. */
export function open(last, data, done, close) {
  const one = last || NEW;
  const per = () => PER[by.read()];
  const place = fields.place(data.places, last ? one.area : undefined);
  const key = line("key", _("代号，小写字母和下划线"), one.key, 40, "[a-z_]{2,40}");
  key.input.readOnly = Boolean(last);
  const zh = line("name_zh", _("名称（中文）"), one.name_zh, 80);
  const en = line("name_en", _("名称（英文）"), one.name_en, 80);
  const type = choose("area_type", _("算哪些户"), options(AREA_TYPES), one.area_type);
  const kinds = fields.several("facility_kinds", _("哪些设施"), data.kinds.map((name) => ({ name, label: kindWord(name) })), one.facility_kinds);
  const profile = choose("profile", _("怎么走"), PROFILES.map((name) => ({ name, label: terms.profile(name) })), one.profile);
  const direction = choose("direction", _("方向"), options(DIRECTIONS), one.direction);
  const by = choose("by", _("限度"), options(MEASURES), one.by);
  const shown = (value) => Number((value / PER[one.by]).toFixed(2));
  const limit = amount("limit", "", shown(one.limit), 0);
  const low = amount("low", "", shown(one.slider[0]), 0);
  const high = amount("high", "", shown(one.slider[1]), 0);
  const capacity = fields.yes("capacity", _("满了不再算"), one.capacity);
  const scores = choose("scores", _("人均分到多少"), options(SCORES), one.scores);
  const barriers = fields.several("barriers", _("不跨越（只能走桥或隧道）"), options(BARRIERS), one.barriers);
  const bands = rowsOf(_("速度，第一行定到不到得了"), _("加一个时段"), one.bands, bandCells, 1);
  const rule = rowsOf(_("一处管多大"), _("加一个级别"), Object.entries(one.area_rule), levelCells);
  const day = fields.day("valid_from", _("哪天起"), data.today, true);
  day.node.querySelector("input").min = data.today;
  const source = line("source", _("依据，写文件名和条款；没有查到的也写明"), one.source, 1000);
  const unit = () => {
    const words = by.read() === "metres" ? _("米") : _("分钟");
    limit.label.textContent = _("不超过（{unit}）", { unit: words });
    low.label.textContent = _("地图上最小（{unit}）", { unit: words });
    high.label.textContent = _("地图上最大（{unit}）", { unit: words });
    bands.node.hidden = by.read() === "metres";
  };
  by.select.addEventListener("change", unit);
  unit();
  const follow = () => {
    barriers.node.hidden = profile.read() === "walk";
  };
  profile.select.addEventListener("change", follow);
  follow();
  const content = () => {
    const taken = new Set();
    const every = bands.rows.map((row) => row.read(taken));
    return {
      area: place.read(), key: key.read(), name_zh: zh.read(), name_en: en.read(), area_type: type.read(),
      facility_kinds: kinds.read(), profile: profile.read(), direction: direction.read(), by: by.read(),
      limit: limit.read() * per(), capacity: capacity.read(), scores: scores.read(), barriers: barriers.node.hidden ? [] : barriers.read(),
      bands: bands.node.hidden ? every.slice(0, 1) : every, area_rule: Object.fromEntries(rule.rows.map((row) => row.read())),
      slider: [low.read() * per(), high.read() * per()], source: source.read(), valid_from: day.read(),
    };
  };
  const title = last ? _("改“{name}”", { name: one.name }) : _("加一个标准");
  const parts = [place, key, zh, en, type, profile, direction, by, limit, low, high, scores, day, kinds, barriers, bands, rule, source, { node: el("div", { class: "wide" }, capacity.node) }];
  return formOf(title, [last && el("p", { class: "mut s wide" }, _("{version}。存下的是下一版。", { version: versionWords(last) })), parts.map((part) => part.node)],
    () => post("/api/coverage/standards", content(), { version: one.version }), _("存下"), done, close);
}

/** The form that lets a standard end on a day. */
export function retire(last, data, done, close) {
  const day = fields.day("valid_from", _("哪天起停用"), data.today, true);
  day.node.querySelector("input").min = data.today;
  return formOf(_("停用“{name}”", { name: last.name }),
    [el("p", { class: "wide" }, _("从那天起不再按它算；算过的结果都留着。上级区域有同样的标准，就按上级的。")), day.node],
    () => post(`/api/coverage/standards/${last.key}/retire`, { area: last.area, valid_from: day.read() }, { version: last.version }),
    _("停用"), done, close);
}
