// The households of one list of the board, who has waited longest first; what the desk has heard is
// noted here, one tap a step. Every household is on exactly one list, and the chips count them all.
import { el, replace } from "../core/dom.js";
import { moment, timer } from "../core/format.js";
import { may } from "../core/page.js";
import { emptyLine } from "../core/panels.js";
import * as terms from "../core/terms.js";
import { _, n_ } from "../core/words.js";
import { levelWords, MISSING, moves, reasons, rungWords, stateWords } from "../roll_call/moves.js";
import { label } from "./grids.js";
import { countWords, restLines } from "./rest.js";

/** The lists in the order of the way; those before `help` add up to everybody. */
export const LISTS = {
  unheard: "没应答", refused: "不愿走", not_found: "没找到", answered: "已答应", departed: "在路上",
  arrived: "到安置点", relatives: "去亲友家", home: "已回家",
};
const OVER = { help: "等帮手", all: "全部" };
const NONE = {
  unheard: "都应答了，{time} 看过", refused: "没有不愿走的户", not_found: "没有没找到的户", answered: "没有答应了还没走的户", departed: "没有在路上的户",
  arrived: "还没有户到安置点", relatives: "没有去亲友家的户", home: "还没有户回家", help: "没有户等帮手", all: "没有要转移的户",
};

export function mayNote() {
  return may("hazard.declare") || may("household.visit");
}

/** The one list a household is on, by the same rule as the server's. */
export function listOf({ state, place, home }) {
  if (home) return "home";
  if (MISSING.includes(state)) return "unheard";
  return state === "arrived" && place === "relatives" ? "relatives" : state;
}

/** How many are on all lists together: as many as the plan has households. */
export function everybody(counted) {
  return Object.keys(LISTS).reduce((sum, name) => sum + (counted[name] || 0), 0);
}

/** How long somebody has waited, and until when the present rung has time. */
export function waiting(item, now) {
  const from = MISSING.includes(item.state) ? item.begun_at : item.state_at || item.begun_at;
  const since = Math.max(0, (now - new Date(from)) / 1000);
  const left = item.due_at ? (new Date(item.due_at) - now) / 1000 : null;
  if (left === null) return { since, late: item.level === "county" && MISSING.includes(item.state), words: stateWords(item) };
  const late = left < 0;
  return { since, late, words: `${late ? _("超时") : _("还剩")} ${timer(Math.abs(left))}` };
}

function buttons(item, on) {
  return moves({ ...item, returning: on.returning, home: item.home_at }).map((move, i) => el("button", {
    type: "button", class: i ? "btn" : "btn primary",
    onclick: () => (move.asks ? on.open(item) : on.note(item, move)),
  }, move.words));
}

function extra(item, on) {
  const input = el("input", { class: "field", id: `helper-${item.household}`, maxlength: 80, value: item.helper || "", autocomplete: "off" });
  const before = MISSING.includes(item.state) || item.state === "answered";
  const last = item.steps.filter(({ id, kind }) => kind !== "undone" && !item.steps.some(({ undoes }) => undoes === id)).at(-1);
  return el("div", { class: "mi-more" },
    before && el("div", { class: "row wrap", role: "group", "aria-label": _("为什么不愿走") }, el("b", {}, _("为什么不愿走")),
      reasons().map((reason) => el("button", { type: "button", class: "btn", onclick: () => {
        on.open(null);
        on.note(item, { kind: "refused", reason });
      } }, reason))),
    before && !item.help && el("div", { class: "row" }, el("button", { type: "button", class: "btn", onclick: () => on.note(item, { kind: "help" }) }, _("要帮手"))),
    last && el("div", { class: "row wrap", role: "group", "aria-label": _("点错了") }, el("b", {}, _("点错了")),
      el("button", { type: "button", class: "btn", onclick: () => on.note(item, { kind: "undone", undoes: last.id }) }, _("撤回“{what}”", { what: stateWords(item) }))),
    el("form", { class: "row wrap", onsubmit: (event) => {
      event.preventDefault();
      if (input.value.trim()) on.named(item, input.value.trim());
    } }, el("label", { for: input.id }, _("帮手")), input, el("button", { class: "btn" }, _("换人"))));
}

/** Of who has not answered: what was tried, what comes next, and how high it has climbed. */
function tried(item) {
  return [
    item.attempts && n_("叫过 {n} 次", item.attempts), _("下一步 {rung}", { rung: rungWords(item.rung) }),
    item.level !== "village" && _("已报到{level}", { level: levelWords(item.level) }),
  ];
}

/** Of who has been heard from: since when, and where they go or are. */
function whereTo(item, on) {
  const shelter = on.shelters.find(({ id }) => id === item.shelter)?.name;
  return [
    item.said, moment(item.state_at, on.now), shelter && item.place !== "relatives" && _("去 {name}", { name: shelter }),
    item.arrived > 0 && item.arrived < item.people && _("到 {n}/{all} 人", { n: item.arrived, all: item.people }),
  ];
}

