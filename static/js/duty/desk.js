// The desk beside the map: alarms with their sound, the shift, the log. Only for who works there.
import { byId } from "../core/dom.js";
import { may } from "../core/page.js";
import { Alarms } from "./alarms.js";
import { Log } from "./log.js";
import { responseStrip } from "./response_strip.js";
import { Shift } from "./shift.js";
import { Sound } from "./sound.js";

const NONE = {
  alarms: null, unheard: () => new Set(), load() {}, late() {}, connection() {},
};

/** Everything of the desk; for other roles the same names that do nothing. */
export function openDesk({ now, feed, panels, open, gather, changed }) {
  responseStrip(byId("responses"), feed); // Everybody on the map sees what is running.
  if (!may("duty.log")) return NONE;
  const log = new Log(panels.log, { now });
  let alarms = null;
  const shift = new Shift({
    line: byId("shift-line"), box: log.head, now,
    gather: () => ({ ...gather(), unheard: alarms.unheard }),
  });
  const sound = new Sound(byId("sound"), () => shift.key);
  alarms = new Alarms(byId("alarms"), { sound, choose: ({ subject, id }) => open(subject, id) });
  alarms.addEventListener("change", changed);
  shift.addEventListener("change", () => sound.show()); // Muting ends with the shift.
  feed.addEventListener("change", ({ detail }) => {
    // A step with a report takes its alarm; its list is asked for when one can have changed.
    if (["hazard", "alarm", "response"].includes(detail.subject) || detail.kind === "call_out.escalated" || detail.kind === "incident.reported" ||
        alarms.of("incident", detail.id)) alarms.soon();
    if (detail.subject === "duty") shift.load();
    log.soon();
  });
  for (const id of ["tab-log", "side-log"]) byId(id).addEventListener("click", () => log.soon());
  let connected = true;
  let begun = false;
  return {
    alarms,
    unheard: () => alarms.unheard,
    load() {
      begun = true;
      shift.load();
      alarms.load();
      log.load();
    },
    late: () => sound.play("late"),
    connection(is) {
      if (begun && connected && !is) sound.play("cut");
      connected = is;
    },
  };
}
