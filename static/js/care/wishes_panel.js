// Which households want what: by whom it could be met, and what somebody decides about it.
import { get, post } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import { dateOf, distance } from "../core/format.js";
import { emptyLine } from "../core/panels.js";
import { toast } from "../core/toast.js";
import { _ } from "../core/words.js";
import { WishForm } from "./wish_form.js";
import * as words from "./words.js";

const STATES = { open: "待接上", met: "已接上", withdrawn: "不需要" };

function proposal(one) {
  if (one.offer) return one.offer.name;
  const found = one.proposal;
  if (!found) return one.state === "met" ? _("别处接上的") : _("还没对过");
  if (found.reason) return words.unmet(found.reason);
  return found.metres === null ? _("{name}，上门", { name: found.name }) : `${found.name} · ${distance(found.metres)}`;
}

export class WishesPanel {
  constructor(panel, { changed }) {
    Object.assign(this, { panel, changed, name: "wishes", state: "open", items: [], next: null, asked: 0 });
    this.select = el("select", { class: "select", "aria-label": _("哪些诉求"), onchange: () => {
      this.state = this.select.value;
      this.load();
    } }, Object.entries(STATES).map(([value, label]) => el("option", { value }, _(label))));
    this.place = panel.section.querySelector(".form-place");
    this.add = el("button", { type: "button", class: "btn", onclick: () => this.open() }, _("记诉求"));
    replace(panel.section.querySelector(".tools"), this.select, this.add);
  }

  /** Ask which household wants what. */
  open() {
    const form = new WishForm({
      done: () => {
        this.state = this.select.value = "open";
        this.changed();
        this.load();
      },
      close: () => {
        replace(this.place);
        this.add.hidden = false;
        this.add.focus();
      },
    });
    replace(this.place, form.node);
    this.add.hidden = true;
    form.words.focus();
  }

  async load(_level, after = 0) {
    this.panel.loading(8);
    const asked = ++this.asked; // An answer that comes after a later question is of no use.
    try {
      const found = await get(`/api/care/requests?state=${this.state}&cursor=${after}`);
      if (asked !== this.asked) return;
      this.items = after ? [...this.items, ...found.items] : found.items;
      this.next = found.next;
      this.draw();
    } catch (error) {
      if (asked === this.asked) this.panel.fail(error, () => this.load(_level, after));
    }
  }

  async decide(one, state, button) {
    button.disabled = true;
    const offer = state === "met" ? one.proposal?.offer || null : null;
    try {
      await post("/api/care/requests", {
        household: one.household, service: one.service, state, version: one.version, ...(offer ? { offer } : {}) });
      toast({ met: _("记下了：已接上"), withdrawn: _("记下了：不需要"), open: _("记下了：再等着接") }[state]);
      this.changed();
    } catch (error) {
      toast(_("没记成：{why}", { why: error.detail || error.message }));
    }
    this.load();
  }

  draw() {
    if (!this.items.length) {
      this.panel.show(emptyLine({
        open: _("没有等着接的诉求。点“记诉求”记一项"), met: _("还没有接上的"), withdrawn: _("没有说不需要的") }[this.state]));
      return;
    }
    const heads = [_("住户"), _("要什么"), _("为什么要"), _("哪天起"), this.state === "open" ? _("谁能接") : _("谁接")];
    this.panel.show(el("table", { class: "list" },
      el("caption", { class: "sr" }, _("哪些住户要什么")),
      el("thead", {}, el("tr", {}, heads.map((one) => el("th", { scope: "col" }, one)),
        el("th", { scope: "col" }, el("span", { class: "sr" }, _("处理"))))),
      el("tbody", {}, this.items.map((one) => this.row(one)))),
    this.next && el("p", { class: "pad row" }, el("button", { type: "button", class: "btn", onclick: () => this.load(null, this.next) }, _("再看一些"))));
  }

  row(one) {
    const why = one.source === "need" ? one.needs.map(({ label }) => label).join(_("、")) : words.source(one.source);
    const act = (state, label, primary) => el("button", {
      type: "button", class: primary ? "btn small primary" : "btn small", "aria-label": `${label}：${one.address} ${words.service(one.service)}`,
      onclick: (event) => this.decide(one, state, event.currentTarget) }, label);
    return el("tr", {},
      el("th", { scope: "row" }, el("a", { href: `/households/${one.household}` }, one.address),
        el("span", { class: "mut under" }, one.householder || "")),
      el("td", { class: "short" }, words.service(one.service)),
      el("td", { class: "words" }, why || "–"),
      el("td", { class: "num nw" }, dateOf(one.since)),
      el("td", { class: "words" }, proposal(one)),
      el("td", { class: "acts" }, el("div", { class: "acts-pair" }, one.state === "open"
        ? [act("met", _("接上了"), Boolean(one.proposal?.offer)), act("withdrawn", _("不需要"))]
        : act("open", _("重新等着")))));
  }
}
