// The band over everything while an exercise goes on; beside what is real it says which of them is none.
import { el, replace } from "../core/dom.js";
import { _, n_ } from "../core/words.js";

const NAMED = 3; // So many by name: the band stays one line or two.

function listed(drills) {
  const names = [...new Set(drills.map(({ properties }) => properties.name))];
  const rest = names.length - NAMED;
  return [...names.slice(0, NAMED), rest > 0 && n_("还有 {n} 处演练", rest)].filter(Boolean).join(" · ");
}

/** Show it for the exercises among the hazards, or take it away; the frame only where nothing is real. */
export function drawDrills(band, hazards) {
  const drills = hazards.filter(({ properties }) => properties.exercise);
  const mixed = drills.length > 0 && drills.length < hazards.length;
  const names = listed(drills);
  const { classList } = document.documentElement;
  band.hidden = !drills.length;
  classList.toggle("is-drill", drills.length > 0);
  classList.toggle("is-mixed", mixed);
  replace(band, drills.length > 0 && [el("b", {}, _("演练")),
    el("span", {}, mixed ? _("{names} 是演练，消息都标着 · 别的是真的", { names })
      : _("这不是真实事件 · {names} · 消息都标演练", { names })),
    el("b", {}, _("演练"))]);
}
