// The forms of the page of emergency rules: a field for each value, what is wrong said at its field.
import { post } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import { toast } from "../core/toast.js";
import { _ } from "../core/words.js";
import { Hours } from "./facilities_hours.js";

const DIGITS = 6;
const INDENT = { county: "", township: "　", community: "　　" };
const english = document.documentElement.lang === "en";
let count = 0;

/** A field with a place of its own for what is wrong with it. */
function field(name, words, input, { wide = false, note = null, read }) {
  count += 1;
  const problem = el("span", { class: "field-problem", id: `rule-problem-${count}`, role: "alert", hidden: true });
  input.setAttribute("name", name);
  input.setAttribute("aria-describedby", problem.id);
  return {
    name, input, read,
    node: el("label", { class: wide ? "stack wide" : "stack" }, el("span", {}, words), input, note && el("span", { class: "mut" }, note), problem),
    refuse: (said) => {
      problem.textContent = said || "";
      problem.hidden = !said;
      if (said) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
      return said ? input : null;
    },
  };
}

/** A choice of `[value, words]`; one that is fixed keeps what it has. */
export function choice(name, words, options, chosen, { fixed = false, ...more } = {}) {
  const select = el("select", { class: "select", required: true, disabled: fixed },
    options.map(([value, label]) => el("option", { value, selected: value === chosen }, label)));
  return field(name, words, select, { ...more, read: () => select.value });
}

export const areaWords = ({ level, code, name_zh: zh, name_en: en }) => `${INDENT[level] || ""}${(english && en) || zh || code}`;

/** The area a rule is for; that of one that is there already stays. */
export function place(places, chosen) {
  const options = places.map((one) => [one.code, areaWords(one)]);
  if (chosen && !places.some(({ code }) => code === chosen)) options.unshift([chosen, chosen]);
  return choice("area", _("在哪里"), options, chosen, { fixed: chosen !== undefined });
}

export function text(name, words, value, most, { required = true, ...more } = {}) {
  const input = el("input", { class: "field", maxlength: most, required, value: value ?? "", autocomplete: "off" });
  return field(name, words, input, { ...more, read: () => input.value.trim() || (required ? "" : null) });
}

export function figure(name, words, value, { min, max, step = "any", required = true, ...more }) {
  const input = el("input", { class: "field num", type: "number", inputmode: "decimal", min, max, step, required, value: value ?? "" });
  return field(name, words, input, { ...more, read: () => (input.value === "" ? null : Number(input.value)) });
}

export function yes(name, words, value, { fixed = false } = {}) {
  const input = el("input", { type: "checkbox", name, checked: value, disabled: fixed });
  return { name, input, read: () => input.checked, refuse: () => null, node: el("label", { class: "check wide" }, input, words) };
}

/** When: always, or at times of the week. */
export function hours(value) {
  const lines = new Hours(value);
  return { name: "hours", input: lines.always, node: lines.node, read: () => lines.read(), unsaid: () => lines.unsaid(),
    refuse: (words, path = "") => (words ? lines.refuse(path, words) : lines.clear()) };
}

/** Where: tapped on the map, or written as degrees. `map.point(take, at)` lends the pin. */
export function spot(map, at) {
  const degrees = (name, words, value, most) => figure(name, words, value, { min: -most, max: most });
  const [lon, lat] = [degrees("lon", _("经度"), at?.[0], 180), degrees("lat", _("纬度"), at?.[1], 90)];
  const note = el("p", { class: "mut s wide" }, at ? _("点地图可以换位置，或改经纬度") : _("点地图定位置，或写经纬度"));
  const problem = el("p", { class: "field-problem wide", role: "alert", hidden: true });
  const read = () => (lon.read() === null || lat.read() === null ? null : [lon.read(), lat.read()]);
  const take = (point) => {
    [lon.input.value, lat.input.value] = point.map((each) => Number(each.toFixed(DIGITS)));
    problem.hidden = true;
    map.point(take, read());
  };
  for (const each of [lon, lat]) each.input.addEventListener("input", () => map.point(take, read()));
  map.point(take, at || null);
  return { name: "at", input: lon.input, read, claim: () => map.point(take, read()),
    node: el("fieldset", { class: "wide pair" }, el("legend", {}, _("位置")), note, lon.node, lat.node, problem),
    refuse: (words) => {
      problem.textContent = words || "";
      problem.hidden = !words;
      return words ? lon.input : null;
    } };
}

