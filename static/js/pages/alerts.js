// Declared hazards over the map: the most severe widest and first, the step next to it.
import { el, replace } from "../core/dom.js";
import { moment, number } from "../core/format.js";
import { may } from "../core/page.js";
import { LEVELS, levelOf, roman } from "../core/severity.js";
import * as terms from "../core/terms.js";
import { _, n_ } from "../core/words.js";
import { busy, serverButton } from "../duty/buttons.js";
import { draftPlan } from "../duty/hazard_panel.js";
import { severityGlyph } from "../map/symbols.js";

const SHOWN = 2;

function title(p) {
  const name = p.name || terms.hazardKind(p.kind);
  const level = levelOf(p.severity);
  return level
    ? _("{name} {colour}色 {roman}级", { name, colour: terms.colourName(level), roman: roman(level) })
    : name;
}

function step(p, box, drafted) {
  if (p.plan_id && may("plan.view")) return el("a", { class: "btn", href: `/plans/${encodeURIComponent(p.plan_id)}` }, _("看预案"));
  if (!may("plan.draft")) return null;
  return serverButton(_("起草预案"), (pressed) => busy(pressed, () => draftPlan(p.id, box, drafted, { link: false })), {});
}

function alert(feature, { now, choose, drafted, alarms }) {
  const p = feature.properties;
  const alarm = alarms?.of("hazard", p.id);
  const box = el("div", { class: "al-job", hidden: true });
  const colour = p.exercise ? "drill" : LEVELS[levelOf(p.severity) - 1] || "none";
  return el("div", { class: `al ${colour}` },
    el("button", { type: "button", class: "al-main", onclick: () => choose(feature) },
      // No warning colour for an exercise, nor a shape that is read as one.
      p.exercise ? el("b", { class: "drill-word" }, _("演练"))
        : severityGlyph(p.severity, terms.colourSign(p.severity), 40),
      el("b", { class: "w clip" }, title(p)),
      el("span", { class: "mut clip grow" }, [
        p.households_affected !== undefined && p.households_affected !== null &&
          _("影响 {h} 户 {p} 人", { h: number(p.households_affected), p: number(p.people_affected) }),
        p.declared_at && _("{time} 宣布", { time: moment(p.declared_at, now) }),
        p.ends_at && _("预计到 {time}", { time: moment(p.ends_at, now) }),
        alarm?.active && _("未接警"),
      ].filter(Boolean).join(" · "))),
    box, alarms?.button(alarm), step(p, box, drafted));
}

/** Draw the strip; hidden when nothing is declared. */
export function drawAlerts(strip, features, options) {
  if (strip.querySelector(".al-job:not([hidden])")) return; // A running draft keeps its bar.
  const declared = features.filter(({ properties: p }) => p.state !== "lifted")
    .sort((one, other) => (levelOf(one.properties.severity) || 5) - (levelOf(other.properties.severity) || 5));
  strip.hidden = !declared.length;
  strip.classList.toggle("single", declared.length === 1);
  replace(strip, declared.slice(0, SHOWN).map((feature) => alert(feature, options)),
    declared.length > SHOWN && el("p", { class: "al more" },
      n_("还有 {n} 条", declared.length - SHOWN)));
}
