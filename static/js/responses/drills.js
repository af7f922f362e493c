// The drill calendar: what is overdue, under way, set or coming; its day set, its exercise started.
import { choice, form, line, text } from "./form.js";
import { inHours, until } from "./start.js";
import { toast } from "../pages/common.js";
import { get, post } from "../core/api.js";
import { el } from "../core/dom.js";
import { emptyLine } from "../core/panels.js";
import * as words from "../core/response_words.js";
import { _, n_ } from "../core/words.js";
import { serverButton } from "../duty/buttons.js";

const WITHOUT_LEVEL = new Set(["crowd", "violence", "security"]);
const STATES = { overdue: "过期", coming: "快到期", later: "还早", running: "正在演练", review: "等复盘" };
export const DAYS = [90, 365, 3660];

export const read = (days = 90) => get(`/api/drills?days=${days}`);
const which = (one) => ({ area: one.area, key: one.key, drill: one.drill });

function planForm(one, place, again) {
  place(form({ title: _("定演练日子：{what}", { what: `${one.area_name} ${one.name}` }), note: _("不填就是取消定下的日子。"),
    fields: [line("planned_on", _("哪天"), { type: "date", value: one.planned_on || "", needed: false })], go: _("存下"), close: () => place(null), done: () => {
      toast(_("日子记下了"));
      again();
    }, send: ({ planned_on: day }) => post("/api/drills", { ...which(one), planned_on: day || null }, { version: one.revision }) }));
}

function startForm(one, place, now) {
  const fields = [line("matter", _("响应事项"), { value: `${one.area_name}${one.name}` })];
  if (!WITHOUT_LEVEL.has(one.kind)) fields.push(choice("level", _("响应级别"), [1, 2, 3, 4].map((level) => [level, words.level(level)]), 3));
  fields.push(line("expected_until", _("预期到什么时候"), { type: "datetime-local", value: inHours(now, 4) }),
    text("measures", _("处置措施"), { value: _("按“{template}”演练", { template: one.template }) }));
  place(form({ title: _("启动演练：{what}", { what: `${one.area_name} ${one.name}` }), note: _("按演练启动响应，任务照模板派出，到处标着演练。复盘完成后，这一次算做完。"), fields, go: _("启动演练"),
    close: () => place(null), done: ({ id }) => location.assign(`/responses/${id}`),
    send: (values) => post("/api/drills/start", { ...which(one), level: null, ...values, expected_until: until(values.expected_until) }) }));
}

function row(one, { place, again, now }) {
  const late = one.state === "overdue";
  return el("li", { class: `drill ${one.state}` },
    el("div", { class: "drill-day" }, el("b", { class: "num" }, one.day), el("span", { class: late ? "chip line due-chip" : "chip" }, _(STATES[one.state]))),
    el("div", {}, el("b", {}, `${one.area_name} · ${one.name}`), el("span", { class: "mut s" }, el("br"), [one.template, _("每 {n} 个月一次", { n: one.months }),
      one.last_on ? _("上次 {day}", { day: one.last_on }) : _("还没演练过"), one.planned_on && _("已定日子，最迟 {day}", { day: one.due_on })].filter(Boolean).join(" · "))),
    el("div", { class: "row" }, one.response ? el("a", { class: "btn", href: one.state === "review" ? `/responses/${one.response}/after` : `/responses/${one.response}` }, one.state === "review" ? _("去复盘") : _("看演练"))
      : one.may && [serverButton(_("定日子"), () => planForm(one, place, again)), serverButton(_("启动演练"), () => startForm(one, place, now))]));
}

/** Those that ask for somebody, in a line each, with the way to the calendar. */
export function lines(found, overdue) {
  return [overdue > 0 && el("p", {}, el("b", {}, n_("{n} 项过期", overdue))),
    el("ul", {}, found.map((one) => el("li", {}, el("span", { class: "num" }, one.day), " ", `${one.area_name} · ${one.name} · ${one.template} `, el("span", { class: "chip" }, _(STATES[one.state]))))),
    el("p", { class: "row" }, el("a", { class: "btn", href: "/plan-templates#panel-drills" }, _("看演练日历")))];
}

/** The calendar as a list; `span` is for how many days it looks ahead, `widen(days)` reads it anew. */
export function calendar(found, context, span, widen) {
  return [el("p", { class: "mut" }, found.overdue ? el("b", {}, n_("{n} 项过期", found.overdue)) : _("没有过期的"), " · ", n_("模板一共要 {n} 项演练", found.all)),
    el("div", { class: "filters" }, DAYS.map((days) => el("button", { type: "button", class: days === span ? "btn switch on" : "btn switch", "aria-pressed": String(days === span), onclick: () => widen(days) },
      days === DAYS.at(-1) ? _("全部") : n_("{n} 天内", days)))),
    found.items.length ? el("ul", { class: "drills" }, found.items.map((one) => row(one, context))) : emptyLine(_("这段时间没有要做的演练"))];
}
