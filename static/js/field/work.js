// A person at work on the tablet: their outbox, lists, map and views, kept true to one another.
import { byId } from "../core/dom.js";
import { moment } from "../core/format.js";
import { free } from "../core/hand.js";
import { language, page } from "../core/page.js";
import { _, n_ } from "../core/words.js";
import { drawBanner } from "./banner.js";
import { concerning, drawReports, drawWarnings, Roster, VisitsPanel } from "./day.js";
import { Evacuation, isOurs } from "./evacuation.js";
import { documentOf, download } from "./export.js";
import { Lists } from "./lists.js";
import { Outbox } from "./outbox.js";
import { OutboxPanel, waitingWords } from "./outbox_panel.js";
import { PlacePicker } from "./place.js";
import { ReportView } from "./report.js";
import { Sender } from "./sender.js";
import { Shelf } from "./shelf.js";
import { Stage } from "./stage.js";
import { unsent } from "./states.js";
import { details } from "./telephone.js";
import { toast } from "./toast.js";
import { warmTiles } from "./updates.js";
import { VisitView } from "./visit.js";

const LOOK = 60; // Seconds between looks at the lists.
const MOST_STOPS = 12; // Circles on the map; more hide one another.
const STALE = 600; // Seconds after which the age of the lists is marked.

export class Work {
  constructor({ session, server, holder }) {
    Object.assign(this, { session, server, holder });
    this.now = () => new Date();
    this.draw = free(() => this.drawNow());
    this.others = new globalThis.BroadcastChannel("gridmap-field");
    this.outbox = new Outbox(session.db, holder, {
      now: this.now, told: () => this.others.postMessage("outbox"), room: () => this.makeRoom(),
    });
    this.shelf = new Shelf(session.db, holder);
    this.lists = new Lists(this.shelf, holder);
    this.sender = new Sender(this.outbox, {
      server: { start: () => session.start(), post: server.post, put: server.put },
      locks: navigator.locks, clock: () => performance.now() / 1000,
      later: (seconds, work) => setTimeout(work, seconds * 1000),
    });
    this.items = [];
    this.persisted = null;
    this.waitingForOther = 0;
  }

  /** Done when everything stands, the map too; a report can be begun long before. */
  async start() {
    this.views();
    this.listen();
    this.show("home");
    await Promise.all([this.refresh(), this.lists.fromShelf()]);
    this.session.watch();
    setInterval(() => this.tick(), 1000);
    setInterval(() => document.visibilityState === "visible" && this.look(), LOOK * 1000);
    const arrived = this.arrive();
    if (!this.lists.list.visits.value) await arrived; // Nothing kept: the day comes before the map.
    await this.stage.load();
  }

  /** The first look at the server. */
  async arrive() {
    await this.speak(this.session.fresh || await this.session.start());
    this.arrived = true;
    this.sender.poke();
    await this.look();
    this.persisted = await navigator.storage?.persist?.() ?? null;
    this.refresh();
  }

  /** What the server says in words is to come in the language of the page. */
  async speak(start) {
    const wanted = language === "en" ? "en" : "zh_CN";
    if (start.kind !== "start" || start.language === wanted) return;
    if (await this.server.speak(wanted, start.csrf_token)) this.lists.forget();
  }

  views() {
    const home = () => this.show("home");
    this.stage = new Stage(page.urls, (map) => this.mapCame(map));
    this.picker = new PlacePicker({
      addresses: () => this.lists.value("homes"), changed: (place) => this.report.placed(place),
    });
    const queued = () => this.sender.poke();
    const [{ outbox, lists, now }, exported] = [this, (hand) => this.exportAll(hand)];
    this.report = new ReportView({ outbox, picker: this.picker, leave: home, queued, exported, now });
    this.visit = new VisitView({ outbox, lists, leave: home, queued, exported, now });
    this.roster = new Roster({
      retry: () => this.look(), show: (one) => this.showHome(one), details,
    });
    this.visits = new VisitsPanel(byId("panel-visits"), {
      open: (id) => this.openVisit(id), redraw: () => this.draw(), retry: () => this.look(),
    });
    this.panel = new OutboxPanel(byId("panel-outbox"), {
      edit: (item) => this.edit(item), renumber: (item) => this.renumber(item), remove: (item) => this.remove(item),
      exportAll: () => this.exportAll(), clear: () => this.clear(), redraw: () => this.draw(),
    });
    this.evacuation = new Evacuation(this);
    byId("open-report").addEventListener("click", () => this.openReport());
    byId("open-roster").addEventListener("click", () => this.show("roster"));
    byId("roster-back").addEventListener("click", home);
    byId("sign-out").addEventListener("click", () => this.signOut());
    window.addEventListener("popstate", () => this.back());
  }

