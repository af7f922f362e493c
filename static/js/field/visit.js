// A visit: the form comes filled in and asks only what is stale. Nobody has met: one tap says why.
import { byId, el, replace } from "../core/dom.js";
import { moment } from "../core/format.js";
import { emptyLine, errorLine } from "../core/panels.js";
import { _, n_ } from "../core/words.js";
import { isFull } from "./db.js";
import { button, choices } from "./rows.js";
import { toast } from "./toast.js";

const MOST_PEOPLE = 50;

function seen(time, now) {
  return time ? _("上次问到 {time}", { time: moment(time, now) }) : _("还没问过");
}

/** What changed against the form as it came: only what was asked or touched goes out. */
export function answersOf(form, answers) {
  const fields = {};
  for (const { name } of form.fields) {
    if (name in answers.fields) fields[name] = answers.fields[name];
  }
  const needs = form.needs.filter(({ kind }) => kind in answers.needs)
    .map(({ kind }) => ({ kind, people: answers.needs[kind] }));
  const added = answers.added.filter(({ kind }) => !form.needs.some((one) => one.kind === kind));
  return { fields, needs: [...needs, ...added] };
}

/** Where nothing was changed, what was asked still counts as seen today: it goes out as it stands. */
export function confirmed(form) {
  const fields = Object.fromEntries(form.fields.filter(({ ask, value }) => ask && value !== null && value !== "")
    .map(({ name, value }) => [name, value]));
  const needs = Object.fromEntries(form.needs.filter(({ ask }) => ask).map(({ kind, people }) => [kind, people]));
  return { fields, needs, added: [] };
}

export class VisitView {
  constructor({ outbox, lists, leave, queued, exported, now }) {
    Object.assign(this, { outbox, lists, leave, queued, exported, now });
    this.body = byId("visit-body");
    byId("visit-back").addEventListener("click", () => leave());
    byId("visit-done").addEventListener("click", () => this.finish());
  }

  async open(id, item = null) {
    this.id = String(id);
    this.item = item;
    this.form = item?.content.visitForm || this.lists.forms.get(this.id) || null;
    byId("visit-fault").hidden = true;
    this.start();
    if (item) return;
    try {
      const form = await this.lists.form(this.id);
      if (this.id !== String(id) || this.touched) return;
      this.form = form;
      this.start();
      if (!form) replace(this.body, emptyLine(_("这一户的表还没存到平板上。有网时打开一次")));
    } catch (error) {
      replace(this.body, errorLine(error, () => this.open(id)));
    }
  }

  start() {
    this.touched = false;
    this.answers = this.item?.content.answers || (this.form ? confirmed(this.form) : null);
    this.note = this.item?.content.note || "";
    byId("visit-done").disabled = !this.form;
    if (this.form) this.draw();
    else replace(this.body, el("p", { class: "empty mut", role: "status" }, _("正在取数")));
  }

  draw() {
    const { form } = this;
    const visit = this.lists.value("visits").find(({ id }) => String(id) === this.id);
    byId("visit-title").textContent = form.address || visit?.address || _("走访");
    const asked = [...form.fields.filter(({ ask }) => ask).map((field) => this.field(field)),
      ...form.needs.filter(({ ask }) => ask).map((need) => this.need(need))];
    const rest = [...form.fields.filter(({ ask }) => !ask).map((field) => this.field(field)),
      ...form.needs.filter(({ ask }) => !ask).map((need) => this.need(need))];
    replace(this.body,
      visit && el("p", { class: "mut pad" }, [visit.householder, n_("{n} 人", visit.people, { n: visit.people }), visit.reason].filter(Boolean).join(" · ")),
      el("h2", { class: "part" }, asked.length ? _("要问的") : _("这次没有要问的")),
      asked,
      this.adding(),
      this.noteRow(),
      rest.length > 0 && el("details", { class: "fold" },
        el("summary", { class: "btn quiet" }, n_("不用再问的 {n} 项", rest.length)), rest),
      this.missed());
  }

  touch(change) {
    this.touched = true;
    change();
  }

  label(words, time, id = null) {
    return el(id ? "label" : "span", id ? { for: id, class: "ask" } : { class: "ask" }, el("b", {}, words),
      el("span", { class: "mut s" }, seen(time, this.now())));
  }

  field(field) {
    const { name, kind, label, seen_at: time } = field;
    const known = name in this.answers.fields ? this.answers.fields[name] : field.value;
    const put = (value) => this.touch(() => {
      this.answers.fields[name] = value;
    });
    const options = kind === "yesno" ? [[true, _("是")], [false, _("否")]]
      : kind === "choice" ? (field.choices || []).map((one) => [one.value ?? one, one.label ?? one]) : null;
    if (options) {
      return el("div", { class: "qrow" }, this.label(label, time),
        choices(options, known, (value) => {
          put(value);
          return value;
        }, { label }));
    }
    const id = `field-${name}`;
    const input = el("input", {
      id, class: "field", type: kind === "phone" ? "tel" : "text", inputmode: { number: "numeric", phone: "tel" }[kind],
      autocomplete: "off", maxlength: 200,
    });
    input.value = known ?? "";
    input.addEventListener("input", () => put(this.read(input, kind, field)));
    return el("div", { class: "qrow" }, this.label(label, time, id), input);
  }

