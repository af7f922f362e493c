// Proposals in words: what was asked, what it would change, and what each step does.
import { number, signedPercent } from "../core/format.js";
import * as terms from "../core/terms.js";
import { _, n_ } from "../core/words.js";

const KINDS = {
  rebalance: "平衡户数", absorb: "接收新楼盘", resign: "网格员离岗", redraw: "重画社区", merge_communities: "合并社区",
};

/** Kinds in the order of the list. */
export const PROPOSALS = Object.keys(KINDS);

export const proposalKind = (kind) => _(KINDS[kind] || String(kind));

/** What this kind is asked about: "area", "grid", "community" or "communities". */
export function about(kind) {
  return { rebalance: "area", absorb: "grid", resign: "grid", redraw: "community", merge_communities: "communities" }[kind];
}

/** Two communities of the scenario as one, and what it is to be called if that was said. */
function merging(kind, { community, other, name = "" }) {
  if (!community || !other || community === other) return null;
  return { kind, communities: [community, other].sort(), ...(name.trim() ? { name: name.trim() } : {}) };
}

/** The body of the question; null while something has to be chosen first. */
export function question(kind, subject) {
  const { grid, community } = subject;
  if (kind === "rebalance") return community ? { kind, community } : { kind };
  if (kind === "absorb") return grid ? { kind, grids: [grid] } : null;
  if (kind === "resign") return grid ? { kind, grid } : null;
  if (kind === "redraw") return community ? { kind, community } : null;
  return merging(kind, subject);
}

const two = (value) => (typeof value === "number" ? value.toFixed(2) : "–");
const pair = (both, say) => (Array.isArray(both) ? `${say(both[0])} → ${say(both[1])}` : "");

/** Measures before and after: `[[words, "9 → 12"], ...]`. */
export function changes(figures) {
  if (!figures) return []; // It could not be computed.
  return [
    [_("合并后的社区"), figures.code && figures.communities ? `${figures.code} ${figures.name}` : ""],
    [_("换网格的户"), typeof figures.households_moved === "number" ? moved(figures) : ""],
    [_("在范围内的格"), pair(figures.within, number)],
    [_("最大偏差"), pair(figures.max_deviation, signedPercent)],
    [_("平均紧凑度"), pair(figures.mean_polsby_popper, two)],
  ].filter(([, words]) => words);
}

/** How many households move, and whether fewer would do. */
function moved({ households_moved: count, bound, proven }) {
  if (proven) return _("{n}（最少）", { n: number(count) });
  if (typeof bound === "number") return _("{n}（至少要 {m}）", { n: number(count), m: number(bound) });
  return number(count);
}

/** Communities of a merger by their names. */
const merged = ({ communities }, name) => terms.listed(communities.map(name));

/** One step: who gets what from whom. */
export function stepWords(step, label, name = String) {
  if (step.kind === "merge_communities") {
    return n_("{list}合并为 {code} {name}，{n} 户", step.households,
      { list: merged(step, name), code: step.code, name: step.name, n: number(step.households) });
  }
  const figures = { from: label(step.from), to: label(step.to), n: number(step.households) };
  if (step.kind === "merge") return n_("{from} 并入 {to}，{n} 户", step.households, figures);
  if (step.kind === "split") return n_("{from} 拆出一格，{n} 户", step.households, figures);
  if (step.kind === "redraw") return n_("全社区重画，{n} 户换网格", step.households, figures);
  return n_("{from} 划给 {to}，{n} 户", step.households, figures);
}

/** The steps that have to be taken with these: those that they need, and so on. */
export function withNeeded(steps, chosen) {
  const byNumber = new Map(steps.map((step) => [step.n, step]));
  const all = new Set(chosen);
  const open = [...chosen];
  while (open.length) {
    for (const need of byNumber.get(open.pop())?.needs || []) {
      if (all.has(need) || byNumber.get(need)?.state === "taken") continue;
      all.add(need);
      open.push(need);
    }
  }
  return [...all].sort((one, other) => one - other);
}
