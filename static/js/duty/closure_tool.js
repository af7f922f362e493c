// The button that closes a street: tap the street, say why and until when, send.
import { post } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import { may } from "../core/page.js";
import { toast } from "../core/toast.js";
import { _, n_ } from "../core/words.js";
import { palette } from "../map/palette.js";
import { busy, serverButton } from "./buttons.js";

const REASONS = ["路面积水", "塌方落石", "桥面受损", "事故", "树倒断路", "施工"];
const HOURS = [2, 6, 12, 24, 48];
const HOUR = 3600000;

const round = (value) => Math.round(value * 1e6) / 1e6;
const label = (words, field) => el("label", { class: "stack-field" }, el("b", { class: "s" }, words), field);

/** Fields for why and until when; `values` keeps what is written. */
export function closureFields(values) {
  const reason = el("input", { class: "field", id: "closure-reason", maxlength: 200, value: values.reason,
    list: "closure-reasons", oninput: () => { values.reason = reason.value; } });
  const hours = el("select", { class: "select", id: "closure-hours", onchange: () => { values.hours = hours.value; } },
    values.until && el("option", { value: "keep", selected: values.hours === "keep" }, values.until),
    el("option", { value: "", selected: values.hours === "" }, _("放行为止")),
    HOURS.map((n) => el("option", { value: n, selected: values.hours === String(n) }, n_("{n} 小时", n))));
  return [
    label(_("为什么封"), reason),
    el("datalist", { id: "closure-reasons" }, REASONS.map((words) => el("option", { value: _(words) }))),
    label(_("封到什么时候"), hours),
  ];
}

/** The time meant by a number of hours from now, null without one. */
export const until = (hours, now) => (hours ? new Date(now.getTime() + Number(hours) * HOUR).toISOString() : null);

class ClosureTool {
  constructor({ view, details, now, made }) {
    Object.assign(this, { view, details, now, made, active: false, pin: null });
    this.values = { place: null, reason: "", hours: "" };
    this.said = el("p", { class: "said", role: "alert", hidden: true });
    this.button = serverButton(_("封一条路"), () => this.start());
    this.button.classList.add("closure-start");
    view.find(".map-top").prepend(this.button);
    const before = details.leaving;
    details.leaving = () => {
      before();
      this.end();
    };
  }

  start() {
    const { details } = this;
    details.close();
    details.hit = { layer: "new-closure", id: "new" };
    details.open();
    this.active = true;
    this.button.hidden = true;
    this.view.box.classList.add("placing");
    this.said.hidden = true;
    this.draw();
    details.body.querySelector("#closure-middle").focus();
  }

  /** A street pressed on the map is the one that is meant; false when none is being closed. */
  tapped([lon, lat]) {
    if (!this.active) return false;
    this.values.place = [round(lon), round(lat)];
    this.said.hidden = true;
    this.show();
    this.draw();
    return true;
  }

  /** For keyboards, and for fingers that hide what they point at. */
  middle() {
    const { lng, lat } = this.view.map.getCenter();
    this.tapped([lng, lat]);
    this.details.body.querySelector("#closure-reason").focus();
  }

  show() {
    this.pin?.remove();
    this.pin = null;
    const { place } = this.values;
    if (!place || !this.active) return;
    this.pin = L.circleMarker([place[1], place[0]], {
      radius: 11, weight: 4, color: palette().ink, fillOpacity: 0.2, interactive: false, pmIgnore: true,
    }).addTo(this.view.map);
  }

  draw() {
    const { values } = this;
    const send = serverButton(_("封这条路"), (pressed) => busy(pressed, () => this.send()), { primary: true, id: "closure-send" });
    send.disabled ||= !values.place;
    replace(this.details.body,
      el("div", { class: "details-title" }, el("h3", {}, _("封一条路"))),
      el("form", { class: "stack-form", onsubmit: (event) => event.preventDefault() },
        el("div", { class: "stack-field", role: "status" }, el("b", { class: "s" }, _("哪条路")),
          values.place
            ? el("p", {}, el("span", { class: "num" }, `${values.place[0].toFixed(5)}, ${values.place[1].toFixed(5)}`),
              el("span", { class: "mut s" }, " · ", _("再点就换")))
            : el("p", { class: "mut" }, _("点地图上要封的地方")),
          el("button", { type: "button", class: "btn", id: "closure-middle", onclick: () => this.middle() }, _("用图中央"))),
        closureFields(values),
        el("p", { class: "mut s" }, _("点在桥上，只封桥，桥下照走。封了以后覆盖和转移都按新路网算")),
        this.said,
        el("div", { class: "row right-end" },
          el("button", { type: "button", class: "btn", onclick: () => this.stop() }, _("不封了")), send)));
  }

  async send() {
    const { values } = this;
    try {
      const answer = await post("/api/road-closures", {
        geometry: { type: "Point", coordinates: values.place },
        reason: values.reason.trim() || _(REASONS[0]), ends_at: until(values.hours, this.now()),
      });
      Object.assign(values, { place: null, reason: "", hours: "" });
      toast(answer.name ? _("封了：{name}", { name: answer.name }) : _("封了一条没有名字的路"));
      this.stop();
      this.made(answer.id);
    } catch (error) {
      this.said.textContent = error.status === 0 ? _("没连上服务器。写的还在") : error.detail || error.message;
      this.said.hidden = false;
    }
  }

  stop() {
    this.details.close();
    this.button.focus();
  }

  end() {
    if (!this.active) return;
    this.active = false;
    this.button.hidden = false;
    this.view.box.classList.remove("placing");
    this.show();
  }
}

/** Offer it to who may close streets; null for other roles. */
export function closingStreets(parts) {
  return may("hazard.declare") ? new ClosureTool(parts) : null;
}
