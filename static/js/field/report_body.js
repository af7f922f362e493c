// What a report says: the words for people, the document for the server.
import { _, n_ } from "../core/words.js";
import { kindOf, levelFor } from "./kinds.js";

const LONGEST = 200; // Characters of a title that the server takes.

/** What a report is called: its kind and the house it is at. */
export function titleOf(form, place) {
  const kind = kindOf(form.kind);
  const words = kind ? _(kind.words) : _("没选类别");
  return (place ? _("{kind}，{place}", { kind: words, place }) : words).slice(0, LONGEST);
}

/** The document that goes to the server; its bytes are never changed again. */
export function bodyOf(id, { form, place, order, photos, now }) {
  const kind = kindOf(form.kind);
  const body = {
    id, category: form.kind, title: titleOf(form, place), level: levelFor(kind, form.level),
    geometry: { type: "Point", coordinates: [form.place.lon, form.place.lat] },
    placed_by: form.place.by, device_time: now.toISOString(), device_sequence: order,
  };
  if (form.place.by === "gps") body.accuracy_m = form.place.accuracy;
  if (form.note?.trim()) body.note = form.note.trim();
  if (photos.length) body.photos = photos.map(({ sha256 }) => sha256);
  return JSON.stringify(body);
}

/** What a draft still lacks, in words; empty when it can go. */
export function lacking(form) {
  return [!form.kind && _("类别"), !form.place && _("位置")].filter(Boolean);
}

/** How many photos, for a row of the outbox. */
export function photosInWords(photos) {
  return photos?.length ? n_("照片 {n}", photos.length) : "";
}
