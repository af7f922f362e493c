// The band over everything while an exercise goes on.
import { el, replace } from "../core/dom.js";
import { _ } from "../core/words.js";

/** Show it for the exercises among the hazards, or take it away. */
export function drawDrills(band, hazards) {
  const drills = hazards.filter(({ properties }) => properties.exercise);
  band.hidden = !drills.length;
  document.documentElement.classList.toggle("is-drill", drills.length > 0);
  replace(band, drills.length > 0 && [el("b", {}, _("演练")),
    el("span", {}, _("这不是真实事件 · {names} · 不对外发", { names: drills.map(({ properties }) => properties.name).join(" · ") })),
    el("b", {}, _("演练"))]);
}
