// The map never flies by itself: a new incident offers to be looked at.
import { byId, el } from "../core/dom.js";
import { may } from "../core/page.js";
import { _ } from "../core/words.js";

const SECONDS = 15;
const MOST = 3;

/** Offer an incident that has just come, once the list knows it. */
export function offerIncident(id, incidents, choose) {
  incidents.addEventListener("change", () => {
    const feature = incidents.find(id);
    // What rings is in the strip already.
    if (!feature || (may("duty.log") && [1, 2].includes(feature.properties.level))) return;
    const { number, title } = feature.properties;
    const line = el("div", { class: "toast" },
      el("span", {}, _("新事件 {number}：{title}", { number, title })),
      el("button", { type: "button", class: "btn", onclick: () => {
        line.remove();
        choose(feature);
      } }, _("去看")));
    const toasts = byId("toasts");
    toasts.append(line);
    while (toasts.children.length > MOST) toasts.firstChild.remove();
    setTimeout(() => line.remove(), SECONDS * 1000);
  }, { once: true });
}
