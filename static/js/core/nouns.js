// The collections a page shows: fetched once, again when the feed names them, unchanged by ETag.
import { get, getChanged } from "./api.js";

const SETTLE = 200; // Milliseconds: a burst of changes is one request.

async function rest(first) {
  // Further pages of a long collection.
  let link = first.next;
  const features = [...first.features];
  while (link) {
    const page = await get(link);
    features.push(...page.features);
    link = page.next;
  }
  return features;
}

/** One collection of GeoJSON features. */
export class Noun extends EventTarget {
  constructor(url) {
    super();
    Object.assign(this, { url, etag: null, features: [], asOf: null, version: null });
    Object.assign(this, { error: null, loaded: false, busy: null, again: false });
  }

  /** The feature of an id, if it has come. */
  find(id) {
    return this.features.find(({ properties }) => String(properties.id) === String(id));
  }

  /** Fetch; while a fetch is under way the next one follows it, so that no change is missed. */
  load() {
    if (this.busy) {
      this.again = true;
      return this.busy;
    }
    this.busy = this.fetch().finally(() => {
      this.busy = null;
      if (this.again) {
        this.again = false;
        this.load();
      }
    });
    return this.busy;
  }

  async fetch() {
    try {
      const answer = await getChanged(this.url, this.etag);
      this.error = null;
      if (answer) {
        this.features = await rest(answer.body);
        this.etag = answer.etag;
        this.asOf = answer.body.as_of || null;
        this.version = answer.body.version ?? null;
      }
      const changed = Boolean(answer) || !this.loaded;
      this.loaded = true;
      this.dispatchEvent(new Event(changed ? "change" : "same"));
    } catch (error) {
      this.error = error;
      this.dispatchEvent(new Event("error"));
    }
  }

  /** Fetch soon; many calls in a moment are one, and calls without end do not put it off. */
  refresh() {
    this.soon ||= setTimeout(() => {
      this.soon = null;
      this.load();
    }, SETTLE);
  }

  get collection() {
    return { type: "FeatureCollection", features: this.features };
  }
}

/**
 * Keep nouns fresh by a feed. `subjects` tells which nouns a subject of a change touches;
 * after a gap (a resumed feed) every noun is asked for again: unchanged ones cost a 304.
 */
export function follow(feed, subjects) {
  const all = [...new Set(Object.values(subjects).flat())];
  feed.addEventListener("change", ({ detail }) => {
    for (const noun of subjects[detail.subject] || []) noun.refresh();
  });
  feed.addEventListener("resumed", () => all.forEach((noun) => noun.refresh()));
  feed.addEventListener("ready", () => all.forEach((noun) => noun.load()));
}
