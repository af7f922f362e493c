// The open incidents, kept fresh one by one: of a change only what changed is fetched.
import { get } from "../core/api.js";
import { Noun } from "../core/nouns.js";

const SETTLE = 120; // Milliseconds: what changes within is fetched together.
const MOST = 4; // More changes at once than this: the list costs less.
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
    this.gathering ||= setTimeout(() => {
      this.gathering = null;
      this.fetchWaiting();
    }, SETTLE);
  }

  async fetchWaiting() {
    const ids = [...this.waiting];
    this.waiting.clear();
    if (!this.loaded || ids.length > MOST) {
      this.load();
      return;
    }
    try {
      const answers = await Promise.all(ids.map((id) => this.look(id)));
      answers.forEach((feature, i) => this.put(ids[i], feature));
      this.asOf = new Date().toISOString();
      this.error = null;
      this.dispatchEvent(new Event("change"));
    } catch {
      this.load(); // It says by itself what is wrong.
    }
  }

  /** The feature as it is now; null when it is not there for this person. */
  async look(id) {
    try {
      return featureOf(await get(`${this.one}/${encodeURIComponent(id)}`));
    } catch (error) {
      if (error.status === 404 || error.status === 403) return null;
      throw error;
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
