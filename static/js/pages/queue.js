// The queue of open incidents: the numbers of the map, the most urgent first.
import { el, replace } from "../core/dom.js";
import { timer } from "../core/format.js";
import { emptyLine } from "../core/panels.js";
import { byUrgency, levelOf } from "../core/severity.js";
import * as terms from "../core/terms.js";
import { _ } from "../core/words.js";
import { severityGlyph } from "../map/symbols.js";

function row(feature, { now, gridLabel, selection, choose }) {
  const p = feature.properties;
  const chosen = selection?.layer === "incident" && selection.id === String(p.id);
  const age = p.reported_at ? (now - new Date(p.reported_at)) / 1000 : p.age_seconds;
  const level = levelOf(p.level);
  return el("li", {}, el("button", {
    type: "button", class: chosen ? "q sel" : "q", "data-id": p.id,
    "aria-pressed": String(chosen), onclick: () => choose(feature),
  },
  el("span", { class: "qs" }, severityGlyph(level, p.number ?? "", 40),
    el("span", {}, terms.colourName(level))),
  el("span", { class: "grow" },
    el("b", { class: "qt clip" }, p.title || terms.category(p.category)),
    el("span", { class: "mut s clip" }, terms.category(p.category), " · ",
      el("span", { class: "num" }, gridLabel(p.grid) || _("网格外"))),
    el("span", { class: "s clip" }, el("b", {}, terms.incidentState(p.state)))),
  el("span", { class: "qm" }, el("b", { class: "num" }, timer(age || 0)), el("span", {}, _("已过")))));
}

/** Draw the queue, keeping what has the focus. */
export function drawQueue(panel, features, options) {
  const focused = panel.body.contains(document.activeElement) && document.activeElement.dataset.id;
  const sorted = [...features].sort((one, other) => byUrgency(one.properties, other.properties));
  if (!sorted.length) {
    panel.show(emptyLine(_("没有未结事件")));
    return;
  }
  const old = panel.body.querySelector("ol.queue-list");
  const list = old || el("ol", { class: "queue-list" });
  replace(list, sorted.map((feature) => row(feature, options)));
  if (!old) panel.show(list);
  else panel.body.querySelector(":scope > .failed")?.remove();
  if (focused) list.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus();
}
