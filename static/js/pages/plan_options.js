// How a plan is drafted: what is asked before it is drafted again, and what it then says of itself.
import { el } from "../core/dom.js";
import { number } from "../core/format.js";
import { _ } from "../core/words.js";
import { ask } from "../planner/dialog.js";

const NUMBERS = ["tolerance", "m2_per_person", "walk_limit_minutes", "slide_bearing", "deadline_minutes", "wave_people", "wave_minutes", "assembly_people"];
const YES_NO = ["vehicles", "together", "walk_first"];
const STAGING = ["auto", "always", "never"];

/** Fields of the dialog, filled with what the plan at hand was drafted with. */
export function optionFields(options) {
  const had = (name) => (options[name] === null || options[name] === undefined ? "" : String(options[name]));
  const yes = (name) => (options[name] === false ? "no" : "yes");
  return [
    { name: "vehicles", label: _("走不动的人"), value: yes("vehicles"), options: [["yes", _("派车接")], ["no", _("都走过去")]] },
    { name: "together", label: _("照料人和被照料的户"), value: yes("together"), options: [["yes", _("去同一处，一起走")], ["no", _("各走各的")]] },
    { name: "bridges", label: _("水上的桥"), value: options.bridges || "kept", options: [["kept", _("能走")], ["closed", _("当作断了")]] },
    { name: "robust", label: _("断一条路、坏一处安置点怎么办"), value: options.robust || "none", options: [["none", _("到时再排")], ["shelter", _("安置点坏一处，留好退路")], ["road", _("路断一条，留好退路")], ["any", _("路和安置点都留好退路")]] },
    { name: "walk_first", label: _("走得动、路又远的人"), value: yes("walk_first"), options: [["yes", _("有空座就接，走着快的走")], ["no", _("都走过去")]] },
    { name: "staging", label: _("分波错峰"), value: options.staging || "auto", options: [["auto", _("排队多才分波")], ["always", _("分波走")], ["never", _("一起走")]] },
    { name: "assembly_minutes", label: _("走到集合点最多几分钟（不填不设集合点）"), type: "number", min: "1", max: "60", step: "1", value: options.assembly_minutes === undefined ? "15" : had("assembly_minutes") },
    { name: "assembly_people", label: _("一处集合点最多几人"), type: "number", min: "20", max: "10000", step: "1", value: had("assembly_people") || "500" },
    { name: "deadline_minutes", label: _("几分钟内走完（不填按一小时找卡点）"), type: "number", min: "5", max: "2880", step: "1", value: had("deadline_minutes") },
    { name: "tolerance", label: _("最远是最近安置点的几倍（不填不限）"), type: "number", min: "1", max: "20", step: "0.05", value: had("tolerance") },
    { name: "walk_limit_minutes", label: _("最多走几分钟（不填不限）"), type: "number", min: "5", max: "600", step: "1", value: had("walk_limit_minutes") },
    { name: "m2_per_person", label: _("每人几平方米（不填只按床位）"), type: "number", min: "0.5", max: "20", step: "0.1", value: had("m2_per_person") },
    { name: "slide_bearing", label: _("滑坡往哪边滑（度，北 0 东 90；不填不管）"), type: "number", min: "0", max: "360", step: "1", value: had("slide_bearing") },
    { name: "wave_people", label: _("一批最多几人（不填不分批）"), type: "number", min: "1", max: "1000000", step: "1", value: had("wave_people") },
    { name: "wave_minutes", label: _("两批相隔几分钟"), type: "number", min: "1", max: "240", step: "1", value: had("wave_minutes") },
  ];
}

/** What the form says, as the server takes it. */
export function asked(values) {
  const options = { bridges: values.bridges, robust: values.robust };
  if (STAGING.includes(values.staging)) options.staging = values.staging;
  const meeting = String(values.assembly_minutes ?? "15").trim();
  options.assembly_minutes = meeting ? Number(meeting) : null;
  for (const name of YES_NO) options[name] = values[name] !== "no";
  for (const name of NUMBERS) {
    const text = String(values[name] ?? "").trim();
    if (text) options[name] = Number(text);
  }
  return options;
}

