// How old each layer of the map is; disconnected they all stop.
import { el, replace } from "../core/dom.js";
import { age, clock } from "../core/format.js";
import { _ } from "../core/words.js";

const POSITIONS = 60; // Seconds after which the place of a team is old.

/** The newest position of a team, or null. */
export function newestPosition(responders) {
  const times = responders.map(({ properties }) => properties.seen_at).filter(Boolean).sort();
  return times.at(-1) || null;
}

export class Stamps {
  constructor(box) {
    Object.assign(this, { box, key: "" });
  }

  draw({ seen, responders, now, connected }) {
    const entries = connected
      ? [[_("事件"), seen, Infinity], [_("队伍位置"), newestPosition(responders), POSITIONS]]
      : [["", seen, Infinity]];
    const words = entries.filter(([, time]) => time).map(([name, time, limit]) => ({
      old: connected && (now - new Date(time)) / 1000 > limit,
      text: connected ? `${name} ${age(time, now)}` : _("停在 {time}", { time: clock(time).slice(0, 5) }),
    }));
    const key = JSON.stringify([words, connected]);
    if (key === this.key) return;
    this.key = key;
    this.box.hidden = !words.length;
    replace(this.box, words.map(({ old, text }) =>
      el("span", { class: `age${old ? " old" : ""}${connected ? "" : " stopped"}` }, text)));
  }
}
