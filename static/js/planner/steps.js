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
  return ["validate", "approve", "publish", "reopen", "withdraw", "discard"]
    .filter((step) => step !== next && can.includes(step));
}

/** Why the next step is not this person's: "role", "own", or null when it is. */
export function hindrance(step, { can, createdBy, me, permissions }) {
  if (!step || can.includes(step)) return null;
  const needed = { validate: "grid.draw", approve: "grid.publish", publish: "grid.publish" }[step];
  if (!permissions.includes(needed)) return "role";
  return createdBy === me ? "own" : "other";
}

/** Today's date where the person is, as YYYY-MM-DD. */
export function dayOf(date) {
  const pad = (value) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

/** Another day, so many days later. */
export function dayAfter(date, days) {
  const other = new Date(date);
  other.setDate(other.getDate() + days);
  return dayOf(other);
}