  mapCame(map) {
    this.picker.attach(map);
    map.view.onchoose((hit) => hit?.layer === "stop" && byId("main").dataset.view === "home" && this.openVisit(hit.id));
    this.drawMap(true);
  }

  listen() {
    this.outbox.addEventListener("change", () => this.refresh());
    this.others.addEventListener("message", ({ data }) => {
      if (data === "outbox") this.refresh();
      if (data === "left") location.reload();
    });
    this.lists.addEventListener("change", () => this.draw());
    this.session.addEventListener("way", () => {
      if (this.session.reached && this.arrived) {
        this.sender.poke();
        this.look();
      }
      this.draw();
    });
  }

  /** The day, then the map, then what fills them: over a slow network in the order of their use. */
  async look() {
    if (!this.session.reached) return;
    await this.lists.look();
    await this.stage.load();
    await this.lists.more();
    const { bounds } = this.stage.map || {};
    if (!bounds || this.warmed) return;
    this.warmed = true;
    warmTiles(page.urls.base_tiles, bounds);
  }

  /** Read the outbox again; calls that meet are one reading. */
  async refresh() {
    if (this.reading) {
      this.readAgain = true;
      return this.reading;
    }
    this.reading = this.read().finally(() => {
      this.reading = null;
      if (this.readAgain) {
        this.readAgain = false;
        this.refresh();
      }
    });
    return this.reading;
  }

  async read() {
    const before = new Set(this.items.filter(({ received }) => received).map(({ id }) => id));
    this.items = await this.outbox.all();
    this.waitingForOther = await this.outbox.others();
    const arrived = this.items.some(({ id, received }) => received && !before.has(id));
    if (arrived && this.drawn && this.session.reached) this.lists.again("reports", "visits", "calls");
    this.draw();
  }

  /** Everything that is being written is on the disk. */
  settled() {
    return this.report.writing;
  }

  drawNow() {
    this.drawn = true;
    const now = this.now();
    const { mine } = this.lists;
    const label = mine.length === 1 ? mine[0].label : n_("{n} 个网格", mine.length);
    byId("home-grid").textContent = mine.length ? label : this.holder.areas[0];
    for (const chip of document.querySelectorAll(".report-grid")) chip.textContent = byId("home-grid").textContent;
    byId("home-who").textContent = this.holder.display_name || this.holder.name;
    const hazards = concerning(this.lists.value("hazards"), mine);
    drawWarnings(hazards, { now, show: (hazard) => this.stage.showHazard(hazard) });
    byId("panel-visits").hidden = !this.lists.list.visits.urls.length;
    this.stops = this.visits.draw(this.lists.list.visits, this.items, now);
    this.panel.draw(this.items, { now, others: this.waitingForOther, persisted: this.persisted, way: this.session.way, full: this.full });
    drawReports(byId("panel-reports"), this.lists.list.reports, { now, retry: () => this.look() });
    this.roster.setData(this.lists.list.homes, now, byId("main").dataset.view === "roster");
    this.evacuation.setData(this.lists.list.calls, this.items);
    for (const chip of document.querySelectorAll(".waiting")) {
      chip.hidden = false;
      chip.textContent = waitingWords(this.items);
      chip.classList.toggle("line", unsent(this.items).length > 0);
    }
    this.drawMap();
    this.drawBanner();
    this.tick();
  }

