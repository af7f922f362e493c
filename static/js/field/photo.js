// A picture on its way into the outbox: as it is when it may be, smaller only when it is too big.
import { sha256 } from "./seal.js";

export const MOST = 10 * 1024 * 1024; // Bytes the server takes.
export const MOST_PHOTOS = 6;
const TYPES = ["image/jpeg", "image/png", "image/webp"];
const SIDES = [4096, 3072, 2048, 1280];

/** What a file begins with says what it is; its name and its declared type may be wrong. */
export function typeOf(bytes) {
  const at = (offset, ...wanted) => wanted.every((byte, i) => bytes[offset + i] === byte);
  if (at(0, 0xff, 0xd8, 0xff)) return "image/jpeg";
  if (at(0, 0x89, 0x50, 0x4e, 0x47)) return "image/png";
  if (at(0, 0x52, 0x49, 0x46, 0x46) && at(8, 0x57, 0x45, 0x42, 0x50)) return "image/webp";
  return "";
}

async function redrawn(file, side) {
  const picture = await globalThis.createImageBitmap(file);
  const share = Math.min(1, side / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * share);
  canvas.height = Math.round(picture.height * share);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const blob = await new Promise((done) => {
    canvas.toBlob(done, "image/jpeg", 0.85);
  });
  return new Uint8Array(await blob.arrayBuffer());
}

/** Bytes, type and hash of a photo; null when the file is no picture that can be opened. */
export async function prepare(file) {
  let bytes = new Uint8Array(await file.arrayBuffer());
  let type = typeOf(bytes);
  if (!TYPES.includes(type) || bytes.byteLength > MOST) {
    try {
      for (const side of SIDES) {
        bytes = await redrawn(file, side);
        if (bytes.byteLength <= MOST) break;
      }
      type = "image/jpeg";
    } catch {
      return null;
    }
  }
  return { bytes, type, sha256: await sha256(bytes), size: bytes.byteLength };
}
