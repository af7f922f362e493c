// A panel and its five states: empty, loading, stale, error, offline. Data stays in all of them.
import { age, clock } from "./format.js";
import { el, replace } from "./dom.js";
import { _ } from "./words.js";

const LOADING_AFTER = 300; // Milliseconds before grey bars: a quick answer shows none.

/** Rows of grey bars in place of what is being fetched. */
export function skeleton(rows = 3) {
  return el("div", { class: "skeleton", role: "status" },
    el("span", { class: "sr" }, _("正在取数")),
    Array.from({ length: rows }, () => el("div", { class: "sk-row", "aria-hidden": "true" })));
}

/** One line for "there is nothing", with the next step. */
export function emptyLine(words, ...next) {
  return el("p", { class: "empty mut" }, words, ...next);
}

/** What failed, what is kept, one button. */
export function errorLine(problem, retry, kept) {
  const unreachable = problem?.status === 0;
  const what = unreachable ? _("没连上服务器。") : _("没取到数据：{title}。", { title: problem?.title || problem?.message || "" });
  return el("div", { class: "failed", role: "alert" },
    el("p", {}, el("b", {}, what), " ", kept || ""),
    retry && el("button", { type: "button", class: "btn", onclick: retry }, _("再取")));
}

/** A panel found in the page: `<section class="panel">` with header .age and .body. */
export class Panel {
  constructor(section) {
    this.section = section;
    this.stamp = section.querySelector(".age");
    this.body = section.querySelector(".body");
    this.time = null;
    this.limit = Infinity;
  }

  /** Show grey bars if nothing has been shown yet, after a moment. */
  loading(rows) {
    if (this.body.childElementCount || this.timer) return;
    this.timer = setTimeout(() => {
      if (!this.body.childElementCount) replace(this.body, skeleton(rows));
    }, LOADING_AFTER);
  }

  show(...children) {
    clearTimeout(this.timer);
    this.timer = null;
    replace(this.body, ...children);
    this.body.querySelector(":scope > .failed")?.remove();
    this.full = true;
  }

  /** Keep what is shown and say above it what failed. */
  fail(problem, retry) {
    clearTimeout(this.timer);
    this.timer = null;
    const line = errorLine(problem, retry, this.full ? _("下面是上次的数据。") : "");
    if (!this.full) replace(this.body, line);
    else {
      this.body.querySelector(":scope > .failed")?.remove();
      this.body.prepend(line);
    }
  }

  /** The time of the data; older than `limit` seconds it is marked. */
  at(time, limit = Infinity) {
    this.time = time;
    this.limit = limit;
  }

  /** Write the stamp: live it counts, disconnected it stands still. */
  tick(now, connected, seenAt = null) {
    const { stamp } = this;
    if (!stamp) return;
    this.section.classList.toggle("cut", !connected);
    const time = this.time;
    if (!time) {
      stamp.hidden = true;
      return;
    }
    stamp.hidden = false;
    const seconds = (now - new Date(time)) / 1000;
    stamp.classList.toggle("old", connected && seconds > this.limit);
    stamp.classList.toggle("stopped", !connected);
    const words = connected ? age(time, now) : _("停在 {time}", { time: clock(seenAt || time).slice(0, 5) });
    if (stamp.textContent !== words) stamp.textContent = words;
  }
}
