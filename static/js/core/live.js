// The live state of a page: one feed, its badge, the banner when it is cut, the ages of panels.
import { get } from "./api.js";
import { byId, el, replace } from "./dom.js";
import { browserEnvironment, Feed } from "./feed.js";
import { clock, timer } from "./format.js";
import { page } from "./page.js";
import { _ } from "./words.js";

/** Give the page its feed and keep badge, banner, clock and stamps true every second. */
export class Live {
  constructor(panels = []) {
    this.panels = panels;
    this.feed = new Feed(page.urls?.live || "/api/live", browserEnvironment(get));
    this.badge = document.getElementById("feed-badge");
    this.clock = document.getElementById("clock");
    this.banner = byId("offline-banner");
    this.cutSince = null;
    this.feed.addEventListener("state", () => this.tick());
    this.feed.addEventListener("change", () => this.tick());
    this.feed.addEventListener("signedout", () => location.assign("/"));
    window.addEventListener("online", () => this.feed.check());
    window.addEventListener("offline", () => this.feed.check());
  }

  start() {
    this.feed.start();
    this.tick();
    setInterval(() => this.tick(), 1000);
    return this.feed;
  }

  get connected() {
    return this.feed.state === "live" || this.feed.state === "connecting";
  }

  /** Panels whose data is as fresh as the feed: their stamp is the feed's last word. */
  fresh(panel) {
    panel.follows = true;
    return panel;
  }

  tick() {
    const { feed, connected } = this;
    const now = feed.serverNow();
    if (connected) this.cutSince = null;
    else this.cutSince ||= now;
    document.documentElement.dataset.feed = feed.state;
    this.drawBadge(now);
    this.drawBanner(now);
    if (this.clock) this.clock.textContent = clock(now);
    for (const panel of this.panels) {
      if (panel.follows && feed.serverSeen && panel.full) panel.at(feed.serverSeen);
      panel.tick(now, connected, feed.serverSeen);
    }
  }

  drawBadge(now) {
    if (!this.badge) return;
    const { state, serverSeen, mode } = this.feed;
    this.badge.dataset.state = state;
    const words = {
      connecting: _("正在连接"),
      live: mode === "poll" ? _("实时（轮询）") : _("实时"),
      stale: _("没有新消息"),
      offline: _("断开"),
    }[state];
    const seen = this.cutSince ? timer((now - this.cutSince) / 1000)
      : serverSeen ? _("已看到 {time}", { time: clock(serverSeen) }) : "";
    if (this.badge.dataset.words === words + seen) return;
    this.badge.dataset.words = words + seen;
    replace(this.badge, el("i", { class: "dot", "aria-hidden": "true" }), el("span", {}, words),
      seen && el("span", { class: "num seen" }, seen));
  }

  drawBanner() {
    const show = !this.connected;
    if (this.banner.hidden === !show && this.banner.dataset.try === String(this.feed.attempt)) return;
    this.banner.hidden = !show;
    this.banner.dataset.try = String(this.feed.attempt);
    document.documentElement.classList.toggle("is-cut", show);
    if (!show) {
      replace(this.banner);
      return;
    }
    const time = this.feed.serverSeen ? clock(this.feed.serverSeen) : "–";
    replace(this.banner, el("i", { class: "cross", "aria-hidden": "true" }), el("span", {},
      _("与服务器断开。画面停在 {time}，正在重连（第 {n} 次）。要紧的事用电话核对", {
        time, n: Math.max(1, this.feed.attempt),
      })));
  }
}
