// Editing a household: facts and needs with the version they were read at; a conflict says what changed.
import { el } from "../core/dom.js";
import * as terms from "../core/terms.js";
import { _ } from "../core/words.js";
import { factName } from "./household_words.js";

const MOST = 50;

function control(fact, held) {
  const name = { id: `fact-${fact.name}`, name: fact.name };
  if (fact.kind === "choice" || fact.kind === "yesno") {
    const choices = fact.kind === "choice" ? fact.choices
      : [{ value: "", label: _("不知道") }, { value: "yes", label: _("是") }, { value: "no", label: _("否") }];
    const now = fact.kind === "yesno" ? { true: "yes", false: "no" }[String(held)] || "" : held;
    return el("select", { ...name, class: "select" },
      choices.map((choice) => el("option", { value: choice.value, selected: choice.value === now }, choice.label)));
  }
  const kinds = { number: { type: "number", min: 0, max: MOST, step: 1, inputmode: "numeric" }, phone: { type: "tel", inputmode: "tel", maxlength: 40 } };
  return el("input", { ...name, class: "field", autocomplete: "off", maxlength: fact.name === "registered_at" ? 200 : 80, ...kinds[fact.kind], value: held ?? "" });
}

function read(fact, text) {
  if (fact.kind === "number") return text === "" ? null : Number(text);
  if (fact.kind === "yesno") return { yes: true, no: false }[text] ?? null;
  return text.trim() || null;
}

/** The form in place of facts and needs, until it is saved or given up. */
export class EditForm {
  constructor(panels, card, kinds, tasks) {
    Object.assign(this, { panels, card, tasks });
    this.needs = new Map((card.needs || []).map((need) => [need.kind, need.people]));
    this.kinds = [...new Set([...kinds, ...this.needs.keys()])];
    this.said = el("p", { class: "failed-line", role: "alert", hidden: true });
    this.drawFacts();
    this.drawNeeds();
    panels.facts.body.querySelector("input, select")?.focus();
  }

  drawFacts() {
    const { card } = this;
    this.controls = new Map(card.facts.map((fact) => [fact.name, control(fact, card[fact.name])]));
    const rows = card.facts.map((fact) => el("div", {},
      el("dt", {}, el("label", { for: `fact-${fact.name}` }, fact.label)), el("dd", { class: "entry" }, this.controls.get(fact.name))));
    this.form = el("form", { id: "edit-form", onsubmit: (event) => this.save(event), novalidate: true },
      el("dl", { class: "facts" }, rows));
    this.panels.facts.show(this.form);
  }

  drawNeeds() {
    this.counts = new Map();
    const rows = this.kinds.map((kind) => {
      const people = this.needs.get(kind) || 0;
      const select = el("select", { class: "select right", id: `need-${kind}` },
        Array.from({ length: Math.max(6, people + 1) }, (_unused, n) => el("option", { value: n, selected: n === people }, n ? _("{n} 人", { n }) : _("没有"))));
      this.counts.set(kind, select);
      return el("li", { class: "need-line" }, el("label", { for: `need-${kind}` }, terms.need(kind)), select);
    });
    this.saving = el("button", { class: "btn primary", form: "edit-form" }, _("保存"));
    this.panels.needs.show(el("ul", {}, rows), el("div", { class: "edit-foot" }, this.said, this.saving,
      el("button", { type: "button", class: "btn", onclick: () => this.tasks.stop() }, _("不改了"))));
  }

  body() {
    const fields = {};
    for (const fact of this.card.facts) {
      const given = read(fact, this.controls.get(fact.name).value);
      if (given !== (this.card[fact.name] ?? null)) fields[fact.name] = given;
    }
    const needs = [];
    for (const [kind, select] of this.counts) {
      const people = Number(select.value);
      if (people !== (this.needs.get(kind) || 0)) needs.push({ kind, people });
    }
    return { fields, needs };
  }

  say(words) {
    this.said.hidden = !words;
    this.said.textContent = words;
  }

  async save(event) {
    event.preventDefault();
    this.saving.disabled = true;
    this.say("");
    try {
      this.tasks.saved(await this.tasks.save(this.body(), this.card.version));
      return;
    } catch (error) {
      if (error.status === 409) await this.meanwhile(error);
      else this.say(this.faults(error));
    }
    this.saving.disabled = false;
  }

  faults(error) {
    const found = (error.faults || []).map(({ place, message }) =>
      `${factName(this.card.facts, place.replace(/^fields\./, ""))}：${message}`);
    return found.join(_("；")) || error.detail || error.message;
  }

  /** Somebody was faster: what they changed is shown, what was typed here stays. */
  async meanwhile(error) {
    const names = (error.more.changed || []).map((name) => factName(this.card.facts, name));
    const typed = this.body();
    this.card = await this.tasks.reread();
    this.needs = new Map((this.card.needs || []).map((need) => [need.kind, need.people]));
    for (const fact of this.card.facts) {
      if (fact.name in typed.fields) continue;
      const fresh = control(fact, this.card[fact.name]);
      this.controls.get(fact.name).value = fresh.value;
    }
    this.say(_("别人刚改过：{what}。新的内容已经取来，你写的还在，看过再保存", { what: names.join(_("、")) || _("别的内容") }));
  }
}