  drawMap(first = false) {
    const home = byId("main").dataset.view === "home";
    const stops = (this.stops || []).slice(0, Math.max(MOST_STOPS, this.visits.most));
    this.stage.draw({ lists: this.lists, stops, home, first });
  }

  drawBanner() {
    drawBanner(this.session, unsent(this.items).length, this.now());
  }

  /** Every second: the age of what is shown. */
  tick() {
    const now = this.now();
    const times = Object.values(this.lists.list).map(({ at }) => at).filter(Boolean).sort();
    const stamp = byId("home-age");
    stamp.hidden = !times.length;
    if (times.length) {
      const old = (now - new Date(times[0])) / 1000 > STALE || !this.session.reached;
      stamp.classList.toggle("old", old);
      const words = _("数据 {time}", { time: moment(times[0], now) });
      if (stamp.textContent !== words) stamp.textContent = words;
    }
    if (!byId("offline-banner").hidden) this.drawBanner();
  }

  /** One of the views; the map goes along to the one that shows it. */
  show(name) {
    const from = byId("main").dataset.view;
    byId("main").dataset.view = name;
    for (const view of document.querySelectorAll(".view")) view.hidden = view.id !== `view-${name}`;
    this.stage.follow(name, from);
    if (name === "roster") this.roster.draw();
    this.evacuation.shown(name, from);
    if (name !== "home" && from === "home") history.pushState({ field: name }, "");
    window.scrollTo(0, 0);
    if (from !== "wait") document.querySelector(`#view-${name} h1`)?.closest(".view").querySelector("button, a")?.focus({ preventScroll: true });
  }

  /** The device's own way back: an open report stays as a draft. */
  back() {
    if (byId("main").dataset.view === "report") this.report.keep();
    else this.show("home");
  }

  openReport(item = null) {
    this.show("report");
    this.report.open(item);
  }

  /** Take a report back into the hand. It is shown when it is there: what is tapped belongs to it. */
  async reopenReport(id) {
    const item = await this.report.retake(id);
    if (item) this.openReport(item);
  }

  openVisit(id, item = null) {
    this.show("visit");
    return this.visit.open(id, item);
  }

  edit(item) {
    if (isOurs(item)) return this.show("calls");
    return item.kind === "report" ? this.reopenReport(item.id) : this.openVisit(item.content.visit, item);
  }

  /** Its id belongs to other words on the server; both stay, this one goes again under its own. */
  async renumber(item) {
    if (item.kind !== "report") {
      await this.outbox.step(item.id, "draft");
      return this.remove({ ...item, state: "draft" });
    }
    const fresh = crypto.randomUUID();
    await this.outbox.rename(item.id, fresh, ({ content }) => Object.assign(content, { problem: null }));
    return this.reopenReport(fresh);
  }

  async remove(item) {
    const raw = await this.outbox.raw(item.id);
    await this.outbox.remove(item.id);
    toast(_("收走了：{title}", { title: item.content.title }), () => this.outbox.restore(raw.items, raw.photos));
  }

  async clear() {
    const done = this.items.filter(({ state }) => state === "accepted");
    await Promise.all(done.map(({ id }) => this.outbox.remove(id)));
    toast(n_("收走了 {n} 条已收到的", done.length));
  }

  /** A full tablet: what can be had again gives way to what cannot. */
  async makeRoom() {
    this.full = true;
    await globalThis.caches?.delete("field-tiles");
    await this.lists.giveWay();
  }

  async exportAll(hand = null) {
    const now = this.now();
    const { name, display_name, owner } = this.holder;
    download(await documentOf(this.outbox, { id: owner, name, display_name }, now, hand),
      `gridmap-outbox-${name}-${now.toISOString().slice(0, 10)}.json`);
    toast(n_("导出了 {n} 条。文件没有加密，交给值班室后删掉", this.items.length + (hand ? 1 : 0)));
  }

  showHome(home) {
    this.show("home");
    this.stage.showHome(home);
  }

  /** Sign out: the key goes at once; what waits stays shut until its person is back. */
  async signOut() {
    await this.report.writing;
    this.sender.stop();
    const over = await this.session.leave();
    this.others.postMessage("left");
    location.assign(over ? "/" : "/field");
  }
}
