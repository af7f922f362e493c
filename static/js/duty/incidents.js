// The open incidents, kept fresh one by one: of a change only what changed is fetched.
import { get } from "../core/api.js";
import { Noun } from "../core/nouns.js";

const SETTLE = 120; // Milliseconds: what changes within is fetched together.
const MOST = 40; // More changes at once than this: the whole list is asked for.
export const OPEN = ["reported", "verified", "assigned", "handling", "resolved", "objected"];

/** The feature in an answer that may carry more beside it. */
export function featureOf(answer) {
  return { type: "Feature", id: answer.id, geometry: answer.geometry, properties: answer.properties };
}

export class Incidents extends Noun {
  constructor(url, one = "/api/incidents") {
    super(url);
    this.one = one;
    this.waiting = new Set();
  }

  /** One incident has changed. */
  touch(id) {
    this.waiting.add(id);
    if (!this.fetching) this.gathering ||= setTimeout(() => this.gather(), SETTLE);
  }

  /** One look at a time: what changes meanwhile goes with the next. */
  async gather() {
    this.gathering = null;
    this.fetching = true;
    await this.fetchWaiting();
    this.fetching = false;
    if (this.waiting.size) this.gathering ||= setTimeout(() => this.gather(), SETTLE);
  }

  async fetchWaiting() {
    const ids = [...this.waiting];
    this.waiting.clear();
    if (!this.loaded || ids.length > MOST) {
      this.load();
      return;
    }
    try {
      const { features } = await get(`${this.one}/some?ids=${ids.map(encodeURIComponent).join(",")}`);
      const known = new Map(features.map((feature) => [feature.properties.id, feature]));
      for (const id of ids) this.put(id, known.get(id) || null);
      this.asOf = new Date().toISOString();
      this.error = null;
      this.dispatchEvent(new Event("change"));
    } catch {
      this.load(); // It says by itself what is wrong.
    }
  }

  /** Put a feature in the place of its former self; one that is closed or gone leaves the list. */
  put(id, feature) {
    const open = feature && OPEN.includes(feature.properties.state);
    const at = this.features.findIndex(({ properties }) => properties.id === id);
    const features = [...this.features];
    if (at >= 0) features.splice(at, 1, ...(open ? [feature] : []));
    else if (open) features.push(feature);
    this.features = features;
  }

  /** What the answer to a step says is on screen at once, before the feed tells of it. */
  take(answer) {
    const feature = featureOf(answer);
    this.put(feature.properties.id, feature);
    this.dispatchEvent(new Event("change"));
  }

  find(id) {
    return this.features.find(({ properties }) => String(properties.id) === String(id)) || null;
  }
}
