// Warnings in force, what sensors propose and hazards whose time has run out: a person decides.
import { get } from "../core/api.js";
import { duration } from "../core/format.js";
import { may } from "../core/page.js";
import { levelOf } from "../core/severity.js";
import { _ } from "../core/words.js";
import { overdue } from "./hazard_history.js";
import { formOf, nameOf, proposalWords } from "./hazard_source.js";

export { followSensors } from "./sensors.js";

const SETTLE = 300; // Milliseconds: a burst of changes is one request.

const drillWord = ({ exercise }) => (exercise ? `${_("演练")} · ` : "");

/** Of each sensor the gravest proposal alone: deciding it decides those on the way up. */
function highest(proposals) {
  const rank = (each) => levelOf(each.level);
  return proposals.filter((one) => !proposals.some((other) => other.sensor === one.sensor && rank(other) < rank(one)));
}

export class Waiting {
  /** `changed()` hears of news, `begin(known)` opens the form of a hazard, `choose(id)` a hazard. */
  constructor({ feed, changed, begin, choose }) {
    Object.assign(this, { changed, begin, choose, warnings: [], proposals: [], sensors: [] });
    for (const name of ["ready", "resumed"]) feed.addEventListener(name, () => this.load());
    feed.addEventListener("change", ({ detail }) => {
      if (!["alert", "proposal", "sensor", "hazard"].includes(detail.subject)) return;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.load(), SETTLE);
    });
  }

  /** Read what waits: all of it, or the parts that are named. */
  async load(names = ["warnings", "proposals", "sensors"]) {
    const parts = { warnings: "/api/alerts?state=current", proposals: "/api/sensor-proposals", sensors: "/api/sensors" };
    await Promise.all(names.map(async (name) => {
      const address = parts[name];
      const answer = await get(address).catch(() => null);
      if (answer) this[name] = answer.items;
    }));
    this.changed();
  }

  /** Warnings that stand in the strip: one that is a hazard here already is shown as that. */
  strip() {
    return this.warnings.filter((each) => !each.hazard || each.hazard_state === "lifted");
  }

  ofProposal(proposal) {
    return { key: `proposal-${proposal.id}`, verb: _("看提议"),
      words: drillWord(proposal) + proposalWords(proposal), run: () => this.begin(formOf(proposal)) };
  }

  /** What has to be decided, the most urgent first. */
  decisions(hazards, now) {
    if (!may("hazard.declare")) return [];
    const declarable = this.warnings.filter((each) => each.can_declare);
    const follow = this.warnings.filter((each) => each.asks);
    const late = hazards.map(({ properties }) => properties).filter((p) => overdue(p, now) > 0);
    const silent = this.sensors.filter((each) => each.stale);
    return [
      ...highest(this.proposals.filter((each) => each.can_decide)).map((each) => this.ofProposal(each)),
      ...declarable.map((each) => ({ key: `alert-${each.id}`, verb: _("看预警"), href: `/alerts?id=${each.id}`,
        words: _("收到{headline}，还没有宣布险情", { headline: each.headline }) })),
      ...follow.map((each) => ({ key: `alert-${each.id}`, verb: _("看险情"), run: () => this.choose(each.hazard),
        words: each.asks === "lift" ? _("预警已解除：{headline}。险情还没有解除", { headline: each.headline })
          : _("预警更新了：{headline}。险情还没有调整", { headline: each.headline }) })),
      ...late.map((p) => ({ key: `hazard-${p.id}`, verb: _("看险情"), run: () => this.choose(p.id),
        words: _("{name}预计时间已过 {time}：解除或延长", { name: p.name, time: duration(overdue(p, now)) }) })),
      ...silent.map((each) => ({ key: `sensor-${each.id}`, verb: null, words: drillWord(each) + (each.last_at ? _("监测点{name} {time}没有数据", { name: nameOf(each), time: duration((now - new Date(each.last_at)) / 1000) })
          : _("监测点{name}还没有数据", { name: nameOf(each) })) })),
    ];
  }
}
