// The editor page of one scenario: live feed, narrow screens, and the editor itself.
import "./common.js";
import { byId } from "../core/dom.js";
import { Live } from "../core/live.js";
import { Editor } from "../planner/editor.js";

const live = new Live([]);
const { feed } = live;
const main = byId("main");
const editor = new Editor(main.dataset.scenario, { now: () => feed.serverNow(), zone: main.dataset.zone });

function fold(button, name) {
  button.addEventListener("click", () => {
    const folded = main.classList.toggle(name);
    button.setAttribute("aria-expanded", String(!folded));
  });
}

fold(byId("foot-toggle"), "foot-folded");
const sheet = byId("sheet-toggle");
sheet.addEventListener("click", () => {
  const open = main.classList.toggle("sheet-open");
  sheet.setAttribute("aria-expanded", String(open));
});
if (window.innerHeight < 860) byId("foot-toggle").click(); // The map never gets less than half.

feed.addEventListener("change", ({ detail }) => {
  if (detail.subject !== "scenario" || String(detail.id) !== editor.id) return;
  if (detail.kind === "scenario.locked") editor.locks.look();
  else if (detail.kind === "scenario.measured") editor.client.measures().catch(() => {});
  else if (detail.kind === "scenario.proposed") editor.proposals.look();
  else editor.others.heard();
});
feed.addEventListener("resumed", () => editor.others.heard());
live.start();
editor.start();
