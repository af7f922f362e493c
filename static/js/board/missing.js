// Who has not answered, longest first; what the desk has heard is noted here, one tap a step.
import { el, replace } from "../core/dom.js";
import { moment, timer } from "../core/format.js";
import { may } from "../core/page.js";
import { emptyLine } from "../core/panels.js";
import * as terms from "../core/terms.js";
import { _, n_ } from "../core/words.js";
import { levelWords, moves, reasons, rungWords, stateWords } from "../roll_call/moves.js";
import { label } from "./grids.js";
import { countWords, restLines } from "./rest.js";

export function mayNote() {
  return may("hazard.declare") || may("household.visit");
}

/** How long somebody has waited, and until when the present rung has time. */
export function waiting(item, now) {
  const since = Math.max(0, (now - new Date(item.begun_at)) / 1000);
  const left = item.due_at ? (new Date(item.due_at) - now) / 1000 : null;
  if (left === null) return { since, late: item.level === "county", words: stateWords(item) };
  const late = left < 0;
  return { since, late, words: `${late ? _("超时") : _("还剩")} ${timer(Math.abs(left))}` };
}

function buttons(item, on) {
  return moves(item).map((move, i) => el("button", {
    type: "button", class: i ? "btn" : "btn primary",
    onclick: () => (move.asks ? on.open(item) : on.note(item, move)),
  }, move.words));
}

function extra(item, on) {
  const input = el("input", { class: "field", id: `helper-${item.household}`, maxlength: 80, value: item.helper || "", autocomplete: "off" });
  return el("div", { class: "mi-more" },
    el("div", { class: "row wrap", role: "group", "aria-label": _("为什么不愿走") }, el("b", {}, _("为什么不愿走")),
      reasons().map((reason) => el("button", { type: "button", class: "btn", onclick: () => {
        on.open(null);
        on.note(item, { kind: "refused", reason });
      } }, reason))),
    el("form", { class: "row wrap", onsubmit: (event) => {
      event.preventDefault();
      if (input.value.trim()) on.named(item, input.value.trim());
    } }, el("label", { for: input.id }, _("帮手")), input, el("button", { class: "btn" }, _("换人"))));
}

function about(item) {
  return [
    label(item.grid), item.helper && _("帮手 {name}", { name: item.helper }), stateWords(item),
    item.attempts && n_("叫过 {n} 次", item.attempts), _("下一步 {rung}", { rung: rungWords(item.rung) }),
    item.level !== "village" && _("已报到{level}", { level: levelWords(item.level) }),
    item.clashes.length && _("有 {n} 步对不上", { n: item.clashes.length }),
    !item.in_plan && _("新预案里没有这一户"),
  ].filter(Boolean).join(" · ");
}

function row(item, on) {
  const { since, late, words } = waiting(item, on.now);
  const open = on.chosen === item.household;
  return el("li", { class: late ? "mi late" : "mi" },
    el("div", { class: "mi-who" },
      el("span", {}, el("b", {}, item.address || _("没有地址")), " ", item.name && el("span", {}, item.name), " ",
        el("span", { class: "mut num" }, n_("{n} 人", item.people)),
        (item.needs || []).map((need) => el("span", { class: "box" }, terms.need(need)))),
      el("span", { class: "mut s" }, about(item))),
    el("div", { class: "mi-time num" }, el("b", { class: late ? "over" : "" }, timer(since)), el("span", { class: "s" }, words)),
    mayNote() && el("div", { class: "mi-acts" },
      item.phone && el("a", { class: "btn", href: `tel:${item.phone}` }, _("电话")), buttons(item, on),
      el("button", { type: "button", class: "btn quiet", "aria-expanded": String(open), onclick: () => on.open(item) }, open ? _("收起") : _("更多"))),
    open && extra(item, on));
}

export function drawMissing(panel, { missing, counts, plan, as_of: asOf }, on) {
  const count = panel.section.querySelector("#missing-count");
  count.textContent = countWords(counts.missing, null);
  replace(panel.section.querySelector("#missing-grid"), on.grid && el("button", { type: "button", class: "btn quiet", onclick: () => on.choose(on.grid) },
    _("只看 {grid}，看全部", { grid: label(on.grid) })));
  if (!missing.length) {
    panel.show(emptyLine(plan.activated_at ? _("都应答了，{time} 看过", { time: moment(asOf, on.now) }) : _("转移还没有启动")));
    return;
  }
  const held = document.activeElement?.closest(".mi") && document.activeElement.textContent;
  panel.show(el("ol", {}, missing.slice(0, on.most.missing).map((item) => row(item, on))),
    restLines("missing", missing.length, counts.missing, on));
  if (held) [...panel.body.querySelectorAll("button")].find(({ textContent }) => textContent === held)?.focus();
}
