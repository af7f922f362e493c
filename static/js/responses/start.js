// Starting a response: matter, level, expected period and measures, all four asked for by law.
import { choice, form, line, text } from "./form.js";
import { get, post } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import { dateOf, instant } from "../core/format.js";
import { me } from "../core/page.js";
import { errorLine } from "../core/panels.js";
import { marked } from "../core/drill.js";
import * as words from "../core/response_words.js";
import { levelOf } from "../core/severity.js";
import { _, n_ } from "../core/words.js";

const KINDS = ["flood", "landslide", "fire", "typhoon", "earthquake", "public_health", "chemical", "gas", "security", "general"];
const WITHOUT_LEVEL = new Set(["crowd", "violence", "security"]);

/** The end of a period some hours from now, as a field of date and time takes it. */
export function inHours(now, hours) {
  const then = new Date(now.getTime() + hours * 3600e3);
  return `${dateOf(then)}T${then.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: document.documentElement.dataset.zone || undefined })}`;
}

export const until = (value) => {
  const found = instant(value);
  return found instanceof Date ? found.toISOString() : found;
};

/** Which template would turn into how many tasks, said as soon as kind, place and level are chosen. */
export class TemplateLine {
  constructor() {
    this.node = el("p", { class: "wide s template-line", role: "status" });
    this.asked = 0;
  }

  async follow(kind, area, level) {
    const mine = this.asked += 1;
    const query = new URLSearchParams({ kind, area });
    try {
      const found = await get(`/api/plan-templates/in-force?${query}`);
      if (mine !== this.asked) return;
      const tasks = level ? found.tasks[level] : Math.max(...Object.values(found.tasks));
      replace(this.node, n_("会用“{name}”第 {version} 版，变成 {n} 项任务", tasks, { name: found.name, version: found.version }));
    } catch (error) {
      if (mine !== this.asked) return;
      replace(this.node, error.status === 404 ? _("这种事没有预案模板，任务要自己加")
        : error.status === 0 ? _("没连上服务器，用哪份模板没查到") : _("用哪份模板没查到：{why}", { why: error.detail || error.message }));
    }
  }
}

/** What the form may choose from; a list that does not come is said, and asked for again by a press. */
async function lists() {
  const [{ features }, areas] = await Promise.all([get("/api/hazards"), get("/api/areas?level=township").catch(() => ({ features: [] }))]);
  return { hazards: features.map(({ properties: p }) => p), towns: areas.features.map(({ properties: p }) => [p.code, p.name_zh || p.name || p.code]) };
}

const named = (one) => marked(one.name || words.kind(one.kind), one.exercise);
const levelFrom = (hazard) => levelOf(hazard?.severity) || 3;

/**
 * Open the form at `place(node)`. `chosen` is a hazard's id, or `{ hazard }`, or `{ alert }` with the
 * warning as its page has it: kind, level and matter are filled in, the template is named.
 */
export async function openStart(place, now, chosen = null) {
  let known;
  try {
    known = await lists();
  } catch (error) {
    place(errorLine(error, () => openStart(place, now, chosen)));
    return;
  }
  place(startForm(place, now, known, chosen && typeof chosen === "object" ? chosen : { hazard: chosen }));
}

function hazardChoice(hazards, alert, chosen) {
  const wanted = String(chosen.hazard ?? alert?.hazard ?? "");
  const found = hazards.find((one) => String(one.id) === wanted) || (alert ? null : hazards[0]);
  const none = alert ? _("只为这条预警") : _("没有险情，另行写明");
  return choice("hazard", _("为哪处险情"), [...hazards.map((one) => [one.id, named(one)]), [null, none]], found?.id ?? null);
}

function areaChoice(towns) {
  const own = (me.areas || []).filter((code) => code.length <= 12).map((code) => [code, `${me.town || ""} ${code}`.trim()]);
  return choice("area", _("在哪里"), [[null, _("按险情的范围")], ...new Map([...own, ...towns])], null);
}

