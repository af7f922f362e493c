// The way from the day to one's tasks of a response: shown while there are any and the server is there.
import { byId, el, replace } from "../core/dom.js";
import { _, n_ } from "../core/words.js";

const AGAIN = 30; // Seconds between two looks.

async function look(door) {
  try {
    const response = await fetch("/api/tasks", { credentials: "same-origin", cache: "no-store", redirect: "manual", headers: { Accept: "application/json" } });
    const tasks = response.ok ? await response.json() : [];
    const drill = tasks.length > 0 && tasks.every((task) => task.exercise);
    replace(door, drill && el("b", { class: "drill-word" }, _("演练")), el("b", {}, n_("我的任务 {n} 项", tasks.length)));
    door.hidden = !tasks.length;
  } catch {
    door.hidden = true; // Tasks are taken and done with a network only.
  }
}

/** Keep the door true from now on. */
export function tasksDoor() {
  const door = byId("open-tasks");
  look(door);
  setInterval(() => look(door), AGAIN * 1000);
}
