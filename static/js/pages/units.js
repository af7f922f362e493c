// Units and facilities as lists: what the map shows is here in words too.
import { el } from "../core/dom.js";
import { number } from "../core/format.js";
import { emptyLine } from "../core/panels.js";
import * as terms from "../core/terms.js";
import { _, n_ } from "../core/words.js";
import { facilityCharacter, facilityWord, isBusy, unitCharacter, unitWord } from "../map/layers/places.js";
import { facilityGlyph, shelterGlyph, unitGlyph } from "../map/symbols.js";

function state(props) {
  if (!props.on_duty) return _("不在岗");
  return isBusy(props) ? _("在用") : _("空闲");
}

function task(p, incident) {
  const kind = unitWord(p.kind);
  const people = p.people ? ` · ${n_("{n} 人", p.people)}` : "";
  return incident ? `${_("事件 {number}", { number: incident.number })} · ${incident.title}` : `${kind}${people}`;
}

function row(feature, choose, inUse) {
  const p = feature.properties;
  const incident = inUse.get(String(p.id)) || null;
  const inTask = Boolean(incident) || isBusy(p);
  return el("li", {}, el("button", { type: "button", class: "u", onclick: () => choose(feature) },
    unitGlyph(unitCharacter(p.kind), inTask, 36),
    el("span", { class: "grow" }, el("b", { class: "clip" }, p.name || unitWord(p.kind)),
      el("span", { class: "mut s clip" }, task(p, incident))),
    el("span", { class: p.on_duty ? "u-state" : "u-state mut" },
      incident ? terms.incidentState(incident.state) : state(p))));
}

function place(feature, choose) {
  const p = feature.properties;
  const symbol = p.kind === "shelter" ? shelterGlyph(30) : facilityGlyph(facilityCharacter(p.kind), 30);
  return el("li", {}, el("button", { type: "button", class: "u", onclick: () => choose(feature) },
    symbol, el("span", { class: "grow" }, el("b", { class: "clip" }, p.name || facilityWord(p.kind)),
      el("span", { class: "mut s clip" }, facilityWord(p.kind),
        p.capacity ? ` · ${n_("{n} 人", p.capacity, { n: number(p.capacity) })}` : ""))));
}

/** Facilities of the map as a list: shelters first, what is everywhere last. */
function places(facilities, choose, open) {
  const rank = ({ properties: { kind } }) => (kind === "shelter" ? 0 : kind === "grid_station" ? 2 : 1);
  const sorted = [...facilities].sort((one, other) => rank(one) - rank(other));
  return el("details", { class: "fold-list", open },
    el("summary", { class: "btn" }, n_("设施与安置点 {n} 处", sorted.length, { n: number(sorted.length) })),
    el("ul", { class: "unit-list" }, sorted.map((feature) => place(feature, choose))));
}

/** Draw the list of units, and under it that of the facilities. */
export function drawUnits(panel, units, facilities, { chooseUnit, chooseFacility, inUse = new Map() }) {
  const rank = ({ properties: p }) => (p.on_duty ? (inUse.has(String(p.id)) || isBusy(p) ? 0 : 1) : 2);
  const sorted = [...units].sort((one, other) => rank(one) - rank(other));
  const open = Boolean(panel.body.querySelector("details[open]"));
  const top = panel.body.scrollTop;
  panel.show(
    sorted.length
      ? el("ul", { class: "unit-list" }, sorted.map((feature) => row(feature, chooseUnit, inUse)))
      : emptyLine(_("没有登记队伍")),
    facilities.length > 0 && places(facilities, chooseFacility, open));
  panel.body.scrollTop = top;
}
