// The symbols of the map as SVG for legend, queue and lists: the same shapes, coloured by classes.
import { el, svg } from "../core/dom.js";
import { levelOf, shapeOf, textSize } from "../core/severity.js";
import { colourSign } from "../core/terms.js";

function frame(size, ...children) {
  return svg("svg", {
    class: "glyph", width: size, height: size, viewBox: "-17.5 -17.5 35 35",
    "aria-hidden": "true", focusable: "false",
  }, ...children);
}

/** Severity shape with a text inside. */
export function severityGlyph(level, words = "", size = 26) {
  const shape = shapeOf(level);
  return frame(size, svg("g", { class: `sev l${levelOf(level)}` },
    svg("path", { d: shape.path }),
    svg("text", { y: shape.text, "font-size": textSize(level, words) }, String(words))));
}

/** A facility: filled square with its character. */
export function facilityGlyph(character, size = 26) {
  return frame(size, svg("g", { class: "sy-fac" },
    svg("rect", { x: -13, y: -13, width: 26, height: 26, rx: 3 }),
    svg("text", { y: 5.4, "font-size": 15 }, character)));
}

export function shelterGlyph(size = 26) {
  return frame(size, svg("g", { class: "sy-shel", transform: "scale(.85)" },
    svg("path", { d: "M0 -19L17 -5V15H-17V-5Z" }), svg("text", { y: 9, "font-size": 15 }, "避")));
}

export function unitGlyph(character, busy = false, size = 26) {
  return frame(size, svg("g", { class: busy ? "sy-unit busy" : "sy-unit" },
    svg("rect", { x: -13, y: -13, width: 26, height: 26, rx: 6 }),
    svg("text", { y: 5.2, "font-size": 14 }, character)));
}

const swatch = (className) => el("i", { class: `swatch ${className}`, "aria-hidden": "true" });

const DRAW = {
  severity: ({ level }) => severityGlyph(level, colourSign(level)),
  facility: ({ character }) => facilityGlyph(character),
  shelter: () => shelterGlyph(),
  unit: ({ character = "消" }) => unitGlyph(character),
  grid: () => frame(26, svg("path", { class: "lg-grid", d: "M-15 0H15" })),
  micro: () => frame(26, svg("path", { class: "lg-micro", d: "M-15 0H15" })),
  special: () => frame(26, svg("path", { class: "lg-special", d: "M-16 0H16" })),
  drawn: () => frame(26, svg("path", { class: "lg-drawn", d: "M-15 0H15" })),
  community: () => frame(26, svg("path", { class: "lg-community", d: "M-15 0H15" })),
  before: () => frame(26, svg("path", { class: "lg-before", d: "M-17 0H17" })),
  hazard: () => frame(26, svg("path", { class: "lg-hazard", d: "M-17 0H17" })),
  drill: () => frame(26, svg("path", { class: "lg-drill", d: "M-17 0H17" })),
  blocked: () => frame(26, svg("g", { class: "sy-close" },
    svg("circle", { r: 11 }), svg("path", { d: "M-6 0h12" }))),
  route: () => frame(26, svg("path", { class: "rt", d: "M-15 0H15" }),
    svg("path", { class: "rt-head", d: "M-5 -7.5L10 0L-5 7.5L-1.5 0Z" })),
  drill_route: () => frame(26, svg("path", { class: "rt drill", d: "M-15 0H15" }),
    svg("path", { class: "rt-head drill", d: "M-5 -7.5L10 0L-5 7.5L-1.5 0Z" })),
  assembly: () => frame(26, svg("circle", { class: "lg-assembly", r: 12 }), svg("text", { class: "lg-count", y: 5, "font-size": 13 }, "3")),
  household: () => frame(26, svg("circle", { class: "hh", r: 5 })),
  needs: () => frame(26, svg("circle", { class: "hh need", r: 6 })),
  gained: () => frame(26, svg("path", { class: "lg-gained", d: "M-9 0H9M0 -9V9" })),
  reached: () => frame(26, svg("path", { class: "lg-reached", d: "M-15 0H15" })),
  site: () => frame(26, svg("circle", { class: "lg-site", r: 11 }), svg("text", { class: "lg-count", y: 5, "font-size": 14 }, "1")),
  critical: () => frame(26, svg("path", { class: "lg-critical", d: "M-15 0H15" })),
  sensor: ({ character, name }) => frame(26, svg("g", { class: name === "silent" ? "sy-sensor silent" : "sy-sensor" },
    svg("circle", { r: 13 }), svg("text", { y: 5, "font-size": 14 }, character))),
  missed: () => frame(26, svg("path", { class: "lg-missed", d: "M-6 -6L6 6M6 -6L-6 6" })),
  heap: () => frame(26, svg("circle", { class: "lg-heap", r: 12 }),
    svg("text", { class: "lg-count", y: 4.5, "font-size": 13 }, "12")),
  unplaced: () => frame(26, svg("circle", { class: "lg-unplaced", r: 9 }),
    svg("text", { class: "lg-count", y: 5, "font-size": 14 }, "?")),
  position: () => frame(26, svg("circle", { class: "lg-halo", r: 13 }), svg("circle", { class: "lg-position", r: 5 })),
  dot: ({ name }) => frame(26, svg("circle", { class: `lg-dot ${name}`, r: 6 })),
  proposed: () => swatch("proposed"),
  locked: () => frame(26, svg("path", { class: "lg-locked", d: "M-15 0H15" })),
  fill: ({ name }) => swatch(name),
};

/** The picture of one legend entry. */
export function symbolOf(entry) {
  return DRAW[entry.symbol](entry);
}
