// A message in one's own words: to whom, by which ways, counted before it goes out.
import { get, post } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import { number } from "../core/format.js";
import { me } from "../core/page.js";
import { _, n_ } from "../core/words.js";
import { boxes, choice, text } from "../responses/form.js";
import { WAYS } from "./words.js";

const GROUPS = { grids: "网格员（选网格）", communities: "村、社区", roles: "岗位", shelters: "安置点" };
const BY = { grids: ["inbox", "sms"], communities: ["inbox", "sms", "loudspeaker", "mail"], roles: ["inbox"], shelters: ["sms", "mail"] };
const ROLES = { grid_member: "网格员", unit: "处置单位", duty_officer: "值班员", commander: "指挥员" };

const named = (features) => features.map(({ properties }) => properties)
  .sort((one, other) => (one.code < other.code ? -1 : 1));

/** All of a list, page after page: who is not offered here could not be told. */
async function whole(address) {
  const found = [];
  for (let next = address; next;) {
    const page = await get(next); // each page says where the next one is
    found.push(...page.features);
    next = page.next;
  }
  return found;
}

async function areas(level) {
  return named(await whole(`/api/areas?level=${level}&limit=1000`)).map(({ code, name }) => [code, name]);
}

/** Whom one may choose of a group: values with their words. */
async function choices(group) {
  if (group === "roles") return Object.entries(ROLES).map(([key, words]) => [key, _(words)]);
  if (group === "communities") return areas("community");
  if (group === "grids") {
    return named(await whole("/api/grids?limit=1000")).map(({ code, name }) => [code, [`${code.slice(9, 12)}-${code.slice(12)}`, name].filter(Boolean).join(" ")]);
  }
  return (await whole("/api/facilities?limit=1000")).filter(({ properties }) => properties.kind === "shelter").map(({ id, properties }) => [String(properties.id ?? id), properties.name]);
}

/** In which area a role is held: one's own, and what lies inside. */
async function places() {
  const found = await Promise.all(["county", "township", "community"].map(areas));
  return found.flat();
}

function about(matters) {
  const words = (one) => (one.exercise ? _("演练：{name}", { name: one.name }) : one.name);
  return choice("about", _("关于哪件事"), [[null, _("都不是")], ...matters.map((one) => [one.about, words(one)])], null);
}

function counted(found) {
  const ways = found.ways.map((one) => _("{way} {n} 个", { way: _(WAYS[one.channel]), n: number(one.recipients) })).join(_("、"));
  return [el("b", {}, n_("发给 {n} 个", found.recipients)), " ", ways,
    found.without > 0 && el("span", {}, " · ", n_("{n} 处没有号码或账号，发不到", found.without)),
    found.exercise && el("b", { class: "drill-word" }, " ", _("演练，开头会标出来"))];
}

/** Open the form at `place(node)`; `done` after it was sent. */
export async function compose(place, done) {
  let id = crypto.randomUUID();
  const { items: matters } = await get("/api/messages/matters");
  const group = choice("group", _("发给"), Object.entries(GROUPS).map(([key, words]) => [key, _(words)]), "communities");
  const matter = about(matters);
  const drill = choice("exercise", _("真的还是演练"), [[false, _("真的")], [true, _("演练")]], false);
  const said = text("text", _("说什么（不写人名、电话和病情）"), { most: 500, rows: 3 });
  const result = el("p", { class: "wide counted", role: "status" });
  const go = el("button", { type: "submit", class: "btn primary", disabled: true }, _("发送"));
  const whom = el("div", { class: "wide whom" });
  let fields = {};

  const forget = () => {
    id = crypto.randomUUID(); // other words or other people are another message
    go.disabled = true;
    replace(go, _("发送"));
    replace(result);
  };
  const body = () => ({
    id, group: group.read(), of: fields.of?.read() || [], channels: fields.channels?.read() || [], text: said.read(),
    ...(fields.area ? { area: fields.area.read() } : {}), ...(matter.read() ? { about: matter.read() } : { exercise: drill.read() }),
  });
  const failed = (error) => replace(result, el("span", { class: "failed-line", role: "alert" }, error.status === 0 ? _("没连上服务器") : error.detail || error.message));
  const ask = async () => {
    try {
      const found = await post("/api/messages/preview", body());
      replace(result, counted(found));
      go.disabled = !found.recipients;
      replace(go, found.recipients ? n_("发给 {n} 个", found.recipients) : _("发送"));
    } catch (error) {
      failed(error);
    }
  };
  const turn = async () => {
    forget();
    const chosen = group.read();
    try {
      const [options, inside] = await Promise.all([choices(chosen), chosen === "roles" ? places() : []]);
      if (group.read() !== chosen) return;
      fields = { of: boxes("of", _(GROUPS[chosen]), options), channels: boxes("channels", _("途径"), BY[chosen].map((way) => [way, _(WAYS[way])])) };
      if (chosen === "roles") fields.area = choice("area", _("在哪里"), inside, (me.areas || [])[0] || inside[0]?.[0]);
      replace(whom, fields.area?.node, fields.of.node, fields.channels.node);
    } catch (error) {
      failed(error);
    }
  };
  const node = el("form", { class: "resp-form panel compose", "aria-label": _("写消息"), onchange: forget, oninput: (event) => event.target === said.input && forget(), onsubmit: async (event) => {
    event.preventDefault();
    go.disabled = true;
    try {
      done(await post("/api/messages", body()));
      place(null);
    } catch (error) {
      failed(error);
    }
  } }, el("h2", { class: "wide" }, _("写消息")), group.node, matter.node, drill.node, whom, said.node, result,
  el("div", { class: "row wide" }, el("button", { type: "button", class: "btn", onclick: ask }, _("看发给谁")), go,
    el("button", { type: "button", class: "btn", onclick: () => place(null) }, _("不做"))));
  group.input.addEventListener("change", turn);
  matter.input.addEventListener("change", () => { drill.node.hidden = Boolean(matter.read()); });
  place(node);
  await turn();
}
