// Time left against the time to answer, on the server's clock.
import { byUrgency, levelOf } from "../core/severity.js";

/** Seconds left (negative when late), the share of the time that has gone; null without a limit. */
export function due(p, now) {
  if (!p.due_at) return null;
  const end = new Date(p.due_at);
  const left = Math.round((end - now) / 1000);
  const whole = (end - new Date(p.state_changed_at && p.state_changed_at < p.due_at
    ? p.state_changed_at : p.reported_at)) / 1000;
  const share = whole > 0 ? Math.min(1, Math.max(0, 1 - left / whole)) : 1;
  return { left, late: left < 0, share };
}

export function isLate(p, now) {
  return Boolean(due(p, now)?.late);
}

/** The most urgent level first; in a level the late ones first, then by number. */
export function inOrder(features, now) {
  const rank = ({ properties: p }) => (levelOf(p.level) || 5) * 2 - (isLate(p, now) ? 1 : 0);
  return [...features].sort((one, other) => rank(one) - rank(other) ||
    byUrgency(one.properties, other.properties));
}

/** Three digits at most fit into the shape; two open incidents are never a thousand apart. */
export function shortNumber(number) {
  return number === null || number === undefined ? "" : String(number).slice(-3);
}
