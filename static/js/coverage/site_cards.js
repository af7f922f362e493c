// Where one more facility would help most: two cards, the first choice and the runner-up.
import { byId, el, replace } from "../core/dom.js";
import { distance, number, percent } from "../core/format.js";
import { emptyLine } from "../core/panels.js";
import { _, n_ } from "../core/words.js";
import { askSites, stateWords } from "./site_dialog.js";
import { refusalWords } from "./words.js";
import { Working } from "./working.js";

const NEXT = { method: "next", candidates: "crossings", weight: "people" };
const MOST_FACILITIES = 6;

/** The lines that a card says of a site, in the order in which they are read. */
export function siteLines(site, first) {
  const lines = [];
  if (site.metres_apart !== undefined && site.metres_apart !== null && !first) {
    lines.push(_("与首选相距 {far}", { far: distance(site.metres_apart) }));
  } else if (site.near) lines.push(_("{near}附近 · 示意点，须实地看", { near: site.near }));
  else lines.push(_("示意点，须实地看"));
  return lines;
}

export class SiteCards {
  /** `show(sites)` draws them, `go(site)` leads there, `keep(job, site)` saves, `tryOut(sites)` leads to a what-if. */
  constructor(desk, { show, go, keep, tryOut }) {
    Object.assign(this, { desk, show, go, keep, tryOut, box: byId("cards"), result: null, chosen: 1, asked: NEXT });
    this.working = new Working();
    desk.addEventListener("standard", () => this.reset());
    this.draw();
  }

  reset() {
    this.working.leave();
    this.result = null;
    this.failed = null;
    this.running = false;
    this.asked = NEXT;
    this.show([]);
    this.draw();
  }

  /** Sites step aside while something else is tried on the map. */
  aside(on) {
    this.show(on ? [] : this.result?.sites || []);
  }

  async run(asked) {
    const { desk } = this;
    Object.assign(this, { asked, running: true, failed: null, result: null });
    this.show([]);
    this.draw();
    const body = { standard: desk.standard.key, ...(desk.run?.area ? { area: desk.run.area } : {}), ...asked };
    if (desk.limit !== null && desk.limit !== desk.own) body.limit = desk.limit;
    try {
      const result = await this.working.ask("/api/coverage/sites", body);
      if (!result) return;
      // Those there are, least missed first, stand in the place of sites.
      const existing = (result.facilities || []).slice(0, MOST_FACILITIES).map((one, i) => ({ ...one, number: i + 1 }));
      this.result = { ...result, sites: result.sites.length ? result.sites : existing, job: this.working.id };
      this.chosen = 1;
      this.show(this.result.sites);
    } catch (error) {
      this.failed = refusalWords(error);
    }
    this.running = false;
    this.draw();
  }

  pick(site) {
    this.chosen = site.number;
    this.show(this.result.sites);
    this.draw();
    this.go(site);
  }

  async other() {
    const asked = await askSites(this.desk.standard, this.asked);
    if (asked) this.run(asked);
  }

  draw() {
    const { box } = this;
    const focused = box.contains(document.activeElement) ? document.activeElement.dataset.act : null;
    replace(box, this.head(), this.running && this.working.node,
      this.failed && el("p", { class: "failed", role: "alert" }, el("span", {}, _("没算成：{why}", { why: this.failed }))),
      this.result && this.cards());
    if (focused) (box.querySelector(`[data-act="${focused}"]:not(:disabled)`) || box.querySelector("button:not(:disabled)"))?.focus();
  }

  head() {
    return el("div", { class: "cards-head row wrap" }, el("h2", {}, _("加在哪里最好")),
      this.result && el("span", { class: "mut s" }, this.summary()),
      el("div", { class: "row right" },
        el("button", { type: "button", class: "btn", "data-act": "next", disabled: this.running, onclick: () => (this.desk.standard.capacity ? this.other() : this.run(NEXT)) }, _("找下一处")),
        el("button", { type: "button", class: "btn", "data-act": "method", disabled: this.running, onclick: () => this.other() }, _("换算法…"))));
  }

  summary() {
    const { candidates, proven, bound, objective } = this.result;
    const count = typeof candidates === "number" ? candidates : candidates?.kept;
    const words = [count !== undefined && _("候选 {n} 处", { n: number(count) })];
    if (proven) words.push(_("已证明最好"));
    else if (Number.isFinite(bound) && Number.isFinite(objective) && objective) {
      words.push(_("离最好至多差 {gap}", { gap: percent(Math.abs(bound - objective) / Math.max(Math.abs(objective), Math.abs(bound))) }));
    }
    return words.filter(Boolean).join(" · ");
  }

  cards() {
    const { sites } = this.result;
    if (!sites.length) return emptyLine(stateWords(this.result.state));
    return el("ol", { class: "cards-list" }, sites.map((site, i) => this.card(site, i)));
  }

  title(i) {
    if (this.asked.method === "next") return i ? _("次选") : _("首选");
    return _("第 {n} 处", { n: i + 1 });
  }

  card(site, i) {
    const chosen = site.number === this.chosen;
    const existing = this.asked.method === "least_missed";
    const words = existing ? "少 {n} 户" : "多 {n} 户";
    return el("li", { class: `card${chosen ? " best" : ""}`, "data-site": site.number },
      el("div", { class: "row" }, el("span", { class: "site-number", "aria-hidden": "true" }, site.number),
        el("h3", { class: "clip" }, existing ? site.name || `${site.id}` : this.title(i)),
        el("button", { type: "button", class: "btn quiet right", "data-act": `go-${site.number}`, onclick: () => this.pick(site) }, _("看图"))),
      el("p", { class: "big num" }, n_(words, site.households, { n: number(site.households) })),
      Number.isFinite(site.share_after) && el("p", { class: "s mut num" }, _("覆盖 {a} → ", { a: percent(site.share_before) }),
        el("b", {}, percent(site.share_after))),
      el("p", { class: "s mut num" }, _("{p} 人，要帮助的 {n} 人", { p: number(site.people), n: number(site.with_needs) })),
      !existing && siteLines(site, i === 0).map((line) => el("p", { class: "s mut" }, line)),
      !existing && el("div", { class: "row wrap" },
        el("button", { type: "button", class: `btn${chosen ? " primary" : ""}`, "data-act": `keep-${site.number}`, onclick: () => this.keep(this.result.job, site) }, _("存为方案")),
        el("button", { type: "button", class: "btn", "data-act": `try-${site.number}`, onclick: () => this.tryOut(site) }, _("假设加上"))));
  }
}
