// Coverage: grids filled by the share that is reached, hatched where most are not; near by, the
// places of the households themselves.
import { hatch } from "../glyphs.js";
import { HouseholdLayer } from "./households.js";

/** Bands of the share of households that are reached: colour name, least share, words. */
export const BANDS = [
  { name: "seq3", colour: "seq3", least: 0.995, words: "全都到得了" },
  { name: "seq2", colour: "seq2", least: 0.8, words: "八成以上到得了" },
  { name: "seq1", colour: "seq1", least: 0.5, words: "五成到八成" },
  { name: "hatch", colour: "hatch", least: 0, words: "多数到不了" },
];

/** The band of a grid's row of a run; null when it has no households. */
export function bandOf(row) {
  if (!row || !row.households) return null;
  const share = 1 - row.uncovered / row.households;
  return BANDS.find((band) => share >= band.least) || BANDS[BANDS.length - 1];
}

/** Fills of grids by a run, for a map that has its own grid layer. */
export class CoverageFill {
  constructor(group) {
    Object.assign(this, { id: "coverage", group, importance: 1, rows: new Map(), changed: () => {} });
  }

  setRun(grids, rows) {
    this.grids = grids;
    this.rows = new Map(rows.map((row) => [String(row.code), row]));
    this.changed();
  }

  fill(view) {
    const { ctx, colours } = view;
    const hatched = hatch(ctx, colours.gapInk, { ground: colours.gapFill, width: 1.6, opacity: 0.62 });
    this.used = new Set();
    for (const item of this.grids?.seen(view) || []) {
      const band = bandOf(this.rows.get(item.id));
      if (!band) continue;
      this.used.add(band.name);
      view.trace(item.shape.lines, true);
      ctx.fillStyle = band.colour === "hatch" ? hatched : colours[band.colour];
      ctx.fill("evenodd");
    }
  }

  legend() {
    return BANDS.filter(({ name }) => this.used?.has(name))
      .map(({ name, words }) => ({ symbol: "fill", name, words }));
  }
}

/** Households of a run as small cells far away and as single marks near by. */
export class CoveredHouseholds extends HouseholdLayer {
  constructor(group, pattern) {
    super(group, pattern, { coverage: true, from: 16 });
  }

  legend() {
    const singles = this.singles || [];
    const entries = [];
    if (this.heaps?.length) entries.push({ symbol: "heap", words: "户数，阴影是到不了的份额" });
    const bands = new Set(singles.filter(({ props }) => props.covered !== false).map(({ props }) => Math.min(2, Number(props.band) || 0)));
    const words = ["限值的三分之一以内", "三分之一到三分之二", "三分之二到限值"];
    for (const band of [...bands].sort()) {
      entries.push({ symbol: "dot", name: `seq${band + 1}`, words: words[band] });
    }
    if (singles.some(({ props }) => props.covered === false)) entries.push({ symbol: "missed", words: "到不了的户" });
    return entries;
  }
}
