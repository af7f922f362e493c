// Buttons that need the server: dashed and not to be pressed while the connection is cut.
import { el } from "../core/dom.js";

const cut = () => document.documentElement.classList.contains("is-cut");

/** A button whose action the server has to take. */
export function serverButton(words, onclick, { primary = false, quiet = false, ...more } = {}) {
  const kind = primary ? "btn primary needs" : quiet ? "btn quiet needs" : "btn needs";
  const button = el("button", { type: "button", class: kind, ...more, onclick: () => {
    if (!cut()) onclick(button);
  } }, words);
  button.disabled = cut();
  return button;
}

/** After a change of the connection: every such button on the page follows it. */
export function followConnection() {
  const off = cut();
  for (const button of document.querySelectorAll(".needs")) {
    // What is busy with its own request stays as it is.
    if (!button.dataset.busy) button.disabled = off;
  }
}

/** Run `work` with the button held down, so that nothing is sent twice. */
export async function busy(button, work) {
  if (button) {
    button.dataset.busy = "yes";
    button.disabled = true;
  }
  try {
    return await work();
  } finally {
    if (button) {
      delete button.dataset.busy;
      button.disabled = cut();
    }
  }
}
