// The list of what went out and what has not: each with its tries, sent again or held back by hand.
import { get, post } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import { moment, number } from "../core/format.js";
import { emptyLine, errorLine } from "../core/panels.js";
import { toast } from "../core/toast.js";
import { _, n_ } from "../core/words.js";
import { serverButton } from "../duty/buttons.js";
import { KINDS, kindWord, reason, SHOWN, STATES, tryWord, WAYS, why } from "./words.js";

const opened = new Set();

/** Whole sums of a filter: all, and those that have not gone out. */
export function counts(sums) {
  const of = (states) => sums.filter(({ state }) => states.includes(state)).reduce((sum, one) => sum + one.messages, 0);
  return { all: sums.reduce((sum, one) => sum + one.messages, 0), unsent: of(["queued", "not_configured", "failed"]) };
}

async function step(message, verb, done) {
  try {
    await post(`/api/messages/${message.id}/${verb}`, {}, { version: message.version });
    toast(verb === "again" ? _("排上了，马上再发") : _("停发了"));
  } catch (error) {
    toast(error.status === 0 ? _("没连上服务器") : error.detail || error.message);
  }
  done();
}

function tried(each, now) {
  return el("li", { class: "s" }, [moment(each.at, now), tryWord(each.what), reason(each.what === "not_configured" ? null : each.why), each.by].filter(Boolean).join(" · "));
}

/** What was done with one message, opened under it. */
function trail(message, now) {
  const box = el("div", { class: "tries" });
  const fill = async () => {
    try {
      const { tries } = await get(`/api/messages/${message.id}`);
      replace(box, tries.length ? el("ul", {}, tries.map((each) => tried(each, now))) : el("p", { class: "mut s" }, _("还没有试过")));
    } catch (error) {
      replace(box, errorLine(error, fill));
    }
  };
  const button = el("button", { type: "button", class: "btn quiet", "aria-expanded": String(opened.has(message.id)), onclick: () => {
    if (opened.delete(message.id)) replace(box);
    else {
      opened.add(message.id);
      fill();
    }
    button.setAttribute("aria-expanded", String(opened.has(message.id)));
  } }, _("经过"));
  if (opened.has(message.id)) fill();
  return { button, box };
}

function row(message, now, done) {
  const { button, box } = trail(message, now);
  return el("li", { class: message.unsent ? "ms unsent" : "ms", "data-message": message.id },
    el("span", { class: "row wrap" }, el("b", {}, _(STATES[message.state])), el("span", { class: "chip" }, _(WAYS[message.channel])),
      el("span", {}, message.to), el("span", { class: "mut s" }, kindWord(message.kind))),
    el("span", { class: "said" }, message.text),
    el("span", { class: "row wrap" },
      el("span", { class: "s mut num" }, [moment(message.sent_at || message.queued_at, now), why(message),
        message.attempts > 1 && n_("试过 {n} 次", message.attempts), message.by].filter(Boolean).join(" · ")),
      message.can.includes("again") && serverButton(message.unsent ? _("现在就发") : _("再发一次"), () => step(message, "again", done)),
      message.can.includes("hold") && serverButton(_("停发"), () => step(message, "hold", done)), message.channel !== "inbox" && button), box);
}

function select(name, words, options, chosen, change) {
  return el("label", { class: "stack" }, el("span", { class: "s" }, words),
    el("select", { class: "select", name, onchange: (event) => change(name, event.target.value) },
      options.map(([value, label]) => el("option", { value, selected: value === chosen }, label))));
}

/** The filters: what is told, by which way, what came of it, about which plan. */
export function drawFilters(form, chosen, { plans }, change) {
  if (form.contains(document.activeElement)) return;
  const worded = (words) => Object.entries(words).map(([key, label]) => [key, _(label)]);
  replace(form, select("state", _("发没发"), [["", _("全部")], ...worded(SHOWN)], chosen.state, change),
    select("channel", _("途径"), [["", _("全部")], ...worded(WAYS)], chosen.channel, change),
    select("kind", _("说什么"), [["", _("全部")], ...worded(KINDS)], chosen.kind, change),
    select("about", _("转移方案"), [["", _("全部")], ...plans.map((plan) => [`plan:${plan.id}`, [plan.exercise && _("演练"), plan.number, plan.hazard].filter(Boolean).join(" ")])], chosen.about, change));
}

/** The list itself; `more` loads what is older. */
export function drawList(panel, items, { sums, next }, now, { done, more }) {
  const { all, unsent } = counts(sums);
  panel.section.querySelector("#messages-count").textContent = all ? _("{all} 条 · 未发出 {n} 条", { all: number(all), n: number(unsent) }) : "";
  if (!items.length) {
    panel.show(emptyLine(_("没有这样的消息")));
    return;
  }
  panel.show(el("ul", {}, items.map((message) => row(message, now, done))),
    next && el("p", { class: "pad" }, serverButton(_("更早的"), more)));
}
