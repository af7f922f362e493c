// Bands of deviation from the target: violet too few, brown too many; the figure always has its sign.

export const BANDS = [
  { name: "div-l2", colour: "divL2", below: -0.15, words: "少 15% 以上" },
  { name: "div-l1", colour: "divL1", below: -0.05, words: "少 5–15%" },
  { name: "div-0", colour: "div0", below: 0.05, words: "±5% 以内" },
  { name: "div-r1", colour: "divR1", below: 0.15, words: "多 5–15%" },
  { name: "div-r2", colour: "divR2", below: Infinity, words: "多 15% 以上" },
];

/** The band of a deviation (share of the target); null when it is not known. */
export function bandOf(deviation) {
  if (typeof deviation !== "number" || Number.isNaN(deviation)) return null;
  return BANDS.find(({ below }) => deviation < below) || null;
}

/** Households in the middle of the rule, and how far a count is from it. */
export function deviationOf(households, minimum, maximum) {
  const target = (minimum + maximum) / 2;
  return target ? households / target - 1 : null;
}
