// What a sensor has told, above the form of a hazard: a person declares it, or says why not.
import { post } from "../core/api.js";
import { el } from "../core/dom.js";
import { language } from "../core/page.js";
import * as terms from "../core/terms.js";
import { toast } from "../core/toast.js";
import { _ } from "../core/words.js";
import { busy, serverButton } from "./buttons.js";

export const nameOf = (proposal) => (language.startsWith("en") && proposal.name_en) || proposal.name;

/** "东岸水位 3.2 m，到了橙色线 3 m" */
export const proposalWords = (p) => _("{name} {value} {unit}，到了{colour}色线 {threshold} {unit}", {
  name: nameOf(p), value: p.value, unit: p.unit, colour: terms.colourName(p.level), threshold: p.threshold,
});

/** The form of a hazard, filled in from a proposal. */
export const formOf = (p) => ({
  source: { proposal: p, address: `/api/sensor-proposals/${encodeURIComponent(p.id)}/declare` },
  ring: p.geometry.coordinates[0],
  values: { kind: p.kind, name: nameOf(p), severity: p.level, exercise: p.exercise },
});

/** What was measured, and the way to decline. */
export function sourceBox({ proposal }, declined) {
  const why = el("input", { class: "field", id: "decline-reason", maxlength: 500, "aria-label": _("为什么不宣布"), placeholder: _("为什么不宣布") });
  const said = el("p", { class: "said", role: "alert", hidden: true });
  const say = (words) => {
    said.textContent = words;
    said.hidden = !words;
  };
  return el("div", { class: "pad sensor-source" },
    el("p", {}, el("b", {}, _("监测提议")), " ", proposalWords(proposal)),
    el("div", { class: "row wrap" }, why, serverButton(_("不宣布"), (pressed) => busy(pressed, async () => {
      if (!why.value.trim()) {
        say(_("写上为什么不宣布"));
        why.focus();
        return;
      }
      try {
        await post(`/api/sensor-proposals/${encodeURIComponent(proposal.id)}/decline`, { reason: why.value.trim() });
        toast(_("记下了，没有宣布"));
        declined();
      } catch (error) {
        say(error.status === 0 ? _("没连上服务器") : error.detail || error.message);
      }
    }), { id: "decline" })), said);
}
