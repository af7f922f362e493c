// The button that begins a hazard, and what happens between it and the declaration.
import { el } from "../core/dom.js";
import { may } from "../core/page.js";
import { _ } from "../core/words.js";
import { serverButton } from "./buttons.js";
import { HazardDraw } from "./hazard_draw.js";
import { HazardForm } from "./hazard_form.js";

/** Offer drawing to who may declare; gives the drawing, null for other roles. */
export function drawingHazards({ view, details, now, declared }) {
  if (!may("hazard.declare")) return null;
  const bar = el("div", { class: "draw-bar", hidden: true, role: "group", "aria-label": _("画险情范围") });
  view.box.append(bar);
  let done = false;
  const form = new HazardForm({
    now,
    declared: (id) => {
      done = true;
      draw.stop();
      done = false;
      declared(id);
    },
    stop: () => draw.stop(),
    drill: (on) => draw.drill(on),
  });
  const button = serverButton(_("画险情"), () => {
    details.close();
    details.hit = { layer: "new-hazard", id: "new" };
    details.open();
    form.begin(details.body);
    draw.start("Polygon");
    button.hidden = true;
  });
  button.classList.add("draw-start");
  view.find(".map-top").prepend(button);
  const draw = new HazardDraw(view, {
    box: bar,
    changed: (geometry) => form.changed(geometry),
    ended: () => {
      button.hidden = false;
      if (!done && details.hit?.layer === "new-hazard") details.close();
      if (!done) button.focus();
    },
  });
  // Whoever looks at something else gives the drawing up.
  details.leaving = () => {
    if (draw.active && !done) {
      done = true;
      draw.stop();
      done = false;
    }
  };
  return draw;
}
