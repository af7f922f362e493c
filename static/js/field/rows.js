// The pieces that the tablet's panels are made of.
import { el, svg } from "../core/dom.js";

const SIGNS = {
  draft: ["M5 19l1 -4L17 4l3 3L9 18Z"],
  queued: ["M12 12m-9 0a9 9 0 1 0 18 0a9 9 0 1 0 -18 0", "M12 7v5l4 2"],
  sending: ["M12 20V5M6 11l6 -6 6 6"],
  accepted: ["M4 13l5 5L20 6"],
  refused: ["M5 5L19 19M19 5L5 19"],
  cut: ["M3 3L21 21M2 9a15 15 0 0 1 6 -3.500M11 5a15 15 0 0 1 11 4M6 13a9 9 0 0 1 5 -2.600M12 19h.01"],
  plus: ["M12 4V20M4 12H20"],
};

/** A line drawing in the colour of its words. */
export function sign(paths, size = 26, width = 2.2) {
  return svg("svg", { class: "sign", width: size, height: size, viewBox: "0 0 24 24", "aria-hidden": "true" },
    (SIGNS[paths] || paths).map((d) => svg("path", {
      d, fill: "none", stroke: "currentColor", "stroke-width": width,
      "stroke-linecap": "round", "stroke-linejoin": "round",
    })));
}

/** A button; `look` is primary, quiet or nothing. */
export function button(words, onclick, look = "", attributes = {}) {
  return el("button", { type: "button", class: `btn ${look}`.trim(), onclick, ...attributes }, words);
}

/** Choices of which one is taken; `taken(value)` is told of every tap. */
export function choices(options, value, taken, { label, quiet = "" } = {}) {
  const group = el("div", { class: `choices ${quiet}`.trim(), role: "group", "aria-label": label });
  const draw = (chosen) => group.replaceChildren(...options.map(([key, words, before]) => el("button", {
    type: "button", class: key === chosen ? "btn on" : "btn", "aria-pressed": String(key === chosen),
    onclick: (event) => {
      const next = taken(key);
      draw(next);
      if (event.detail === 0) group.querySelector(`[aria-pressed=true]`)?.focus();
    },
  }, before, el("span", {}, words))));
  draw(value);
  return group;
}
