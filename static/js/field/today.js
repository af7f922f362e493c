// The day of the site: its time zone decides, not that of a tablet that was set somewhere else.
import { zone } from "../core/format.js";

/** "2026-11-22" at this moment. */
export function today(now) {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone(), year: "numeric", month: "2-digit", day: "2-digit" }).format(now);
}
