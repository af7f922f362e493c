// The way of a scenario: changed, validated, approved by somebody else, published.

/** 1..4: the step that is next; 5 when all is done; 0 when it was given up. */
export function stepOf(state) {
  return { open: 1, invalid: 1, validating: 2, valid: 3, approved: 4, published: 5, discarded: 0 }[state] ?? 1;
}

/** The one thing to do next: the name of the step that is offered as the primary button. */
export function nextStep(state) {
  return { open: "validate", invalid: "validate", valid: "approve", approved: "publish" }[state] || null;
}

/** Steps beside the primary one that `can` allows now, in the order of their buttons. */
export function otherSteps(state, can) {
  const next = nextStep(state);
  return ["validate", "approve", "publish", "rebase", "reopen", "withdraw", "discard"]
    .filter((step) => step !== next && can.includes(step));
}

/** Why the next step is not this person's: "role", "own", or null when it is. */
export function hindrance(step, { can, createdBy, me, permissions }) {
  if (!step || can.includes(step)) return null;
  const needed = { validate: "grid.draw", approve: "grid.publish", publish: "grid.publish" }[step];
  if (!permissions.includes(needed)) return "role";
  return createdBy === me ? "own" : "other";
}

/** The day it is in a time zone, as YYYY-MM-DD: a grid comes into force where its people live. */
export function dayOf(date, zone) {
  const parts = new Intl.DateTimeFormat("en", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" })
    .formatToParts(date);
  const of = (type) => parts.find((part) => part.type === type).value;
  return `${of("year")}-${of("month")}-${of("day")}`;
}
