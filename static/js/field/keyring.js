// The key of who is signed in, and nobody else's. It lies in the browser as a key that cannot be
// read out, from the sign-in to the sign-out; what it sealed stays, shut, until it comes back.
import { importKey } from "./seal.js";

/** The holder of the key on this tablet: {owner, name, display_name, areas, key}, or null. */
export async function held(db) {
  const [first] = await db.getAll("keys");
  return first || null;
}

/** Take the key of who has signed in; anybody else's is dropped in the same breath. */
export async function take(db, person, base64) {
  const { user: owner, name, display_name, areas, permissions } = person;
  const holder = { owner, name, display_name, areas, permissions, key: await importKey(base64) };
  const tx = db.transaction("keys", "readwrite");
  tx.store.clear();
  tx.store.put(holder);
  await tx.done;
  return holder;
}

/** Keep what has changed about the person; the key stays. */
export async function refresh(db, holder, person) {
  const { name, display_name, areas, permissions } = person;
  const fresh = { ...holder, name, display_name, areas, permissions };
  await db.put("keys", fresh);
  return fresh;
}

export async function drop(db) {
  await db.clear("keys");
}

/** A sign-out without a network: the session is ended as soon as there is one. */
export async function oweSignOut(db, owed) {
  if (owed) await db.put("meta", true, "sign-out-owed");
  else await db.delete("meta", "sign-out-owed");
}

export async function owesSignOut(db) {
  return Boolean(await db.get("meta", "sign-out-owed"));
}
