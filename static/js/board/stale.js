// What has overtaken the plan in force: said on the board, and made anew from here with one press.
import { post } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import { JobBar } from "../core/job.js";
import { errorLine } from "../core/panels.js";
import { _ } from "../core/words.js";
import { changedWords } from "../pages/plan_order.js";

/** The banner of the board; `fail` says why a press was not taken. */
export class Stale {
  constructor(box, { again, fail }) {
    Object.assign(this, { box, again, fail, running: false });
    this.job = el("div", { hidden: true });
    this.bar = new JobBar(this.job, (ended) => this.ended(ended));
  }

  /** `plan` as its own page reads it, `newer` the draft that came after, if any. */
  draw(plan, newer) {
    Object.assign(this, { plan, newer });
    const waits = newer && ["drafted", "approved"].includes(newer.state);
    this.box.hidden = !(this.running || waits || (plan.state === "active" && plan.stale));
    if (this.box.hidden) replace(this.box);
    else replace(this.box, el("span", { class: "grow" }, this.words(waits)), this.job, !this.running && this.step(waits));
  }

  words(waits) {
    return waits ? _("新预案算好了，批准、启动以后才改去处。在那以前按原预案走")
      : _("起草后数据已变：{layers}。人、路、去处可能对不上", { layers: changedWords(this.plan.changed) });
  }

  step(waits) {
    if (waits) return el("a", { class: "btn primary", href: `/plans/${encodeURIComponent(this.newer.id)}` }, _("看新预案"));
    return (this.plan.can || []).includes("draft") &&
      el("button", { type: "button", class: "btn primary", onclick: () => this.start() }, _("少改重排"));
  }

  failed(error) {
    this.box.hidden = false;
    replace(this.box, errorLine(error, this.again));
  }

  async start() {
    this.running = true;
    this.draw(this.plan, this.newer);
    try {
      const { job } = await post(`/api/plans/${encodeURIComponent(this.plan.id)}/replan`, {});
      this.bar.start(job);
    } catch (error) {
      this.running = false;
      this.draw(this.plan, this.newer);
      this.fail(error);
    }
  }

  ended({ state }) {
    this.running = false;
    this.job.hidden = true;
    if (state !== "done") this.fail({ message: _("没能重排：{why}", { why: _("没算完") }) });
    this.again();
  }
}
