// The roll-call of an evacuation on the tablet: a row a household, one tap a state, with or without a
// network. Every tap goes the way of a report: sealed, queued, gone only with a receipt.
import { byId, el, replace } from "../core/dom.js";
import { moment, number } from "../core/format.js";
import { emptyLine } from "../core/panels.js";
import { levelOf } from "../core/severity.js";
import * as terms from "../core/terms.js";
import { _, n_ } from "../core/words.js";
import { severityGlyph } from "../map/symbols.js";
import { standing } from "../roll_call/fold.js";
import { bare, dots, MISSING, moves, reasons, said, stateWords } from "../roll_call/moves.js";
import { drawSide } from "./calls_side.js";
import { isFull } from "./db.js";
import { button } from "./rows.js";
import { toast } from "./toast.js";

export const STEP = "call_step";
export const ARRIVAL = "arrival";
export const MOST_ROWS = 120;

/** The steps this tablet has noted of a hazard and that have not been refused, oldest first. */
export function noted(items, hazard = null) {
  const steps = new Map();
  for (const { kind, state, content } of [...items].sort((one, other) => one.order - other.order)) {
    if (kind !== STEP || state === "refused" || state === "draft") continue;
    if (hazard && content.hazard && content.hazard !== hazard) continue; // Of another emergency.
    const known = steps.get(content.household) || [];
    steps.set(content.household, [...known, { ...content.step, accepted: state === "accepted" }]);
  }
  return steps;
}

/** Everybody on the list of one plan, each where they stand with what waits here. */
export function rowsOf(calls, plan, items) {
  const waiting = noted(items, plan.hazard);
  // What the server has from before a household was called out once more belongs to the time before.
  const ofNow = (item) => waiting.get(item.household)?.filter(({ accepted, at }) => !accepted || new Date(at) >= new Date(item.begun_at));
  return (calls?.items || []).filter((item) => item.plan === plan.id)
    .map((item) => ({ ...standing(item, ofNow(item), plan.home_from), returning: plan.returning }));
}

const TABS = {
  all: { words: "全部", has: () => true },
  first: { words: "要先走", has: (item) => item.first && item.state !== "arrived" },
  missing: { words: "未应答", has: (item) => MISSING.includes(item.state) },
  way: { words: "在路上", has: (item) => item.state === "departed" },
};

/** So many rows of a list, those with something left to do first, each part in the order of the walk. */
export function shownFirst(rows, most) {
  if (rows.length <= most) return rows;
  const left = (item) => moves(item).length > 0;
  return [...rows.filter(left), ...rows.filter((item) => !left(item))].slice(0, most);
}

/** The band and the frame of an exercise, over the roll-call and at the door alike. */
export function drillBand(view, exercise) {
  byId(`view-${view}`).classList.toggle("drill", Boolean(exercise));
  byId(`${view}-band`).hidden = !exercise;
}

function dotRow(item) {
  const { filled, crossed } = dots(item);
  return el("span", { class: "dots", "aria-hidden": "true" }, [0, 1, 2, 3].map((n) =>
    el("i", { class: n < filled ? "f" : n === filled && crossed ? "x" : "" })));
}

/** Where a household waits: at home for a vehicle, or at the assembly point it walks to. */
export function meetWords({ meet, meet_name: name, travel }) {
  if (travel === "vehicle" || travel === "left") return _("在家等车");
  if (!meet) return "";
  const words = { n: number(meet), name: name || _("无名路口") };
  return travel === "walk_then_vehicle" ? _("先到 {n} 号集合点 {name} 上车", words) : _("先到 {n} 号集合点 {name}", words);
}

/** What a household at its door has to be told: where it waits or meets, and its shelter. */
export function goesWords(item, shelter) {
  if (item.state === "arrived" || item.returning) return "";
  return [meetWords(item), shelter && _("去：{name}", { name: shelter.name })].filter(Boolean).join(" · ");
}

/** Name, people and needs, then where: what tells one household from the next. */
function whoWords(item) {
  const some = item.arrived && item.state !== "arrived";
  const goes = goesWords(item);
  return [
    el("span", { class: "row wrap" }, el("b", { class: "nm" }, item.name || item.address || _("没有地址")),
      el("span", { class: "mut num" }, some ? _("到 {n}/{all} 人", { n: item.arrived, all: item.people }) : n_("{n} 人", item.people)),
      (item.needs || []).map((need) => el("span", { class: "box" }, terms.need(need))),
      item.help && el("span", { class: "chip line" }, _("等帮手"))),
    el("span", { class: "mut" }, [item.name && item.address, item.reason && terms.reason(item.reason)].filter(Boolean).join(" · ")),
    goes && el("span", { class: "goes" }, goes),
  ];
}

