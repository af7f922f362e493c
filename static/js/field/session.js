// Who works on this tablet, and how the way to the server is. A sign-in brings the key; without a
// network the key that is here is enough.
import { isFull } from "./db.js";
import * as keyring from "./keyring.js";

const EVERY = 30; // Seconds between looks at the server while the page is seen.

export class Session extends EventTarget {
  constructor(db, server, { now = () => new Date() } = {}) {
    super();
    Object.assign(this, { db, server, now });
    this.holder = null;
    this.fresh = null;
    this.token = "";
    this.way = "unknown"; // ok, unreachable, stranger, server, signin, other
    this.since = null; // When the way was lost.
    this.offset = 0; // Server clock minus tablet clock, milliseconds.
  }

  /** The person whose key is on this tablet, or null. */
  async begin() {
    this.holder = await keyring.held(this.db);
    return this.holder;
  }

  setWay(way) {
    if (way === this.way) return;
    const lost = way !== "ok";
    this.since = lost ? this.since || this.now() : null;
    this.way = way;
    this.dispatchEvent(new Event("way"));
  }

  get reached() {
    return this.way === "ok";
  }

  /**
   * Ask the server who is signed in; also what the sender asks before it sends.
   * Another person than the holder is told as `changed`: the page begins anew with their key.
   */
  async start() {
    const answer = await this.server.start();
    if (answer.kind === "again") this.setWay(answer.why);
    if (answer.kind === "signin") this.setWay("signin");
    if (answer.kind === "start") await this.heard(answer);
    return answer;
  }

  async heard(answer) {
    this.token = answer.csrf_token;
    this.offset = Date.parse(answer.server_time) - this.now().getTime() || 0;
    const other = this.holder && this.holder.owner !== answer.user;
    this.setWay(other ? "other" : "ok");
    if (other) this.dispatchEvent(new Event("changed"));
    else if (this.holder) this.holder = await this.refreshed(answer);
  }

  /** What the server says now about the holder; a full tablet keeps what it said before. */
  async refreshed(answer) {
    try {
      return await keyring.refresh(this.db, this.holder, answer);
    } catch (error) {
      if (!isFull(error)) throw error;
      return this.holder;
    }
  }

  /** Take the key of who is signed in; false when it could not be had now. */
  async take() {
    const [start, found] = await Promise.all([this.start(), this.server.key()]);
    if (start.kind !== "start" || !found || found.user !== start.user) return false;
    this.holder = await keyring.take(this.db, start, found.key);
    this.fresh = start; // As good as asked just now.
    this.setWay("ok");
    return true;
  }

  /** End a session that was to end while there was no network. True when none is owed any more. */
  async payDebt() {
    if (!(await keyring.owesSignOut(this.db))) return true;
    const start = await this.server.start();
    if (start.kind === "again") return false;
    if (start.kind === "start" && !(await this.server.signOut(start.csrf_token))) return false;
    await keyring.oweSignOut(this.db, false);
    return true;
  }

  /** Sign out: the key goes first, so that nothing is readable even if the network is gone. */
  async leave() {
    await keyring.drop(this.db);
    this.holder = null;
    await keyring.oweSignOut(this.db, true);
    return this.payDebt();
  }

  /** Look now and then while the page is seen, and whenever the device says something changed. */
  watch() {
    const look = () => {
      if (document.visibilityState === "visible") this.start();
    };
    setInterval(look, EVERY * 1000);
    document.addEventListener("visibilitychange", look);
    window.addEventListener("online", look);
    window.addEventListener("offline", () => this.setWay("unreachable"));
  }
}
