// The colours of the map, read from the tokens: the theme of the page is the theme of the map.

const NAMES = {
  land: "--m-land", green: "--m-green", water: "--m-water", building: "--m-bld",
  casing: "--m-case", road: "--m-road", major: "--m-major", trunk: "--m-trunk",
  trunkCasing: "--m-case-trunk", text: "--m-text", halo: "--m-halo", waterText: "--m-watertext",
  grid: "--m-grid", house: "--m-house", ink: "--ink", ink2: "--ink-2", paper: "--paper",
  surface: "--surface", surface2: "--surface-2", line: "--line", accent: "--accent",
  onAccent: "--on-accent", accentSoft: "--accent-soft", hazard: "--hz", hazardText: "--orange-text",
  edge: "--sev-edge", noLevel: "--nolevel", gapInk: "--gap-ink", gapFill: "--gap-fill",
  red: "--red", orange: "--orange", yellow: "--yellow", blue: "--blue",
  onRed: "--on-red", onOrange: "--on-orange", onYellow: "--on-yellow", onBlue: "--on-blue",
  seq1: "--seq-1", seq2: "--seq-2", seq3: "--seq-3", seq4: "--seq-4", seq5: "--seq-5",
  divL2: "--div-l2", divL1: "--div-l1", div0: "--div-0", divR1: "--div-r1", divR2: "--div-r2",
};

/** Every colour of the map in the theme of the page, and its font. */
export function palette() {
  const style = getComputedStyle(document.documentElement);
  const colours = { font: style.getPropertyValue("--font").trim() || "sans-serif" };
  for (const [name, property] of Object.entries(NAMES)) {
    colours[name] = style.getPropertyValue(property).trim();
  }
  colours.dark = document.documentElement.dataset.theme === "dark";
  return colours;
}
