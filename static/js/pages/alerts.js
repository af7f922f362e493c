// Declared hazards and warnings over the map: the most severe first, the step next to it.
import { el, replace } from "../core/dom.js";
import { moment, number } from "../core/format.js";
import { may } from "../core/page.js";
import { LEVELS, levelOf, roman } from "../core/severity.js";
import * as terms from "../core/terms.js";
import { _, n_ } from "../core/words.js";
import { busy, serverButton } from "../duty/buttons.js";
import { overdue, overdueWords } from "../duty/hazard_history.js";
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

function until(p, now) {
  if (overdue(p, now) > 0) return overdueWords(p, now);
  return p.ends_at && _("预计到 {time}", { time: moment(p.ends_at, now) });
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
        until(p, now),
        alarm?.active && _("未接警"),
      ].filter(Boolean).join(" · "))),
    box, alarms?.button(alarm), step(p, box, drafted));
}

/** A warning from elsewhere, or issued here for what is lifted: it is read, and declared, on its page. */
function warning(p, now) {
  const colour = p.exercise ? "drill" : LEVELS[levelOf(p.severity) - 1] || "none";
  return el("div", { class: `al ${colour}` },
    el("a", { class: "al-main", href: `/alerts?id=${encodeURIComponent(p.id)}` },
      p.exercise ? el("b", { class: "drill-word" }, _("演练")) : severityGlyph(p.severity, terms.colourSign(p.severity), 40),
      el("b", { class: "w clip" }, p.headline),
      el("span", { class: "mut clip grow" }, [
        p.area_desc, p.issuer, p.expires_at && _("到 {time}", { time: moment(p.expires_at, now) }),
      ].filter(Boolean).join(" · "))),
    el("a", { class: "btn", href: `/alerts?id=${encodeURIComponent(p.id)}` }, _("看预警")));
}

/** Draw the strip; hidden when nothing is declared and no warning is in force. */
export function drawAlerts(strip, features, options) {
  if (strip.querySelector(".al-job:not([hidden])")) return; // A running draft keeps its bar.
  const rank = (severity) => levelOf(severity) || 5;
  const shown = [
    ...features.filter(({ properties: p }) => p.state !== "lifted")
      .map((feature) => ({ rank: rank(feature.properties.severity), draw: () => alert(feature, options) })),
    ...(options.warnings || []).map((each) => ({ rank: rank(each.severity), draw: () => warning(each, options.now) })),
  ].sort((one, other) => one.rank - other.rank);
  strip.hidden = !shown.length;
  strip.classList.toggle("single", shown.length === 1);
  replace(strip, shown.slice(0, SHOWN).map((each) => each.draw()),
    shown.length > SHOWN && el("p", { class: "al more" },
      n_("还有 {n} 条", shown.length - SHOWN)));
}
