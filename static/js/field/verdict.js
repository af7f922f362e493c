// What an answer means. Only our own server's word counts: a receipt carries the hash of exactly
// the bytes that were sent, a refusal is a problem document. Anything else is somebody in between
// (a captive portal, a proxy), and the item goes on waiting.
const PROBLEM = "application/problem+json";
const LATER = new Set([408, 425, 429]);

function isProblem({ status, type, body }) {
  return type === PROBLEM && Boolean(body) && body.status === status && typeof body.title === "string";
}

function slug(body) {
  return String(body?.type || "").replace("urn:gridmap:problem:", "");
}

function again(why, answer) {
  return { kind: "again", why, after: Number(answer.retryAfter) || null };
}

/** A receipt for exactly what was sent, or somebody else's page with a good status. */
function receipt(answer, sent) {
  const { body } = answer;
  const ours = Boolean(body) && body.body_sha256 === sent.digest && body[sent.field] === sent.id;
  return ours ? { kind: "accepted", receipt: body } : again("stranger", answer);
}

function refusal(answer) {
  const { status, body } = answer;
  if (status === 401) return { kind: "signin" };
  if (status === 400 && slug(body) === "page-too-old") return { kind: "token" };
  if (status >= 500 || LATER.has(status)) return again("server", answer);
  return { kind: status === 409 ? "conflict" : "refused", problem: problemOf(body) };
}

/**
 * `answer`: {status, type, body, retryAfter}; status 0 when there was none.
 * `sent`: {digest, id, field}: the hash of the bytes, and what the receipt must name in `field`.
 */
export function verdict(answer, sent) {
  const { status } = answer;
  if (status === 0) return again("unreachable", answer);
  if (status === 200 || status === 201) return receipt(answer, sent);
  if (isProblem(answer)) return refusal(answer);
  return again(status >= 500 ? "server" : "stranger", answer);
}

function problemOf({ status, title, detail = "", faults = [] }) {
  return { status, title, detail, faults };
}

/** The answer to a question of our own, or null when somebody else gave it. */
export function isStart(body) {
  return Boolean(body) && Number.isSafeInteger(body.user) && typeof body.csrf_token === "string" &&
    Array.isArray(body.areas);
}
