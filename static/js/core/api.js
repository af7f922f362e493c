// Talks to the server: JSON in and out, problems as errors, unchanged data by its ETag.
import { csrfToken } from "./page.js";

/** What the server said was wrong; `status` is 0 when it could not be reached. */
export class Problem extends Error {
  constructor(status, title, detail = "", faults = [], instance = "", more = {}) {
    super(title);
    this.status = status;
    this.detail = detail;
    this.faults = faults;
    this.instance = instance;
    this.more = more; // The whole answer: a conflict says there what has changed.
  }
}

async function problemOf(response) {
  let body = {};
  try {
    body = await response.json();
  } catch {
    body = {}; // A proxy's page, not ours: its status is all there is.
  }
  const title = body.title || `HTTP ${response.status}`;
  return new Problem(response.status, title, body.detail, body.faults, body.instance, body);
}

async function send(url, options) {
  try {
    return await fetch(url, { credentials: "same-origin", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, "unreachable", String(error.message));
  }
}

/** GET one JSON document. */
export async function get(url, { signal } = {}) {
  const response = await send(url, { signal, headers: { Accept: "application/json" } });
  if (!response.ok) throw await problemOf(response);
  return response.json();
}

/** GET with the ETag of the last answer: null when nothing has changed. */
export async function getChanged(url, etag, { signal } = {}) {
  const headers = { Accept: "application/json" };
  if (etag) headers["If-None-Match"] = etag;
  const response = await send(url, { signal, headers, cache: "no-store" });
  if (response.status === 304) return null;
  if (!response.ok) throw await problemOf(response);
  return { etag: response.headers.get("ETag"), body: await response.json() };
}

/** POST a JSON document with the CSRF token; `version` is that of what is changed (If-Match), `keepalive` outlives the page. */
export async function post(url, body = {}, { version = null, keepalive = false } = {}) {
  const headers = {
    Accept: "application/json",
    "Content-Type": "application/json",
    "X-CSRFToken": csrfToken(),
  };
  if (version !== null) headers["If-Match"] = `"${version}"`;
  const response = await send(url, { method: "POST", headers, body: JSON.stringify(body), keepalive });
  if (!response.ok) throw await problemOf(response);
  return response.status === 204 ? null : response.json();
}

/** POST a file as it is, of a type the address takes. */
export async function postFile(url, file, type) {
  const headers = { Accept: "application/json", "Content-Type": type, "X-CSRFToken": csrfToken() };
  const response = await send(url, { method: "POST", headers, body: file });
  if (!response.ok) throw await problemOf(response);
  return response.json();
}

/** DELETE what an address names. */
export async function remove(url) {
  const headers = { Accept: "application/json", "X-CSRFToken": csrfToken() };
  const response = await send(url, { method: "DELETE", headers });
  if (!response.ok) throw await problemOf(response);
  return response.status === 204 ? null : response.json();
}
