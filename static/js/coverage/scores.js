// Catchment scores of a run in words: how much falls to a thousand people, and to how many little.
import { number } from "../core/format.js";
import { _, n_ } from "../core/words.js";

const PER = 1000; // People: shares of one place are nothing to read.

/** What the totals say of scores; null where there are none. */
export function scoreWords(scores) {
  if (!scores || scores.mean === null) return null;
  const low = n_("不到一半的有 {n} 人", scores.low_people, { n: number(scores.low_people) });
  const amount = scores.mean * PER;
  const n = amount < 10 ? String(Number(amount.toPrecision(2))) : number(amount);
  const mean = scores.supply === "capacity"
    ? _("每千人分到 {n} 个位置", { n })
    : _("每千人分到 {n} 处", { n });
  return _("{mean}，{low}", { mean, low });
}
