// The outbox of one person on this tablet: items in IndexedDB, their words sealed, every change one
// transaction. Another person's items stay where they are and cannot be opened.
import { isFull, write, writing } from "./db.js";
import { seal, sealJson, unseal, unsealJson } from "./seal.js";
import { may } from "./states.js";

const ITEM = (id) => `item:${id}`;
const PHOTO = (id, sha256) => `photo:${id}:${sha256}`;
const TRIES = 8; // Changes of one item that meet: tabs of one page.

/** A step that the states do not allow: another tab was faster. */
export class WrongState extends Error {}

/** A number that only grows, whatever the clock does. */
async function nextNumber(store) {
  const number = ((await store.get("sequence")) || 0) + 1;
  await store.put(number, "sequence");
  return number;
}

export class Outbox extends EventTarget {
  /**
   * `now` gives the tablet's clock; `told` is called after every change, for other tabs too;
   * `room()` makes room on a full tablet: what can be had again gives way to what cannot.
   */
  constructor(db, { owner, key }, { now = () => new Date(), told = () => {}, room = async () => {} } = {}) {
    super();
    Object.assign(this, { db, owner, key, now, told, room });
    this.known = new Map(); // Item -> what it said at its last change: three days are many items.
  }

  changed() {
    this.told();
    this.dispatchEvent(new Event("change"));
  }

  /** Write; on a full tablet once more, when room was made. */
  async kept(stores, work) {
    try {
      return await write(this.db, stores, work);
    } catch (error) {
      if (!isFull(error)) throw error;
      await this.room();
      return write(this.db, stores, work);
    }
  }

  async opened(raw) {
    const { sealed, ...rest } = raw;
    return { ...rest, content: await unsealJson(this.key, sealed, ITEM(raw.id)) };
  }

  openedOnce(raw) {
    const known = this.known.get(raw.id);
    return known?.rev === raw.rev ? known : this.opened(raw);
  }

  /** Every item of this person, oldest first; to look at, not to change. */
  async all() {
    const raw = await this.db.getAllFromIndex("items", "owner", this.owner);
    const items = await Promise.all(raw.map((one) => this.openedOnce(one)));
    this.known = new Map(items.map((item) => [item.id, item]));
    return items.sort((one, other) => one.order - other.order);
  }

  async get(id) {
    const raw = await this.db.get("items", id);
    return raw && raw.owner === this.owner ? this.opened(raw) : null;
  }

  /** How many items of other people wait on this tablet. */
  async others() {
    const raw = await this.db.getAll("items");
    return raw.filter(({ owner, state }) => owner !== this.owner && state !== "accepted").length;
  }

  /** Begin an item. */
  async begin(id, kind, content) {
    const sealed = await sealJson(this.key, content, ITEM(id));
    const time = this.now().toISOString();
    await this.kept(["items", "meta"], async (tx) => {
      const order = await nextNumber(tx.objectStore("meta"));
      await tx.objectStore("items").add({
        id, kind, order, sealed, owner: this.owner, state: "draft", rev: 0, tries: 0, received: false,
        made: time, changed: time,
      });
    });
    this.changed();
  }

  /** Change what an item says; its state may not have moved on. */
  write(id, content, state = "draft") {
    return this.update(id, (item) => {
      if (item.state !== state) throw new WrongState(item.state);
      item.content = content;
    });
  }

  /** Take one step; `change(item)` may alter its content and its clear parts on the way. */
  step(id, to, change = () => {}) {
    return this.update(id, (item) => {
      if (!may(item.state, to)) throw new WrongState(`${item.state} -> ${to}`);
      item.state = to;
      return change(item);
    });
  }

