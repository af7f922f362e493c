// Kinds of hazards by class of the law, and the buttons of the four levels; one class has none.
import { el } from "../core/dom.js";
import { LEVELS, levelOf, roman } from "../core/severity.js";
import * as terms from "../core/terms.js";
import { _ } from "../core/words.js";
import { severityGlyph } from "../map/symbols.js";

export const KINDS = {
  natural: ["flood", "waterlogging", "landslide", "debris_flow", "earthquake", "typhoon", "rainstorm", "wind", "snow", "heat", "forest_fire", "drought"],
  accident: ["fire", "gas", "chemical", "collapse", "traffic", "power", "dam", "explosion"],
  health: ["epidemic", "food", "water_supply", "animal_disease"],
  security: ["crowd", "violence", "security"],
};

/** Events of social security carry no level. */
export const withoutLevel = (kind) => KINDS.security.includes(kind);

/** The kinds to choose from, under the class of each. */
export function kindOptions(chosen) {
  return Object.entries(KINDS).map(([name, kinds]) => el("optgroup", { label: terms.hazardClass(name) },
    kinds.map((kind) => el("option", { value: kind, selected: kind === chosen }, terms.hazardKind(kind)))));
}

/** Four buttons, or why there are none. */
export function levelButtons(kind, chosen, choose) {
  if (withoutLevel(kind)) return el("p", { class: "s mut" }, _("社会安全事件不分级"));
  return el("div", { class: "choices", role: "group", "aria-label": _("级别") }, LEVELS.map((name) =>
    el("button", {
      type: "button", class: chosen === name ? "btn on" : "btn", "data-severity": name,
      "aria-pressed": String(chosen === name), onclick: () => choose(name),
    }, severityGlyph(name, terms.colourSign(name), 26), `${terms.colourName(name)} ${roman(levelOf(name))}`)));
}
