// Messages: what I was written, and, for a desk, what has gone out and what has not.
import { toast } from "./common.js";
import { get, post } from "../core/api.js";
import { byId, el } from "../core/dom.js";
import { moment } from "../core/format.js";
import { Live } from "../core/live.js";
import { may } from "../core/page.js";
import { emptyLine, Panel } from "../core/panels.js";
import { Seldom } from "../core/seldom.js";
import { _, n_ } from "../core/words.js";
import { drawMessages } from "../board/messages.js";

const EVERY = 1000;
const PLACES = { plan: (id) => `/plans/${id}/board`, incident: () => "/incidents", team_loan: () => "/mutual-aid", alert: () => "/alerts", response: (id) => `/responses/${id}` };
const inbox = new Panel(byId("panel-inbox"));
const sent = document.getElementById("panel-messages") && new Panel(byId("panel-messages"));
const live = new Live([inbox, sent].filter(Boolean));
live.fresh(inbox);
const now = () => live.feed.serverNow();

/** The page of what a message is about; nothing for what has none. */
function place(about) {
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
  const to = place(message.about);
  return el("li", { class: message.read_at ? "ms" : "ms fresh" },
    el("span", {}, message.read_at ? message.text : el("b", {}, message.text)),
    el("span", { class: "row wrap" }, el("span", { class: "s mut num" }, [moment(message.at, now()), message.by].filter(Boolean).join(" · ")),
      to && el("a", { class: "btn", href: to }, _("去看")),
      !message.read_at && el("button", { type: "button", class: "btn", onclick: () => read(message) }, _("看过了"))));
}

async function load() {
  try {
    const mine = await get("/api/messages/inbox");
    byId("inbox-count").textContent = mine.unread ? n_("{n} 条没看", mine.unread) : "";
    inbox.show(mine.items.length ? el("ul", {}, mine.items.map(row)) : emptyLine(_("没有给您的消息")));
    if (sent && may("incident.dispatch")) drawMessages(sent, await get("/api/messages"), now());
  } catch (error) {
    inbox.fail(error, () => rows.now());
  }
}

const rows = new Seldom(load, EVERY);
live.feed.addEventListener("change", ({ detail }) => detail.subject === "message" && rows.soon());
for (const name of ["ready", "resumed"]) live.feed.addEventListener(name, () => rows.soon());
inbox.loading(4);
live.start();
rows.now();
