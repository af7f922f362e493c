// The micro-grids of one grid in its details: how many households, who speaks for each, what is missed.
import { get, post } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import { number } from "../core/format.js";
import { JobBar } from "../core/job.js";
import { may } from "../core/page.js";
import { shortfallWords } from "../core/shortfall.js";
import { toast } from "../core/toast.js";
import { _, n_ } from "../core/words.js";
import { numberOf } from "../map/layers/micro.js";
import { ask } from "../planner/dialog.js";
import { addressOf } from "./as_of.js";

const ADDRESS = "/api/micro-grids";

/** One that is outside the rule; an old one may have been drawn by another rule than its own day's. */
const misses = (p) => p.households < p.minimum || p.households > p.maximum;

export class MicroList {
  /** `choose(props)` is told which one somebody wants to see; `day()` gives the day shown, or null. */
  constructor({ choose, day }) {
    Object.assign(this, { choose, day, asked: 0 });
    this.list = el("div");
    this.job = el("div", { hidden: true });
    this.bar = new JobBar(this.job, (job) => this.ended(job));
    this.line = el("summary");
    this.box = el("details", { class: "micro" });
  }

  /** Put the list between the name of a grid and its figures; folded up it is one line. */
  async under(body, props) {
    this.props = props;
    this.buttons = !this.day() && may("grid.draw") && el("div", { class: "row wrap" },
      el("button", { type: "button", class: "btn", onclick: () => this.draw(props.code) }, _("划微网格")),
      el("button", { type: "button", class: "btn", onclick: () => this.draw(String(props.code).slice(0, 12)) },
        _("全社区都划")));
    replace(this.box, this.line, this.list, this.job, this.buttons);
    replace(this.list);
    replace(this.line, _("微网格"));
    body.firstElementChild.after(this.box);
    await this.load();
  }

  async load() {
    const number_ = ++this.asked;
    try {
      const answer = await get(addressOf(`${ADDRESS}?grid=${encodeURIComponent(this.props.code)}`, this.day()));
      if (number_ === this.asked) this.show(answer.features.map(({ properties }) => properties));
    } catch {
      if (number_ === this.asked) replace(this.line, _("微网格没取到"));
    }
  }

  show(items) {
    replace(this.list);
    if (!items.length) {
      replace(this.line, this.day() ? _("那天没有微网格") : _("还没有划微网格"));
      return;
    }
    const [{ minimum, maximum, source }] = items;
    const within = items.filter((p) => !misses(p)).length;
    replace(this.line, n_("微网格 {n} 个，{within} 个在 {min}–{max} 户", items.length, {
      n: number(items.length), within: number(within), min: number(minimum), max: number(maximum),
    }));
    replace(this.list,
      el("p", { class: "s mut" }, _("规模的依据：{source}", { source })),
      el("table", { class: "list" },
        el("caption", { class: "sr" }, _("微网格")),
        el("thead", {}, el("tr", {}, el("th", { scope: "col" }, _("微网格")), el("th", { scope: "col", class: "n" }, _("户数")),
          el("th", { scope: "col", class: "n" }, _("人数")), el("th", { scope: "col" }, _("微网格长")))),
        el("tbody", {}, items.map((props) => this.row(props)))));
  }

  row(p) {
    const why = misses(p) && shortfallWords({ ...p.why, minimum: p.minimum, maximum: p.maximum });
    const over = p.households > p.maximum;
    return el("tr", { "data-micro": p.code },
      el("th", { scope: "row" },
        el("button", { type: "button", class: "row-button", onclick: () => this.choose(p) }, numberOf(p))),
      el("td", { class: "n num" }, number(p.households),
        misses(p) && el("span", { class: "s block" }, over ? _("多 {n}", { n: number(p.households - p.maximum) })
          : _("少 {n}", { n: number(p.minimum - p.households) })),
        why && el("span", { class: "s block mut" }, why)),
      el("td", { class: "n num" }, number(p.people)),
      el("td", {}, this.buttons
        ? el("button", { type: "button", class: "row-button", onclick: () => this.name(p) }, p.head || _("定人"))
        : p.head || "–"));
  }

  async name(p) {
    const named = await ask({
      title: _("微网格 {label} 的微网格长", { label: p.label }),
      lines: [_("写楼栋长或居民代表的姓名，和张贴的一样。不写电话。空着就是没有人")],
      fields: [{ name: "head", label: _("姓名"), value: p.head || "", maxlength: 80, autocomplete: "off" }],
      go: _("定下"), leave: _("不改"), grave: false,
      run: ({ head }) => post(`${ADDRESS}/${encodeURIComponent(p.code)}/head`, { head: head.trim() || null }),
      explain: (problem) => problem.detail || problem.message,
    });
    if (named) await this.load();
    this.list.querySelector(`[data-micro="${p.code}"] td .row-button`)?.focus();
  }

  async draw(area) {
    try {
      const { job } = await post(ADDRESS, { area });
      this.bar.start(job);
    } catch (problem) {
      toast(problem.detail || problem.message);
    }
  }

  ended(job) {
    if (job.state !== "done") return;
    const { grids, micro_grids: count, out_of_range: missed } = job.result;
    toast(n_("{g} 格划成 {n} 个微网格，{m} 个不合规模", count, {
      g: number(grids), n: number(count), m: number(missed.length),
    }));
    this.load();
  }
}
