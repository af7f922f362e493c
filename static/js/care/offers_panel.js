// Who offers what: the list, with a form to write one down, put it right or end it.
import { get, post } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import { distance, number } from "../core/format.js";
import { may } from "../core/page.js";
import { emptyLine } from "../core/panels.js";
import { toast } from "../core/toast.js";
import { _ } from "../core/words.js";
import { OfferForm } from "./offer_form.js";
import * as words from "./words.js";

const HEADS = () => [_("谁"), _("服务"), _("每周户数"), _("已用"), _("到哪里"), _("起止和依据")];

export class OffersPanel {
  constructor(panel, { map, places, show, go }) {
    Object.assign(this, { panel, map, places, show, go, name: "offers", offers: [] });
    this.place = panel.section.querySelector(".form-place");
    this.add = el("button", { type: "button", class: "btn", onclick: () => this.open() }, _("登记供给"));
    if (may("facility.edit")) replace(panel.section.querySelector(".tools"), this.add);
  }

  async load() {
    this.panel.loading(6);
    try {
      this.offers = (await get("/api/care/offers")).offers;
      this.show(this.offers);
      this.draw();
    } catch (error) {
      this.panel.fail(error, () => this.load());
    }
  }

  open(offer = null) {
    const form = new OfferForm({
      offer, map: this.map, places: this.places(), done: () => this.load(),
      close: () => {
        replace(this.place);
        this.add.hidden = false;
      },
    });
    replace(this.place, form.node);
    this.add.hidden = true;
    form.node.querySelector("select, input").focus();
  }

  /** Put the form away, when another table is looked at. */
  close() {
    this.map.point(null, null);
    replace(this.place);
    this.add.hidden = false;
  }

  async end(offer, button) {
    button.disabled = true;
    try {
      await post(`/api/care/offers/${offer.id}/end`, {}, { version: offer.version });
      toast(_("结束了：{name}", { name: offer.name }));
    } catch (error) {
      toast(_("没结束成：{why}", { why: error.detail || error.message }));
    }
    this.load();
  }

  draw() {
    if (!this.offers.length) {
      this.panel.show(emptyLine(may("facility.edit") ? _("还没有供给。点“登记供给”") : _("还没有供给")));
      return;
    }
    this.panel.show(el("table", { class: "list" },
      el("caption", { class: "sr" }, _("谁提供什么")),
      el("thead", {}, el("tr", {}, HEADS().map((one, at) => el("th", { scope: "col", class: at === 2 || at === 3 ? "n" : "" }, one)),
        el("th", { scope: "col" }, el("span", { class: "sr" }, _("改"))))),
      el("tbody", {}, this.offers.map((offer) => this.row(offer)))));
  }

  row(offer) {
    const name = offer.at
      ? el("button", { type: "button", class: "row-button", onclick: () => this.go(offer) }, offer.name)
      : el("b", {}, offer.name);
    const end = el("button", { type: "button", class: "btn small", onclick: (event) => this.end(offer, event.currentTarget) }, _("结束"));
    return el("tr", { class: offer.in_force ? "" : "off" },
      el("th", { scope: "row" }, name,
        el("span", { class: "mut under" }, [words.provider(offer.provider), offer.contact].filter(Boolean).join(" · "))),
      el("td", { class: "words" }, words.list(offer.services, words.service)),
      el("td", { class: "n num" }, number(offer.capacity)), el("td", { class: "n num" }, number(offer.met)),
      el("td", { class: "words" }, offer.at ? _("步行 {d} 以内", { d: distance(offer.reach_metres) })
        : _("{name}，上门", { name: this.nameOf(offer.area) }), offer.hours && el("span", { class: "mut under" }, offer.hours)),
      el("td", { class: "words" }, `${offer.valid_from} – ${offer.valid_to || ""}`, el("span", { class: "mut under" }, offer.source)),
      el("td", { class: "acts" }, offer.yours && el("div", { class: "acts-pair" },
        el("button", { type: "button", class: "btn small", onclick: () => this.open(offer) }, _("改")), end)));
  }

  nameOf(code) {
    return this.places().find((one) => one.code === code)?.name || code;
  }
}
