// Words and values of households and visits, shared by the list, the card and the exports.
import { dateOf, moment } from "../core/format.js";
import * as terms from "../core/terms.js";
import { _ } from "../core/words.js";

const VISITS = { planned: "待访", done: "已访", missed: "没遇上" };
const SOURCES = { visit: "走访", edit: "更正", import: "导入", demo: "模拟" };
const EXPORTS = {
  requested: "等别人决定", approved: "同意了，正在制作", refused: "没同意", made: "可以下载",
  failed: "没做成", expired: "已销毁",
};
const PURPOSES = { visit: "走访", emergency: "应急处置", correction: "数据更正", export: "报送" };
const KINDS = { households: "住户", visits: "走访", moves: "换网格的住户", volunteers: "志愿者" };
const FIELDS = { needs: "需要照顾" };

const from = (table) => (key) => (key ? _(table[key] || String(key)) : "–");
export const visitState = from(VISITS);
export const source = from(SOURCES);
export const exportState = from(EXPORTS);
export const purpose = from(PURPOSES);
export const exportKind = from(KINDS);

/** A day as people write it; today's and other years' as `moment` does. */
export function day(iso) {
  if (!iso) return "–";
  const [year, month, date] = iso.slice(0, 10).split("-").map(Number);
  if (String(year) !== dateOf(new Date()).slice(0, 4)) return iso.slice(0, 10);
  return _("{month}月{day}日", { month, day: date });
}

/** The day on which something was seen, without its hour. */
export function seen(iso) {
  if (!iso) return _("没看过");
  return day(dateOf(iso));
}

/** A fact's value in words. */
export function value(fact, held) {
  if (held === null || held === undefined || held === "") return _("不知道");
  if (fact.kind === "yesno") return held ? _("是") : _("否");
  if (fact.kind === "choice") {
    const found = (fact.choices || []).find((choice) => choice.value === held);
    return found ? found.label : String(held);
  }
  return String(held);
}

/** The name of a fact in a list of changes. */
export function factName(facts, name) {
  if (FIELDS[name]) return _(FIELDS[name]);
  return facts.find((fact) => fact.name === name)?.label || name;
}

/** Needs as boxed words. */
export function needWords(needs) {
  return (needs || []).map((need) => terms.need(typeof need === "string" ? need : need.kind));
}

export { moment };
