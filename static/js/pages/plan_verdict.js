// What the independent checker says of a plan: it has to find nothing before a commander can approve.
import { el } from "../core/dom.js";
import { number } from "../core/format.js";
import { _ } from "../core/words.js";

const FOUND = {
  "in the hazard and in no list": "有户漏了", "the household is listed twice": "有户列了两次",
  "the household is not in the hazard": "有户不在险情里", "the shelter is out": "安置点不能用",
  "the shelter has steps": "坐轮椅的去了有台阶的地方", "more people than there is room": "安置点超员",
  "farther than the limit": "走得比限定的久", "others of the group are served": "同行的户分开了",
  "not that of the group": "同行的户分开了", "enters the hazard again": "路线又进了险情",
  "passes what is blocked": "路线过了封住的地方", "leaves the streets it may use": "路线离开了能走的路",
  "called safe, with one way only": "说断一处也走得了，其实只有一条路",
  "called safe, with no bed left": "说断一处也走得了，其实没有床位",
  "called safe, with no second place": "说断一处也走得了，其实没有床位",
  "takes a bridge over water": "路线过了水上的桥", "more people than one wave takes": "一批的人太多",
  "the assembly point is in the hazard": "集合点在险情里", "the assembly point is in what is blocked": "集合点在封住的地方",
  "the assembly point is in another hazard": "集合点在别的险情里",
  "shorter than the straight line": "走到集合点的时间对不上", "more people than meet at one point": "集合点人太多",
  "not those who meet there": "集合点的人数对不上", "cannot walk": "走不动的人排成步行", "walks to no point": "上车的人没有集合点",
  "no stop": "要接的户没有车", "more people than seats": "车上坐不下", "more people than the street takes": "路上同时走的人太多",
  "not the wave of its departure": "批次和出发时间对不上",
};

/** One line: checked, or what is wrong and how often; nothing for plans older than the check. */
export function verdict(plan) {
  const found = plan.verdict;
  if (!found) return null;
  if (!found.checked) {
    return el("p", { class: "pad s mut", id: "plan-verdict" }, _("{n} 户太多，没有独立核对", { n: number(found.households) }));
  }
  if (!found.altered.length) {
    return el("p", { class: "pad s mut", id: "plan-verdict" }, _("已独立核对：{n} 户、{m} 条路，没有发现错", { n: number(found.households), m: number(found.ways) }));
  }
  return el("div", { class: "pad", id: "plan-verdict", role: "alert" },
    el("b", {}, _("独立核对发现错，不能批准，重新起草")),
    el("ul", { class: "reasons" }, found.altered.map((one) => el("li", {},
      el("b", {}, _(FOUND[one.message] || "数对不上")),
      el("span", { class: "num" }, _("{n} 处", { n: number(one.count) }))))));
}
