// Shapes of severity: the more points, the more urgent. One source for queue, map and legend.

export const LEVELS = ["red", "orange", "yellow", "blue"];
const ROMAN = ["Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ"];

const SHAPES = [
  { path: "M-13 0a13 13 0 1 0 26 0a13 13 0 1 0 -26 0Z", text: 5.4 },
  { path: "M0 -15.5L16.5 13H-16.5Z", text: 10.5, scale: 0.86 },
  { path: "M0 -16L16 0L0 16L-16 0Z", text: 5.4 },
  { path: "M-13.5 -13.5H13.5V13.5H-13.5Z", text: 5.6 },
  { path: "M-14 0a14 14 0 1 0 28 0a14 14 0 1 0 -28 0Z", text: 5.4 },
];

/** 1..4 for a level given as number or colour; 0 for none or anything else. */
export function levelOf(value) {
  const number = LEVELS.indexOf(value) + 1 || Number(value);
  return Number.isInteger(number) && number >= 1 && number <= 4 ? number : 0;
}

/** Outline (SVG path data), base line and size of the character inside. */
export function shapeOf(level) {
  return SHAPES[levelOf(level)];
}

/** Font size for `text` inside the shape: two digits fit as well as one. */
export function textSize(level, text) {
  const base = 17 * (shapeOf(level).scale || 1);
  return String(text).length > 2 ? base * 0.62 : String(text).length > 1 ? base * 0.82 : base;
}

/** Ⅰ..Ⅳ, empty for none. */
export function roman(level) {
  return ROMAN[levelOf(level) - 1] || "";
}

/** Sort: most urgent first, without a level last, then by number. */
export function byUrgency(one, other) {
  const rank = (item) => levelOf(item.level) || 5;
  return rank(one) - rank(other) || one.number - other.number;
}
