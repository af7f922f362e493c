// What the tablet keeps. People's words lie here sealed only: in the clear are ids, states and times.
import { openDB } from "../../vendor/idb-8.0.4/index.js";

export const NAME = "gridmap-field";
const VERSION = 1;

function upgrade(db, from) {
  if (from >= 1) return;
  db.createObjectStore("items", { keyPath: "id" }).createIndex("owner", "owner");
  db.createObjectStore("photos", { keyPath: ["item", "sha256"] }).createIndex("item", "item");
  db.createObjectStore("shelf", { keyPath: ["owner", "name"] });
  db.createObjectStore("keys", { keyPath: "owner" });
  db.createObjectStore("meta");
}

/** Open the database; `onlost` hears that another version of the page needs it closed. */
export function open(onlost = () => {}) {
  return openDB(NAME, VERSION, {
    upgrade,
    blocking: (current, blocked, event) => {
      event.target.close();
      onlost();
    },
    terminated: onlost,
  });
}

/** A transaction that is on the disk when it says so: a report outlives the battery too. */
export function writing(db, stores) {
  return db.transaction(stores, "readwrite", { durability: "strict" });
}

/**
 * Write in one such transaction. What it throws is why the transaction failed: its requests only
 * hear that it did.
 */
export async function write(db, stores, work) {
  const tx = writing(db, stores);
  try {
    const found = await work(tx);
    await tx.done;
    return found;
  } catch (error) {
    await tx.done;
    throw error;
  }
}

/** True when what failed is that the tablet is full. */
export function isFull(error) {
  return error?.name === "QuotaExceededError" || error?.inner?.name === "QuotaExceededError";
}
