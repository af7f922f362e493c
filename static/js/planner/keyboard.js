// The keyboard of the editor: the tool in hand first, then the middle of the map, then the editor.
import { asked, typing } from "./keys.js";

const OWN = ["Enter", " ", "Backspace"]; // Keys that a button under the focus keeps.

function forTool(editor, event) {
  const onButton = event.target.closest?.("button, a, .handle");
  if (!editor.editable || event.key === " " || (onButton && OWN.includes(event.key))) return false;
  return editor.tool.key(event);
}

function inMiddle(editor, event) {
  const { map } = editor.view;
  if (event.target !== map.getContainer() || !["Enter", " "].includes(event.key)) return false;
  const { lng, lat } = map.getCenter();
  editor.click(map.containerPointToLayerPoint(map.getSize().divideBy(2)), [lng, lat]);
  return true;
}

function forEditor(editor, event) {
  const wanted = asked(event);
  if (!wanted) return false;
  if (wanted.tool) editor.use(wanted.tool);
  else if (wanted.act === "next") editor.problems.next();
  else editor.act(wanted.act);
  return true;
}

/** Let keys work everywhere but where somebody is typing. */
export function listenToKeys(editor) {
  document.addEventListener("keydown", (event) => {
    if (typing(event.target) || document.querySelector("dialog[open]") || !editor.scenario.head) return;
    const taken = [forTool, inMiddle, forEditor].some((way) => way(editor, event));
    if (taken) event.preventDefault();
  });
}
