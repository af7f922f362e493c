// An exercise is told as one wherever its name stands, once.
import { _ } from "./words.js";

const TOLD = /^\s*(演练|exercise|drill)/i;

/** A name with the word for an exercise before it, unless it begins with it already. */
export function marked(name, exercise) {
  const words = String(name ?? "");
  if (!exercise || TOLD.test(words)) return words;
  return words ? `${_("演练")} · ${words}` : _("演练");
}
