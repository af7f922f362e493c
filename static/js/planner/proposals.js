// Proposals: asked for here, computed by a worker, looked at on the map, taken whole or in part.
import { toast } from "../pages/common.js";
import { byId, el, replace } from "../core/dom.js";
import { number } from "../core/format.js";
import { JobBar } from "../core/job.js";
import { _, n_ } from "../core/words.js";
import { reasonWords, whyWords } from "./proposal_reasons.js";
import { about, changes, PROPOSALS, proposalKind, question, stepWords, withNeeded } from "./proposal_words.js";
import { refusal } from "./refusals.js";

const MOST = 5; // Proposals that are listed.

/** A grid that is not there yet has a number of its own until it is taken. */
const labelOf = (scenario, key) => (key?.startsWith("+") ? `${_("新格")} ${key.slice(1)}` : scenario.label(key));

export class Proposals {
  constructor(editor) {
    Object.assign(this, { editor, items: [], open: null, chosen: new Set() });
    this.form = byId("proposal-form");
    this.kind = byId("proposal-kind");
    this.other = byId("proposal-other");
    this.name = byId("proposal-name");
    this.hint = byId("proposal-hint");
    this.list = byId("proposal-list");
    this.job = new JobBar(byId("proposal-job"), (job) => this.ended(job));
    replace(this.kind, PROPOSALS.map((kind) => el("option", { value: kind }, proposalKind(kind))));
    this.kind.addEventListener("change", () => this.draw());
    this.other.addEventListener("change", () => this.draw());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.ask();
    });
  }

  get scenario() {
    return this.editor.scenario;
  }

  /** Communities of the scenario, by the codes of its grids. */
  get communities() {
    return [...new Set([...this.scenario.grids.values()].map(({ properties }) => properties.community))].sort();
  }

  /** What the question is about: the grid in hand, its community, the other community. */
  get subject() {
    const [key = this.editor.chosenGrid] = this.editor.inHand().filter((one) => this.editor.scenario.grids.has(one));
    const grid = key ? this.scenario.grid(key) : null;
    const { communities } = this;
    return {
      grid: grid ? String(grid.id) : null,
      community: grid?.properties.community || (communities.length === 1 ? communities[0] : null),
      other: this.other.value || null,
      name: this.name.value,
      label: grid?.properties.label || null,
    };
  }

  /* ---- asking */

  draw() {
    if (!this.scenario.head) return;
    const usable = this.scenario.can("edit");
    const { subject } = this;
    const kind = this.kind.value;
    this.drawOther(kind, subject);
    this.hint.textContent = this.hintFor(about(kind), subject);
    this.form.hidden = !usable;
    byId("proposal-ask").disabled = !question(kind, subject);
    this.drawList();
  }

  drawOther(kind, { community }) {
    for (const field of [this.other, this.name]) field.closest("label").hidden = about(kind) !== "communities";
    const codes = this.communities.filter((code) => code !== community);
    const named = codes.map((code) => [code, this.nameOf(code)]);
    const key = named.join();
    if (key === this.otherKey) return;
    this.otherKey = key;
    replace(this.other, named.map(([code, name]) => el("option", { value: code }, name)));
  }

  nameOf(code) {
    return this.editor.outlines.name(code);
  }

  hintFor(what, { label, community }) {
    if (what === "grid") return label ? _("就 {grid} 算", { grid: label }) : _("先在图上选一个网格");
    if (what === "area") return community ? _("就 {name} 算", { name: this.nameOf(community) }) : _("就整个方案算");
    return community ? _("就 {name} 算", { name: this.nameOf(community) }) : _("先在图上选社区里的一个网格");
  }

  async ask() {
    const body = question(this.kind.value, this.subject);
    if (!body) return;
    try {
      const { id, job } = await this.editor.client.propose(body);
      this.asked = id;
      this.name.value = "";
      this.job.start(job);
    } catch (problem) {
      toast(refusal(problem));
    }
  }

  async ended(job) {
    if (job.state === "done") byId("proposal-job").hidden = true;
    await this.look();
    if (this.items.some(({ id, state }) => id === this.asked && state === "ready")) await this.show(this.asked);
    this.asked = null;
  }

  /* ---- looking */

  async look() {
    try {
      this.items = (await this.editor.client.proposals()).filter(({ state }) => state !== "dismissed").slice(0, MOST);
    } catch {
      return; // The next event asks again.
    }
    if (this.open && !this.items.some(({ id }) => id === this.open.id)) this.close();
    this.drawList();
  }

  async show(id) {
    try {
      this.open = await this.editor.client.proposal(id);
    } catch (problem) {
      toast(refusal(problem));
      return;
    }
    this.chosen = new Set(this.openSteps.map(({ n }) => n));
    this.drawList();
    this.mark();
    const { gap } = this.open.figures || {};
    if (gap) this.editor.explain(whyWords(this.open.figures, (code) => this.nameOf(code))[0], gap.point);
  }

  close() {
    this.open = null;
    this.chosen = new Set();
    this.mark();
    this.drawList();
  }

  get openSteps() {
    return (this.open?.steps || []).filter(({ state }) => state === "open");
  }

  /** On the map: the steps that would be taken. */
  mark() {
    const steps = this.openSteps.filter(({ n }) => this.chosen.has(n));
    const after = new Map((this.open?.grids || []).map((grid) => [grid.key, grid.after?.households]));
    this.editor.layers.proposal.setSteps(steps, (key) => labelOf(this.scenario, key), (key) => after.get(key));
  }

  drawList() {
    replace(this.list, this.items.map((item) => el("li", {}, this.line(item), this.open?.id === item.id && this.card())));
  }

  line(item) {
    const shown = this.open?.id === item.id;
    const moved = item.reason && !item.steps ? reasonWords(item.reason) : n_("{n} 户换网格", item.households_moved, { n: number(item.households_moved) });
    const state = { waiting: _("正在算"), failed: _("没算成"), ready: moved };
    return el("div", { class: "row" },
      el("div", { class: "grow" }, el("b", {}, proposalKind(item.kind)),
        el("p", { class: "mut s" }, [state[item.state], item.stale && _("方案在这之后改过")].filter(Boolean).join(" · "))),
      item.state === "ready" && el("button", {
        type: "button", class: shown ? "btn on" : "btn", "aria-expanded": String(shown),
        onclick: () => (shown ? this.close() : this.show(item.id)),
      }, shown ? _("收起") : _("看")));
  }

  card() {
    const { figures, id } = this.open;
    const { openSteps } = this;
    const usable = this.scenario.can("edit") && openSteps.length > 0;
    const some = this.chosen.size < openSteps.length;
    return el("div", { class: "stack proposal" },
      whyWords(figures, (code) => this.nameOf(code)).map((words) => el("p", { class: "s" }, words)),
      el("table", { class: "ms" }, el("tbody", {}, changes(figures).map(([words, value]) =>
        el("tr", {}, el("th", { scope: "row" }, words), el("td", { class: "n num" }, value))))),
      el("ul", { class: "step-list" }, (this.open.steps || []).map((step) => this.stepLine(step))),
      usable && el("div", { class: "row wrap" },
        el("button", { type: "button", class: "btn primary", disabled: !this.chosen.size, onclick: () => this.take(id) },
          some ? _("采用选中的") : _("全部采用")),
        el("button", { type: "button", class: "btn", onclick: () => this.dismiss(id) }, _("不采用"))));
  }

  stepLine(step) {
    const words = stepWords(step, (key) => labelOf(this.scenario, key), (code) => this.nameOf(code));
    if (step.state !== "open") {
      return el("li", { class: "mut s" }, `${words} · ${step.state === "taken" ? _("已采用") : _("图变了，不再适用")}`);
    }
    const box = el("input", { type: "checkbox", checked: this.chosen.has(step.n) });
    box.addEventListener("change", () => this.choose(step.n, box.checked));
    return el("li", {}, el("label", { class: "check s" }, box, el("span", {}, words)));
  }

  /** With a step come those that it needs; without it go those that need it. */
  choose(n, on) {
    const { openSteps } = this;
    if (on) this.chosen = new Set(withNeeded(openSteps, [...this.chosen, n]));
    else this.chosen = new Set([...this.chosen].filter((one) => !withNeeded(openSteps, [one]).includes(n)));
    this.drawList();
    this.mark();
  }

  /* ---- taking */

  async take(id) {
    const steps = this.chosen.size === this.openSteps.length ? null : [...this.chosen].sort((one, other) => one - other);
    try {
      const { taken, refused } = await this.editor.client.take(id, steps);
      toast(refused.length
        ? _("采用了 {n} 步，{m} 步没成：{why}", { n: taken.length, m: refused.length, why: refusal(refused[0]) })
        : n_("采用了 {n} 步，可以逐步撤销", taken.length, { n: number(taken.length) }));
    } catch (problem) {
      this.editor.complain(problem);
    }
    await this.look();
    if (this.open?.id === id) await this.show(id);
    if (!this.openSteps.length) this.close();
  }

  async dismiss(id) {
    try {
      await this.editor.client.dismiss(id);
    } catch (problem) {
      toast(refusal(problem));
    }
    this.close();
    await this.look();
  }
}
