// The lists of the day: from the shelf at once, from the server when it can be reached.
import { get, getChanged, Problem } from "../core/api.js";
import { isFull } from "./db.js";

const MOST_PAGES = 20;
const MOST_FORMS = 60; // Visits whose forms are fetched ahead: what a day can hold.

/** One list: its value, the time of its data, and what went wrong with the last look. */
class List {
  constructor(name, url, read) {
    Object.assign(this, { name, url, read, value: null, at: null, etag: null, error: null });
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

const SOURCES = (areas) => {
  const community = areas[0].slice(0, 12);
  const mine = areas[0];
  return [
    new List("grids", `/api/grids?area=${community}`, async (body) => grids(await pages(body))),
    new List("hazards", "/api/hazards", async (body) => pages(body)),
    new List("reports", "/api/incidents/mine", async (body) => pages(body)),
    new List("visits", "/api/visits?state=due", async (body) => pages(body)),
    new List("homes", `/api/households?area=${mine}`, async (body) => places(await pages(body))),
  ];
};

export class Lists extends EventTarget {
  constructor(shelf, areas) {
    super();
    this.shelf = shelf;
    this.areas = areas;
    this.list = Object.fromEntries(SOURCES(areas).map((list) => [list.name, list]));
    this.forms = new Map();
    this.busy = null;
  }

  tell() {
    this.dispatchEvent(new Event("change"));
  }

  /** What the shelf has; true when there was anything. */
  async fromShelf() {
    for (const list of Object.values(this.list)) {
      const entry = await this.shelf.get(list.name);
      if (entry) Object.assign(list, entry);
    }
    const forms = await this.shelf.get("forms");
    if (forms) this.forms = new Map(forms.value);
    this.tell();
    return this.list.grids.value !== null;
  }

  /** Look at the server for every list; calls that meet are one look. */
  look() {
    this.busy ||= this.lookNow().finally(() => {
      this.busy = null;
    });
    return this.busy;
  }

  async lookNow() {
    for (const list of Object.values(this.list)) await this.fetch(list);
    await this.fetchForms();
    this.tell();
  }

  async fetch(list) {
    try {
      const answer = await getChanged(list.url, list.etag);
      if (answer) {
        list.value = await list.read(answer.body);
        list.etag = answer.etag;
      }
      list.at = new Date().toISOString();
      list.error = null;
    } catch (error) {
      list.error = error instanceof Problem ? error : new Problem(0, "unreachable", String(error));
      this.tell();
      return;
    }
    await this.keep(list.name, { value: list.value, etag: list.etag, at: list.at });
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

  /** The forms of the visits of the day, so that they open without a network too. */
  async fetchForms() {
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
