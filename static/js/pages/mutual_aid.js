// Mutual aid: teams others ask of us and we of others; answered, lent for a time, returned. Live.
import { toast } from "./common.js";
import { mount } from "./dispatch_weights.js";
import { get, post } from "../core/api.js";
import { byId, el, replace } from "../core/dom.js";
import { clock, dateOf, instant, moment, number } from "../core/format.js";
import { Live } from "../core/live.js";
import { emptyLine, Panel } from "../core/panels.js";
import * as terms from "../core/terms.js";
import { _, n_ } from "../core/words.js";
import { serverButton } from "../duty/buttons.js";
import { unitCharacter } from "../map/layers/places.js";
import { unitGlyph } from "../map/symbols.js";
import { form, line, text } from "../responses/form.js";

const GROUPS = ["answer", "waiting", "lent", "borrowed", "past"];
const EMPTY = { answer: "没有别处来求援的", waiting: "没有在等的", lent: "没有借出去的", borrowed: "没有借来的", past: "还没有" };
const panels = Object.fromEntries(GROUPS.map((name) => [name, new Panel(byId(`panel-${name}`))]));
const live = new Live(Object.values(panels));
Object.values(panels).forEach((panel) => live.fresh(panel));
const { feed } = live;
const box = byId("form-place");

const english = () => document.documentElement.lang === "en";
const named = (one, key = "name") => (english() && one[`${key}_en`]) || one[key];

function place(node) {
  replace(box, node);
  if (!node) return;
  box.scrollIntoView({ block: "start" });
  node.querySelector("input, textarea")?.focus();
}

/** A time as an input of the page's own zone takes it. */
const local = (time) => `${dateOf(time)}T${clock(time).slice(0, 5)}`;

const step = (one, verb, values = {}) => post(`/api/team-loans/${one.id}/${verb}`, values, { version: one.revision });

function until(one) {
  const field = line("until", _("借到"), { type: "datetime-local", value: local(one.lent_until || one.asked_until) });
  return { ...field, read: () => instant(field.input.value) };
}

function answerForm(one, verb, title, fields, go, note) {
  place(form({ title, note, fields, go, close: () => place(null), done: load, send: (values) =>
    step(one, verb, Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""))) }));
}

const about = (one) => _("{team}，事件 {number}", { team: named(one.team), number: one.incident.number });

const ACTS = {
  accept: (one) => answerForm(one, "accept", _("借出 {what}", { what: about(one) }),
    [until(one), text("reason", _("说明（可不写）"), { most: 200, rows: 2, needed: false })], _("借出"), lossWords(one.uncovered)),
  decline: (one) => answerForm(one, "decline", _("不借 {what}", { what: about(one) }),
    [text("reason", _("为什么，对方看得到"), { most: 200, rows: 2 })], _("不借")),
  extend: (one) => answerForm(one, "extend", _("改借到几时：{what}", { what: about(one) }), [until(one)], _("改")),
  withdraw: (one) => press(one, "withdraw"),
  return: (one) => press(one, "return"),
};
const WORDS = { accept: "借出…", decline: "不借…", extend: "改时间…", withdraw: "撤回", return: "已归还" };

async function press(one, verb) {
  try {
    await step(one, verb);
  } catch (error) {
    toast(_("没存上：{why}", { why: error.status === 0 ? _("没连上服务器") : error.detail || error.message }));
  }
  load();
}

/** Whom a team leaves without cover at home. */
function lossWords(found) {
  if (!found) return _("走后谁没有覆盖，还在算");
  if (found.households) {
    return _("走后 {households} 户 {people} 人没有覆盖", { households: number(found.households), people: number(found.people) });
  }
  return found.stay > 0 ? _("站里还留 {n} 队", { n: found.stay }) : _("走后没有人失去覆盖");
}

function when(one, now) {
  const at = (time) => moment(time, now);
  switch (one.state) {
    case "asked": return one.over ? _("{time} 起没人应答，过期了", { time: at(one.asked_until) }) : _("{time} 求援，要到 {until}", { time: at(one.asked_at), until: at(one.asked_until) });
    case "accepted": return one.over ? _("该 {time} 归还，还没还", { time: at(one.lent_until) }) : _("借到 {time}", { time: at(one.lent_until) });
    case "declined": return _("{time} 没同意", { time: at(one.answered_at) });
    case "withdrawn": return _("{time} 撤回", { time: at(one.ended_at) });
    default: return _("{time} 归还", { time: at(one.ended_at) });
  }
}

function row(one) {
  const now = feed.serverNow();
  const { incident, team } = one;
  const lends = one.sides.includes("lender") && ["asked", "accepted"].includes(one.state);
  return el("li", { class: GROUPS[4] === group(one) ? "loan off" : "loan", "data-loan": one.id },
    unitGlyph(unitCharacter(team.kind), one.state === "accepted", 40),
    el("span", { class: "lines" },
      el("b", { class: "what" }, one.exercise && el("b", { class: "drill-word" }, _("演练")), one.exercise && " ",
        _("{team}：{from} 支援 {to}", { team: named(team), from: named(one.lender), to: named(one.borrower) })),
      el("span", { class: "s" }, [_("事件 {number}", { number: incident.number }), terms.category(incident.category), named(incident, "place"), n_("{n} 人", team.people)].filter(Boolean).join(" · ")),
      el("span", { class: one.over ? "s late-word" : "s mut" }, when(one, now)),
      one.note && el("span", { class: "s" }, _("求援说：{words}", { words: one.note })),
      one.reason && el("span", { class: "s" }, _("答复说：{words}", { words: one.reason })),
      lends && !one.exercise && el("span", { class: "s" }, lossWords(one.uncovered))),
    el("span", { class: "acts" },
      incident.id && el("a", { class: "btn quiet", href: "/incidents" }, _("去看")),
      one.can.map((verb) => serverButton(_(WORDS[verb]), () => ACTS[verb](one), { primary: verb === "accept", "data-act": verb }))));
}

function group(one) {
  if (one.state === "asked" && !one.over) return one.sides.includes("lender") ? "answer" : "waiting";
  if (one.state === "accepted") return one.sides.includes("lender") && !one.sides.includes("borrower") ? "lent" : "borrowed";
  return one.state === "asked" ? "waiting" : "past";
}

async function fetchAll() {
  for (const panel of Object.values(panels)) panel.loading(1);
  try {
    const { items, as_of: time } = await get("/api/team-loans");
    for (const [name, panel] of Object.entries(panels)) {
      const mine = items.filter((one) => group(one) === name);
      panel.show(mine.length ? el("ul", {}, mine.map(row)) : emptyLine(_(EMPTY[name])));
      panel.at(time);
    }
  } catch (error) {
    for (const panel of Object.values(panels)) panel.fail(error, load);
  }
}

let soon = null;
function load() {
  soon ||= setTimeout(() => {
    soon = null;
    fetchAll();
  }, 200);
}

mount(document.querySelector("#panel-weights .body"));
feed.addEventListener("ready", load);
feed.addEventListener("resumed", load);
feed.addEventListener("change", ({ detail }) => {
  if (detail.subject === "team") load();
});
live.start();
