// One incident in hand: what is known, what was done, and the steps the server allows now.
import { get, post, Problem } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import { errorLine } from "../core/panels.js";
import { _ } from "../core/words.js";
import { toast } from "../core/toast.js";
import { busy, serverButton } from "./buttons.js";
import { ask } from "./dialog.js";
import { DispatchPart } from "./dispatch.js";
import { conflictsPart, factsPart, headPart, historyPart, nearPart, photosPart } from "./incident_parts.js";
import { changes, isNext, ordered, STEPS, stepWords } from "./steps.js";
import { stepForm } from "./step_form.js";

export class IncidentPanel {
  /** `desk` is the page: incidents, teams(), inUse(), now(), pick(say), choose(id), alarms. */
  constructor(body, desk) {
    Object.assign(this, { body, desk, id: null, props: null, asked: 0, open: null, typed: {} });
  }

  /** Show an incident: what the list knows at once, the rest when it has come. */
  async show(props) {
    if (this.id !== props.id) Object.assign(this, { id: props.id, open: null, typed: {}, said: null });
    this.props = { ...props, photos: Array.isArray(props.photos) ? props.photos : [] };
    this.whole = false;
    this.draw();
    await this.load();
  }

  async load() {
    const number = ++this.asked;
    try {
      const answer = await get(`/api/incidents/${encodeURIComponent(this.id)}`);
      if (number !== this.asked) return;
      this.take(answer);
    } catch (error) {
      if (number !== this.asked) return;
      this.body.append(errorLine(error, () => this.load()));
    }
  }

  take(answer) {
    this.geometry = answer.geometry;
    this.props = answer.properties;
    this.whole = true;
    this.draw();
  }

  /** The feed says that this incident has moved on. */
  changed() {
    if (this.id) this.load();
  }

  /** Kept while the panel is drawn again, so that nothing typed is lost. */
  draw() {
    const { props, body } = this;
    const top = body.scrollTop;
    const caret = document.activeElement?.id === "step-text" ? document.activeElement.selectionStart : null;
    const photosOpen = Boolean(body.querySelector(".photo-large"));
    if (photosOpen) return; // Whoever looks at a photo is not interrupted; closing draws again.
    replace(body,
      headPart(props),
      this.said && el("div", { class: "said", role: "alert" }, this.said),
      this.whole && this.stepsPart(),
      factsPart(props, this.desk.now(), this.desk.gridLabel),
      photosPart(props, () => this.draw()),
      nearPart(props, (one) => this.desk.choose(one.id)),
      conflictsPart(props, this.desk.now()),
      historyPart(props, this.desk.now()));
    body.scrollTop = top;
    if (caret !== null) {
      const field = body.querySelector("#step-text");
      field?.focus();
      field?.setSelectionRange(caret, caret);
    }
  }

  stepsPart() {
    const { props } = this;
    const names = ordered(props.actions || [], props.state);
    const alarm = this.desk.alarms?.of("incident", props.id);
    const take = this.desk.alarms?.button(alarm);
    if (!names.length && !take) return null;
    if (this.open && !names.includes(this.open)) this.open = null;
    this.unrank();
    return el("section", { class: "steps", "aria-label": _("能做的") },
      el("div", { class: "choices" }, take,
        names.map((name) => serverButton(stepWords(name, props.state), (pressed) => this.press(name, pressed), {
          primary: isNext(name, props.state) && !take, quiet: ["dismiss", "merge", "object"].includes(name),
          "data-step": name, "aria-expanded": STEPS[name].asks ? String(this.open === name) : null,
        }))),
      this.open && stepForm(STEPS[this.open].asks, {
        name: this.open, props, typed: this.typed, place: this.geometry.coordinates,
        teams: this.desk.teams(), inUse: this.desk.inUse(),
        send: (content, pressed) => this.send(this.open, content, pressed),
        picking: () => this.pick(), merge: (other) => this.merge(other),
        dispatch: STEPS[this.open].asks === "team" && this.ranking(),
      }));
  }

