// The form of one facility: what it is, where, whose, for how many, when open, and off duty or not.
import { toast } from "./common.js";
import { Hours } from "./facilities_hours.js";
import { kindWord, levelWord, stateOf } from "./facilities_words.js";
import { post } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import { clock, dateOf, instant, moment } from "../core/format.js";
import { _ } from "../core/words.js";

// Who keeps a shelter, and how messages reach them.
const KEEPER = ["keeper", "keeper_phone", "keeper_mail"];
const NEW = {
  id: null, kind: "", name: "", name_en: null, address: null, at: null, open: true, closed_why: null, closed_until: null,
  retired: false, crew: null, level: null, hours: null, capacity: null, accessible: false, keeper: null, keeper_phone: null, keeper_mail: null, revision: null,
};
const REASONS = ["检修", "停电", "停水", "外出", "人手不够", "放假", "搬迁"];
const LEVELS = ["1", "2", "3", "small", "suburb"];
const DIGITS = 6;
let count = 0;

const local = (time) => (time ? `${dateOf(time)}T${clock(time).slice(0, 5)}` : "");
const rounded = (degrees) => (degrees === null ? null : Number(degrees.toFixed(DIGITS)));
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** A field with a place of its own for what is wrong with it. */
function field(name, words, input, { wide = false, note = null } = {}) {
  count += 1;
  const problem = el("span", { class: "field-problem", id: `problem-${count}`, role: "alert", hidden: true });
  input.setAttribute("name", name);
  input.setAttribute("aria-describedby", problem.id);
  const refuse = (said) => {
    problem.textContent = said || "";
    problem.hidden = !said;
    if (said) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
    return said ? input : null;
  };
  const node = el("label", { class: wide ? "stack wide" : "stack" }, el("span", {}, words), input, note && el("span", { class: "mut" }, note), problem);
  return { name, node, input, refuse };
}

function text(name, words, value, most, more = {}) {
  const input = el("input", { class: "field", maxlength: most, value: value ?? "", autocomplete: "off", required: more.required, list: more.list, pattern: more.pattern });
  return { ...field(name, words, input, more), read: () => input.value.trim() || null };
}

function figure(name, words, value, { min, max, step, ...more }) {
  const input = el("input", { class: "field num", type: "number", inputmode: "decimal", min, max, step, required: more.required, value: value ?? "" });
  return { ...field(name, words, input, more), read: () => (input.value === "" ? null : Number(input.value)) };
}

const suggestions = (id, values) => el("datalist", { id }, [...new Set(values)].filter(Boolean).sort().map((value) => el("option", { value })));

/** One form; `map` lends the pin and the point that is tapped, `near` what others say. */
export class FacilityForm {
  /**
   * `facility` is what was read, null for a new one; `draft` what the person had written over an
   * older state of it.
   */
  constructor({ facility = null, draft = {}, kinds, near, map, now, done, close, again }) {
    Object.assign(this, { base: facility, kinds, near, map, now, done, close, again });
    const shown = { ...(facility || NEW), ...draft };
    this.at = shown.at;
    this.failed = el("div", { class: "failed-line wide", role: "alert", hidden: true });
    this.what(shown);
    this.place(shown);
    this.who(shown);
    this.hours = new Hours(shown.hours);
    this.duty(shown);
    this.node = el("form", { class: "facility-form", novalidate: true, onsubmit: (event) => this.send(event) },
      facility && el("p", { class: "mut s wide" }, this.last()),
      facility && this.off, this.fields.kind.node, this.fields.name.node, this.fields.name_en.node, this.fields.address.node,
      this.where, this.fields.crew.node, this.fields.level.node, this.fields.capacity.node, this.ramp, ...KEEPER.map((name) => this.fields[name].node), this.hours.node, this.failed,
      el("div", { class: "form-foot wide" },
        el("button", { class: "btn primary" }, facility ? _("存下") : _("登记")),
        el("button", { type: "button", class: "btn", onclick: () => this.leave() }, facility ? _("不改") : _("不登记")),
        facility && el("button", { type: "button", class: "btn right", onclick: () => this.retire() }, stateOf(facility) === "retired" ? _("恢复使用") : _("停用这处"))),
      suggestions("crews", near.map(({ crew }) => crew)),
      suggestions("off-reasons", REASONS.map((words) => _(words))));
    this.follow();
  }

  /** Who changed it last, and when. */
  last() {
    const { changed_at: at, changed_by: by } = this.base;
    if (!at) return _("从文件导入，没有人改过");
    return by ? _("{person} {time} 改过", { person: by, time: moment(at, this.now()) }) : _("{time} 到点自动恢复在值", { time: moment(at, this.now()) });
  }

