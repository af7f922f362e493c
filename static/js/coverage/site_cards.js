// Where one more facility would help most: two cards, the first choice and the runner-up.
import { byId, el, replace } from "../core/dom.js";
import { distance, number, percent } from "../core/format.js";
import { emptyLine } from "../core/panels.js";
import { _, n_ } from "../core/words.js";
import { km2 } from "./grounds.js";
import { proofButton } from "./proof.js";
import { comparison, sitesDifference } from "./site_compare.js";
import { askSites, stateWords } from "./site_dialog.js";
import { figuresOf, SiteTrials } from "./site_trials.js";
import { nearWords, refusalWords } from "./words.js";
import { Working } from "./working.js";

const NEXT = { method: "next", candidates: "crossings", weight: "people" };
const MOST_FACILITIES = 6;

/** The lines that a card says of a site, in the order in which they are read. */
export function siteLines(site, first) {
  const lines = [];
  if (site.moved) lines.push(_("自己换的点，须实地看"));
  else if (site.metres_apart !== undefined && site.metres_apart !== null && !first) {
    lines.push(_("与首选相距 {far}", { far: distance(site.metres_apart) }));
  } else if (site.near) lines.push(_("{near}附近 · 示意点，须实地看", { near: nearWords(site) }));
  else lines.push(_("示意点，须实地看"));
  return lines;
}

/** What a site would take over of the ground of others, where a standard limits it. */
export function groundLine(site, before) {
  if (site.km2 === undefined) return null;
  const ground = _("管 {km2} 平方公里", { km2: km2(site.km2) });
  const large = site.too_large === before ? "" : n_(" · 管得太大的 {before} → {n} 处", site.too_large, { before: number(before), n: number(site.too_large) });
  return el("p", { class: "s mut num" }, ground + large);
}

export class SiteCards {
  /**
   * `show(sites)` draws them, `go(site)` leads there, `keep(job, site)` saves, `tryOut(site)` leads to a what-if;
   * `map` draws: `ground(spots)`, `difference(rows or null)`, `pointing(on)`, and `middle()` is where it looks.
   */
  constructor(desk, { show, go, keep, tryOut, map, around }) {
    Object.assign(this, { desk, show, go, keep, tryOut, map, around, box: byId("cards") });
    Object.assign(this, { result: null, chosen: 1, asked: NEXT, moving: null, pair: null });
    this.working = new Working();
    this.trials = new SiteTrials(desk, this.working);
    desk.addEventListener("standard", () => this.reset());
    // An answer for another limit says nothing about this one; another run of the same does not take it away.
    for (const name of ["limit", "run"]) desk.addEventListener(name, () => desk.limit !== this.limit && this.reset());
    this.draw();
  }

  reset() {
    this.working.leave();
    this.trials.clear();
    Object.assign(this, { result: null, failed: null, running: false, asked: NEXT, limit: this.desk.limit });
    this.quiet();
    this.draw();
  }

  /** Sites step aside while something else is looked at on the map. */
  aside(on) {
    if (on && (this.moving || this.pair)) {
      this.quiet();
      this.draw();
    }
    this.drawSites(!on);
  }

  /** Nothing is being moved or compared any more. */
  quiet() {
    if (this.pair) this.map.difference(null);
    this.map.pointing(false);
    Object.assign(this, { moving: null, pair: null });
    this.drawSites();
  }

  drawSites(on = true) {
    const sites = (on && this.result?.sites) || [];
    this.show(sites);
    this.map.ground(sites.find(({ number: one }) => one === this.chosen)?.spots || []);
  }

