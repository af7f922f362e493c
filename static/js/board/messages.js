// What went out about the plan, and what has not: never called sent while it waits.
import { el } from "../core/dom.js";
import { moment, number } from "../core/format.js";
import { emptyLine } from "../core/panels.js";
import { _, n_ } from "../core/words.js";

const WAYS = { inbox: "站内信", sms: "短信", loudspeaker: "广播", mail: "邮件" };
const STATES = { queued: "未发出", not_configured: "未发出", failed: "未发出", sent: "已发出", delivered: "已看到" };
const WHY = {
  not_configured: "没有设置网关", gateway_away: "连不上网关", gateway_busy: "网关忙，等着再发", gateway_refused: "网关不收",
  mail_server_away: "连不上邮件服务器", mail_server_refused: "邮件服务器不收", bad_address: "地址不对", too_late: "过了时候",
};

export function why(message) {
  return message.unsent ? _(WHY[message.why] || "排着，马上发") : "";
}

function line(message, now) {
  return el("li", { class: "ms" },
    el("span", {}, el("b", {}, _(STATES[message.state])), " ", _(WAYS[message.channel]), " ", message.to),
    el("span", { class: "s" }, message.text),
    el("span", { class: "s mut" }, [moment(message.sent_at || message.queued_at, now), why(message),
      message.unsent && message.attempts > 1 && n_("试过 {n} 次", message.attempts)].filter(Boolean).join(" · ")));
}

export function drawMessages(panel, { items, sums }, now) {
  const unsent = sums.filter(({ state }) => !["sent", "delivered"].includes(state)).reduce((sum, one) => sum + one.messages, 0);
  const all = sums.reduce((sum, one) => sum + one.messages, 0);
  panel.section.querySelector("#messages-count").textContent = all ? _("{all} 条 · 未发出 {n} 条", { all: number(all), n: number(unsent) }) : "";
  if (!items.length) {
    panel.show(emptyLine(_("还没有消息")));
    return;
  }
  panel.show(el("ul", {}, items.map((message) => line(message, now))));
}

/** What went out about a plan, by channel: how many are sent, and how many are not and why; then the newest. */
export function drawSummary(panel, summary, { items }, now) {
  panel.section.querySelector("#messages-count").textContent = summary.total
    ? _("{all} 条 · 未发出 {n} 条", { all: number(summary.total), n: number(summary.unsent) }) : "";
  if (!summary.total) {
    panel.show(emptyLine(_("还没有消息")));
    return;
  }
  const reasons = (why) => Object.entries(why || {}).map(([name, n]) => `${_(WHY[name] || "排着，马上发")} ${number(n)}`).join(_("、"));
  panel.show(el("ul", {}, summary.by_channel.map((one) => el("li", { class: "ms" },
    el("span", {}, el("b", {}, _(WAYS[one.channel])), " ", el("span", { class: "num" }, _("已发出 {n}/{all}", { n: number(one.sent), all: number(one.total) }))),
    one.unsent > 0 && el("span", { class: "s" }, _("未发出 {n} 条", { n: number(one.unsent) }), one.why && `${_("：")}${reasons(one.why)}`)))),
  el("h3", { class: "pad" }, _("最近的")), el("ul", {}, items.slice(0, 10).map((message) => line(message, now))),
  el("p", { class: "pad" }, el("a", { class: "btn", href: "/messages" }, _("全部消息"))));
}
