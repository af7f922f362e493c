// What has just been done, said for a moment.
import { el } from "./dom.js";

const TOAST = 10000; // Milliseconds: as long as an undo is offered.

/** Say what has just been done, for ten seconds. */
export function toast(words) {
  const line = el("p", { class: "toast" }, words);
  document.getElementById("toasts").append(line);
  setTimeout(() => line.remove(), TOAST);
}
