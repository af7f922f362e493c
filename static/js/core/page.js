// What the server put into the page: who is looking, where the data is, which language.
import { useWords } from "./words.js";

// Tests of pure functions run without a page.
const { document } = globalThis;

function read() {
  const node = document?.getElementById("page-data");
  return node ? JSON.parse(node.textContent) : {};
}

export const page = read();
export const me = page.me || {};
export const language = document?.documentElement.lang || "zh-CN";

// The tablet's page brings its words, as it is kept whole; others have a file of them.
useWords(globalThis.gridmapWords || page.words);

/** The token that every write must carry. */
export function csrfToken() {
  return document?.querySelector('meta[name="csrf-token"]')?.content || "";
}

/** True when this person may do a thing, somewhere: `plan.view`, `coverage.run`, ... */
export function may(permission) {
  return (me.permissions || []).includes(permission);
}
