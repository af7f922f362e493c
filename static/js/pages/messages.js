// Messages: what I was written, and, for a desk, what has gone out and what has not.
import { toast } from "./common.js";
import { get, post } from "../core/api.js";
import { byId, el, replace } from "../core/dom.js";
import { moment } from "../core/format.js";
import { handGone } from "../core/hand.js";
import { Live } from "../core/live.js";
import { may } from "../core/page.js";
import { emptyLine, Panel } from "../core/panels.js";
import { Seldom } from "../core/seldom.js";
import { _, n_ } from "../core/words.js";
import { drawDrills } from "../duty/drill_band.js";
import { attempt } from "../responses/form.js";
import { compose } from "../messages/compose.js";
import { drawFilters, drawList } from "../messages/list.js";

const EVERY = 1000;
const PLACES = { plan: (id) => `/plans/${id}/board`, incident: () => "/incidents", team_loan: () => "/mutual-aid", alert: () => "/alerts", hazard: () => "/map", response: (id) => `/responses/${id}` };
const inbox = new Panel(byId("panel-inbox"));
const sent = document.getElementById("panel-messages") && new Panel(byId("panel-messages"));
const live = new Live([inbox, sent].filter(Boolean));
live.fresh(inbox);
const now = () => live.feed.serverNow();
const chosen = Object.fromEntries(["state", "channel", "kind", "about"].map((name) => [name, new URLSearchParams(location.search).get(name) || ""]));
let list = [];
let last = { items: [], sums: [], plans: [], next: null };

/** The page of what a message is about; nothing for what has none. */
function pageOf(about) {
  const [noun, id] = about.split(":");
  return id && PLACES[noun] ? PLACES[noun](encodeURIComponent(id)) : null;
}

async function read(message) {
  try {
    await post(`/api/messages/${encodeURIComponent(message.id)}/read`);
    rows.now();
  } catch (error) {
    toast(error.status === 0 ? _("没连上服务器") : error.detail || error.message);
  }
}

function row(message) {
  const to = pageOf(message.about);
  return el("li", { class: message.read_at ? "ms" : "ms fresh" },
    el("span", {}, message.read_at ? message.text : el("b", {}, message.text)),
    el("span", { class: "row wrap" }, el("span", { class: "s mut num" }, [moment(message.at, now()), message.by].filter(Boolean).join(" · ")),
      to && el("a", { class: "btn", href: to }, _("去看")),
      !message.read_at && el("button", { type: "button", class: "btn", onclick: () => read(message) }, _("看过了"))));
}

const address = () => `/api/messages?${new URLSearchParams(Object.entries(chosen).filter(([, value]) => value))}`;

/** What is older, behind what is there. */
async function older() {
  try {
    const found = await get(`${address()}&cursor=${last.next}`);
    list.push(...found.items);
    last = { ...last, next: found.next };
    draw();
  } catch (error) {
    toast(error.status === 0 ? _("没连上服务器") : error.detail || error.message);
  }
}

let drawn = "";

/** Draw the list where it differs from what is there: a button is not taken from under a hand. */
function draw() {
  const what = JSON.stringify([list, last, new Date(now()).toDateString()]);
  if (what === drawn) return;
  drawn = what;
  drawList(sent, list, last, now(), { done: () => rows.now(), more: older });
}

async function loadSent() {
  if (!sent || !may("incident.dispatch")) return;
  try {
    last = await get(address());
    list = last.items;
    drawFilters(byId("messages-filter"), chosen, last, (name, value) => {
      chosen[name] = value;
      rows.now();
    });
    draw();
  } catch (error) {
    drawn = "";
    sent.fail(error, () => rows.now());
  }
}

async function load() {
  try {
    const mine = await get("/api/messages/inbox");
    await handGone();
    byId("inbox-count").textContent = mine.unread ? n_("{n} 条没看", mine.unread) : "";
    inbox.show(mine.items.length ? el("ul", {}, mine.items.map(row)) : emptyLine(_("没有给您的消息")));
    await loadSent();
    const all = [...mine.items, ...list].map((one) => ({ properties: { exercise: one.exercise, name: one.matter || _("演练消息") } }));
    drawDrills(byId("exercise-band"), all);
  } catch (error) {
    inbox.fail(error, () => rows.now());
  }
}

function place(node) {
  const box = byId("form-place");
  replace(box, node);
  if (node) {
    box.scrollIntoView({ block: "start" });
    node.querySelector("select, input, textarea")?.focus();
  }
}

const rows = new Seldom(load, EVERY);
live.feed.addEventListener("change", ({ detail }) => detail.subject === "message" && rows.soon());
for (const name of ["ready", "resumed"]) live.feed.addEventListener(name, () => rows.soon());
inbox.loading(4);
document.getElementById("compose")?.addEventListener("click", () => attempt(place, () => compose(place, (made) => {
  toast(n_("排上了 {n} 条", made.messages));
  rows.now();
})));
live.start();
rows.now();
