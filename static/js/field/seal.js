// Sealing with AES-GCM under the key of who is signed in; the label binds a seal to its place.
const IV_BYTES = 12;
const { crypto, TextEncoder, TextDecoder } = globalThis;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Make the key out of what the server handed out; nobody gets it out of the browser again. */
export function importKey(base64) {
  const raw = Uint8Array.from(globalThis.atob(base64), (letter) => letter.charCodeAt(0));
  return crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
}

/** Seal bytes; another place's label does not open them. */
export async function seal(key, bytes, label) {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const additionalData = encoder.encode(label);
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, key, bytes);
  return { iv, data };
}

/** Open a seal; throws when the key is another person's or the bytes were changed. */
export async function unseal(key, { iv, data }, label) {
  const additionalData = encoder.encode(label);
  return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData }, key, data));
}

export function sealJson(key, value, label) {
  return seal(key, encoder.encode(JSON.stringify(value)), label);
}

export async function unsealJson(key, sealed, label) {
  return JSON.parse(decoder.decode(await unseal(key, sealed, label)));
}

/** The bytes of a text as they go over the network. */
export function bytesOf(text) {
  return encoder.encode(text);
}

/** SHA-256 in hexadecimal. */
export async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
