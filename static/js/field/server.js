// Talks to the server for the outbox: bytes out, and whatever comes back with its real shape.
import { isStart, verdict } from "./verdict.js";

const SLOWEST = 8000; // Bytes a second below which an upload counts as stuck.
const PATIENCE = 45; // Seconds for the words themselves.

async function ask(url, options, bytes = 0, outer = null) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), (PATIENCE + bytes / SLOWEST) * 1000);
  outer?.addEventListener("abort", () => stop.abort());
  try {
    const response = await fetch(url, {
      credentials: "same-origin", cache: "no-store", redirect: "manual", signal: stop.signal, ...options,
    });
    // Our server sends nobody from an address of the API to another: somebody in between does.
    if (response.type === "opaqueredirect") return { status: 302, type: "", body: null };
    const type = (response.headers.get("Content-Type") || "").split(";")[0].trim();
    const text = await response.text();
    return { status: response.status, type, body: parsed(text), retryAfter: response.headers.get("Retry-After") };
  } catch {
    return { status: 0, type: "", body: null, aborted: Boolean(outer?.aborted) };
  } finally {
    clearTimeout(timer);
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null; // A page: somebody in between has answered.
  }
}

const JSON_ONLY = { Accept: "application/json" };

export class Server {
  constructor(urls) {
    this.urls = urls;
  }

  /** Who is signed in: {kind: "start", ...}, {kind: "signin"} or {kind: "again", why}. */
  async start() {
    const answer = await ask(this.urls.start, { headers: JSON_ONLY });
    if (answer.status === 200) {
      return isStart(answer.body) ? { kind: "start", ...answer.body } : { kind: "again", why: "stranger" };
    }
    const found = verdict(answer, {});
    if (found.kind === "signin" || found.kind === "again") return found;
    return { kind: "signin" }; // Signed in, but with no right to report any more.
  }

  /** The key of whoever is signed in, or null. */
  async key() {
    const { status, body } = await ask(this.urls.key, { headers: JSON_ONLY });
    return status === 200 && typeof body?.key === "string" ? body : null;
  }

  post = (path, bytes, token) => {
    const headers = {
      ...JSON_ONLY, "Content-Type": "application/json", "X-CSRFToken": token,
      // A report may be days old when it goes out: the clock is judged by now, not by then.
      "X-Device-Time": new Date().toISOString(),
    };
    return ask(path, { method: "POST", headers, body: bytes }, bytes.byteLength);
  };

  put = (path, bytes, type, token, signal) => {
    const headers = { ...JSON_ONLY, "Content-Type": type, "X-CSRFToken": token };
    return ask(path, { method: "PUT", headers, body: bytes }, bytes.byteLength, signal);
  };

  /** Let the session speak the language of the page: labels and refusals come in it. */
  async speak(language, token) {
    const headers = { ...JSON_ONLY, "Content-Type": "application/x-www-form-urlencoded" };
    const body = new URLSearchParams({ csrf_token: token, language });
    return (await ask("/language", { method: "POST", headers, body })).status === 204;
  }

  /** End the session; true when it is over. */
  async signOut(token) {
    const headers = { ...JSON_ONLY, "Content-Type": "application/x-www-form-urlencoded" };
    const body = new URLSearchParams({ csrf_token: token });
    try {
      const response = await fetch("/sign-out", { method: "POST", headers, body, redirect: "manual" });
      return response.type === "opaqueredirect" || response.status === 401 || response.ok;
    } catch {
      return false;
    }
  }
}
