// The kinds of a report: eight big tiles, each with its sign and the level it proposes.
// Disputes are social-security events: they have no level and none is asked for.

export const KINDS = [
  { key: "waterlogging", words: "积水内涝", level: 3, sign: ["M12 3C9 7 8 8.500 8 10.500a4 4 0 0 0 8 0C16 8.500 15 7 12 3Z", "M3 17c2 -1.500 4 -1.500 6 0s4 1.500 6 0 4 -1.500 6 0", "M3 21c2 -1.500 4 -1.500 6 0s4 1.500 6 0 4 -1.500 6 0"] },
  { key: "fire", words: "火情烟雾", level: 1, sign: ["M12 2c1 4 6 6 6 12a6 6 0 0 1 -12 0c0 -3 2 -4 2 -7 2 1 3 3 3 5 1 -2 2 -6 1 -10Z"] },
  { key: "landslide", words: "滑坡裂缝", level: 2, sign: ["M2 20L9 6l5 8 3 -4 5 10Z", "M9 6l-1 5 3 2 -2 4 2 3"] },
  { key: "power", words: "停电用电", level: 3, sign: ["M13 2L5 14h6l-1 8 9 -12h-6Z"] },
  { key: "welfare_check", words: "有人求助", level: 2, sign: ["M12 4m-2.500 0a2.500 2.500 0 1 0 5 0a2.500 2.500 0 1 0 -5 0", "M12 7v7l4 7M12 14l-4 7M7 11l5 -2 4 3M18 12v9"] },
  { key: "dispute", words: "邻里纠纷", level: null, social: true, sign: ["M3 4h11v8H8l-3 3v-3H3Z", "M16 8h5v8h-2v3l-3 -3h-5v-2"] },
  { key: "road_blocked", words: "道路不通", level: 3, sign: ["M12 12m-9 0a9 9 0 1 0 18 0a9 9 0 1 0 -18 0", "M6 12h12"] },
  { key: "other", words: "其他", level: null, sign: ["M5 12m-1.500 0a1.500 1.500 0 1 0 3 0a1.500 1.500 0 1 0 -3 0", "M12 12m-1.500 0a1.500 1.500 0 1 0 3 0a1.500 1.500 0 1 0 -3 0", "M19 12m-1.500 0a1.500 1.500 0 1 0 3 0a1.500 1.500 0 1 0 -3 0"] },
];

/** How urgent, in the words of who stands there; the duty officer has the last word. */
export const LEVELS = [
  { level: 1, words: "有人危险" },
  { level: 2, words: "马上要管" },
  { level: 3, words: "今天要管" },
  { level: 4, words: "可以排队" },
];

export function kindOf(key) {
  return KINDS.find((kind) => kind.key === key) || null;
}

/** The level a report goes out with: the chosen one, else what its kind proposes. */
export function levelFor(kind, chosen) {
  if (!kind || kind.social) return null;
  return chosen === undefined ? kind.level : chosen;
}
