// What counts when teams are ranked, by area: read, set anew as another version, or taken back.
import { get, post } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import { moment } from "../core/format.js";
import { may } from "../core/page.js";
import { emptyLine, errorLine } from "../core/panels.js";
import { _ } from "../core/words.js";
import { choice, form, line } from "../responses/form.js";

const FIELDS = [
  ["skill_seconds", "缺一项本领，等于多走几分钟"],
  ["kind_seconds", "不对口的队伍，等于多走几分钟"],
  ["load_seconds", "手上每件事，等于多走几分钟"],
  ["person_seconds", "走后每一个没有覆盖的人，等于多走几秒"],
  ["most_cover_seconds", "没有覆盖最多算到几分钟"],
];
const SHORT = {
  skill_seconds: "缺本领 {n} 分", kind_seconds: "不对口 {n} 分", load_seconds: "在办 {n} 分",
  person_seconds: "没覆盖每人 {n} 秒", most_cover_seconds: "最多 {n} 分",
};
const inMinutes = (name) => name !== "person_seconds";
const shown = (name, value) => (inMinutes(name) ? value / 60 : value);
const listed = (values) => FIELDS.map(([name]) => _(SHORT[name], { n: String(Number(shown(name, values[name]).toFixed(1))) })).join(" · ");

async function areaNames() {
  const found = await Promise.all(["county", "township"].map((level) => get(`/api/areas?level=${level}&limit=1000`)));
  return new Map(found.flatMap(({ features }) => features).map(({ properties }) => [properties.code, properties.name]));
}

/** Draw versions and the form into an element; it fetches, and says so when it cannot. */
export function mount(box) {
  const node = el("div", {});
  const place = el("div", { class: "form-place" });
  replace(box, place, node);
  let names = new Map();

  function open(found, chosen) {
    const own = [...names].filter(([code]) => found.areas.some((area) => code.startsWith(area)));
    const newest = (code) => found.items.find((one) => one.area === code);
    const from = newest(chosen) || found.default;
    const fields = [choice("area", _("在哪里"), own, chosen),
      ...FIELDS.map(([name, words]) => line(name, _(words), { type: "number", value: shown(name, from[name]), min: 0, max: inMinutes(name) ? 1440 : 3600, step: "any" })),
      line("note", _("为什么这样定"), { most: 300 })];
    const send = (values) => {
      const given = Object.fromEntries(FIELDS.map(([name]) => [name, inMinutes(name) ? Math.round(values[name] * 60) : values[name]]));
      return post("/api/dispatch-weights", { ...given, area: values.area, note: values.note }, { version: newest(values.area)?.version || 0 });
    };
    replace(place, form({ title: _("定派遣权重"), note: _("路上时间是尺子：路上 1 秒算 1 秒，别的折成多走多久。"), fields, go: _("定"), send, close: () => replace(place), done: load }));
  }

  async function retire(one) {
    const { area, note } = one;
    const values = Object.fromEntries(FIELDS.map(([name]) => [name, inMinutes(name) ? Math.round(one[name]) : one[name]]));
    try {
      await post("/api/dispatch-weights", { ...values, area, note, retired: true }, { version: one.version });
      load();
    } catch (error) {
      node.prepend(errorLine(error, load));
    }
  }

  function row(one) {
    const old = !one.newest || one.retired;
    return el("li", { class: old ? "old" : "" },
      el("span", {}, el("b", {}, names.get(one.area) || one.area), " ", el("span", { class: "chip" }, _("第 {n} 版", { n: one.version })), " ",
        one.retired && el("span", { class: "chip" }, _("撤回")), el("br"),
        !one.retired && el("span", {}, listed(one)), !one.retired && el("br"),
        el("span", { class: "mut s" }, [one.note, one.by, moment(one.at, new Date())].filter(Boolean).join(" · "))),
      one.newest && !one.retired && may("plan.approve") && el("button", { type: "button", class: "btn quiet", onclick: () => retire(one) }, _("撤回，用上级的")));
  }

  async function load() {
    try {
      const [found, areas] = await Promise.all([get("/api/dispatch-weights"), areaNames()]);
      names = areas;
      replace(node,
        found.items.length ? el("ul", { class: "weights-list" }, found.items.map(row)) : emptyLine(_("没有定过，用默认的")),
        el("div", { class: "weights-foot" }, el("span", { class: "mut s" }, _("默认：{list}", { list: listed(found.default) })),
          found.areas.length > 0 && el("button", { type: "button", class: "btn", "data-set-weights": "", onclick: () => open(found, found.areas[0]) }, _("定派遣权重"))));
    } catch (error) {
      replace(node, errorLine(error, load));
    }
  }
  load();
}