function fieldsOf(now, { hazards, towns }, alert, chosen) {
  const kinds = [...new Set([alert?.kind, ...KINDS].filter(Boolean))];
  const about = hazardChoice(hazards, alert, chosen);
  const first = hazards.find((one) => one.id === about.read()) || alert;
  return {
    about, area: areaChoice(towns),
    kind: choice("kind", _("种类"), kinds.map((key) => [key, words.kind(key)]), alert?.kind || "flood"),
    level: choice("level", _("响应级别"), [1, 2, 3, 4].map((one) => [one, words.level(one)]), levelFrom(first)),
    matter: line("matter", _("响应事项"), { value: (alert?.headline || "").slice(0, 200) }),
    end: line("expected_until", _("预期到什么时候"), { type: "datetime-local", value: inHours(now, 24) }),
    drill: choice("exercise", _("真的还是演练"), [[false, _("真的")], [true, _("演练")]], Boolean(alert?.exercise)),
    measures: text("measures", _("处置措施"), { value: (alert?.instruction || "").slice(0, 4000) }),
  };
}

/** What is filled in by itself stays so until somebody writes over it. */
function fill({ matter }, hazard) {
  if (!hazard || (matter.input.value && matter.input.dataset.made !== matter.input.value)) return;
  matter.input.value = (hazard.name || words.kind(hazard.kind)).slice(0, 200);
  matter.input.dataset.made = matter.input.value;
}

/** Whose response it is to a hazard or a warning: no grid has one of its own. */
const areaOf = (from) => (from?.area || from?.area_code || me.areas?.[0] || "").slice(0, 12);

function startForm(place, now, known, chosen) {
  const { alert = null } = chosen;
  const fields = fieldsOf(now, known, alert, chosen);
  const { about, kind, area, level, drill } = fields;
  const template = new TemplateLine();
  const band = el("p", { class: "drill-band wide", hidden: true }, el("b", {}, _("演练")), el("span", {}, _("不是真的，消息都标演练")));
  const hazardNow = () => known.hazards.find((one) => one.id === about.read());
  const follow = () => {
    const hazard = hazardNow();
    const graded = !WITHOUT_LEVEL.has(hazard?.kind || kind.read());
    kind.node.hidden = Boolean(hazard || alert?.kind);
    drill.node.hidden = Boolean(hazard || alert);
    level.node.hidden = !graded;
    band.hidden = !(hazard ? hazard.exercise : drill.read());
    fill(fields, hazard);
    template.follow(hazard?.kind || kind.read(), area.read() || areaOf(hazard || alert), graded ? level.read() : null);
  };
  about.input.addEventListener("change", () => {
    if (hazardNow()) level.input.value = String(levelFrom(hazardNow()));
    follow();
  });
  for (const field of [kind, area, level, drill]) field.input.addEventListener("change", follow);
  const shown = (node) => ({ node, read() {} });
  const node = form({ title: _("启动响应"), note: _("法律要求写明响应事项、级别、预期期限和处置措施。启动后，预案模板变成任务。转移命令另由两人批准。"),
    fields: [shown(band), about, kind, area, level, fields.matter, fields.end, drill, fields.measures, shown(template.node)], go: _("启动"), close: () => place(null),
    done: ({ id }) => location.assign(`/responses/${id}`),
    send: (values) => post("/api/responses", bodyOf(values, known.hazards, alert)) });
  follow();
  return node;
}

function bodyOf(values, hazards, alert) {
  const hazard = hazards.find((one) => one.id === values.hazard);
  const kind = hazard?.kind || values.kind;
  return {
    matter: values.matter, level: WITHOUT_LEVEL.has(kind) ? null : values.level, expected_until: until(values.expected_until), measures: values.measures,
    ...(values.area && { area: values.area }), ...(alert && { alert: alert.id }),
    ...(hazard ? { hazard: hazard.id } : { kind, ...(!alert && { exercise: values.exercise }) }),
  };
}
