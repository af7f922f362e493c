// Keys of the editor: tools, undo, redo, next problem; never while somebody is typing.

const TOOLS = { v: "move_edge", s: "split", m: "merge", h: "hand_over", g: "special" };

/** What a key asks for: `{tool}`, `{act}`, or null. */
export function asked({ key, ctrlKey, metaKey, altKey, shiftKey }) {
  const letter = String(key).toLowerCase();
  if (altKey) return null;
  if (ctrlKey || metaKey) {
    if (letter === "z") return { act: shiftKey ? "redo" : "undo" };
    return letter === "y" ? { act: "redo" } : null;
  }
  if (letter === "n") return { act: "next" };
  return TOOLS[letter] ? { tool: TOOLS[letter] } : null;
}

/** True where letters belong to a text. */
export function typing(target) {
  return Boolean(target?.closest?.("input, select, textarea, dialog, summary, [contenteditable]"));
}