/** Why the server does not draft like that, each fault with the words of its own field. */
export function refused(problem) {
  const label = new Map(optionFields({}).map((field) => [`options.${field.name}`, field.label.replace(/ ?[（(].*$/, "")]));
  return (problem.faults || []).map(({ place, message }, i) => _("{label}：{why}", {
    label: label.get(place) || place, why: problem.more?.said?.[i] || message,
  })).join(_("；")) || problem.detail || problem.title;
}

/** Ask how to draft; `run(options)` sends it. Resolves to what `run` gave, null when it was left. */
export function askOptions({ title, options, run }) {
  return ask({
    title,
    fields: optionFields(options || {}),
    go: _("起草"),
    leave: _("不起草"),
    grave: false,
    // shelters that were left out stay out: the dialog does not list them
    run: (values) => run({ ...asked(values), without: options?.without || [] }),
    explain: refused,
  });
}

const withoutWords = ({ without }) => (without?.length ? [_("{n} 处安置点没有用", { n: number(without.length) })] : []);

/** How people leave: where they meet, who is offered a seat, in which waves. */
function leavingWords(given) {
  return [
    given.assembly_minutes ? _("{n} 分钟内走到集合点，一处最多 {m} 人", { n: number(given.assembly_minutes), m: number(given.assembly_people ?? 500) }) : null,
    given.walk_first && given.vehicles !== false ? _("空座问走得慢、路又远的人，走着快的自己走") : null,
    { auto: _("排队多才分波错峰"), always: _("分波错峰走") }[given.staging] || null,
  ];
}

/** What limits where people go. */
function limitWords(given) {
  return [
    given.tolerance ? _("最远不超过最近安置点的 {n} 倍", { n: String(given.tolerance) }) : null,
    given.walk_limit_minutes ? _("最多走 {n} 分钟", { n: number(given.walk_limit_minutes) }) : null,
    given.m2_per_person ? _("每人 {n} 平方米", { n: String(given.m2_per_person) }) : _("只按床位算能住几人"),
    typeof given.slide_bearing === "number" ? _("避开往 {n} 度滑的方向", { n: number(given.slide_bearing) }) : null,
  ];
}

/** What may fail, in words; null for nothing. */
function robustWords(kind) {
  if (kind === "shelter") return _("任何一处安置点出事，能保的都还有去处");
  if (kind === "road") return _("任何一条路断了，能保的都还有路走");
  if (kind === "any") return _("任何一条路、一处安置点出事，能保的都还有路走、有去处");
  return null;
}

/** The lines under "assumptions": what the plan rests on, in words. */
export function assumptions(options) {
  const given = options || {};
  return [
    given.vehicles === false ? _("走不动的人也按步行算") : _("走不动的人派车接，先走"),
    given.together === false ? _("照料人不一定同去") : _("照料人和被照料的户去同一处"),
    given.bridges === "closed" ? _("水上的桥当作断了") : _("水上的桥照走"),
    robustWords(given.robust),
    given.deadline_minutes ? _("{n} 分钟内走完", { n: number(given.deadline_minutes) }) : null,
    ...limitWords(given),
    given.wave_people ? _("一批最多 {n} 人，隔 {m} 分钟", { n: number(given.wave_people), m: number(given.wave_minutes) }) : null,
    ...leavingWords(given), ...withoutWords(given),
    _("走得多快按每户最慢的人"),
  ].filter(Boolean);
}

export function assumptionList(plan) {
  return el("details", { class: "pad", id: "plan-assumptions" }, el("summary", {}, _("按什么算的")),
    el("ul", { class: "s" }, assumptions(plan.options).map((line) => el("li", {}, line))));
}
