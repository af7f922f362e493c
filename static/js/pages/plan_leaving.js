// How people of a plan leave: where they meet, who walks to a vehicle, and waves that streets take.
import { el } from "../core/dom.js";
import { number } from "../core/format.js";
import { _ } from "../core/words.js";

const TRAVEL = { walk: "步行", walk_then_vehicle: "走到集合点上车", vehicle: "上门接", left: "没人接" };
const WHY = {
  faster: "走着更快", no_seat: "没有座位", frees_a_seat: "让座给走不动的", one_stop_for_many: "一站接多户",
};
const LEFT = {
  not_snapped: "附近没有路", no_way: "走不到", too_far: "太远，直接走去安置点", off_the_way: "不顺路，直接走去安置点",
  full: "集合点满了，直接走去安置点",
};

const minutes = (seconds) => (typeof seconds === "number" ? _("{n} 分钟", { n: number(Math.ceil(seconds / 60)) }) : "–");
const sums = ({ households, people }) => _("{h} 户 {p} 人", { h: number(households), p: number(people) });

/** How a household travels, and why. */
export const travelWords = (travel, why) => [travel && _(TRAVEL[travel] || travel), why && _(WHY[why] || why)].filter(Boolean).join(_("，"));

/** A point in a list: its number and its streets. */
export const pointWords = (point) => _("{n} 号 {name}", { n: point.number, name: point.name || _("无名路口") });

/** Where neighbours meet; `look(point)` shows one on the map. */
export function assembly(plan, look) {
  const { assembly: found } = plan;
  if (!found) return null;
  const left = Object.entries(found.left || {});
  return el("section", { id: "plan-assembly" }, el("h3", { class: "pad" }, _("集合点")),
    found.points.length > 0
      ? el("table", { class: "list" },
        el("caption", { class: "sr" }, _("集合点")),
        el("thead", {}, el("tr", {}, [[_("集合点")], [_("户"), "n"], [_("人"), "n"], [_("最远走"), "n"]].map(([words, name]) => el("th", { scope: "col", class: name || "" }, words)))),
        el("tbody", {}, found.points.map((point) => el("tr", { "data-point": point.number },
          el("th", { scope: "row" }, el("button", { type: "button", class: "row-button", onclick: () => look(point) }, pointWords(point))),
          el("td", { class: "n num" }, number(point.households)),
          el("td", { class: "n num" }, number(point.people)),
          el("td", { class: "n num nw" }, minutes(point.longest_seconds))))))
      : el("p", { class: "pad s" }, _("附近没有合适的集合点，都直接走去安置点")),
    found.apart && el("p", { class: "pad s" }, _("户数太多：只看了相隔 {n} 米以上的地方", { n: number(found.apart) })),
    left.length > 0 && el("ul", { class: "pad s" }, left.map(([word, sum]) => el("li", {},
      _("不去集合点：{why}", { why: _(LEFT[word] || word) }), " ", sums(sum)))),
    el("p", { class: "pad s mut" }, _("走到集合点不超过 {n} 分钟，一处最多 {m} 人", { n: number(found.minutes), m: number(found.most) })));
}

/** Person-minutes on the way, before and after, in words. */
function gain(found) {
  const [before, after] = [found.before_person_seconds, found.person_seconds].map((sum) => Math.round(sum / 60));
  if (before === after) return _("坐车的人到达时间不变，共 {n} 人分钟", { n: number(after) });
  return _("坐车的人从 {before} 人分钟变成 {after} 人分钟", { before: number(before), after: number(after) });
}

/** Who was offered a seat, who walks all the same, and what that changes. */
export function walkFirst(plan) {
  const { walk_first: found } = plan;
  if (!found || !found.offered?.households) return null;
  const rows = [
    found.vehicle.households > 0 && [_("上门接"), found.vehicle],
    found.to_point.households > 0 && [_("走到 {n} 处集合点上车", { n: number(found.to_point.points) }), found.to_point],
    ...Object.entries(found.walk).map(([word, sum]) => [_("自己走：{why}", { why: _(WHY[word] || word) }), sum]),
  ].filter(Boolean);
  return el("section", { id: "plan-walk-first" }, el("h3", { class: "pad" }, _("先走后接")),
    el("p", { class: "pad s" }, _("座位还问了走得慢、路又远的 {sums}", { sums: sums(found.offered) })),
    el("ul", { class: "reasons pad" }, rows.map(([words, sum]) => el("li", {}, el("b", {}, words), " ", el("span", { class: "num" }, sums(sum))))),
    el("p", { class: "pad s mut" }, gain(found),
      found.left_before.people > found.left.people && _("；多接到 {n} 人", { n: number(found.left_before.people - found.left.people) })));
}

/** How they leave; a single wave is everybody together. */
function chosenWords(found) {
  if (!found.chosen) return _("没用：一起走");
  return found.waves > 1 ? _("用了：分 {n} 波走", { n: number(found.waves) }) : _("排不出第二波：一起走");
}

/** Waves that the streets can take, beside all leaving at once: what each does to queues and time. */
export function staging(plan) {
  const { staging: found } = plan;
  if (!found) return null;
  const at = (side, share) => side.percentiles.find((row) => row.share === share)?.median;
  const shares = found.at_once.percentiles.map(({ share }) => share);
  const rows = [
    [_("每人平均等"), minutes(found.at_once.mean_wait_seconds), minutes(found.staged.mean_wait_seconds)],
    [_("最长排队"), minutes(found.at_once.longest_wait_seconds), minutes(found.staged.longest_wait_seconds)],
    ...shares.map((share) => [_("{n}% 的人到", { n: number(share * 100) }), minutes(at(found.at_once, share)), minutes(at(found.staged, share))]),
  ];
  return el("section", { id: "plan-staging" }, el("h3", { class: "pad" }, _("分波错峰")),
    el("p", { class: "pad s" }, el("b", {}, chosenWords(found)), " ",
      found.asked === "auto"
        ? _("排队至少省 {a}%、最后的人最多晚 {b}% 才分波", { a: number(found.rule.saves * 100), b: number(found.rule.later * 100) })
        : _("按选的办")),
    !(found.chosen && found.waves < 2) && el("table", { class: "list" },
      el("caption", { class: "sr" }, _("一起走和分波走对比")),
      el("thead", {}, el("tr", {}, ["", _("一起走"), _("分波走")].map((words, i) => el("th", { scope: "col", class: i ? "n" : "" }, words)))),
      el("tbody", {}, rows.map(([first, ...cells]) => el("tr", {}, el("th", { scope: "row" }, first),
        cells.map((cell) => el("td", { class: "n num nw" }, cell)))))));
}
