// What waits for a decision of the desk: lost cover, no answer, an objection, an overtaken plan.
import { el, replace } from "../core/dom.js";
import { duration } from "../core/format.js";
import { may } from "../core/page.js";
import { _, n_ } from "../core/words.js";
import { serverButton } from "./buttons.js";
import { due, inOrder } from "./due.js";

const SHOWN = 3;

function ofIncident(p, now) {
  const names = { number: p.number, who: p.assignee?.name || "" };
  const found = { incident: p.id, step: "assign", verb: _("改派") };
  if (!(p.actions || []).includes("assign")) return null;
  if (p.state === "objected") return { ...found, words: _("事件 {number}：{who} 有异议", names) };
  if (p.state !== "assigned" || !due(p, now)?.late) return null;
  const time = duration((now - new Date(p.state_changed_at)) / 1000);
  const words = p.assignee ? _("事件 {number}：{who} {time}未应答", { ...names, time })
    : _("事件 {number}：{time}未应答", { ...names, time });
  return { ...found, words };
}

function ofPlan(plan, permitted) {
  const own = plan.hazard_name || plan.id;
  const name = plan.exercise ? _("演练：{name}", { name: own }) : own;
  if (!["drafted", "approved", "active"].includes(plan.state)) return null;
  if (!permitted("plan.draft") && !permitted("plan.approve")) return null; // Nobody else decides on plans.
  // Once the hazard is lifted nobody drafts anew: what is left is the way home.
  if (plan.stale && plan.hazard_state !== "lifted") return { words: _("预案 {name}：数据已变，要重算", { name }), verb: _("看改动"), plan: plan.id };
  if (plan.state !== "drafted" || plan.hazard_state === "lifted" || !permitted("plan.approve")) return null;
  return { words: _("预案 {name} 等您批准", { name }), verb: _("看预案"), plan: plan.id };
}

/** What has to be decided now, the most urgent first: words, verb, and what it opens. */
export function decisions({ incidents, plans, cover = [], hazards = [] }, now, permitted) {
  return [
    ...cover,
    ...hazards.filter((one) => one.verb),
    ...inOrder(incidents, now).map(({ properties }) => ofIncident(properties, now)),
    ...plans.map((plan) => ofPlan(plan, permitted)),
    ...hazards.filter((one) => !one.verb), // A silent sensor: said, and nothing to decide.
  ].filter(Boolean);
}

export class Decide {
  constructor(section, { open }) {
    Object.assign(this, { section, open, key: "" });
    this.count = section.querySelector(".chip");
    this.list = section.querySelector("ul");
  }

  draw(known, now) {
    const found = decisions(known, now, may);
    const key = JSON.stringify(found);
    if (key === this.key) return;
    this.key = key;
    this.section.hidden = !found.length;
    this.count.textContent = n_("{n} 项", found.length);
    replace(this.list, found.slice(0, SHOWN).map((one, i) => el("li", { class: "row" },
      el("span", { class: "grow s" }, one.words),
      one.href ? el("a", { class: i ? "btn" : "btn primary", href: one.href }, one.verb)
        : one.plan ? el("a", { class: i ? "btn" : "btn primary", href: `/plans/${encodeURIComponent(one.plan)}` }, one.verb)
          : one.verb && serverButton(one.verb, () => (one.run ? one.run() : this.open(one)), { primary: !i }))),
    found.length > SHOWN && el("li", { class: "mut s" }, n_("还有 {n} 项", found.length - SHOWN)));
  }
}
