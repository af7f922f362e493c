// "As of": the grids of another day, with the days on which they changed.
import { get } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import { _ } from "../core/words.js";
import { dayOf } from "../planner/steps.js";

/** The address of the grids of a day; the plain one for what is in force. */
export function addressOf(base, day) {
  if (!day) return base;
  return `${base}${base.includes("?") ? "&" : "?"}as_of=${encodeURIComponent(day)}`;
}

/** Days of an answer of /api/grids/versions, newest first, each once. */
export function daysOf(answer) {
  const rows = Array.isArray(answer) ? answer : answer?.items || answer?.versions || [];
  const days = rows.map((row) => (typeof row === "string" ? row : row.valid_from || row.date || row.day)).filter(Boolean);
  return [...new Set(days.map((day) => String(day).slice(0, 10)))].sort().reverse();
}

/** The day of the address, when it is one; null for what is in force. */
export function dayOfAddress() {
  const day = new URLSearchParams(location.search).get("as_of") || "";
  return /^\d{4}-\d{2}-\d{2}$/.test(day) ? day : null;
}

/** Put a day, and what else the page is about, into its address. */
export function keepInAddress(given) {
  const asked = new URLSearchParams(Object.entries(given).filter(([, value]) => value));
  history.replaceState(null, "", `${location.pathname}${asked.size ? `?${asked}` : ""}`);
}

/**
 * The chooser; `chosen({url, day})` is told, with day null for what is in force. A page may have a
 * `band` that says in words of its own (`says(day)`) what is shown, with the way back in it.
 */
export class AsOf {
  constructor(form, chosen, base, { band = null, says = null, day = null } = {}) {
    Object.assign(this, { form, chosen, base, day });
    this.input = form.elements.day;
    this.versions = form.elements.version;
    this.back = (band || form).querySelector("button");
    this.words = document.getElementById("as-of-words");
    this.band = band || this.words;
    this.says = says || (() => _("{day} 那天的网格，不是现行的", { day: this.day }));
    this.input.value = day || "";
    this.input.max = dayOf(new Date(), form.dataset.zone);
    form.addEventListener("submit", (event) => event.preventDefault());
    this.input.addEventListener("change", () => this.choose(this.input.value || null));
    this.versions.addEventListener("change", () => this.choose(this.versions.value || null));
    this.back.addEventListener("click", () => {
      this.choose(null);
      this.input.focus();
    });
  }

  choose(day) {
    if (day === this.day) return;
    this.day = day;
    this.input.value = day || "";
    this.show();
    this.chosen({ url: addressOf(this.base, day), day });
  }

  show() {
    const { day } = this;
    this.back.hidden = !day;
    this.band.hidden = !day;
    this.words.textContent = day ? this.says(day) : "";
    const listed = [...this.versions.options].some(({ value }) => value === (day || ""));
    this.versions.value = listed ? day || "" : "";
  }

  /** Ask on which days the grids changed. */
  async load() {
    let days = [];
    try {
      days = daysOf(await get("/api/grids/versions"));
    } catch {
      return; // The date can be typed all the same.
    }
    this.versions.hidden = !days.length;
    replace(this.versions, el("option", { value: "" }, _("换过版的日子")),
      days.map((day) => el("option", { value: day }, day)));
    this.show();
  }
}
