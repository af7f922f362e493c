// Search by grid code, address or name: a combobox, all by keyboard, results by the server.
import { get } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import * as terms from "../core/terms.js";
import { _ } from "../core/words.js";
import { facilityWord } from "./layers/places.js";

const WAIT = 220;

/** Spaces and full-width digits as people type them: 003－012 is 003-012. */
export function normalise(text) {
  return text.normalize("NFKC").replace(/[‐‑–—−－]/g, "-").replace(/\s+/g, " ").trim();
}

/** Which option is active after a key; -1 is none. */
export function nextActive(key, active, count) {
  if (!count) return -1;
  if (key === "ArrowDown") return (active + 1) % count;
  if (key === "ArrowUp") return active <= 0 ? count - 1 : active - 1;
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  return active;
}

const KINDS = {
  grid: "网格", address: "地址", facility: "设施", place: "地名", incident: "事件", hazard: "险情",
};

const SUBTITLES = {
  facility: facilityWord, hazard: terms.hazardKind, incident: terms.incidentState,
};

/** The second line of a result: keys of the data model in words. */
export function subtitleOf({ kind, subtitle }) {
  return subtitle && SUBTITLES[kind] ? SUBTITLES[kind](subtitle) : subtitle;
}

export class Search {
  /** `form` holds an input and a listbox; `choose(result)` goes there. */
  constructor(form, url, choose) {
    this.input = form.querySelector("input");
    this.list = form.querySelector("[role=listbox]");
    this.note = form.querySelector(".search-note");
    Object.assign(this, { url, choose, results: [], active: -1, asked: 0 });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.pick(this.active >= 0 ? this.active : 0);
    });
    this.input.addEventListener("input", () => this.later());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("focus", () => this.results.length && this.open(true));
    form.addEventListener("focusout", (event) => {
      if (!form.contains(event.relatedTarget)) this.open(false);
    });
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), WAIT);
  }

  async ask() {
    const words = normalise(this.input.value);
    const number = ++this.asked;
    if (!words) {
      this.show([], "");
      return;
    }
    try {
      const answer = await get(`${this.url}?q=${encodeURIComponent(words)}`);
      if (number !== this.asked) return; // A later question has been asked since.
      this.show(answer.results, answer.results.length ? "" : _("没有找到“{words}”", { words }));
    } catch (error) {
      if (number === this.asked) this.show([], error.status === 0 ? _("没连上服务器，搜不了") : _("搜索没成功"));
    }
  }

  show(results, note) {
    this.results = results;
    this.active = -1;
    replace(this.list, results.map((result, index) => el("li", {
      id: `found-${index}`, role: "option", "aria-selected": "false",
      onmousedown: (event) => event.preventDefault(),
      onclick: () => this.pick(index),
    }, el("span", { class: "kind" }, _(KINDS[result.kind] || "地名")),
    el("b", { class: "clip" }, result.title),
    result.subtitle && el("span", { class: "mut clip" }, subtitleOf(result)))));
    this.note.textContent = note || (results.length ? _("找到 {n} 处", { n: results.length }) : "");
    this.note.classList.toggle("seen", Boolean(note));
    this.open(results.length > 0);
    this.mark();
  }

  open(show) {
    this.list.hidden = !show;
    this.input.setAttribute("aria-expanded", String(show));
  }

  key(event) {
    if (event.key === "Escape") {
      if (!this.list.hidden) event.preventDefault();
      this.open(false);
      return;
    }
    if (!["ArrowDown", "ArrowUp"].includes(event.key) || !this.results.length) return;
    event.preventDefault();
    this.open(true);
    this.active = nextActive(event.key, this.active, this.results.length);
    this.mark();
  }

  mark() {
    [...this.list.children].forEach((option, index) => {
      const active = index === this.active;
      option.setAttribute("aria-selected", String(active));
      if (active) option.scrollIntoView({ block: "nearest" });
    });
    if (this.active >= 0) this.input.setAttribute("aria-activedescendant", `found-${this.active}`);
    else this.input.removeAttribute("aria-activedescendant");
  }

  pick(index) {
    const result = this.results[index];
    if (!result) return;
    this.open(false);
    this.choose(result);
  }
}
