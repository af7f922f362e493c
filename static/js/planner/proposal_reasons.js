// Why a proposal moves nobody, or not all that was asked, in figures.
import { distance, number } from "../core/format.js";
import { shortfallWords } from "../core/shortfall.js";
import { _, n_ } from "../core/words.js";

const REASONS = {
  rules_cannot_be_kept: "做不到：规则和户数对不上", nothing_to_do: "不用改", not_found: "找不到改法",
  not_neighbours: "社区不相邻，不能合并", numbers_used: "乡镇的合并编号（601–999）用完了",
};

/** Why there is nothing to take, or not all that was asked. */
export const reasonWords = (reason) => _(REASONS[reason] || String(reason));

const MISSED = {
  too_many: (one) => _("{name} 有 {n} 户，{k} 格最多 {most} 户，多 {m} 户",
    { ...one, most: number(one.k * one.high) }),
  too_few: (one) => _("{name} 有 {n} 户，{k} 格至少要 {least} 户，少 {m} 户",
    { ...one, least: number(one.k * one.low) }),
  blocks: (one) => _("{name} 按街块怎么分，都有 {m} 户不合 {low}–{high} 户的规则", one),
  not_found: (one) => _("{name} 没找到改法", one),
};

/** What keeps one community from its rule. */
function missedWords(asked, name) {
  const { reason, households, grids, minimum: low, maximum: high, outside } = asked;
  const one = { name, n: number(households), k: grids, low, high, m: number(outside) };
  if (MISSED[reason]) return MISSED[reason](one);
  const why = shortfallWords(asked);
  return why ? _("{name}：{why}", { name, why }) : MISSED.blocks(one);
}

/** All that was asked is kept already. */
function keptWords(asked) {
  const k = asked.reduce((sum, { grids }) => sum + grids, 0);
  const [{ minimum: low, maximum: high }] = asked;
  const alike = asked.every((one) => one.minimum === low && one.maximum === high);
  return alike
    ? n_("{k} 格都在 {low}–{high} 户里，没有要换的户", k, { k: number(k), low, high })
    : n_("{k} 格都合各自的规则，没有要换的户", k, { k: number(k) });
}

/** Two that do not touch, and how far they are from each other. */
function apartWords({ communities, metres }, name) {
  const [one, other] = communities.map(({ code }) => name(code));
  return _("{one} 和 {other} 不挨着，最近处隔 {d}，不能合并", { one, other, d: distance(metres) });
}

/** Lines on why nobody moves or not all is reached; none where all is reached. `name` gives that of a community. */
export function whyWords(figures, name) {
  if (!figures?.reason) return [];
  if (figures.gap) return [apartWords(figures.gap, name)];
  const asked = figures.asked || [];
  const missed = asked.filter(({ reason }) => reason).map((one) => missedWords(one, name(one.community)));
  if (missed.length) return missed;
  return [figures.reason === "nothing_to_do" && asked.length ? keptWords(asked) : reasonWords(figures.reason)];
}
