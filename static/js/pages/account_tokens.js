// Tokens for programs of one's own: what they may, until when, and the one moment they are shown.
import { toast } from "./common.js";
import { get, post } from "../core/api.js";
import { byId, el } from "../core/dom.js";
import { moment } from "../core/format.js";
import { emptyLine, Panel } from "../core/panels.js";
import { permissionWords } from "../core/rights.js";
import { _, n_ } from "../core/words.js";

export class Tokens {
  constructor(section) {
    this.panel = new Panel(section);
    byId("new-token").addEventListener("click", () => this.ask());
  }

  async load() {
    this.panel.loading(1);
    try {
      this.held = await get("/api/account/tokens");
      this.draw();
    } catch (error) {
      this.panel.fail(error, () => this.load());
    }
  }

  draw(...before) {
    const { items, possible } = this.held;
    byId("new-token").hidden = !possible.length;
    this.panel.show(...before, items.length
      ? el("ul", {}, items.map((one) => this.row(one)))
      : emptyLine(_("没有令牌。别的程序要取数，在这里发一个")));
  }

  row(one) {
    const now = new Date();
    return el("li", { class: "line" },
      el("div", { class: "grow" }, el("b", {}, one.name),
        el("p", { class: "mut s" }, [
          one.expired ? _("{time} 过期了", { time: moment(one.expires_at, now) }) : _("到 {time}", { time: moment(one.expires_at, now) }),
          one.used_at ? _("{time} 用过", { time: moment(one.used_at, now) }) : _("没用过"),
          one.area && _("只在 {area}", { area: one.area }),
        ].filter(Boolean).join(" · ")),
        el("p", { class: "s" }, one.permissions.map(permissionWords).join(_("、")))),
      el("button", { type: "button", class: "btn", onclick: (event) => this.revoke(event.target, one) }, _("收回")));
  }

  async revoke(button, one) {
    button.disabled = true;
    try {
      await post(`/api/account/tokens/${one.id}/revoke`);
      toast(_("令牌收回了：{name}", { name: one.name }));
    } catch (error) {
      toast(_("没收成：{why}", { why: error.detail || error.message }));
    }
    this.load();
  }

  ask() {
    const { possible, usual, areas, usual_days: days, most_days: most } = this.held;
    const box = (name) => el("label", { class: "row check" },
      el("input", { type: "checkbox", name: "permission", value: name, checked: usual.includes(name) }), permissionWords(name));
    const form = el("form", { class: "stack facts", onsubmit: (event) => this.make(event) },
      el("label", { for: "token-name" }, _("给哪个程序")),
      el("input", { id: "token-name", class: "field", required: true, maxlength: 80, autocomplete: "off" }),
      el("fieldset", { class: "permissions" }, el("legend", {}, _("能做什么（不会多于自己能做的）")), possible.map(box)),
      el("label", { for: "token-area" }, _("只在哪个区（不填就是管的都行）")),
      el("input", { id: "token-area", class: "field num", placeholder: areas[0] || "", pattern: "[0-9]{6}([0-9]{3}){0,3}", inputmode: "numeric", maxlength: 15 }),
      el("label", { for: "token-days" }, n_("用多少天，最多 {n} 天", most)),
      el("input", { id: "token-days", class: "field num", type: "number", min: 1, max: most, value: days, required: true }),
      el("p", { class: "failed-line", role: "alert", hidden: true }),
      el("div", { class: "row wrap" },
        el("button", { class: "btn primary" }, _("发令牌")),
        el("button", { type: "button", class: "btn", onclick: () => this.draw() }, _("不发了"))));
    this.draw(form);
    byId("token-name").focus();
  }

  async make(event) {
    event.preventDefault();
    const form = event.target;
    const area = byId("token-area").value.trim();
    const body = {
      name: byId("token-name").value.trim(),
      permissions: [...form.querySelectorAll("[name=permission]:checked")].map(({ value }) => value),
      days: Number(byId("token-days").value),
      ...(area && { area }),
    };
    try {
      const made = await post("/api/account/tokens", body);
      this.held = await get("/api/account/tokens");
      this.draw(el("div", { class: "secret", role: "status" },
        el("p", {}, el("b", {}, _("令牌只显示这一次，现在就抄走。")), " ", _("程序在请求头里写 Authorization: Bearer 加它。")),
        el("output", {}, made.token),
        el("div", {}, el("button", { type: "button", class: "btn primary", onclick: () => this.draw() }, _("抄好了")))));
    } catch (error) {
      const line = form.querySelector(".failed-line");
      line.textContent = _("没发成：{why}", { why: error.detail || error.message });
      line.hidden = false;
    }
  }
}
