// What a coverage standard says, in words: one place for the list, its history and its form.
import { distance, duration, number, travel } from "../core/format.js";
import * as terms from "../core/terms.js";
import { _ } from "../core/words.js";
import { facilityWord } from "../map/layers/places.js";

export const AREA_TYPES = { any: "全部住户", urban: "城区社区的住户", village: "村里的住户" };
export const DIRECTIONS = { to_household: "从设施到住户", to_facility: "从住户到设施" };
export const MEASURES = { seconds: "按时间", metres: "按路程" };
export const BARRIERS = { motorway: "高速路", trunk: "快速路", railway: "铁路线", river: "河流" };
export const PROFILES = ["walk", "drive", "truck", "emergency"];
// How readily people go to what is far, in the scores of what falls to each of them.
export const SCORES = { none: "不算人均", slow: "算，远的少打折", sharp: "算，远的多打折" };
const LEVELS = { small: "小型", suburb: "近郊" };
const STATES = {
  in_force: "现在用的", waiting: "还没开始", past: "用过的", never: "没用上", retired: "已停用",
};

export const state = (name) => _(STATES[name] || name);
export const kindWord = (kind) => facilityWord(kind);

/** 5 分钟, 4 分 30 秒, 500 米. */
export function limit(by, value) {
  if (by === "metres") return distance(value);
  return value % 60 ? travel(value) : duration(value);
}

/** The one sentence a standard comes down to. */
export function sentence(one) {
  return _("{profile}，{direction}，{limit}以内", {
    profile: terms.profile(one.profile), direction: _(DIRECTIONS[one.direction] || one.direction), limit: limit(one.by, one.limit),
  });
}

function share(value) {
  return `${Number((value * 100).toFixed(1))}%`;
}

/** 白天 100%; 雨天 75%, primary 50%. */
export function band(one) {
  const rest = Object.entries(one.speeds).filter(([street]) => street !== "*").map(([street, value]) => `${street} ${share(value)}`);
  return [`${one.name} ${share(one.speeds["*"])}`, ...rest].join(_("、"));
}

/** 一级, 小型: of a facility. */
export function level(name) {
  return LEVELS[name] ? _(LEVELS[name]) : _("{n} 级", { n: name });
}

/** What the standard says, as pairs of a heading and words. */
export function facts(one) {
  const rule = Object.entries(one.area_rule).map(([name, km2]) => _("{level} {n} 平方公里", { level: level(name), n: km2 }));
  return [
    [_("设施"), terms.listed(one.facility_kinds.map(kindWord))],
    [_("算哪些户"), _(AREA_TYPES[one.area_type] || one.area_type)],
    [_("不跨越"), one.barriers.length ? terms.listed(one.barriers.map((name) => _(BARRIERS[name] || name))) : _("没有")],
    [_("速度"), one.by === "metres" ? _("按路程算，与速度无关") : one.bands.map(band).join(_("；"))],
    [_("容量"), one.capacity ? _("满了不再算") : _("不看容量")],
    [_("人均分到多少"), _(SCORES[one.scores] || one.scores)],
    [_("一处管多大"), rule.length ? rule.join(_("、")) : _("不限")],
    [_("地图上能看"), _("{a} 到 {b}", { a: limit(one.by, one.slider[0]), b: limit(one.by, one.slider[1]) })],
    [_("依据"), one.source],
  ];
}

/** What differs between two versions: heading, before, after. */
export function differences(before, after) {
  const was = new Map([[_("名称"), before.name], [_("限度"), sentence(before)], ...facts(before)]);
  return [[_("名称"), after.name], [_("限度"), sentence(after)], ...facts(after)]
    .filter(([head, words]) => was.get(head) !== words)
    .map(([head, words]) => ({ head, was: was.get(head), words }));
}

export const versionWords = (one) => _("第 {n} 版，{day} 起", { n: number(one.version), day: one.valid_from });
