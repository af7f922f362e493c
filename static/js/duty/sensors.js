// Sensors on the duty map: their signs with value and age, and what one says when it is chosen.
import { get } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import { age, clock, duration, number } from "../core/format.js";
import { errorLine } from "../core/panels.js";
import { may } from "../core/page.js";
import * as terms from "../core/terms.js";
import { _ } from "../core/words.js";
import { sensorCharacter, sensorName } from "../map/layers/sensors.js";
import { severityGlyph, symbolOf } from "../map/symbols.js";
import { measures } from "../pages/details.js";
import { dayChart } from "../pages/emergency_rules_chart.js";

const MINUTE = 60000;
const RISING = ["blue", "yellow", "orange", "red"];

class SensorPanel {
  constructor(body, { waiting, now }) {
    Object.assign(this, { body, waiting, now, id: null });
    this.chart = el("div", { class: "day-chart pad" });
  }

  show(props) {
    if (this.id !== props.id) {
      this.id = props.id;
      replace(this.chart);
    }
    this.draw(props);
    this.load(props);
  }

  /** What it says now, once the list has been read again. */
  again() {
    const found = this.waiting.sensors.find(({ id }) => id === this.id);
    if (found) this.show(found);
  }

  state(p) {
    if (!p.last_at) return _("还没有数据");
    if (p.stale) return _("{time}没有数据", { time: duration((this.now() - new Date(p.last_at)) / 1000) });
    return p.level ? _("到了{colour}色线 {value} {unit}", { colour: terms.colourName(p.level), value: p[p.level] ?? "", unit: p.unit }) : _("没到线");
  }

  draw(p) {
    const proposal = this.waiting.proposals.find((each) => each.sensor === p.id && each.can_decide);
    const deciding = proposal && may("hazard.declare") && this.waiting.ofProposal(proposal);
    replace(this.body,
      el("div", { class: "details-title" },
        symbolOf({ symbol: "sensor", name: p.stale ? "silent" : p.kind, character: sensorCharacter(p.kind) }), el("h3", {}, sensorName(p)),
        p.level && !p.stale && severityGlyph(p.exercise ? 0 : p.level, terms.colourSign(p.level), 30)),
      p.exercise && el("p", { class: "drill-band" }, el("b", {}, _("演练")), el("span", {}, _("演练用的，提出的都是演练"))),
      deciding && el("div", { class: "choices pad steps" }, el("button", { type: "button", class: "btn primary", onclick: deciding.run }, deciding.verb)),
      measures([
        [_("现在"), p.last_at ? `${p.last_value} ${p.unit}` : null], [_("状态"), this.state(p)],
        [_("最近数据"), p.last_at ? age(p.last_at, this.now()) : null],
        [_("四条线"), RISING.filter((level) => p[level] !== null).map((level) => `${terms.colourName(level)} ${p[level]}`).join(_("，"))],
      ]),
      this.chart,
      may("plan.view") && el("p", { class: "pad" }, el("a", { href: `/emergency-rules?section=sensors&sensor=${encodeURIComponent(p.id)}` }, _("阈值、令牌和停用"))));
  }

  async load(p) {
    try {
      const { readings } = await get(`/api/sensors/${encodeURIComponent(p.id)}`);
      if (this.id !== p.id) return;
      const since = this.now().getTime() - 24 * 60 * MINUTE;
      const day = readings.filter(({ at }) => Date.parse(at) >= since).reverse();
      const values = day.map(({ value }) => value);
      const words = _("过去一天 {n} 个读数，最低 {low}，最高 {high} {unit}", {
        n: number(day.length), low: Math.min(...values), high: Math.max(...values), unit: p.unit,
      });
      replace(this.chart, day.length ? [el("p", { class: "s" }, words), dayChart(day, {
        now: this.now(), words, gap: p.stale_minutes * MINUTE, hour: (time) => clock(time).slice(0, 5),
        lines: RISING.filter((level) => p[level] !== null).map((level) => ({ value: p[level], level, words: terms.colourSign(level) })),
      })] : el("p", { class: "mut s" }, _("过去一天没有数据")));
    } catch (error) {
      if (this.id === p.id) replace(this.chart, errorLine(error, () => this.load(p)));
    }
  }
}

/** Keep the signs on the map true to what waits: readings raise no event, so a minute is asked for. */
export function followSensors({ waiting, layers, details, now }) {
  const panel = new SensorPanel(details.body, { waiting, now });
  details.panels.sensor = panel;
  layers.sensors.now = now;
  const before = waiting.changed;
  waiting.changed = () => {
    layers.sensors.set(waiting.sensors);
    if (details.hit?.layer === "sensor") panel.again();
    before();
  };
  setInterval(() => {
    waiting.load(["sensors", "proposals"]);
    layers.sensors.changed();
  }, MINUTE);
}