const said = (one) => JSON.stringify(one.read());

export class RuleForm {
  /**
   * `address` takes the body of the fields that `build(row)` gives, `row` is null for a new one;
   * `again(said)` reads what somebody else has made of it and gives that row.
   */
  constructor({ title, address, build, row = null, body = (said) => said, done, close, again, more = null }) {
    const [fields, version] = [build(row), row?.revision ?? null];
    Object.assign(this, { address, build, fields, version, body, done, close, again });
    for (const one of fields) one.was = said(one);
    this.failed = el("div", { class: "failed-line wide", role: "alert", hidden: true });
    this.node = el("form", { class: "facility-form", novalidate: true, onsubmit: (event) => this.send(event) },
      el("h3", { class: "wide" }, title), fields.map(({ node }) => node), this.failed,
      el("div", { class: "form-foot wide" }, el("button", { class: "btn primary", id: "rule-save" }, version === null ? _("登记") : _("存下")),
        el("button", { type: "button", class: "btn", onclick: () => close() }, _("不改")), more));
  }

  /** What the browser can tell by itself; the first field that is wrong, or null. */
  unsaid() {
    return this.fields.map((one) => {
      one.refuse("");
      if (one.unsaid) return one.unsaid();
      if (one.name === "at") return one.read() ? null : one.refuse(_("还没有位置。点地图定位置，再存"));
      return one.input.checkValidity() ? null : one.refuse(one.input.validationMessage);
    }).find(Boolean) || null;
  }

  fail(words, ...more) {
    replace(this.failed, el("p", {}, words), ...more);
    this.failed.hidden = false;
    this.failed.scrollIntoView({ block: "nearest" });
  }

  /** Say each fault at its field; those of no field stand below. */
  refuse(error) {
    const rest = [];
    let first = null;
    error.faults.forEach(({ place: path, message }, i) => {
      const words = error.more.said?.[i] || message;
      const [name, ...inner] = path.split(".");
      const input = this.fields.find((one) => one.name === name)?.refuse(words, inner.join("."));
      if (input) first ||= input;
      else rest.push(words);
    });
    if (rest.length || !error.faults.length) this.fail(_("没存成：{why}", { why: rest.join(_("；")) || error.detail || error.message }));
    first?.focus();
  }

  values() {
    return Object.fromEntries(this.fields.map((one) => [one.name, one.read()]));
  }

  async send(event) {
    event.preventDefault();
    this.failed.hidden = true;
    const wrong = this.unsaid();
    if (wrong) {
      wrong.focus();
      return;
    }
    try {
      const kept = await post(this.address, this.body(this.values()), { version: this.version });
      toast(_("存下了，留了痕"));
      this.done(kept);
    } catch (error) {
      if (error.status === 409 && this.again) this.late(error);
      else if (error.status === 0) this.fail(_("没连上服务器。写的还在"));
      else this.refuse(error);
    }
  }

  /** Fields nobody has touched show what somebody else has made of them; the others stay. */
  refill(row) {
    this.version = row?.revision ?? null;
    if (!row) return;
    const fresh = this.build(row);
    this.fields = this.fields.map((one) => {
      const newer = fresh.find(({ name }) => name === one.name);
      if (!newer || said(one) !== one.was) return one;
      newer.was = said(newer);
      one.node.replaceWith(newer.node);
      return newer;
    });
    this.fields.find(({ name }) => name === "at")?.claim();
  }

  /** Somebody else was first: what one has written oneself goes on what they have made of it. */
  late(error) {
    this.fail(_("{why}。您写的还在，没有存", { why: error.detail || error.message }),
      el("button", { type: "button", class: "btn", onclick: async () => {
        this.refill(await this.again(this.values()));
        this.failed.hidden = true;
      } }, _("取新的，接着改")));
  }
}
