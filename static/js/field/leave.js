// At the door nobody is signed in: a tablet keeps no key there. What waits stays, shut.
import { NAME, open } from "./db.js";
import { drop } from "./keyring.js";

/** Drop the key if this browser has ever been a tablet. */
export async function leave() {
  const { indexedDB } = globalThis;
  const known = indexedDB?.databases ? await indexedDB.databases() : [];
  if (!known.some(({ name }) => name === NAME)) return;
  const db = await open();
  await drop(db);
  db.close();
}
