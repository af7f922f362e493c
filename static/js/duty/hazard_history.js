// What a hazard was before: each adjustment with its time, its author, its reason and what it changed.
import { get } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import { duration, moment, number } from "../core/format.js";
import { levelOf, roman } from "../core/severity.js";
import * as terms from "../core/terms.js";
import { _ } from "../core/words.js";

/** Seconds since its time ran out; 0 while it has not. It stays in force until somebody lifts it. */
export function overdue(p, now) {
  if (!p.ends_at || p.state === "lifted") return 0;
  return Math.max(0, (now - new Date(p.ends_at)) / 1000);
}

export const overdueWords = (p, now) => _("预计时间已过 {time}，还没有解除", { time: duration(overdue(p, now)) });

const level = (severity) => (levelOf(severity) ? `${terms.colourName(severity)} ${roman(levelOf(severity))}` : _("无级"));

/** One line for each thing that an adjustment changed. */
export function differences(later, earlier, now) {
  const time = (value) => (value ? moment(value, now) : _("解除为止"));
  const lines = {
    geometry: () => _("范围：{before} 户 → {after} 户", { before: number(earlier.households), after: number(later.households) }),
    blocked: () => (later.blocked ? (earlier.blocked ? _("不能通行的地方改了") : _("有了不能通行的地方")) : _("没有不能通行的地方了")),
    severity: () => _("级别：{before} → {after}", { before: level(earlier.severity), after: level(later.severity) }),
    ends_at: () => _("预计到：{before} → {after}", { before: time(earlier.ends_at), after: time(later.ends_at) }),
    note: () => _("说明改了"),
  };
  return later.changed.map((name) => lines[name]());
}

/** Fill `box` with the adjustments of a hazard, the newest first. */
export async function drawHistory(box, id, now) {
  const whole = await get(`/api/hazards/${encodeURIComponent(id)}`).catch(() => null);
  if (!whole) return;
  const { revisions } = whole;
  replace(box, revisions.length > 1 && [
    el("h3", { class: "pad" }, _("改过什么")),
    el("ol", { class: "history", reversed: true }, revisions.slice(0, -1).map((later, i) => el("li", {},
      el("span", { class: "num" }, moment(later.at, now)),
      el("span", {}, differences(later, revisions[i + 1], now).map((line) => el("span", { class: "note" }, line)),
        el("span", { class: "mut s" }, [later.by, later.reason].filter(Boolean).join(_("："))))))),
  ]);
}
