// The lists of the day: from the shelf at once, from the server when it can be reached.
import { get, getChanged, Problem } from "../core/api.js";
import { isFull } from "./db.js";

const MOST_PAGES = 20;
const MOST_FORMS = 25; // Visits whose forms are fetched ahead: what a day can hold.

/** One list: its value, the time of its data, and what went wrong with the last look. */
class List {
  constructor(name, urls, read) {
    Object.assign(this, { name, urls: [urls].flat(), read, value: null, at: null, etags: {}, error: null });
    this.parts = {};
  }

  /** Fetch what has changed; the value is made anew when anything has. */
  async fetch() {
    let changed = this.value === null;
    for (const url of this.urls) {
      // A part that only the shelf remembers is asked for again whole when there are several.
      const known = url in this.parts || this.urls.length === 1;
      const answer = await getChanged(url, known ? this.etags[url] : null);
      if (!answer) continue;
      this.parts[url] = await this.read(answer.body);
      this.etags[url] = answer.etag;
      changed = true;
    }
    if (changed) this.value = this.urls.flatMap((url) => this.parts[url] || []);
    this.at = new Date().toISOString();
    this.error = null;
  }

  get entry() {
    return { value: this.value, etags: this.etags, at: this.at };
  }
}

async function pages(first) {
  const all = [...(first.features || first.items || [])];
  let { next } = first;
  for (let i = 0; String(next || "").startsWith("/") && i < MOST_PAGES; i++) {
    const more = await get(next);
    all.push(...(more.features || more.items || []));
    next = more.next;
  }
  return all;
}

const inAreas = (areas) => (code) => areas.some((area) => code && String(code).startsWith(area));

function places(features) {
  return features.filter(({ geometry }) => geometry?.type === "Point").map(({ geometry, properties }) => ({
    id: properties.id, address: properties.address || "", grid: properties.grid, people: properties.people,
    needs: properties.needs || [], lon: geometry.coordinates[0], lat: geometry.coordinates[1],
  }));
}

function grids(features) {
  return features.map(({ geometry, properties }) => ({
    geometry, code: properties.code, label: properties.label, name: properties.name,
    label_point: properties.label_point,
  }));
}

function parts(features) {
  return features.map(({ geometry, properties: { code, label, label_point: place } }) => (
    { type: "Feature", geometry, properties: { code, label, label_point: place } }));
}

function featured(one) {
  if (one.properties) return one;
  const { geometry, ...properties } = one;
  return { type: "Feature", geometry, properties };
}

const DAY = ["visits", "hazards", "calls", "reports", "grids"]; // What the page shows first.
const DIGITS = 12; // Of a community: whoever answers for more is no member, and has no lists here.

function sources({ areas, permissions }) {
  const own = areas.filter((area) => area.length >= DIGITS);
  const communities = [...new Set(own.map((area) => area.slice(0, DIGITS)))];
  const may = (permission) => (permissions || []).includes(permission) && own.length > 0;
  return [
    new List("grids", communities.map((area) => `/api/grids?area=${area}`), async (body) => grids(await pages(body))),
    new List("hazards", "/api/hazards", pages),
    new List("reports", "/api/incidents/mine", async (body) => (await pages(body)).map(featured)),
    new List("visits", may("household.visit") ? "/api/visits?state=due" : [], pages),
    new List("calls", may("household.visit") ? "/api/call-outs" : [], (body) => body),
    new List("homes", may("household.view") ? own.map((area) => `/api/households?area=${area}`) : [],
      async (body) => places(await pages(body))),
    new List("parts", own.map((area) => `/api/micro-grids?area=${area}`), async (body) => parts(await pages(body))),
  ];
}

export class Lists extends EventTarget {
  constructor(shelf, holder) {
    super();
    this.shelf = shelf;
    this.areas = holder.areas;
    this.list = Object.fromEntries(sources(holder).map((list) => [list.name, list]));
    this.forms = new Map();
    this.busy = null;
  }

  tell() {
    this.dispatchEvent(new Event("change"));
  }

  /** What the shelf has; true when there was anything. */
  async fromShelf() {
    const all = Object.values(this.list);
    const [forms, ...entries] = await Promise.all(["forms", ...all.map(({ name }) => name)].map((name) => this.shelf.get(name)));
    all.forEach((list, i) => entries[i] && Object.assign(list, entries[i]));
    if (forms) this.forms = new Map(forms.value);
    this.tell();
    return this.list.grids.value !== null;
  }

  /** Look at the server for the lists of the day; calls that meet are one look. */
  look() {
    this.busy ||= this.lookNow().finally(() => {
      this.busy = null;
    });
    return this.busy;
  }

  lookNow() {
    return Promise.all(DAY.map((name) => this.fetch(this.list[name])));
  }

  /** Then for what is long: every household, the micro-grids, and the forms of the visits. */
  more() {
    this.filling ||= this.fetch(this.list.homes).then(() => this.fetch(this.list.parts)).then(() => this.fetchForms()).finally(() => {
      this.filling = null;
    });
    return this.filling;
  }

  /** Fetch everything anew at the next look: its words are in another language. */
  forget() {
    for (const list of Object.values(this.list)) list.etags = {};
    this.forms.clear();
  }

  /** Look at some lists only, at once: something of ours has just arrived. */
  async again(...names) {
    for (const name of names) await this.fetch(this.list[name]);
  }

  async fetch(list) {
    try {
      await list.fetch();
    } catch (error) {
      list.error = error instanceof Problem ? error : new Problem(0, "unreachable", String(error));
      this.tell();
      return;
    }
    await this.keep(list.name, list.entry);
    this.tell();
  }

  async keep(name, entry) {
    try {
      await this.shelf.put(name, entry);
    } catch (error) {
      if (!isFull(error)) throw error;
      this.full = true; // Lists give way to reports: they are only shown, not kept.
      await this.shelf.remove(name);
    }
  }

  /** Reports need the room: what is long and can be had again goes; it is still shown until the page ends. */
  async giveWay() {
    for (const name of ["forms", "homes", "parts"]) await this.shelf.remove(name);
  }

  /** The forms of the visits of the day, so that they open without a network too. */
  fetchForms() {
    this.fetching ||= this.fetchFormsNow().finally(() => {
      this.fetching = null;
    });
    return this.fetching;
  }

  async fetchFormsNow() {
    const visits = (this.list.visits.value || []).slice(0, MOST_FORMS);
    const wanted = new Set(visits.map(({ id }) => String(id)));
    for (const id of this.forms.keys()) {
      if (!wanted.has(id)) this.forms.delete(id);
    }
    for (const { id } of visits) {
      if (this.forms.has(String(id))) continue;
      try {
        this.forms.set(String(id), await get(`/api/visits/${encodeURIComponent(id)}/form`));
      } catch {
        break; // The next look goes on from here.
      }
    }
    await this.keep("forms", { value: [...this.forms] });
  }

  /** The form of one visit: fresh when it can be had, else the kept one, else null. */
  async form(id) {
    try {
      const form = await get(`/api/visits/${encodeURIComponent(id)}/form`);
      this.forms.set(String(id), form);
      return form;
    } catch (error) {
      if (error.status && error.status !== 401) throw error;
      return this.forms.get(String(id)) || null;
    }
  }

  /** The grids in which this person works. */
  get mine() {
    const own = inAreas(this.areas);
    return (this.list.grids.value || []).filter(({ code }) => own(code));
  }

  value(name) {
    return this.list[name].value || [];
  }
}