function about(item, on) {
  return [
    label(item.grid), item.helper && _("帮手 {name}", { name: item.helper }), stateWords({ ...item, home: item.home_at }),
    ...(MISSING.includes(item.state) ? tried(item) : whereTo(item, on)),
    item.clashes.length && _("有 {n} 步对不上", { n: item.clashes.length }),
    !item.in_plan && _("新预案里没有这一户"),
  ].filter(Boolean).join(" · ");
}

/** The household by its address, which leads to what is known of it; the map is beside it. */
function who(item) {
  const address = item.address || _("没有地址");
  return el("span", {}, el("b", {}, may("household.view") ? el("a", { href: `/households/${item.household}` }, address) : address), " ",
    item.point && may("map.view") && [el("a", { href: `/map?at=${item.point.join(",")}` }, _("地图")), " "], item.name && el("span", {}, item.name), " ",
    el("span", { class: "mut num" }, n_("{n} 人", item.people)),
    (item.needs || []).map((need) => el("span", { class: "box" }, terms.need(need))),
    item.help && el("span", { class: "chip line" }, _("等帮手")));
}

function row(item, on) {
  const { since, late, words } = waiting(item, on.now);
  const open = on.chosen === item.household;
  return el("li", { class: late ? "mi late" : "mi", "data-household": item.household },
    el("div", { class: "mi-who" }, who(item), el("span", { class: "mut s" }, about(item, on))),
    el("div", { class: "mi-time num" }, el("b", { class: late ? "over" : "" }, timer(since)), el("span", { class: "s" }, words)),
    mayNote() && el("div", { class: "mi-acts" },
      item.phone && el("a", { class: "btn", href: `tel:${item.phone}` }, _("电话")), buttons(item, on),
      el("button", { type: "button", class: "btn quiet", "aria-expanded": String(open), onclick: () => on.open(item) }, open ? _("收起") : _("更多"))),
    open && mayNote() && extra(item, on));
}

/** One chip a list, with its number; home only once people go home. */
function chips(counted, on) {
  const names = [...Object.keys(LISTS).filter((name) => name !== "home" || on.returning || counted.home), "help", "all"];
  const number = (name) => (name === "all" ? everybody(counted) : counted[name] || 0);
  return names.map((name) => el("button", {
    type: "button", class: name === on.list ? "btn on" : "btn", "data-list": name, "aria-pressed": String(name === on.list),
    "aria-busy": on.wanted === name && name !== on.list ? "true" : null,
    onclick: () => on.show(name),
  }, _(LISTS[name] || OVER[name]), " ", el("b", { class: "num" }, number(name))));
}

function none(name, asOf, on) {
  return emptyLine(_(NONE[name], { time: moment(asOf, on.now) }));
}

export function drawMissing(panel, { listed, lists: counted, plan, shelters, as_of: asOf }, settings) {
  const on = { ...settings, shelters, returning: plan.returning };
  const total = on.list === "all" ? everybody(counted) : counted[on.list] || 0;
  panel.section.querySelector("#missing-count").textContent = countWords(total, on.grid);
  replace(panel.section.querySelector("#missing-lists"), chips(counted, on));
  replace(panel.section.querySelector("#missing-grid"), on.grid && el("button", { type: "button", class: "btn quiet", onclick: () => on.choose(on.grid) },
    _("只看 {grid}，看全部", { grid: label(on.grid) })));
  if (!listed.length) {
    panel.show(plan.activated_at ? none(on.list, asOf, on) : emptyLine(_("转移还没有启动")));
    return;
  }
  panel.items = listed;
  const held = document.activeElement?.closest(".mi") && [document.activeElement.closest(".mi").dataset.household, document.activeElement.textContent];
  panel.show(el("ol", {}, listed.slice(0, on.most.missing).map((item) => row(item, on))),
    restLines("missing", listed.length, total, on));
  if (held) [...panel.body.querySelectorAll(`.mi[data-household="${held[0]}"] button`)].find(({ textContent }) => textContent === held[1])?.focus();
}

/** Waiting times and deadlines go on by themselves, second by second; nothing else is drawn anew. */
export function tickMissing(panel, now) {
  const known = new Map((panel.items || []).map((item) => [String(item.household), item]));
  for (const node of panel.body.querySelectorAll(".mi")) {
    const item = known.get(node.dataset.household);
    if (!item) continue;
    const { since, late, words } = waiting(item, now);
    const [time, below] = node.querySelector(".mi-time").children;
    node.classList.toggle("late", late);
    time.classList.toggle("over", late);
    time.textContent = timer(since);
    below.textContent = words;
  }
}
