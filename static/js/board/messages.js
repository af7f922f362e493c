// What went out about the plan, and what has not: never called sent while it waits.
import { el } from "../core/dom.js";
import { moment, number } from "../core/format.js";
import { emptyLine } from "../core/panels.js";
import { _, n_ } from "../core/words.js";
import { reason, STATES, WAYS, why } from "../messages/words.js";

function line(message, now) {
  return el("li", { class: "ms" },
    el("span", {}, el("b", {}, _(STATES[message.state])), " ", _(WAYS[message.channel]), " ", message.to),
    el("span", { class: "s" }, message.text),
    el("span", { class: "s mut" }, [moment(message.sent_at || message.queued_at, now), why(message),
      message.unsent && message.attempts > 1 && n_("试过 {n} 次", message.attempts)].filter(Boolean).join(" · ")));
}

/** What went out about a plan, by channel: how many are sent, and how many are not and why; then the newest. */
export function drawSummary(panel, summary, { items }, now) {
  panel.section.querySelector("#messages-count").textContent = summary.total
    ? _("{all} 条 · 未发出 {n} 条", { all: number(summary.total), n: number(summary.unsent) }) : "";
  if (!summary.total) {
    panel.show(emptyLine(_("还没有消息")));
    return;
  }
  const reasons = (found) => Object.entries(found || {}).map(([name, n]) => `${reason(name)} ${number(n)}`).join(_("、"));
  panel.show(el("ul", {}, summary.by_channel.map((one) => el("li", { class: "ms" },
    el("span", {}, el("b", {}, _(WAYS[one.channel])), " ", el("span", { class: "num" }, _("已发出 {n}/{all}", { n: number(one.sent), all: number(one.total) }))),
    one.unsent > 0 && el("span", { class: "s" }, _("未发出 {n} 条", { n: number(one.unsent) }), one.why && `${_("：")}${reasons(one.why)}`)))),
  el("h3", { class: "pad" }, _("最近的")), el("ul", {}, items.slice(0, 10).map((message) => line(message, now))),
  el("p", { class: "pad" }, el("a", { class: "btn", href: "/messages" }, _("全部消息"))));
}
