// Why a grid misses the rule of size, in figures: what `geodata.shortfalls` gives, in words.
import { number } from "./format.js";
import { _, n_ } from "./words.js";

const WORDS = {
  area_too_small: ({ whole }) => n_("连在一起的地方才 {n} 户", whole, { n: number(whole) }),
  no_count_fits: ({ whole, fewest, most, minimum, maximum }) => _(
    "连在一起的地方 {n} 户：分 {most} 个就有多于 {max} 户的，分 {fewest} 个就有少于 {min} 户的",
    { n: number(whole), most: number(most), fewest: number(fewest), min: number(minimum), max: number(maximum) }),
  unit_too_large: ({ largest }) => n_("分不开的一块就有 {n} 户", largest, { n: number(largest) }),
  units_too_coarse: ({ largest, minimum, maximum }) => _(
    "最大的一块 {n} 户，几块拼不出 {min}–{max} 户",
    { n: number(largest), min: number(minimum), max: number(maximum) }),
  not_contiguous: () => _("不连成一块"),
};

/** One line on why no better grid was to be had; null where nothing is known. */
export function shortfallWords(figures) {
  return WORDS[figures?.reason]?.(figures) || null;
}
