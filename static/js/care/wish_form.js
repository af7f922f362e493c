// A wish that a household has told somebody: found by its address, one service, told by whom.
import { get, post } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import { number } from "../core/format.js";
import { toast } from "../core/toast.js";
import { _ } from "../core/words.js";
import { SERVICES, source } from "./words.js";

const SHOWN = 8; // Households offered at once: more than these, and the address is to be longer.
const SOURCES = ["visit", "resident"];

const option = (value, words) => el("option", { value }, words);

/** The form of a wish; `done(household)` is told when it is written down. */
export class WishForm {
  constructor({ done, close }) {
    Object.assign(this, { done, close, asked: 0 });
    this.words = el("input", { class: "field", type: "search", name: "q", maxlength: 80, autocomplete: "off", enterkeyhint: "search" });
    // Enter in the field looks for households; it does not send the form.
    this.words.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      this.find();
    });
    this.found = el("div", { class: "wide wish-homes", role: "status" });
    this.service = el("select", { class: "select", name: "service", required: true },
      option("", _("选一项")), SERVICES.map(({ name, label }) => option(name, label)));
    this.source = el("select", { class: "select", name: "source" }, SOURCES.map((name) => option(name, source(name))));
    this.problem = el("p", { class: "failed-line wide", role: "alert", hidden: true });
    const search = el("button", { type: "button", class: "btn", onclick: () => this.find() }, _("找住户"));
    this.node = el("form", { class: "rule-form", onsubmit: (event) => this.send(event) },
      el("div", { class: "wide wish-search" },
        el("label", { class: "stack grow" }, el("span", {}, _("哪户，写地址")), this.words), search),
      this.found,
      el("label", { class: "stack" }, el("span", {}, _("要什么")), this.service),
      el("label", { class: "stack" }, el("span", {}, _("怎么知道的")), this.source),
      this.problem,
      el("div", { class: "row wide" }, el("button", { class: "btn primary" }, _("记下")),
        el("button", { type: "button", class: "btn", onclick: () => this.close() }, _("不记"))));
  }

  fail(words) {
    this.problem.textContent = words;
    this.problem.hidden = false;
  }

  async find() {
    const words = this.words.value.trim();
    this.problem.hidden = true;
    if (!words) {
      this.words.focus();
      return;
    }
    const asked = ++this.asked; // An answer that comes after a later question is of no use.
    try {
      const { items, total } = await get(`/api/households/list?q=${encodeURIComponent(words)}&limit=${SHOWN}`);
      if (asked === this.asked) this.offer(items, total);
    } catch (error) {
      if (asked === this.asked) this.fail(_("没找成：{why}", { why: error.detail || error.message }));
    }
  }

  offer(items, total) {
    if (!items.length) {
      replace(this.found, el("p", { class: "mut" }, _("没有这样的地址。少写几个字再找")));
      return;
    }
    replace(this.found, el("fieldset", {}, el("legend", {}, _("是哪一户")), items.map((one, at) =>
      el("label", { class: "check" },
        el("input", { type: "radio", name: "household", value: one.id, checked: items.length === 1 && at === 0 }),
        el("span", {}, one.address, one.householder && el("span", { class: "mut" }, ` · ${one.householder}`))))),
    total > items.length && el("p", { class: "s mut" },
      _("还有 {n} 户，地址写全些再找", { n: number(total - items.length) })));
  }

  async send(event) {
    event.preventDefault();
    const home = this.found.querySelector("input:checked");
    if (!home) {
      this.fail(_("还没有选住户。写地址，点“找住户”，选一户"));
      return;
    }
    try {
      await post("/api/care/requests", {
        household: Number(home.value), service: this.service.value, source: this.source.value, version: 0 });
      toast(_("记下了，留了痕"));
      this.close();
      this.done();
    } catch (error) {
      // The only thing in the way of a new wish is the same one, already decided about.
      this.fail(error.status === 409 ? _("这户的这项已经记过。在下面的单子里找它")
        : _("没记成：{why}", { why: error.detail || error.message }));
    }
  }
}
