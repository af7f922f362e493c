// What was computed beside the ways: how long it takes, which streets bind, and what a plan that was
// made once more changes against the one before.
import { get } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import { number } from "../core/format.js";
import { _ } from "../core/words.js";

const WHY = {
  unsafe: "原去处在险情里", shelter_closed: "原去处关了", shelter_full: "原去处满了", way_cut: "原来的路断了",
  unsuitable: "原去处不合适", with_group: "跟照料的户一起", makes_room: "让给走不了别处的户", better: "换近的",
  new: "新进险情范围", now_served: "现在排上了", gone: "不用走了", other: "另有原因",
};
const SCENARIOS = { day: "白天", night: "夜里", rain: "下雨", road_lost: "断一条路" };

const why = (word) => _(WHY[word] || word);
const minutes = (seconds) => (typeof seconds === "number" ? _("{n} 分钟", { n: number(Math.ceil(seconds / 60)) }) : "–");

function table(caption, heads, rows) {
  return el("table", { class: "list" },
    el("caption", { class: "sr" }, caption),
    el("thead", {}, el("tr", {}, heads.map((words, i) => el("th", { scope: "col", class: i ? "n" : "" }, words)))),
    el("tbody", {}, rows.map(([first, ...cells]) => el("tr", {},
      el("th", { scope: "row" }, first), cells.map((cell) => el("td", { class: "n num" }, cell))))));
}

/** Shares of the people by time, in each scenario: the middle of the runs and a slow one. */
function times(clearance) {
  const names = [...new Set((clearance.scenarios || []).map(({ scenario }) => scenario))];
  const at = (scenario, share) => clearance.scenarios.find((row) => row.scenario === scenario && row.share === share);
  const cell = (row) => (row ? `${minutes(row.median)} – ${minutes(row.high)}` : "–");
  const rows = names.map((name) => {
    const last = at(name, 1);
    const lost = name === "road_lost" && last?.name ? `（${last.name}）` : "";
    return [`${_(SCENARIOS[name] || name)}${lost}`, cell(at(name, 0.9)), cell(last), number(last?.without_way ?? 0)];
  });
  return table(_("多久能清空"), [_("情形"), _("九成人到"), _("全部到"), _("走不到（人）")], rows);
}

function waves(clearance) {
  const rows = clearance.waves || [];
  if (rows.length < 2) return null;
  return table(_("分批走"), [_("批"), _("户"), _("人"), _("令下后出发")], rows.map((wave) => [
    _("第 {n} 批", { n: wave.wave }), number(wave.households), number(wave.people),
    wave.departs ? minutes(wave.departs) : _("立即"),
  ]));
}

/** Streets where people wait; `look` shows one on the map. */
function links(clearance, look) {
  const rows = clearance.links || [];
  if (!rows.length) return el("p", { class: "pad s" }, _("没有要排队的路"));
  return el("ol", { class: "pad s links" }, rows.map((link) => el("li", {},
    el("button", { type: "button", class: "row-button", onclick: () => look(link) },
      _("{name} 每小时过 {n} 人，要过 {all} 人，最长等 {time}", {
        name: link.name || _("没有名字的路"), n: number(link.per_hour), all: number(link.people),
        time: minutes(link.queue_seconds),
      })))));
}

/** How long the plan takes. */
export function clearing(plan, look) {
  const { clearance } = plan;
  if (!clearance) return null;
  return el("section", { id: "plan-clearance" }, el("h3", { class: "pad" }, _("多久能清空")),
    times(clearance), waves(clearance),
    el("h3", { class: "pad" }, _("卡脖子的路")), links(clearance, look),
    el("p", { class: "pad s mut" }, _("按 {n} 次模拟：一半人 {a} 出门，九成人 {b}。路宽和人流是假设，要实测", {
      n: number(clearance.runs), a: minutes(clearance.preparation[0]), b: minutes(clearance.preparation[1]),
    })));
}

function sums(plan) {
  const was = plan.before.totals;
  const now = plan.totals || {};
  return table(_("前后对比"), [_("项"), plan.before.number, plan.number], [
    [_("应转（人）"), number(was.people), number(now.people)],
    [_("排上（人）"), number(was.served_people), number(now.served_people)],
    [_("排不上（人）"), number(was.unserved_people), number(now.unserved_people)],
    [_("最远"), minutes(was.longest_seconds), minutes(now.longest_seconds)],
  ]);
}

function changed(rows) {
  return el("table", { class: "list" },
    el("caption", { class: "sr" }, _("改去别处的户")),
    el("thead", {}, el("tr", {}, [_("地址"), _("原来去"), _("现在去"), _("为什么")].map((words) => el("th", { scope: "col" }, words)))),
    el("tbody", {}, rows.map((row) => el("tr", {},
      el("th", { scope: "row" }, row.told && el("b", {}, "● "), row.address),
      el("td", {}, row.before || "–"), el("td", {}, row.after || _("没有去处")), el("td", {}, why(row.why))))));
}

/** Who keeps the place but not the hour, the assembly point, the way or the means. */
function otherwise(sum) {
  if (!sum || !sum.households) return null;
  return el("p", { class: "pad s", id: "plan-otherwise" },
    _("另有 {households} 户去处不变，但出发时间、集合点、走法、路线或备用去处变了，其中 {told} 户已经通知过", {
      households: number(sum.households), told: number(sum.told),
    }));
}

/** What a plan that was made once more changes. */
export function difference(plan, address) {
  const again = plan.replan;
  if (!again || !plan.before) return null;
  const list = el("div", {});
  const fold = el("details", { class: "pad", id: "plan-changes" },
    el("summary", {}, _("改去别处的户（●＝已经通知过，要改告）")), list);
  fold.addEventListener("toggle", async () => {
    if (!fold.open || list.childElementCount) return;
    try {
      const { rows } = await get(`${address}/changes`);
      replace(list, rows.length ? changed(rows) : el("p", { class: "s" }, _("没有户改去处")));
    } catch (error) {
      replace(list, el("p", { class: "s" }, error.detail || error.title));
    }
  });
  return el("section", { id: "plan-difference" },
    el("h3", { class: "pad" }, el("a", { href: `/plans/${encodeURIComponent(plan.before.id)}` },
      _("和 {number} 比", { number: plan.before.number }))),
    el("p", { class: "pad s" }, _("{kept} 户照旧，{changed} 户改去处，其中 {told} 户已经通知过", {
      kept: number(again.kept_households - (again.otherwise ? again.otherwise.households : 0)), changed: number(again.changed_households), told: number(again.told_households),
    }), again.proven === false ? ` · ${_("没证到最少，还可能更少")}` : ""),
    otherwise(again.otherwise),
    sums(plan),
    el("ul", { class: "pad s reasons" }, Object.entries(again.why || {}).map(([word, sum]) => el("li", {},
      el("b", {}, why(word)), el("span", { class: "num" }, _("{h} 户 {p} 人", { h: number(sum.households), p: number(sum.people) }))))),
    fold);
}
