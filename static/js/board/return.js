// The way home: not before the hazard is lifted and its days are over, opened by a second person.
import { post } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import { day, moment } from "../core/format.js";
import { page } from "../core/page.js";
import { _, n_ } from "../core/words.js";

/** How far it is, in one line. */
export function words(back, now) {
  if (back.ended_at) return _("都回家了，{time}", { time: moment(back.ended_at, now) });
  if (back.opened) return _("可以回家了，已回 {n}/{all} 户", { n: back.home, all: back.away });
  if (!back.lifted_at) return _("险情没解除，不能回家");
  if (back.held) return _("{day} 以前不能回家（{why}）", { day: day(back.hold_until), why: back.source || n_("解除后 {n} 天", back.hold_days) });
  if (back.asked) return _("等另一个人放行回家");
  return back.away ? _("险情解除了，可以申请回家") : _("没有人要回家");
}

function send(step, body, on) {
  return post(`/api/plans/${encodeURIComponent(page.plan)}/return/${step}`, body).then(on.again, on.fail);
}

function releasing(on) {
  const input = el("input", { class: "field", id: "release-reason", required: true, maxlength: 500, autocomplete: "off" });
  return el("form", { class: "row", onsubmit: (event) => {
    event.preventDefault();
    if (input.value.trim()) send("release", { reason: input.value.trim() }, on);
  } }, el("label", { for: input.id, class: "s" }, _("为什么提前")), input, el("button", { class: "btn" }, _("提前放开")));
}

export function drawReturn(box, back, on) {
  const can = new Set(back.can);
  replace(box, el("span", { class: "s" }, words(back, on.now)),
    can.has("ask") && el("button", { type: "button", class: "btn", onclick: () => send("ask", {}, on) }, _("申请回家")),
    can.has("release") && releasing(on),
    can.has("open") && el("button", { type: "button", class: "btn primary", onclick: () => send("open", {}, on) }, _("放行回家")));
}
