// The button that begins a hazard, and what happens between it and the declaration.
import { el } from "../core/dom.js";
import { may } from "../core/page.js";
import { _ } from "../core/words.js";
import { serverButton } from "./buttons.js";
import { HazardAdjust } from "./hazard_adjust.js";
import { HazardDraw } from "./hazard_draw.js";
import { HazardForm } from "./hazard_form.js";
import { arrowing } from "./slide_arrow.js";

/** Offer drawing to who may declare; gives what begins and adjusts one, null for other roles. */
export function drawingHazards({ view, details, now, declared }) {
  if (!may("hazard.declare")) return null;
  const bar = el("div", { class: "draw-bar", hidden: true, role: "group", "aria-label": _("画险情范围") });
  view.box.append(bar);
  let [done, current] = [false, null];
  const form = new HazardForm({
    now, view,
    declared: (id) => {
      done = true;
      draw.stop();
      done = false;
      declared(id);
    },
    stop: () => draw.stop(),
    drill: (on) => draw.drill(on),
  });
  const adjusting = new HazardAdjust({
    now,
    edit: (ring, blocked) => draw.load(ring, blocked),
    block: (blocked) => draw.blockAlone(blocked),
    redraw: (blocked) => draw.anew(blocked),
    drill: (on) => draw.drill(on),
    stop: () => leave(),
    done: (id) => {
      leave();
      declared(id);
    },
  });
  /** Leave an adjustment: its drawing goes, the panel closes. */
  function leave() {
    done = true;
    if (draw.active) draw.stop();
    done = false;
    if (details.hit?.layer === "new-hazard") details.close();
    button.hidden = false;
  }
  /** Take the panel for a form. */
  function open(which) {
    details.close();
    details.hit = { layer: "new-hazard", id: "new" };
    details.open();
    current = which;
  }
  const button = serverButton(_("画险情"), () => begin());
  /** Begin a hazard, with values that are known already. */
  function begin(known = {}) {
    open(form);
    form.begin(details.body, known);
    if (known.ring) {
      draw.load(known.ring);
      draw.edited();
    } else draw.start("Polygon");
    button.hidden = true;
  }
  button.classList.add("draw-start");
  view.find(".map-top").prepend(button);
  const draw = new HazardDraw(view, {
    box: bar,
    changed: (geometry) => current.changed(geometry),
    blocked: (geometry) => current.blockedChanged(geometry),
    ended: () => {
      button.hidden = false;
      if (current === adjusting) {
        adjusting.unshaped(); // Its form stays open: the level may be adjusted alone.
        return;
      }
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
  return {
    get active() {
      return draw.active || arrowing();
    },
    begin,
    adjust(feature) {
      open(adjusting);
      adjusting.begin(details.body, feature);
    },
  };
}
