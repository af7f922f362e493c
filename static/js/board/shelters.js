// Shelters: who is there, who is coming, for how many; what people there need; open, full or closed.
import { el } from "../core/dom.js";
import { moment, number } from "../core/format.js";
import { may } from "../core/page.js";
import { emptyLine } from "../core/panels.js";
import * as terms from "../core/terms.js";
import { _, n_ } from "../core/words.js";
import { label } from "./grids.js";
import { countWords, restLines } from "./rest.js";

const STATES = { open: "开着", full: "满了", closed: "关了" };
const SUPPLIES = {
  drinking_water: "饮用水", water: "用水", food: "吃的", beds: "床位", blankets: "被子", toilets: "厕位", space: "住的地方",
  medicine_kits: "急救药包", infant_milk: "婴儿奶粉", diapers: "纸尿裤", lamps: "照明灯",
};

export const stateOf = (state) => _(STATES[state]);

function supply({ kind, amount, unit, per }) {
  const day = per === "person_day" ? _("一天") : "";
  return `${_(SUPPLIES[kind] || kind)} ${number(amount)}${unit ? ` ${unit}` : ""}${day ? ` ${day}` : ""}`;
}

function load(shelter) {
  const width = (people) => `${shelter.capacity ? Math.min(100, (100 * people) / shelter.capacity) : 0}%`;
  const [there, way] = [el("i", { class: "k-arrived" }), el("i", { class: "k-answered" })];
  there.style.width = width(shelter.present);
  way.style.width = width(Math.min(shelter.on_the_way, Math.max(0, shelter.capacity - shelter.present)));
  return el("span", { class: "bar", role: "img", "aria-label": _("已到 {n}，能住 {all}", { n: shelter.present, all: shelter.capacity }) }, there, way);
}

function saying(shelter, on) {
  const input = el("input", { class: "field", id: `supplies-${shelter.id}`, maxlength: 1000, autocomplete: "off", value: shelter.supplies || "" });
  const say = (state) => on.say(shelter, { state, ...(input.value.trim() ? { supplies: input.value.trim() } : {}) });
  return el("details", { class: "sh-say", "data-shelter": shelter.id }, el("summary", { class: "btn quiet" }, _("改状态、记物资")),
    el("label", { for: input.id }, _("物资")), input,
    el("div", { class: "row wrap" }, Object.keys(STATES).map((state) => el("button", {
      type: "button", class: state === shelter.state ? "btn on" : "btn", "aria-pressed": String(state === shelter.state),
      onclick: () => say(state),
    }, _(STATES[state])))),
    el("p", { class: "s mut" }, _("满了、关了的不再多排人。预案随后要重排，上面按一下就行")));
}

function row(shelter, on) {
  return el("li", { class: "sh" },
    el("div", { class: "row" }, el("b", { class: "grow" }, shelter.name), el("span", { class: shelter.state === "open" ? "chip" : "chip line" }, _(STATES[shelter.state])),
      el("span", { class: "num" }, el("b", {}, number(shelter.present)), el("span", { class: "mut" }, `/${number(shelter.capacity)}`))),
    load(shelter),
    el("p", { class: "s mut num" }, [
      _("应到 {n}", { n: number(shelter.planned) }), _("在路上 {n}", { n: number(shelter.on_the_way) }), _("还空 {n}", { n: number(Math.max(0, shelter.free)) }),
      shelter.free < 0 && _("超出 {n}", { n: number(-shelter.free) }),
    ].filter(Boolean).join(" · ")),
    shelter.present > 0 && el("p", { class: "s num" }, _("现在要 {what}", { what: shelter.needs.map(supply).join(_("、")) })),
    shelter.helped && Object.keys(shelter.helped).length > 0 && el("p", { class: "s" },
      Object.entries(shelter.helped).map(([kind, homes]) => el("span", { class: "box" }, `${terms.need(kind)} ${n_("{n} 户", homes)}`))),
    shelter.supplies && el("p", { class: "s" }, _("物资：{what}", { what: shelter.supplies }),
      el("span", { class: "mut" }, ` ${[shelter.by, moment(shelter.said_at, on.now)].filter(Boolean).join(" ")}`)),
    on.active && may("facility.edit") && saying(shelter, on));
}

/** Open what may be said of one shelter, at the state it has now: to put a wrong press right. */
export function openShelter(panel, id) {
  const details = panel.body.querySelector(`details[data-shelter="${id}"]`);
  if (!details) return;
  details.open = true;
  details.scrollIntoView({ block: "nearest" });
  details.querySelector("button").focus();
}

export function drawShelters(panel, { shelters, plan }, settings) {
  const on = { ...settings, active: plan.state === "active" };
  const opened = new Set([...panel.body.querySelectorAll("details[open] input")].map(({ id }) => id));
  panel.show(shelters.length ? el("ul", {}, shelters.map((shelter) => row(shelter, on))) : emptyLine(_("这份预案没有安置点")));
  for (const details of panel.body.querySelectorAll("details")) {
    if (opened.has(details.querySelector("input").id)) details.open = true;
  }
}

export function drawUnserved(panel, { unserved, counts }, on) {
  panel.section.querySelector("#unserved-count").textContent = countWords(counts.unserved, on.grid);
  if (!unserved.length) {
    panel.show(emptyLine(on.grid ? _("这个网格的户都排上了") : _("都排上了，没有走不了的户")));
    return;
  }
  panel.show(el("ul", {}, unserved.slice(0, on.most.unserved).map((item) => el("li", { class: "un" },
    el("span", {}, el("b", {}, item.address || _("没有地址")), " ", item.name || "", " ", el("span", { class: "mut num" }, n_("{n} 人", item.people)),
      (item.needs || []).map((need) => el("span", { class: "box" }, terms.need(need)))),
    el("span", { class: "s mut" }, `${label(item.grid)} · ${terms.reason(item.reason)}`)))),
    restLines("unserved", unserved.length, counts.unserved, on));
}