  what(shown) {
    const options = this.kinds.map((kind) => ({ kind, words: kindWord(kind) === kindWord("") ? kind : kindWord(kind) }))
      .sort((a, b) => a.words.localeCompare(b.words));
    const stays = this.base?.kind === "shelter";
    const kind = el("select", { class: "select", disabled: stays, required: true, onchange: () => this.follow() },
      !this.base && el("option", { value: "" }, _("选种类")),
      options.filter((one) => !this.base || stays || one.kind !== "shelter")
        .map((one) => el("option", { value: one.kind, selected: one.kind === shown.kind }, one.words)));
    this.fields = {
      kind: { ...field("kind", _("种类"), kind), read: () => kind.value },
      name: text("name", _("名称"), shown.name, 100, { required: true }),
      name_en: text("name_en", _("英文名，没有就空着"), shown.name_en, 100),
      address: text("address", _("地址"), shown.address, 200),
    };
  }

  place(shown) {
    const [lon, lat] = shown.at || [null, null];
    const bounds = (most) => ({ min: -most, max: most, step: "any" });
    Object.assign(this.fields, { lon: figure("lon", _("经度"), rounded(lon), bounds(180)), lat: figure("lat", _("纬度"), rounded(lat), bounds(90)) });
    for (const name of ["lon", "lat"]) this.fields[name].input.addEventListener("change", () => this.typed());
    this.spot = el("p", { class: "s wide", role: "status" });
    this.placeProblem = el("p", { class: "field-problem wide", role: "alert", hidden: true });
    this.where = el("fieldset", { class: "wide pair" }, el("legend", {}, _("在哪里")), this.spot, this.fields.lon.node, this.fields.lat.node, this.placeProblem);
  }

  who(shown) {
    Object.assign(this.fields, {
      crew: text("crew", _("班组，谁从这里出动"), shown.crew, 80, { list: "crews" }),
      level: this.level(shown.level),
      capacity: figure("capacity", _("能容多少人"), shown.capacity, { min: 0, max: 1000000, step: 1 }),
    });
    const accessible = el("input", { type: "checkbox", name: "accessible", checked: shown.accessible });
    this.fields.accessible = { name: "accessible", input: accessible, refuse: () => null, read: () => accessible.checked };
    this.ramp = el("label", { class: "check" }, accessible, _("轮椅进得去"));
    Object.assign(this.fields, {
      keeper: text("keeper", _("谁管安置点"), shown.keeper, 80),
      keeper_phone: text("keeper_phone", _("管的人电话（发短信用）"), shown.keeper_phone, 20, { inputmode: "tel" }),
      keeper_mail: text("keeper_mail", _("管的人邮箱"), shown.keeper_mail, 185),
    });
  }

  /** Levels that are known, and those that others of the county have. */
  level(held) {
    const levels = [...new Set([...LEVELS, ...this.near.map(({ level }) => level), held])].filter(Boolean);
    const select = el("select", { class: "select" }, el("option", { value: "" }, _("没有级别")),
      levels.map((value) => el("option", { value, selected: value === held }, levelWord(value))));
    return { ...field("level", _("级别"), select), read: () => select.value || null };
  }

  duty(shown) {
    const pick = (value, words) => {
      const input = el("input", { type: "radio", name: "duty", value, checked: (value === "on") === shown.open, onchange: () => this.follow() });
      return [input, el("label", { class: "check" }, input, words)];
    };
    const [on, onLabel] = pick("on", _("在值"));
    const [, offLabel] = pick("off", _("停值"));
    this.on = on;
    const until = el("input", { class: "field num", type: "datetime-local", value: local(shown.closed_until) });
    Object.assign(this.fields, {
      closed_why: text("closed_why", _("为什么停"), shown.closed_why, 200, { list: "off-reasons" }),
      closed_until: { ...field("closed_until", _("停到什么时候，没定就空着"), until),
        // what has not been touched is sent as it was read, to the second
        read: () => (until.value === local(this.base?.closed_until) ? this.base?.closed_until ?? null : instant(until.value)?.toISOString() ?? null) },
    });
    this.off = el("fieldset", { class: "wide pair" }, el("legend", {}, _("值守")),
      el("div", { class: "checks wide" }, onLabel, offLabel), this.fields.closed_why.node, this.fields.closed_until.node);
    this.off.hidden = stateOf(shown) === "retired";
  }

  /** Show what belongs to what has been chosen. */
  follow() {
    const off = !this.on.checked;
    for (const name of ["closed_why", "closed_until"]) this.fields[name].node.hidden = !off;
    const shelter = this.fields.kind.input.value === "shelter";
    this.ramp.hidden = !shelter;
    for (const name of KEEPER) this.fields[name].node.hidden = !shelter;
    this.fields.capacity.input.required = shelter;
    this.spot.textContent = this.at ? _("点地图可以换位置，或改经纬度") : _("点地图定位置，或写经纬度");
    this.map.point((at) => this.take(at), this.at);
  }