export class CallsView {
  constructor({ outbox, leave, queued, door, now, items }) {
    Object.assign(this, { outbox, leave, queued, door, now, items, tab: "all", open: null, plan: null, most: MOST_ROWS });
    byId("calls-back").addEventListener("click", () => leave());
    byId("calls-scan").addEventListener("click", () => door(this.plan));
  }

  /** The plans there is a roll-call for; the newest first. */
  setData(list, items, shown) {
    this.list = list;
    this.known = items;
    const calls = list.value?.[0];
    this.plans = (calls?.plans || []).filter(({ id }) => calls.items.some(({ plan }) => plan === id));
    this.plan = this.plans.find(({ id }) => id === this.plan?.id) || this.plans[0] || null;
    this.offer();
    if (shown) this.draw();
  }

  rows() {
    return this.plan ? rowsOf(this.list.value[0], this.plan, this.known) : [];
  }

  /** The way in from the day's page, while there is somebody to call. */
  offer() {
    const door = byId("open-calls");
    door.hidden = !this.plan;
    if (!this.plan) return;
    const left = this.rows().filter(({ state }) => MISSING.includes(state)).length;
    replace(door, this.glyph(), el("span", { class: "grow" },
      el("b", {}, _("转移点名 · {name}", { name: this.plan.name })),
      el("span", { class: "s" }, this.plan.returning ? _("可以回家了，逐户记") : left ? n_("{n} 户还没应答", left) : _("都应答了"))));
  }

  /** The shape of the level; an exercise has none, but the word. */
  glyph() {
    if (this.plan.exercise) return el("b", { class: "drill-word" }, _("演练"));
    const level = levelOf(this.plan.severity);
    return severityGlyph(level, terms.colourSign(level), 32);
  }

  draw() {
    const { plan } = this;
    byId("calls-age").textContent = this.list.at ? _("名单 {time}", { time: moment(this.list.at, this.now()) }) : "";
    if (!plan) {
      replace(byId("calls-list"), emptyLine(_("现在没有要转移的户")));
      return;
    }
    drillBand("calls", plan.exercise);
    replace(byId("calls-plan"), this.glyph(), el("b", { class: "clip" }, plan.name),
      this.plans.length > 1 && button(_("换一处"), () => this.next(), "quiet"));
    const rows = this.rows();
    replace(byId("calls-tabs"), Object.entries(TABS).filter(([name]) => name !== "first" || rows.some(({ first }) => first !== null))
      .map(([name, tab]) => el("button", {
        type: "button", class: name === this.tab ? "btn on" : "btn", "aria-pressed": String(name === this.tab),
        onclick: () => this.choose(name),
      }, _(tab.words), " ", el("b", { class: "num" }, rows.filter(tab.has).length))));
    const shown = rows.filter(TABS[this.tab].has);
    const hand = shown.find(({ state }) => state !== "arrived");
    const held = document.activeElement?.closest(".cr")?.dataset.household;
    replace(byId("calls-list"), shown.length
      ? el("ol", {}, shownFirst(shown, this.most).map((item) => this.row(item, item === hand)))
      : emptyLine(_("没有这样的户")),
    shown.length > this.most && el("p", { class: "pad" }, el("button", { type: "button", class: "btn", onclick: () => this.further() },
      n_("再看 {n} 户", Math.min(MOST_ROWS, shown.length - this.most)), " ", el("span", { class: "mut num" }, n_("还有 {n} 户", shown.length - this.most)))));
    if (held) byId("calls-list").querySelector(`[data-household="${held}"] .acts button`)?.focus({ preventScroll: true });
    drawSide(byId("calls-side"), { rows, plan });
  }

  next() {
    this.most = MOST_ROWS;
    this.plan = this.plans[(this.plans.findIndex(({ id }) => id === this.plan.id) + 1) % this.plans.length];
    this.draw();
  }

  choose(tab) {
    Object.assign(this, { tab, most: MOST_ROWS });
    this.draw();
  }