  /** Read, change, seal, and write if nobody else has written meanwhile; else again. */
  async update(id, change) {
    for (let i = 0; i < TRIES; i++) {
      const item = await this.get(id);
      if (!item) throw new WrongState("gone");
      const { rev } = item;
      await change(item);
      const { content, ...rest } = item;
      const sealed = await sealJson(this.key, content, ITEM(id));
      if (await this.put({ ...rest, sealed, rev: rev + 1, changed: this.now().toISOString() }, rev)) {
        this.changed();
        return { ...item, rev: rev + 1 };
      }
    }
    throw new WrongState("too many tabs");
  }

  put(raw, rev) {
    return this.kept(["items"], async ({ store }) => {
      const known = await store.get(raw.id);
      const same = Boolean(known) && known.rev === rev;
      if (same) await store.put(raw);
      return same;
    });
  }

  /** The next number of this tablet, kept on disk: reports of one tablet keep their order. */
  sequence() {
    return this.kept(["meta"], ({ store }) => nextNumber(store));
  }

  /** Take an item away: a draft, or one the server has; with its photos. */
  async remove(id) {
    const tx = writing(this.db, ["items", "photos"]);
    const item = await tx.objectStore("items").get(id);
    const allowed = Boolean(item) && item.owner === this.owner && may(item.state, "gone");
    if (allowed) {
      tx.objectStore("items").delete(id);
      const photos = tx.objectStore("photos");
      for (const key of await photos.index("item").getAllKeys(id)) photos.delete(key);
    }
    await tx.done;
    if (!allowed) throw new WrongState(item?.state || "gone");
    this.changed();
  }

  /** Put back what `remove` has just taken away, photos included: the ten seconds of an undo. */
  async restore(items, photos) {
    await this.kept(["items", "photos"], async (tx) => {
      for (const raw of items) await tx.objectStore("items").put(raw);
      for (const raw of photos) await tx.objectStore("photos").put(raw);
    });
    this.changed();
  }

  /** An item as it lies on the disk, for `restore`. */
  async raw(id) {
    return {
      items: [await this.db.get("items", id)].filter(Boolean),
      photos: await this.db.getAllFromIndex("photos", "item", id),
    };
  }

  async addPhoto(id, { sha256, type, bytes }) {
    const sealed = await seal(this.key, bytes, PHOTO(id, sha256));
    const raw = { item: id, sha256, type, owner: this.owner, size: bytes.byteLength, sealed };
    await this.kept(["photos"], ({ store }) => store.put(raw));
  }

  async photo(id, sha256) {
    const raw = await this.db.get("photos", [id, sha256]);
    if (!raw) return null;
    return { type: raw.type, bytes: await unseal(this.key, raw.sealed, PHOTO(id, sha256)) };
  }

  async dropPhoto(id, sha256) {
    const tx = writing(this.db, ["photos"]);
    tx.store.delete([id, sha256]);
    await tx.done;
  }

  /** Give an item another id: its old one belongs to other words on the server. */
  async rename(id, fresh, change) {
    const item = await this.get(id);
    if (!item || !may(item.state, "draft")) throw new WrongState(item?.state || "gone");
    const photos = await this.db.getAllFromIndex("photos", "item", id);
    const moved = await Promise.all(photos.map(async (raw) => {
      const bytes = await unseal(this.key, raw.sealed, PHOTO(id, raw.sha256));
      return { ...raw, item: fresh, sealed: await seal(this.key, bytes, PHOTO(fresh, raw.sha256)) };
    }));
    change(item);
    const { content, ...rest } = item;
    const sealed = await sealJson(this.key, content, ITEM(fresh));
    const same = await this.kept(["items", "photos"], async (tx) => {
      const known = await tx.objectStore("items").get(id);
      if (known?.rev !== item.rev) return false;
      await tx.objectStore("items").delete(id);
      await tx.objectStore("items").put({ ...rest, id: fresh, sealed, state: "draft", tries: 0, received: false, rev: item.rev + 1 });
      for (const { sha256 } of photos) await tx.objectStore("photos").delete([id, sha256]);
      for (const raw of moved) await tx.objectStore("photos").put(raw);
      return true;
    });
    if (!same) throw new WrongState("another tab was faster");
    this.changed();
  }
}
