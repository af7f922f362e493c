// One offer of help: who, what, how many households a week, and from where how far on foot.
import { post } from "../core/api.js";
import { el } from "../core/dom.js";
import { day, several, text } from "../pages/rules_form.js";
import { toast } from "../core/toast.js";
import { _ } from "../core/words.js";
import { PROVIDERS, SERVICES } from "./words.js";

function figure(name, words, value, { min, max }) {
  const input = el("input", { class: "field num", name, type: "number", inputmode: "numeric", min, max, required: true, value });
  return { name, node: el("label", { class: "stack" }, el("span", {}, words), input), input, read: () => Number(input.value) };
}

function line(name, words, value, most) {
  const field = text(name, words, value, most);
  field.node.querySelector("input").required = false;
  return { ...field, read: () => field.read() || null };
}

function head(offer) {
  const provider = el("select", { class: "select", name: "provider" }, PROVIDERS.map((one) =>
    el("option", { value: one.name, selected: one.name === offer.provider }, one.label)));
  return [
    { name: "provider", node: el("label", { class: "stack" }, el("span", {}, _("谁提供")), provider), read: () => provider.value },
    text("name", _("名称"), offer.name, 80),
    line("contact", _("联系人和电话"), offer.contact, 80),
    figure("capacity", _("每周几户"), offer.capacity, { min: 0, max: 100000 }),
    several("services", _("提供哪些服务"), SERVICES, offer.services),
  ];
}

function tail(offer) {
  return [
    line("hours", _("什么时候"), offer.hours, 100),
    day("valid_from", _("哪天起"), offer.valid_from, false),
    day("valid_to", _("到哪天，不限就空着"), offer.valid_to, false),
    text("source", _("依据，写名册或文件"), offer.source, 300),
  ];
}

/** The form of an offer; `map` lends the pin and the point that was tapped. */
export class OfferForm {
  constructor({ offer = null, places, map, done, close }) {
    Object.assign(this, { offer, map, done, close, at: offer?.at || null });
    this.area = el("select", { class: "select", name: "area" }, places.map((one) =>
      el("option", { value: one.code, selected: one.code === offer?.area }, one.name)));
    this.reach = figure("reach_metres", _("步行多少米以内"), offer?.reach_metres || 1000, { min: 50, max: 20000 });
    this.fields = head(offer || { capacity: 10, services: [] });
    this.tail = tail(offer || {});
    this.where = this.whereField();
    this.problem = el("p", { class: "failed-line wide", role: "alert", hidden: true });
    this.node = el("form", { class: "rule-form", onsubmit: (event) => this.send(event) },
      this.fields.map(({ node }) => node), this.where, this.tail.map(({ node }) => node), this.problem,
      el("div", { class: "row wide" }, el("button", { class: "btn primary" }, _("存下")),
        el("button", { type: "button", class: "btn", onclick: () => this.leave() }, _("不改"))));
    this.follow();
  }

  whereField() {
    const pick = (value, words) => {
      const input = el("input", { type: "radio", name: "where", value, checked: (value === "point") === Boolean(this.offer ? this.at : true), onchange: () => this.follow() });
      return [input, el("label", { class: "check" }, input, words)];
    };
    const [point, pointLabel] = pick("point", _("从一处出发或就在那里"));
    const [, areaLabel] = pick("area", _("上门，整个区域"));
    this.atPoint = point;
    this.spot = el("p", { class: "s", role: "status" });
    this.areaLabel = el("label", { class: "stack" }, el("span", {}, _("哪个区域")), this.area);
    return el("fieldset", { class: "wide" }, el("legend", {}, _("在哪里")),
      el("div", { class: "checks" }, pointLabel, areaLabel), this.spot, this.reach.node, this.areaLabel);
  }

  /** Show what belongs to a place, or to an area. */
  follow() {
    const point = this.atPoint.checked;
    this.spot.hidden = !point;
    this.reach.node.hidden = !point;
    this.reach.input.disabled = !point;
    this.areaLabel.hidden = point;
    this.spot.textContent = this.at ? _("位置已定，点地图可以换") : _("点地图定位置");
    this.map.point(point ? (at) => this.take(at) : null, point ? this.at : null);
  }

  take(at) {
    this.at = at.map((one) => Number(one.toFixed(6)));
    this.problem.hidden = true;
    this.follow();
  }

  fail(words) {
    this.problem.textContent = words;
    this.problem.hidden = false;
  }

  async send(event) {
    event.preventDefault();
    const point = this.atPoint.checked;
    if (point && !this.at) {
      this.fail(_("还没有位置。点地图定位置，再存"));
      return;
    }
    const body = Object.fromEntries([...this.fields, ...this.tail].map((field) => [field.name, field.read()]));
    Object.assign(body, point
      ? { geometry: { type: "Point", coordinates: this.at }, reach_metres: this.reach.read() }
      : { area: this.area.value });
    const address = this.offer ? `/api/care/offers/${this.offer.id}` : "/api/care/offers";
    try {
      await post(address, body, { version: this.offer ? this.offer.version : null });
      toast(_("存下了，留了痕"));
      this.leave(true);
    } catch (error) {
      this.fail(_("没存成：{why}", { why: error.detail || error.message }));
    }
  }

  leave(saved = false) {
    this.map.point(null, null);
    if (saved) this.done();
    this.close();
  }
}
