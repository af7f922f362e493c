// Words of warnings: what state one is in, what had to be put right in it.
import { number } from "../core/format.js";
import { _ } from "../core/words.js";

const STATUS = { Actual: "真实", Exercise: "演练", System: "系统消息", Test: "测试", Draft: "草稿" };
const TYPES = { Alert: "首发", Update: "更新", Cancel: "解除", Ack: "收到回执", Error: "出错回执" };
const from = (table) => (key) => _(table[key] || key);

export const statusWord = from(STATUS);
export const typeWord = from(TYPES);

/** In force, over, replaced, cancelled, or not one to be heeded. */
export function stateWord(alert) {
  if (alert.msg_type === "Cancel") return _("解除预警");
  if (!["Alert", "Update"].includes(alert.msg_type)) return typeWord(alert.msg_type);
  if (!["Actual", "Exercise"].includes(alert.status)) return statusWord(alert.status);
  if (alert.state === "superseded") return _("已更新");
  if (alert.state === "cancelled") return _("预警已解除");
  return alert.expired ? _("已过期") : _("在效");
}

/** What was put right in what came, in words. */
export function noteWords({ kind, place: at, before, after, metres, parts }) {
  const part = /^info (\d+), area (\d+), polygon (\d+)$/.exec(at || "");
  const place = part ? _("第 {info} 段第 {area} 个范围第 {ring} 圈", { info: part[1], area: part[2], ring: part[3] }) : at;
  const words = {
    closed: () => _("{place}：边界没有合上，已合上", { place }),
    repaired: () => _("{place}：边界自己交叉，已拆成 {n} 块", { place, n: parts }),
    simplified: () => _("范围有 {before} 个角点，减到 {after} 个，边界最多移动 {metres} 米",
      { before: number(before), after: number(after), metres }),
    follows_nothing: () => _("是更新，但没写更新哪一条"),
    not_here: () => _("它说的上一条（{place}）没有收到", { place }),
    not_its_own: () => _("它要改的（{place}）不是同一来源或不是同一性质，没有改", { place }),
  };
  return words[kind] ? words[kind]() : kind;
}
