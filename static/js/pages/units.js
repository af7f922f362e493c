// Units: on duty first; those in use are reversed, as on the map.
import { el } from "../core/dom.js";
import { emptyLine } from "../core/panels.js";
import { _, n_ } from "../core/words.js";
import { isBusy, unitCharacter, unitWord } from "../map/layers/places.js";
import { unitGlyph } from "../map/symbols.js";

function state(props) {
  if (!props.on_duty) return _("不在岗");
  return isBusy(props) ? _("在用") : _("空闲");
}

function row(feature, choose) {
  const p = feature.properties;
  return el("li", {}, el("button", { type: "button", class: "u", onclick: () => choose(feature) },
    unitGlyph(unitCharacter(p.kind), isBusy(p), 36),
    el("span", { class: "grow" }, el("b", { class: "clip" }, p.name || unitWord(p.kind)),
      el("span", { class: "mut s clip" }, unitWord(p.kind), p.people ? ` · ${n_("{n} 人", p.people)}` : "")),
    el("span", { class: p.on_duty ? "u-state" : "u-state mut" }, state(p))));
}

/** Draw the list of units. */
export function drawUnits(panel, features, choose) {
  if (!features.length) {
    panel.show(emptyLine(_("没有登记队伍")));
    return;
  }
  const rank = ({ properties: p }) => (p.on_duty ? (isBusy(p) ? 0 : 1) : 2);
  const sorted = [...features].sort((one, other) => rank(one) - rank(other));
  panel.show(el("ul", { class: "unit-list" }, sorted.map((feature) => row(feature, choose))));
}
