// Starting a response: matter, level, expected period and measures, all four asked for by law.
import { choice, form, line, text } from "./form.js";
import { get, post } from "../core/api.js";
import { dateOf, instant } from "../core/format.js";
import { me } from "../core/page.js";
import { marked } from "../core/drill.js";
import * as words from "../core/response_words.js";
import { _ } from "../core/words.js";

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

export async function openStart(place, now, chosen = null) {
  const [{ features }, areas] = await Promise.all([get("/api/hazards"), get("/api/areas?level=township").catch(() => ({ features: [] }))]);
  const hazards = features.map(({ properties: p }) => p);
  const about = choice("hazard", _("为哪处险情"), [...hazards.map((one) => [one.id, marked(one.name || words.kind(one.kind), one.exercise)]), [null, _("没有险情，另行写明")]], chosen ?? hazards[0]?.id ?? null);
  const kind = choice("kind", _("种类"), KINDS.map((key) => [key, words.kind(key)]), "flood");
  const places = [...(me.areas || []).filter((code) => code.length <= 12).map((code) => [code, `${me.town || ""} ${code}`.trim()]),
    ...areas.features.map(({ properties: p }) => [p.code, p.name_zh || p.name || p.code])];
  const area = choice("area", _("在哪里"), [[null, _("按险情的范围")], ...new Map(places)], null);
  const level = choice("level", _("响应级别"), [1, 2, 3, 4].map((one) => [one, words.level(one)]), 3);
  const drill = choice("exercise", _("真的还是演练"), [[false, _("真的")], [true, _("演练")]], false);
  const matter = line("matter", _("响应事项"));
  const end = line("expected_until", _("预期到什么时候"), { type: "datetime-local", value: inHours(now, 24) });
  const measures = text("measures", _("处置措施"));
  const kindNow = () => hazards.find((one) => one.id === about.read())?.kind || kind.read();
  const follow = () => {
    const hazard = hazards.find((one) => one.id === about.read());
    kind.node.hidden = Boolean(hazard);
    drill.node.hidden = Boolean(hazard);
    level.node.hidden = WITHOUT_LEVEL.has(kindNow());
    if (hazard && (!matter.input.value || matter.input.dataset.made === matter.input.value)) {
      matter.input.value = (hazard.name || words.kind(hazard.kind)).slice(0, 200);
      matter.input.dataset.made = matter.input.value;
    }
  };
  about.input.addEventListener("change", follow);
  kind.input.addEventListener("change", follow);
  const node = form({ title: _("启动响应"), note: _("法律要求写明响应事项、级别、预期期限和处置措施。启动后，预案模板变成任务。转移命令另由两人批准。"),
    fields: [about, kind, area, level, matter, end, drill, measures], go: _("启动"), close: () => place(null),
    done: ({ id }) => location.assign(`/responses/${id}`),
    send: (values) => {
      const hazard = hazards.find((one) => one.id === values.hazard);
      const body = { matter: values.matter, level: WITHOUT_LEVEL.has(kindNow()) ? null : values.level, expected_until: until(values.expected_until), measures: values.measures };
      if (values.area) body.area = values.area;
      return post("/api/responses", hazard ? { ...body, hazard: hazard.id } : { ...body, kind: values.kind, exercise: values.exercise });
    } });
  place(node);
  follow();
}
