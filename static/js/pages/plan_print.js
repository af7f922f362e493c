// Sheets on paper: looked at as a page, or made by a worker and fetched when they are done.
import { post } from "../core/api.js";
import { byId, el, replace } from "../core/dom.js";
import { JobBar } from "../core/job.js";
import { me } from "../core/page.js";
import { _ } from "../core/words.js";
import { toast } from "./common.js";

/** The menu of what can be printed of a plan. */
export class Printing {
  constructor(address, id) {
    Object.assign(this, { address, id });
    this.sheet = byId("print-sheet");
    this.menu = byId("print-menu");
    this.bar = new JobBar(byId("print-job"), (job) => this.ended(job));
  }

  draw(plan) {
    const able = !["drafting", "failed"].includes(plan.state);
    this.menu.hidden = !able;
    if (!able || this.menu.open) return;
    const here = `/plans/${encodeURIComponent(this.id)}`;
    // Who looks after one grid prints that grid: the rest of the plan is not theirs.
    const whole = (me.areas || []).some((code) => String(plan.area).startsWith(code));
    replace(this.sheet, whole && this.all(plan, here),
      (plan.zones || []).length > 0 && el("p", { class: "mut s" }, whole ? _("只印一个网格") : _("只能印自己的网格")),
      el("div", { class: "print-grids" }, (plan.zones || []).map((zone) => el("a", {
        class: "btn", href: `${here}/print?grid=${encodeURIComponent(zone.grid)}`, target: "_blank",
      }, zone.label || zone.grid))));
  }

  /** What is printed of the whole plan. */
  all(plan, here) {
    return [
      plan.replan && el("a", { class: "btn primary", "data-print": "changed", href: `${here}/print?only=changed`, target: "_blank" }, _("只印改了的单子")),
      el("a", { class: "btn", href: `${here}/print`, target: "_blank" }, _("看全部单子")),
      el("button", { type: "button", class: "btn", "data-pdf": "all", onclick: () => this.order({}) }, _("做全部 PDF")),
      el("button", { type: "button", class: "btn", "data-pdf": "cards", onclick: () => this.order({ only: "cards" }) }, _("做到达卡 PDF")),
    ];
  }

  /** All sheets, or the cards that households show at the door of the shelter. */
  async order(which) {
    this.menu.open = false;
    try {
      const answer = await post(`${this.address}/sheets`, which);
      this.file = answer.file;
      this.bar.start(answer.job);
    } catch (error) {
      toast(_("没做成 PDF：{why}", { why: error.detail || error.title || error.message }));
    }
  }

  ended(job) {
    if (job.state !== "done") return;
    const link = el("a", { class: "btn primary", href: this.file, download: "" }, _("下载 PDF"));
    const box = byId("print-done");
    replace(box, link, el("span", { class: "s" }, _("{n} 页", { n: job.result?.pages ?? "–" })));
    box.hidden = false;
    link.focus();
  }
}