  /** The next rows; the hand stays where it was, on the first of them. */
  further() {
    const before = new Set([...byId("calls-list").querySelectorAll(".cr")].map(({ dataset }) => dataset.household));
    this.most += MOST_ROWS;
    this.draw();
    [...byId("calls-list").querySelectorAll(".cr")].find(({ dataset }) => !before.has(dataset.household))
      ?.querySelector("button")?.focus();
  }

  row(item, inHand) {
    const open = this.open === item.household;
    return el("li", { class: inHand ? "cr now" : "cr", "data-household": item.household },
      el("span", { class: "seq num" }, item.position),
      el("button", { type: "button", class: "cr-who", "aria-expanded": String(open), onclick: () => this.unfold(item) }, whoWords(item)),
      el("span", { class: "st" }, el("span", {}, el("b", {}, stateWords(item)), " ", el("span", { class: "mut s num" }, item.at ? moment(item.at, this.now()) : "")),
        dotRow(item), item.clashes.length > 0 && el("b", { class: "s over" }, _("有 {n} 步对不上", { n: item.clashes.length }))),
      el("div", { class: "acts" }, this.acts(item)),
      open && this.more(item));
  }

  acts(item) {
    const able = moves(item);
    return [
      able.map((move, i) => button(move.words, () => this.press(item, move), i ? "" : "primary")),
      !able.length && el("span", { class: "gap" }),
      able.length < 3 && item.last && button(_("改"), () => this.unfold(item)),
    ];
  }

  press(item, move) {
    if (move.asks) this.unfold(item, true);
    else this.note(item, move);
  }

  unfold(item, stay = false) {
    this.open = this.open === item.household && !stay ? null : item.household;
    this.draw();
  }

  /** What is seldom needed: the telephone, why not, only some of them, and taking a step back. */
  more(item) {
    const group = (words, ...buttons) => el("div", { class: "row wrap", role: "group", "aria-label": words }, el("b", {}, words), buttons);
    const some = item.people - item.arrived - 1;
    const goes = goesWords(item, this.plan.shelters?.find(({ id }) => id === item.shelter));
    return el("div", { class: "cr-more" },
      goes && el("p", {}, goes),
      group(_("打电话"), item.phone ? el("a", { class: "btn", href: `tel:${item.phone}` }, item.phone) : el("span", { class: "mut" }, _("没登记电话")),
        item.helper && el("span", { class: "mut" }, _("帮手 {name}", { name: item.helper }))),
      MISSING.includes(item.state) || item.state === "answered"
        ? group(_("为什么不愿走"), reasons().map((reason) => button(reason, () => this.note(item, { kind: "refused", reason })))) : null,
      item.state !== "arrived" && some > 0 && group(_("只到了几个人"), Array.from({ length: Math.min(some, 9) }, (_none, i) =>
        button(String(i + 1), () => this.note(item, { kind: "arrived", place: item.shelter ? "shelter" : "relatives", people: i + 1 }), "num"))),
      item.arrived > 0 && item.state !== "arrived" && group(_("都在这里了"), button(_("别的人不在家"), () => this.note(item, { kind: "arrived", place: item.shelter ? "shelter" : "relatives", people: 1, all_in: true }))),
      item.last && group(_("点错了"), button(_("撤回“{what}”", { what: stateWords(item) }), () => this.note(item, { kind: "undone", undoes: item.last.id }))));
  }

  /** Sealed and queued like a report; the row shows it at once, the server's word comes later. */
  async note(item, move) {
    const id = crypto.randomUUID();
    const step = { id, at: this.now().toISOString(), ...bare(move) };
    const content = {
      title: said(item, move), household: item.household, hazard: this.plan.hazard, step, photos: [],
      path: `/api/plans/${encodeURIComponent(item.plan)}/call-outs/${encodeURIComponent(item.household)}/steps`,
      body: JSON.stringify({ ...step, device_time: step.at }),
    };
    this.open = null;
    try {
      await this.outbox.begin(id, STEP, content);
      await this.outbox.step(id, "queued");
    } catch (error) {
      toast(isFull(error) ? _("平板存满了，这一步没记上。导出发件箱，再收走已收到的") : _("没记上，再点一次"));
      return;
    }
    toast(content.title, move.kind === "undone" ? null : () => this.note(item, { kind: "undone", undoes: id }));
    this.queued();
  }
}