  /** Whom to send is asked once for each time the form is opened, and kept while it is redrawn. */
  ranking() {
    this.dispatch ||= new DispatchPart(this.id, (content, pressed) => this.send("assign", content, pressed));
    return this.dispatch.node;
  }

  unrank() {
    if (!this.dispatch || (this.dispatch.incident === this.id && STEPS[this.open]?.asks === "team")) return;
    this.dispatch.leave();
    this.dispatch = null;
  }

  press(name, pressed) {
    this.said = null;
    if (!STEPS[name].asks) {
      this.send(name, {}, pressed);
      return;
    }
    this.open = this.open === name ? null : name;
    this.draw();
    (this.body.querySelector(".step-form .suggested") ||
      this.body.querySelector(".step-form button, .step-form textarea"))?.focus({ preventScroll: true });
    this.body.querySelector(".step-form")?.scrollIntoView?.({ block: "nearest" });
  }

  async send(name, content, pressed) {
    const before = this.props;
    await busy(pressed, async () => {
      try {
        const answer = await post(`/api/incidents/${encodeURIComponent(before.id)}/${name}`, content,
          { version: before.version });
        if (this.id !== before.id) return;
        Object.assign(this, { open: null, typed: {}, said: null });
        this.take(answer);
        this.desk.incidents.take(answer);
        this.tell(name, answer.properties);
      } catch (error) {
        if (this.id === before.id) await this.refused(error, before);
      }
    });
  }

  /** Say what has just been done; closing and dismissing can be taken back for ten seconds. */
  tell(name, props) {
    const words = _("事件 {number}：{what}", { number: props.number, what: stepWords(name, null) });
    if (!STEPS[name].undo || !(props.actions || []).includes("reopen")) {
      toast(words);
      return;
    }
    const line = el("div", { class: "toast" }, el("span", {}, words),
      serverButton(_("撤销"), async (pressed) => {
        await busy(pressed, () => post(`/api/incidents/${encodeURIComponent(props.id)}/reopen`,
          { reason: _("按错了，撤销") }, { version: props.version }).then((answer) => {
          this.desk.incidents.take(answer);
          if (this.id === props.id) this.take(answer);
        }, (error) => toast(error.detail || error.message)));
        line.remove();
      }));
    document.getElementById("toasts").append(line);
    setTimeout(() => line.remove(), 10000);
  }

  /** Somebody was faster, or it cannot be: say what has changed, keep what was typed. */
  async refused(error, before) {
    if (!(error instanceof Problem)) throw error;
    const kept = this.typed.text ? _("写的字还在。") : "";
    if (error.status === 409 || error.status === 412) {
      await this.load();
      const what = changes(before, this.props);
      this.said = [el("b", {}, _("刚才有人动过这件事。")), " ",
        what.length ? `${what.join(_("，"))}。` : "", kept];
    } else {
      const why = error.status === 0 ? _("没连上服务器") : error.detail || error.message;
      this.said = [el("b", {}, _("没做成：{why}。", { why })), " ", kept];
    }
    this.draw();
  }

  /** The next incident that is chosen, on the map or in the list, is the one to merge into. */
  pick() {
    this.desk.pick(_("点要并入的那件事件"), (feature) => {
      if (feature.properties.id !== this.id) this.merge(feature.properties);
    });
  }

  async merge(other) {
    const { props } = this;
    const sure = await ask({
      title: _("事件 {one} 并入事件 {other}", { one: props.number, other: other.number }),
      lines: [
        _("{title} 会结掉，照片和经过并到 {other}。", { title: props.title, other: other.title }),
        _("合并后不能拆开。上报的人会看到并到了哪一件。"),
      ],
      go: _("合并"), stay: _("不合并"),
    });
    if (sure) await this.send("merge", { into: other.id, reason: _("重复上报") }, null);
  }
}
