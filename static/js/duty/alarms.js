// Alarms: in the strip and in the queue, with a sound, until the first person takes each.
import { get, post } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import { clock } from "../core/format.js";
import { roman } from "../core/severity.js";
import * as terms from "../core/terms.js";
import { _, n_ } from "../core/words.js";
import { severityGlyph } from "../map/symbols.js";
import { toast } from "../core/toast.js";
import { busy, serverButton } from "./buttons.js";
import { shortNumber } from "./due.js";

const REPEAT = 20000; // Milliseconds between two soundings of a red alarm that nobody has taken.
const SETTLE = 250;
const SHOWN = 3;
// What rings besides reports: the sign in its shape, and what it is.
const SAYS = {
  call_out: () => [_("叫"), _("有户没应答")],
  response: () => [_("响"), _("响应启动了")],
};

/** Which pattern each alarm sounds now, given which have sounded already. */
export function sounding(alarms, heard) {
  const active = alarms.filter((alarm) => alarm.active && !alarm.mine);
  const red = active.filter(({ level }) => level === 1);
  const orange = active.filter(({ level, seq }) => level === 2 && !heard.has(seq));
  return { red, orange };
}

export class Alarms extends EventTarget {
  constructor(strip, { sound, choose, connected }) {
    super();
    Object.assign(this, { strip, sound, choose, connected, items: [], heard: new Set(), redAt: -REPEAT });
    setInterval(() => this.ring(), 1000);
  }

  of(subject, id) {
    return this.items.find((alarm) => alarm.subject === subject && String(alarm.id) === String(id)) || null;
  }

  /** Ids of incidents whose alarm nobody has taken. */
  get unheard() {
    return new Set(this.items.filter(({ active, subject }) => active && subject === "incident")
      .map(({ id }) => String(id)));
  }

  soon() {
    this.timer ||= setTimeout(() => {
      this.timer = null;
      this.load();
    }, SETTLE);
  }

  async load() {
    try {
      const answer = await get("/api/duty/alarms");
      const first = !this.loaded;
      this.loaded = true;
      this.items = answer.items;
      // What was there before this page opened is shown, and rings only if it is red.
      if (first) for (const { seq, level } of this.items) if (level !== 1) this.heard.add(seq);
      this.changed();
    } catch {
      // The banner tells of the connection; the list that is there stays.
    }
  }

  changed() {
    this.ring();
    this.draw();
    this.dispatchEvent(new Event("change"));
  }

  ring() {
    const { red, orange } = sounding(this.items, this.heard);
    const now = performance.now(); // A clock that is set does not silence an alarm.
    const fresh = red.some(({ seq }) => !this.heard.has(seq));
    if (red.length && (fresh || now - this.redAt >= REPEAT)) {
      this.redAt = now;
      this.sound.play("red", { exercise: red.every(({ exercise }) => exercise) });
    } else if (orange.length) {
      this.sound.play("orange", { exercise: orange.every(({ exercise }) => exercise) });
    }
    for (const { seq } of [...red, ...orange]) this.heard.add(seq);
  }

  row(alarm) {
    const colour = terms.colourName(alarm.level);
    const [sign, what] = SAYS[alarm.subject]?.() || [shortNumber(alarm.number), _("事件 {number}", { number: alarm.number })];
    const said = [!alarm.exercise && `${colour} ${roman(alarm.level)}`, what, clock(alarm.at), _("未接警")];
    return el("div", { class: `al alarm ${alarm.exercise ? "drill" : ["", "red", "orange"][alarm.level]}`, "data-seq": alarm.seq },
      el("button", { type: "button", class: "al-main", onclick: () => this.open(alarm) },
        // No warning colour for an exercise, nor a shape that is read as one.
        alarm.exercise ? el("b", { class: "drill-word" }, _("演练")) : severityGlyph(alarm.level, sign, 40),
        el("b", { class: "w clip" }, alarm.title),
        el("span", { class: "mut clip grow" }, said.filter(Boolean).join(" · "))),
      this.button(alarm));
  }

  /** A report is chosen on the map; a response has its page, households nobody has woken the board of their plan. */
  open(alarm) {
    if (alarm.subject === "call_out") location.assign(`/plans/${String(alarm.id).split("-")[0]}/board`);
    else if (alarm.subject === "response") location.assign(`/responses/${encodeURIComponent(alarm.id)}`);
    else this.choose(alarm);
  }

  /** The button that takes an alarm; nothing when it is taken, or not for this desk to take. */
  button(alarm) {
    return alarm?.active && alarm.can_take
      ? serverButton(_("接警"), (pressed) => busy(pressed, () => this.take(alarm)), { primary: true }) : null;
  }

  /** Reports in a strip of their own; hazards have their row in the strip of hazards. */
  draw() {
    const active = this.items.filter((alarm) => alarm.active && alarm.subject !== "hazard")
      .sort((one, other) => one.level - other.level || one.seq - other.seq);
    this.strip.hidden = !active.length;
    const focused = this.strip.contains(document.activeElement);
    replace(this.strip, active.slice(0, SHOWN).map((alarm) => this.row(alarm)),
      active.length > SHOWN && el("p", { class: "al more" }, n_("还有 {n} 条", active.length - SHOWN)));
    if (focused) this.strip.querySelector("button")?.focus();
  }

  /** Take an alarm: silent here at once, on the other maps as the feed tells them. */
  async take(alarm) {
    try {
      const taken = await post(`/api/duty/alarms/${encodeURIComponent(alarm.seq)}/take`, {});
      this.silence(alarm.seq, taken);
      toast(_("已接警：{title}", { title: alarm.title }));
    } catch (error) {
      if (error.status !== 409) {
        toast(_("没接上：{why}", { why: error.status === 0 ? _("没连上服务器") : error.detail || error.message }));
        return;
      }
      const { taken } = error.more;
      this.silence(alarm.seq, taken);
      toast(_("{who} 已接警", { who: taken?.by || "" }));
    }
  }

  silence(seq, taken) {
    this.items = this.items.map((one) => (one.seq === seq ? { ...one, active: false, taken } : one));
    this.changed();
  }
}
