// Long work: a bar with its amount and a way to stop it.
import { get, post } from "./api.js";
import { el, replace } from "./dom.js";
import { percent } from "./format.js";
import { _ } from "./words.js";

const EVERY = 1000; // Milliseconds between looks at a job.
const ENDED = ["done", "failed", "cancelled"];

/** One line on where a job stands. */
export function jobWords(job) {
  if (job.state === "queued") return _("排队等着算");
  if (job.state === "cancelled") return _("已取消，原来的结果还在");
  if (job.state === "failed") return _("没算成：{why}", { why: job.error || job.message || "" });
  if (job.state === "done") return _("算完了");
  if (job.total) return stepWords(job.kind, job.done ?? 0, job.total);
  return job.message || _("正在算");
}

/** How far it is; sheets are laid out page by page, and written as one file at the end. */
function stepWords(kind, done, total) {
  if (kind === "papers.print" && done < total) return _("正在做第 {n}/{total} 张", { n: done + 1, total });
  if (!["plans.print", "papers.print"].includes(kind)) return _("正在算第 {done}/{total} 步", { done, total });
  return done < total ? _("正在排第 {n}/{total} 页", { n: done + 1, total }) : _(kind === "papers.print" ? "{n} 张都做好了，正在写文件" : "{n} 页都排好了，正在写成 PDF", { n: total });
}

/** Follows one job in `box`; `finished(job)` is told its end. */
export class JobBar {
  constructor(box, finished) {
    Object.assign(this, { box, finished, id: null });
  }

  start(id) {
    this.id = id;
    this.bar = el("div", { class: "job-bar", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 }, el("i"));
    this.words = el("p", { class: "s", role: "status" });
    this.stop = el("button", { type: "button", class: "btn", onclick: () => this.cancel() }, _("取消"));
    this.box.hidden = false;
    this.box.classList.add("job");
    replace(this.box, this.bar, this.words, this.stop);
    this.draw({ state: "queued", progress: 0 });
    this.look();
  }

  async look() {
    const { id } = this;
    try {
      const job = await get(`/api/jobs/${encodeURIComponent(id)}`);
      if (id !== this.id) return;
      this.draw(job);
      if (ENDED.includes(job.state)) {
        this.end(job);
        return;
      }
    } catch (error) {
      this.words.textContent = error.status === 0
        ? _("没连上服务器。任务在那边接着算")
        : _("任务的进度没取到");
      // Gone, or no longer for these eyes: it will not come back, and what waits for it goes on.
      if ([403, 404].includes(error.status)) {
        this.end({ id, state: "failed" });
        return;
      }
    }
    setTimeout(() => this.id === id && this.look(), EVERY);
  }

  draw(job) {
    const share = Math.min(1, Math.max(0, Number(job.progress) || 0));
    this.bar.setAttribute("aria-valuenow", String(Math.round(share * 100)));
    this.bar.setAttribute("aria-label", _("任务进度"));
    this.bar.firstChild.style.width = `${share * 100}%`;
    const words = jobWords(job) + (job.state === "running" ? ` · ${percent(share, 0)}` : "");
    if (this.words.textContent !== words) this.words.textContent = words;
  }

  async cancel() {
    this.stop.disabled = true;
    try {
      await post(`/api/jobs/${encodeURIComponent(this.id)}/cancel`);
    } catch (error) {
      this.words.textContent = _("没取消成：{why}", { why: error.detail || error.message });
      this.stop.disabled = false;
    }
  }

  end(job) {
    this.id = null;
    this.stop.remove();
    if (job.state === "done") this.box.hidden = true;
    this.finished(job);
  }
}
