// Who has just lost cover: told in words at once, kept among what waits, shown on the map on request.
import { get } from "../core/api.js";
import { byId, el } from "../core/dom.js";
import { number } from "../core/format.js";
import { may } from "../core/page.js";
import { _, n_ } from "../core/words.js";
import { LostLayer } from "../map/layers/lost.js";

const SETTLE = 60; // Milliseconds: one refresh tells of several standards one after the other.
const SECONDS = 15;

/** "消防站 5 分钟：312 户 894 人到不了了，其中 12 户要帮助". */
export function lostWords({ name, lost, people_lost: people, with_needs_lost: needs }) {
  const words = n_("{name}：{n} 户 {people} 人到不了了", lost, { name, n: number(lost), people: number(people) });
  return needs ? `${words}${n_("，其中 {n} 户要帮助", needs, { n: number(needs) })}` : words;
}

export class LostCover {
  /** `changed()` hears that what waits is another, `sound()` that somebody new lost cover. */
  constructor({ view, feed, changed, sound }) {
    Object.assign(this, { view, changed, sound, standing: [], seen: null, shown: null });
    this.layer = view.overlay.add(new LostLayer(null)); // Always on: it is empty unless asked for.
    if (!may("coverage.view")) return;
    feed.addEventListener("change", ({ detail }) => {
      if (detail.kind === "coverage.changed") this.soon();
    });
    for (const name of ["ready", "resumed"]) feed.addEventListener(name, () => this.load());
  }

  soon() {
    this.timer ||= setTimeout(() => {
      this.timer = null;
      this.load();
    }, SETTLE);
  }

  async load() {
    const answer = await get("/api/coverage/changes").catch(() => null);
    if (!answer) return; // The feed comes again; what waits stays as it was.
    const newest = answer.items[0]?.seq || 0;
    const fresh = this.seen !== null && answer.items.filter(({ seq, worse }) => seq > this.seen && worse);
    this.seen = Math.max(newest, this.seen || 0);
    this.standing = answer.standing;
    // The most people first, and none of what was told before.
    const told = fresh && this.standing.find((one) =>
      fresh.some(({ standard, area }) => standard === one.standard && area === one.area));
    if (told) this.offer(told);
    this.changed();
    if (!this.shown) return;
    const still = this.standing.find(({ standard, area }) => standard === this.shown.standard && area === this.shown.area);
    if (still) this.show(still);
    else this.hide();
  }

  offer(one) {
    this.sound();
    const line = el("div", { class: "toast", "data-standard": one.standard },
      el("span", {}, lostWords(one)),
      el("button", { type: "button", class: "btn", onclick: () => {
        line.remove();
        this.show(one, true);
      } }, _("去看")));
    byId("toasts").append(line);
    setTimeout(() => line.remove(), SECONDS * 1000);
  }

  /** Mark them on the map; `go` moves it there. */
  async show(one, go = false) {
    this.shown = one;
    const address = `/api/coverage/runs/${encodeURIComponent(one.run)}/lost?than=${encodeURIComponent(one.before)}`;
    const found = await get(address).catch(() => null);
    if (!found || this.shown !== one) return;
    this.layer.setData(found);
    if (go && found.features.length) {
      const places = found.features.map(({ geometry: { coordinates: [lon, lat] } }) => [lat, lon]);
      this.view.map.fitBounds(L.latLngBounds(places).pad(0.15), { maxZoom: 16 });
      this.view.say(lostWords(one));
    }
  }

  hide() {
    this.shown = null;
    this.layer.setData({ features: [] });
  }

  /** What waits at the desk: who still has no cover. */
  decisions() {
    return this.standing.map((one) => ({
      words: lostWords(one), cover: one, verb: this.shown?.run === one.run ? _("不标了") : _("去看"),
    }));
  }

  /** Press what waits: on the map, or off it again. */
  toggle(one) {
    if (this.shown?.run === one.run) this.hide();
    else this.show(one, true);
    this.changed();
  }
}
