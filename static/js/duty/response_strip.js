// Running responses above the duty map: level, matter, tasks done and late, one press away.
import { get } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import * as words from "../core/response_words.js";
import { roman } from "../core/severity.js";
import { _ } from "../core/words.js";
import { severityGlyph } from "../map/symbols.js";

const MOST = 3; // Side by side; the rest is one press away.

function item(one) {
  return el("a", { class: "strip-item", href: `/responses/${one.id}` },
    one.exercise ? el("b", { class: "drill-word" }, _("演练")) : severityGlyph(one.level, roman(one.level), 28),
    el("b", { class: "clip" }, words.level(one.level), " ", one.matter),
    el("span", { class: "num" }, _("{done}/{all} 办完", { done: one.tasks_done, all: one.tasks_all })),
    one.tasks_late > 0 && el("b", { class: "late-word" }, _("{n} 项超时", { n: one.tasks_late })));
}

/** Draw the strip, and again whenever something of a response changes. */
export function responseStrip(section, feed) {
  let soon = null;
  const load = async () => {
    soon = null;
    try {
      const { items } = await get("/api/responses?state=open");
      section.hidden = !items.length;
      replace(section, items.slice(0, MOST).map(item),
        items.length > MOST && el("a", { class: "strip-item", href: "/responses" }, _("还有 {n} 个响应", { n: items.length - MOST })));
    } catch {
      section.classList.add("stale"); // What is shown stays; the badge of the page says why.
    }
  };
  const again = () => {
    soon ||= setTimeout(load, 200);
  };
  feed.addEventListener("ready", again);
  feed.addEventListener("resumed", again);
  feed.addEventListener("change", ({ detail }) => {
    if (detail.subject === "response" || detail.subject === "task") again();
  });
}
