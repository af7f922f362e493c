// What one more bed or one reopened street would buy, and what of a plan hangs on one street or
// shelter: prices come later than the draft, so the list says when they are still being computed.
import { el } from "../core/dom.js";
import { number } from "../core/format.js";
import { _ } from "../core/words.js";

const SHOWN = 8;
const minutes = (seconds) => number(Math.round(seconds / 60));

/** One price in words. */
export function priceWords(one) {
  const name = one.name || (one.kind === "road" ? _("一条没有名字的路") : _("安置点"));
  const n = number(one.serves_people);
  const m = minutes(one.saves_person_seconds);
  if (one.kind === "road") {
    return one.serves_people ? _("打通{name}，多排上 {n} 人", { name, n }) : _("打通{name}，全体少走 {m} 人分钟", { name, m });
  }
  return one.serves_people ? _("{name}多一个床位，多排上 {n} 人", { name, n }) : _("{name}多一个床位，全体少走 {m} 人分钟", { name, m });
}

/** Who is not safe, and what must not fail, in words. */
export function unsafeWords(one) {
  const sums = { h: number(one.households), n: number(one.people), name: one.name || _("一条没有名字的路") };
  if (one.reason === "only_way") return _("{h} 户 {n} 人只有一条出路：{name}，不能断", sums);
  if (one.reason === "one_shelter") return _("{h} 户 {n} 人只能去一处：{name}，不能坏", sums);
  return one.fails === "road" ? _("{name}断了，{h} 户 {n} 人没有床位", sums) : _("{name}坏了，{h} 户 {n} 人没有床位", sums);
}

/** A list of lines, the first few at once; `look` shows a line's place on the map. */
function listed(rows, words, look) {
  const line = (one) => el("li", {}, one.geometry && look
    ? el("button", { type: "button", class: "row-button", onclick: () => look({ ...one, name: one.name || "" }) }, words(one))
    : words(one));
  return [
    el("ol", { class: "pad s links" }, rows.slice(0, SHOWN).map(line)),
    rows.length > SHOWN && el("details", { class: "pad" }, el("summary", {}, _("还有 {n} 条", { n: number(rows.length - SHOWN) })),
      el("ol", { class: "s links", start: SHOWN + 1 }, rows.slice(SHOWN).map(line))),
  ];
}

/** Why there is no list of prices; nothing where none was asked for. */
export function pricingWords(state) {
  return {
    waiting: _("正在算，算好再打开这页就有"), failed: _("没有算出来，重排一次再算"),
    changed: _("数据变了，没有算；重排后再算"), nothing: _("加床、通路都帮不上"),
  }[state] || "";
}

/** Beds and streets that would help most, under those who have no place. */
export function prices(plan, look) {
  const rows = plan.prices?.prices;
  const words = pricingWords(plan.pricing);
  if (!rows?.length && !words) return null;
  return el("section", { id: "plan-prices" }, el("h3", { class: "pad" }, _("加床、通路值多少")),
    rows?.length ? listed(rows, priceWords, look) : el("p", { class: "pad s" }, words));
}

/** Who could not be made safe, and the streets that must not fail. */
export function unsafe(plan, look) {
  const part = plan.robust;
  if (!part) return null;
  const all = plan.totals?.robust || {};
  const street = (one) => {
    const sums = { name: one.name || _("一条没有名字的路"), h: number(one.households), n: number(one.people), m: number(one.not_people) };
    return one.not_people ? _("{name}断了，{h} 户 {n} 人要改走，{m} 人没处去", sums) : _("{name}断了，{h} 户 {n} 人要改走", sums);
  };
  return el("section", { id: "plan-robust" }, el("h3", { class: "pad" }, _("断一处还走得了吗")),
    el("p", { class: "pad s" }, _("{n} 人断一处也走得了，{m} 人不行", { n: number(all.people || 0), m: number(all.not_people || 0) })),
    listed(part.left, unsafeWords),
    part.streets.length > 0 && el("h4", { class: "pad" }, _("不能断的路")),
    part.streets.length > 0 && listed(part.streets, street, look));
}
