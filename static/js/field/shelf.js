// Lists kept for work without a network: sealed like the outbox, one entry for each list.
import { sealJson, unsealJson } from "./seal.js";

const LABEL = (owner, name) => `shelf:${owner}:${name}`;

export class Shelf {
  constructor(db, { owner, key }) {
    Object.assign(this, { db, owner, key });
  }

  /** {value, etag, at} or null. */
  async get(name) {
    const raw = await this.db.get("shelf", [this.owner, name]);
    if (!raw) return null;
    try {
      return await unsealJson(this.key, raw.sealed, LABEL(this.owner, name));
    } catch {
      return null; // Of a key that is no more: it comes again with the next look at the server.
    }
  }

  async put(name, entry) {
    const sealed = await sealJson(this.key, entry, LABEL(this.owner, name));
    await this.db.put("shelf", { owner: this.owner, name, sealed });
  }

  async remove(name) {
    await this.db.delete("shelf", [this.owner, name]);
  }

  /** Forget the lists of everybody else: they are fetched again when wanted. */
  async dropOthers() {
    const tx = this.db.transaction("shelf", "readwrite");
    for (const key of await tx.store.getAllKeys()) {
      if (key[0] !== this.owner) tx.store.delete(key);
    }
    await tx.done;
  }
}
