// Words of responses, tasks and whistles: one word each, those of the data model.
import { duration } from "./format.js";
import * as terms from "./terms.js";
import { _ } from "./words.js";

export const english = () => document.documentElement.lang === "en";

export const TIERS = ["village", "township", "county"];
const TIER_WORDS = { village: "村（社区）", township: "乡镇（街道）", county: "县" };
const TASK_STATES = { open: "还没人接", taken: "在办", waiting: "等人认可", done: "办完", void: "不用办了" };
const CALL_STATES = { called: "等应答", on_the_way: "在路上", arrived: "已到场", cannot: "来不了" };
const RESULTS = { solved: "解决了", partly: "解决了一部分", unsolved: "没解决" };
const MARKS = { met: "做到了", partly: "做到一部分", not_met: "没做到", not_seen: "没看到" };
const VERBS = {
  started: "启动", adjusted: "调整", escalated: "升级", handed_down: "交下级", handed_over: "交接指挥", ended: "结束",
};
const KINDS = { general: "其他突发事件", public_health: "公共卫生事件" };
const AREA_TYPES = { township: "乡镇（街道）", village: "村（社区）" };

const from = (table) => (key) => (key ? _(table[key] || String(key)) : "–");
export const tier = from(TIER_WORDS);
export const taskState = from(TASK_STATES);
export const callState = from(CALL_STATES);
export const result = from(RESULTS);
export const mark = from(MARKS);
export const verb = from(VERBS);
export const areaType = from(AREA_TYPES);
export const RESULT_KEYS = Object.keys(RESULTS);
export const MARK_KEYS = Object.keys(MARKS);

/** The kind of a hazard, those that only plans know as well. */
export const kind = (key) => (KINDS[key] ? _(KINDS[key]) : terms.hazardKind(key));

/** Ⅱ级响应; 不分级 without a level. */
export function level(value) {
  return value ? _("{level}级响应", { level: ["", "Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ"][value] }) : _("不分级");
}

/** 30 分钟, 2 小时: of minutes. */
export const minutes = (value) => duration(value * 60);

/** The text in the language of the page, the Chinese one where there is no other. */
export const words = (one) => (english() && one.en) || one.zh;
