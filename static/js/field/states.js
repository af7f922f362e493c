// The states of one item of the outbox, and the only ways between them.
//
//   draft -> queued -> sending -> accepted -> (gone, by the member's hand)
//     ^        |         |  `-> refused -> draft
//     `--------'         `-> queued (no answer, a stranger's answer, the server in trouble)

export const STEPS = {
  draft: ["queued", "gone"],
  queued: ["sending", "draft"],
  sending: ["queued", "accepted", "refused", "sending"],
  accepted: ["gone"],
  refused: ["draft"],
  gone: [],
};

export const OPEN = ["draft", "queued", "sending", "refused"];

/** True when the outbox may go from one state to the other. */
export function may(from, to) {
  return (STEPS[from] || []).includes(to);
}

/** Only what was never tried can be taken back: a try may have arrived without its answer. */
export function canEdit(item) {
  return item.state === "draft" || item.state === "refused" || (item.state === "queued" && item.tries === 0);
}

/** What waits for the network: reports, answers to visits, and photos of those that are in. */
export function unsent(items) {
  return items.filter(({ state }) => state === "queued" || state === "sending");
}

/** First the words, oldest first; photos only when no words wait. */
export function inOrder(items) {
  const waiting = unsent(items).sort((one, other) => one.order - other.order);
  return [
    ...waiting.filter(({ received }) => !received).map((item) => ({ item, part: "body" })),
    ...waiting.filter(({ received }) => received).map((item) => ({ item, part: "photos" })),
  ];
}
