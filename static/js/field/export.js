// The outbox as a file: the way out when a tablet never finds its network again.
import { unsent } from "./states.js";

const CHUNK = 0x8000;

function base64(bytes) {
  let text = "";
  for (let i = 0; i < bytes.length; i += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(i, i + CHUNK));
  }
  return globalThis.btoa(text);
}

/** Everything in the outbox, photos included, and what is in the hand and could not be kept. */
export async function documentOf(outbox, person, now, hand = null) {
  const items = [];
  for (const { content, ...item } of await outbox.all()) {
    const photos = [];
    for (const { sha256 } of content.photos || []) {
      const photo = await outbox.photo(item.id, sha256);
      if (photo) photos.push({ sha256, type: photo.type, base64: base64(photo.bytes) });
    }
    items.push({ ...item, ...content, photos });
  }
  if (hand) {
    const photos = hand.photos.map(({ bytes, ...photo }) => ({ ...photo, base64: base64(bytes) }));
    items.push({ ...hand, photos, state: "in hand" });
  }
  return { format: "gridmap-outbox-1", exported_at: now.toISOString(), person, unsent: unsent(items).length, items };
}

/** Hand a document to the browser as a download. */
export function download(content, name) {
  const blob = new globalThis.Blob([JSON.stringify(content)], { type: "application/json" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