  take(at) {
    this.at = at.map(rounded);
    this.fields.lon.input.value = this.at[0];
    this.fields.lat.input.value = this.at[1];
    this.refusePlace("");
    this.follow();
  }

  typed() {
    const [lon, lat] = [this.fields.lon.read(), this.fields.lat.read()];
    this.at = lon === null || lat === null ? null : [lon, lat];
    this.follow();
  }

  refusePlace(words) {
    this.placeProblem.textContent = words;
    this.placeProblem.hidden = !words;
    return words ? this.fields.lon.input : null;
  }

  read() {
    const own = Object.values(this.fields).filter(({ name }) => !["lon", "lat"].includes(name));
    const said = Object.fromEntries(own.map((one) => [one.name, one.read()]));
    said.open = this.on.checked;
    said.at = this.at;
    said.hours = this.hours.read();
    if (said.open) Object.assign(said, { closed_why: null, closed_until: null });
    if (said.kind !== "shelter") {
      said.accessible = this.base?.accessible || false;
      for (const name of KEEPER) said[name] = null;
    }
    return said;
  }

  /** What differs from what was read; all there is of a new one. */
  changes() {
    const said = this.read();
    if (!this.base) return Object.fromEntries(Object.entries(said).filter(([name, value]) => value !== null && name !== "open"));
    const changed = Object.entries(said).filter(([name, value]) => !same(value, this.base[name]));
    // of what is given up, whether it is on duty is not asked
    return Object.fromEntries(stateOf(this.base) === "retired" ? changed.filter(([name]) => !["open", "closed_why", "closed_until"].includes(name)) : changed);
  }

  clear() {
    for (const one of Object.values(this.fields)) one.refuse("");
    this.hours.clear();
    this.refusePlace("");
    this.failed.hidden = true;
  }

  /** What the browser can tell by itself; the first field that is wrong, or null. */
  unsaid() {
    const wrong = Object.values(this.fields).filter(({ input }) => !input.closest("[hidden]") && !input.checkValidity())
      .map((one) => one.refuse(one.input.validationMessage));
    if (!this.at) wrong.push(this.refusePlace(_("还没有位置。点地图定位置，再存")));
    return [...wrong, this.hours.unsaid()].find(Boolean) || null;
  }

  /** Say each fault at its field; those of no field stand below. */
  refuse(error) {
    const rest = [];
    let first = null;
    error.faults.forEach(({ place, message }, at) => {
      const words = error.more.said?.[at] || message;
      const [name, ...path] = place.split(".");
      const input = name === "hours" && path.length ? this.hours.refuse(path.join("."), words)
        : name === "at" ? this.refusePlace(words) : this.fields[name]?.refuse(words);
      if (input) first ||= input;
      else rest.push(words);
    });
    if (rest.length || !error.faults.length) this.fail(_("没存成：{why}", { why: rest.join(_("；")) || error.detail || error.message }));
    (first || this.failed).scrollIntoView({ block: "center" });
    first?.focus();
  }

  fail(words, ...more) {
    replace(this.failed, el("p", {}, words), ...more);
    this.failed.hidden = false;
  }

  /** Somebody else was first: who, and the same changes on what they have made of it. */
  late(error, draft) {
    const { person, changed_at: at } = error.more;
    const time = at ? moment(at, this.now()) : "";
    this.fail(person ? _("{person} {time} 先改了这处，您改的没有存", { person, time }) : _("这处刚被改过，您改的没有存"),
      el("button", { type: "button", class: "btn", onclick: () => this.again(draft) }, _("取新的，接着改")));
    this.failed.scrollIntoView({ block: "center" });
  }

  async send(event) {
    event.preventDefault();
    this.clear();
    const wrong = this.unsaid();
    if (wrong) {
      wrong.scrollIntoView({ block: "center" });
      wrong.focus();
      return;
    }
    const changes = this.changes();
    if (this.base && !Object.keys(changes).length) {
      this.leave();
      return;
    }
    await this.store(changes, this.base ? _("存下了，留了痕") : _("登记了，留了痕"));
  }

  async store(changes, words) {
    const address = this.base ? `/api/facilities/${this.base.id}` : "/api/facilities";
    try {
      const kept = await post(address, changes, { version: this.base ? this.base.revision : null });
      toast(words);
      this.leave(kept);
    } catch (error) {
      if (error.status === 409) this.late(error, changes);
      else if (error.status === 0) this.fail(_("没连上服务器。写的还在"));
      else this.refuse(error);
    }
  }

  async retire() {
    this.clear();
    const back = stateOf(this.base) === "retired";
    await this.store(back ? { retired: false, open: true } : { retired: true }, back ? _("恢复了") : _("停用了。在“已停用”里可以恢复"));
  }

  leave(kept = null) {
    this.map.point(null, null);
    this.close();
    if (kept) this.done(kept);
  }
}