  read(input, kind) {
    const text = input.value.normalize("NFKC").trim();
    if (kind !== "number") return text || null;
    return /^[0-9]{1,4}$/.test(text) ? Number(text) : text || null;
  }

  need(need) {
    const words = need.label || need.kind;
    const people = () => this.answers.needs[need.kind] ?? need.people;
    const figure = el("output", { class: "num big", "aria-live": "polite" }, String(people()));
    const step = (by) => () => this.touch(() => {
      this.answers.needs[need.kind] = Math.max(0, Math.min(MOST_PEOPLE, people() + by));
      figure.textContent = String(people());
    });
    return el("div", { class: "qrow", role: "group", "aria-label": words }, this.label(words, need.seen_at),
      el("div", { class: "stepper" },
        button("−", step(-1), "", { "aria-label": _("{what} 少一人", { what: words }) }), figure,
        button("+", step(1), "", { "aria-label": _("{what} 多一人", { what: words }) }),
        el("span", { class: "mut s" }, _("人，没有了就减到 0"))));
  }

  adding() {
    const known = new Set([...this.form.needs, ...this.answers.added].map(({ kind }) => kind));
    const kinds = (this.form.need_kinds || []).map((one) => (typeof one === "string" ? { kind: one, label: one } : one))
      .filter(({ kind }) => !known.has(kind));
    const added = this.answers.added.map((one) => this.added(one));
    if (!kinds.length) return added;
    return [added, el("details", { class: "fold" }, el("summary", { class: "btn quiet" }, _("新有要帮助的")),
      el("div", { class: "choices pad" }, kinds.map(({ kind, label }) => button(label, () => this.touch(() => {
        this.answers.added.push({ kind, people: 1, label });
        this.draw();
      })))))];
  }

  added(one) {
    return el("div", { class: "qrow" }, el("b", {}, one.label), el("div", { class: "row" },
      el("span", {}, n_("{n} 人", one.people)), button(_("去掉"), () => this.touch(() => {
        this.answers.added = this.answers.added.filter((other) => other !== one);
        this.draw();
      }))));
  }

  noteRow() {
    const input = el("textarea", { id: "visit-note", class: "field", rows: 2, maxlength: 1000 });
    input.value = this.note;
    input.addEventListener("input", () => this.touch(() => {
      this.note = input.value;
    }));
    return el("div", { class: "qrow" }, el("label", { for: "visit-note", class: "ask" }, el("b", {}, _("记一句")),
      el("span", { class: "mut s" }, _("可不填"))), input);
  }

  missed() {
    const reasons = this.form.missed_reasons?.length ? this.form.missed_reasons
      : [_("没人在家"), _("不方便见面"), _("已经搬走"), _("去不了，路不通")];
    return [el("h2", { class: "part" }, _("没见到人")),
      el("div", { class: "choices pad" }, reasons.map((reason) => button(reason, () => this.send("missed", { reason }))))];
  }

  finish() {
    const { fields, needs } = answersOf(this.form, this.answers);
    const body = { fields, at: this.now().toISOString() };
    if (needs.length) body.needs = needs.map(({ kind, people }) => ({ kind, people }));
    if (this.note.trim()) body.note = this.note.trim();
    return this.send("done", body);
  }

  /** Both go the way of a report: sealed, queued, and gone only with a receipt. */
  async send(kind, given) {
    const id = this.item?.id || crypto.randomUUID();
    const { form } = this;
    const words = kind === "done" ? _("走访，{address}", { address: form.address }) : _("没见到，{address}", { address: form.address });
    const content = {
      title: words, visit: this.id, visitForm: form, answers: this.answers, note: this.note, photos: [],
      path: `/api/visits/${encodeURIComponent(this.id)}/${kind}`,
      body: JSON.stringify({ id, ...given, device_time: this.now().toISOString() }),
    };
    try {
      if (!this.item) await this.outbox.begin(id, kind, content);
      await this.outbox.step(id, "queued", (item) => {
        Object.assign(item, { tries: 0, received: false, kind });
        item.content = content;
      });
    } catch (error) {
      const line = byId("visit-fault");
      line.hidden = false;
      if (isFull(error)) {
        replace(line, el("span", { class: "grow" }, _("平板存满了，这条没存上。内容还在屏幕上，别关本页。导出到文件，再收走已收到的")),
          button(_("导出到文件"), () => this.exported({ id, kind, ...content })));
      } else {
        line.textContent = _("没存上。内容还在，再点一次");
      }
      return;
    }
    this.leave();
    toast(_("放进发件箱了：{title}", { title: words }));
    this.queued();
  }
}
