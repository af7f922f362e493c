// The second factor: set up with a telephone, codes on paper, taken away where it is not needed.
import { toast } from "./common.js";
import { post } from "../core/api.js";
import { byId, el } from "../core/dom.js";
import { moment } from "../core/format.js";
import { Panel } from "../core/panels.js";
import { _, n_ } from "../core/words.js";

function field(id, words, attributes) {
  return [el("label", { for: id }, words), el("input", { id, class: "field", required: true, ...attributes })];
}

const CODE = { inputmode: "numeric", autocomplete: "one-time-code", maxlength: 12, spellcheck: "false" };

export class Factor {
  /** `changed` loads the account anew. */
  constructor(section, changed) {
    this.section = section;
    this.panel = new Panel(section);
    this.changed = changed;
  }

  show(state, must) {
    this.section.hidden = must === "password" || !(state.asked || state.on);
    this.state = state;
    this.must = must;
    byId("factor-state").textContent = state.on ? _("在用") : state.required ? _("要设") : _("没设");
    if (this.keeping) return; // codes on paper stay until they are written down
    if (state.on) this.drawOn();
    else this.drawOff();
  }

  drawOff() {
    const ask = !this.must;
    this.panel.show(el("form", { class: "stack pad-form", onsubmit: (event) => this.begin(event) },
      el("p", {}, _("登录时除了密码，再输手机验证器上的 6 位数字。密码被人看去也进不来。")),
      ask && field("factor-password", _("现在的密码"), { type: "password", autocomplete: "current-password", maxlength: 200 }),
      this.line(),
      el("div", {}, el("button", { class: "btn primary" }, _("开始设")))));
  }

  async begin(event) {
    event.preventDefault();
    const typed = document.getElementById("factor-password")?.value;
    await this.try(async () => this.drawSetup(await post("/api/account/second-factor", typed ? { password: typed } : {})));
  }

  drawSetup({ secret }) {
    this.panel.show(el("div", { class: "setup" },
      // a new address each time: the picture of an earlier secret must not be shown again
      el("img", { src: `/api/account/second-factor/qr.svg`, alt: _("动态码的二维码"), width: 240, height: 240 }),
      el("form", { class: "stack", onsubmit: (event) => this.confirm(event) },
        el("ol", {},
          el("li", {}, _("手机上装一个验证器，不用联网")),
          el("li", {}, _("用它扫左边的码。扫不了就手输："), el("br"), el("code", {}, secret.replace(/(.{4})(?=.)/g, "$1 "))),
          el("li", {}, _("把它显示的 6 位数字输在下面"))),
        field("factor-code", _("动态码"), CODE),
        this.line(),
        el("div", {}, el("button", { class: "btn primary" }, _("核对"))))));
    byId("factor-code").focus();
  }

  async confirm(event) {
    event.preventDefault();
    await this.try(async () => {
      const { codes } = await post("/api/account/second-factor/confirm", { code: byId("factor-code").value });
      this.drawCodes(codes);
    }, _("数字不对，或者过时了。等下一个再输"));
  }

  drawCodes(codes) {
    this.keeping = true;
    byId("duty").hidden = true;
    byId("factor-state").textContent = _("在用");
    this.panel.show(el("div", { class: "stack facts" },
      el("p", {}, el("b", {}, _("抄下或打印这些备用码，只显示这一次。")), " ", _("手机不在时每个能用一次。")),
      el("ul", { class: "codes" }, codes.map((code) => el("li", {}, code))),
      el("div", { class: "row wrap" },
        el("button", { type: "button", class: "btn", onclick: () => window.print() }, _("打印")),
        el("button", { type: "button", class: "btn primary", onclick: () => this.kept() }, _("抄好了")))));
  }

  kept() {
    this.keeping = false;
    if (this.must) location.assign("/");
    else this.changed();
  }

  drawOn() {
    const { since, codes_left: left, required } = this.state;
    this.panel.show(el("form", { class: "stack pad-form", onsubmit: (event) => event.preventDefault() },
      el("p", {}, [_("{time} 设的", { time: moment(since, new Date()) }), n_("备用码还剩 {n} 个", left)].join(" · ")),
      el("p", { class: "s mut" }, required ? _("换手机：找安全管理员重置，再设一次。") : _("现在的角色不要求动态码，可以不用。")),
      field("factor-code", _("动态码"), CODE),
      this.line(),
      el("div", { class: "row wrap" },
        el("button", { type: "button", class: "btn", onclick: () => this.renew() }, _("换备用码")),
        !required && el("button", { type: "button", class: "btn", onclick: () => this.remove() }, _("不用动态码了")))));
  }

  renew() {
    return this.try(async () => {
      const { codes } = await post("/api/account/second-factor/codes", { code: byId("factor-code").value });
      this.drawCodes(codes);
    });
  }

  remove() {
    return this.try(async () => {
      await post("/api/account/second-factor/remove", { code: byId("factor-code").value });
      toast(_("动态码不用了"));
      this.changed();
    });
  }

  line() {
    return el("p", { class: "failed-line", role: "alert", hidden: true });
  }

  async try(work, words) {
    const line = this.panel.body.querySelector(".failed-line");
    if (line) line.hidden = true;
    try {
      await work();
    } catch (error) {
      const wrong = error.faults?.[0]?.place === "password";
      line.textContent = wrong ? _("密码不对") : (error.status === 400 && words) || error.detail || error.message;
      line.hidden = false;
    }
  }
}
