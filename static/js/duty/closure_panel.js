// One closed street: why, since when, until when, and the end of it.
import { post } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import { moment } from "../core/format.js";
import { may } from "../core/page.js";
import { toast } from "../core/toast.js";
import { _ } from "../core/words.js";
import { symbolOf } from "../map/symbols.js";
import { measures } from "../pages/details.js";
import { busy, serverButton } from "./buttons.js";
import { closureFields, until } from "./closure_tool.js";

const CLOSES = { ground: "地面的路", bridges: "桥和隧道", all: "地面的路、桥和隧道" };

export class ClosurePanel {
  constructor(body, { now, changed }) {
    Object.assign(this, { body, now, changed, props: null, editing: null });
  }

  show(props) {
    if (this.props?.id !== props.id) this.editing = null;
    this.props = props;
    this.draw();
  }

  address(more = "") {
    return `/api/road-closures/${encodeURIComponent(this.props.id)}${more}`;
  }

  async act(pressed, work, words) {
    await busy(pressed, async () => {
      try {
        await work();
        toast(words);
        this.editing = null;
        this.changed();
      } catch (error) {
        toast(error.status === 0 ? _("没连上服务器。写的还在") : error.detail || error.message);
      }
    });
  }

  edit() {
    const { props: p } = this;
    this.editing = {
      reason: p.reason, hours: p.ends_at ? "keep" : "", until: p.ends_at && moment(p.ends_at, this.now()),
    };
    this.draw();
    this.body.querySelector("#closure-reason").focus();
  }

  form() {
    const { editing, props: p } = this;
    const save = (pressed) => this.act(pressed, () => post(this.address(), {
      reason: editing.reason.trim() || p.reason,
      ends_at: editing.hours === "keep" ? p.ends_at : until(editing.hours, this.now()),
    }), _("改了"));
    return el("form", { class: "stack-form", onsubmit: (event) => event.preventDefault() },
      closureFields(editing),
      el("div", { class: "row right-end" },
        el("button", { type: "button", class: "btn", onclick: () => { this.editing = null; this.draw(); } }, _("不改了")),
        serverButton(_("存"), save, { primary: true })));
  }

  draw() {
    const { props: p } = this;
    const steps = may("hazard.declare") && !this.editing && el("div", { class: "choices pad steps" },
      serverButton(_("放行"), (pressed) => this.act(pressed, () => post(this.address("/reopen"), {}), _("放行了")), { primary: true }),
      serverButton(_("改原因和时间"), () => this.edit()));
    replace(this.body,
      el("div", { class: "details-title" }, symbolOf({ symbol: "blocked" }), el("h3", {}, p.name || _("没有名字的路"))),
      steps,
      this.editing ? this.form() : measures([
        [_("为什么封"), el("span", { class: "note" }, p.reason)],
        [_("封的是"), _(CLOSES[p.closes])],
        [_("从"), moment(p.starts_at, this.now())],
        [_("封到"), p.ends_at ? moment(p.ends_at, this.now()) : _("放行为止")],
      ]));
  }
}
