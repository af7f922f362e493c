// What stands in a panel while a job is done: a bar with its amount, and a way to stop it.
import { post } from "../core/api.js";
import { el } from "../core/dom.js";
import { jobWords } from "../core/job.js";
import { _ } from "../core/words.js";
import { resultOf } from "./work.js";

export class Working {
  constructor() {
    this.turn = 0;
    this.bar = el("div", { class: "job-bar", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100, "aria-label": _("任务进度") }, el("i"));
    this.words = el("p", { class: "s", role: "status" });
    this.stop = el("button", { type: "button", class: "btn", onclick: () => this.cancel() }, _("取消"));
    this.node = el("div", { class: "job pad working" }, this.bar, this.words, this.stop);
  }

  /** Ask for a job and wait for its result; null when something else has been asked for since. */
  async ask(url, body) {
    const turn = ++this.turn;
    this.draw({ state: "queued", progress: 0 });
    this.stop.disabled = true;
    const answer = await post(url, body);
    this.id = answer.job?.id ?? answer.job;
    this.stop.disabled = false;
    const result = await resultOf(this.id, { onstep: (job) => turn === this.turn && this.draw(job), still: () => turn === this.turn });
    return turn === this.turn ? result : null;
  }

  /** What is under way is no longer wanted here. */
  leave() {
    this.turn += 1;
  }

  draw(job) {
    const share = Math.min(1, Math.max(0, Number(job.progress) || 0));
    this.bar.setAttribute("aria-valuenow", String(Math.round(share * 100)));
    this.bar.firstChild.style.width = `${share * 100}%`;
    const words = jobWords(job);
    if (this.words.textContent !== words) this.words.textContent = words;
  }

  async cancel() {
    this.stop.disabled = true;
    try {
      await post(`/api/jobs/${encodeURIComponent(this.id)}/cancel`);
    } catch (error) {
      this.words.textContent = _("没取消成：{why}", { why: error.detail || error.message });
    }
  }
}