  async run(asked) {
    const { desk } = this;
    Object.assign(this, { asked, running: true, failed: null, result: null, limit: desk.limit });
    this.quiet();
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
      this.drawSites();
    } catch (error) {
      this.failed = refusalWords(error);
    }
    this.running = false;
    this.draw();
  }

  pick(site) {
    this.chosen = site.number;
    this.drawSites();
    this.draw();
    this.go(site);
  }

  /** Another place is wanted for a site: the next tap on the map, or its middle. */
  move(site) {
    this.chosen = site.number;
    Object.assign(this, { moving: site.number, failed: null });
    this.map.pointing(true);
    this.drawSites();
    this.draw();
    this.box.querySelector('[data-act="middle"]').focus();
  }

  /** A tap on the map belongs to the site that is being moved; true when it was taken. */
  take(lonlat) {
    if (this.moving === null) return false;
    this.put(this.moving, lonlat.map((one) => Math.round(one * 1e6) / 1e6));
    return true;
  }

  async put(chosen, at) {
    this.quiet();
    const answer = await this.tried(() => this.trials.at(at));
    if (!answer) return;
    this.change(chosen, (site) => ({ number: site.number, at, moved: true, near: null, job: answer.job, found: site.found || site, ...figuresOf(answer) }));
  }

  change(chosen, make) {
    this.result.sites = this.result.sites.map((site) => (site.number === chosen ? make(site) : site));
    this.drawSites();
    this.draw();
  }

  /** Two sites beside each other: the chosen one and another. */
  async compare(other) {
    const one = this.result.sites.find(({ number: own }) => own === this.chosen);
    const answers = await this.tried(async () => {
      const first = await this.trials.at(one.at);
      return first && [first, await this.trials.at(other.at)];
    });
    if (!answers?.[1]) return;
    this.pair = { sites: [one, other], answers };
    this.map.ground([]);
    this.map.difference(sitesDifference(...answers));
    this.draw();
    this.box.querySelector('[data-act="apart"]').focus();
  }

  /** Do what takes a worker, and say how far it is; null when it gave nothing. */
  async tried(work) {
    const { result } = this;
    Object.assign(this, { running: true, failed: null });
    this.draw();
    let answer = null;
    try {
      answer = await work();
    } catch (error) {
      this.failed = refusalWords(error);
    }
    if (result !== this.result) return null; // Something else is asked by now.
    this.running = false;
    this.draw();
    return answer;
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
      this.pair ? this.compared() : this.result && this.cards(),
      this.result?.sites.length > 0 && !this.pair && el("p", { class: "row" },
        proofButton(`/api/coverage/sites/${this.result.job}/certificate`, `coverage-sites-${this.result.job}.zip`)));
    box.classList.toggle("comparing", Boolean(this.pair));
    if (focused) (box.querySelector(`[data-act="${focused}"]:not(:disabled)`) || box.querySelector("button:not(:disabled)"))?.focus();
  }

  head() {
    return el("div", { class: "cards-head row" }, el("div", { class: "grow" }, el("h2", {}, _("加在哪里最好")),
      this.result && el("p", { class: "mut s" }, this.summary())),
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

  compared() {
    const { sites, answers } = this.pair;
    const heads = sites.map((site) => this.title(site.number - 1));
    return [
      el("div", { class: "row wrap" },
        el("h3", {}, _("{one}和{other}", { one: heads[0], other: heads[1] })),
        el("button", { type: "button", class: "btn right", "data-act": "apart", onclick: () => this.apart() }, _("不比了"))),
      comparison(heads, answers, this.around)];
  }

  apart() {
    const [, other] = this.pair.sites;
    this.quiet();
    this.draw();
    this.box.querySelector(`[data-act="compare-${other.number}"]`)?.focus();
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
        el("button", { type: "button", class: "btn quiet right", "data-act": `go-${site.number}`, onclick: () => this.pick(site) }, _("看在哪里"))),
      el("p", { class: "big num" }, n_(words, site.households, { n: number(site.households) })),
      Number.isFinite(site.share_after) && el("p", { class: "s mut num" }, _("覆盖 {a} → ", { a: percent(site.share_before) }),
        el("b", {}, percent(site.share_after))),
      el("p", { class: "s mut num" }, site.with_needs === undefined ? n_("{n} 人", site.people, { n: number(site.people) })
        : _("{p} 人，要帮助的 {n} 人", { p: number(site.people), n: number(site.with_needs) })),
      !existing && groundLine(site, this.result.too_large_before),
      !existing && siteLines(site, i === 0).map((line) => el("p", { class: "s mut" }, line)),
      !existing && (this.moving === site.number ? this.placing() : this.acts(site, chosen)));
  }

  acts(site, chosen) {
    const button = (act, words, onclick, primary = false) => el("button", {
      type: "button", class: primary ? "btn primary" : "btn", "data-act": `${act}-${site.number}`, disabled: this.running, onclick }, words);
    const single = this.asked.method === "next"; // Of other methods all sites make one answer.
    return el("div", { class: "row wrap" },
      button("keep", _("存为方案"), () => this.keep(site.job || this.result.job, site), chosen),
      single && button("move", _("换点"), () => this.move(site)),
      single && !chosen && button("compare", _("比较"), () => this.compare(site)),
      site.moved && button("back", _("回到算出的点"), () => this.change(site.number, () => site.found)),
      button("try", _("假设加上"), () => this.tryOut(site)));
  }

  placing() {
    return el("div", { class: "tool-hint" }, el("p", { role: "status" }, _("点图上的新位置")),
      el("div", { class: "row wrap" },
        el("button", { type: "button", class: "btn", "data-act": "middle", onclick: () => this.take(this.map.middle()) }, _("用图中央")),
        el("button", { type: "button", class: "btn", "data-act": "stay", onclick: () => this.stay() }, _("不换了"))));
  }

  stay() {
    const { moving } = this;
    this.quiet();
    this.draw();
    this.box.querySelector(`[data-act="move-${moving}"]`)?.focus();
  }
}
