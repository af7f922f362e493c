// Coverage: grids filled by the share that is reached, hatched where most are not; near by, the
// households themselves in bands of time, hatched ground round those who are not reached.
import { bandAt, bandWords } from "../../coverage/limits.js";
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
  return bandOfShare(1 - row.uncovered / row.households);
}

/** The band of a share; null when there is none. */
export function bandOfShare(share) {
  if (share === null || !Number.isFinite(share)) return null;
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

export const NEAR = 16; // From this zoom on the households themselves are on the map.
const AROUND = 30; // Metres of ground round a household that say how it is reached.
const SPEEDS = { always: 2, sometimes: 0, never: 3 };

/** Whether a household is reached by day, by night and in rain: at every speed, at some, at none. */
export const SPEED_BANDS = [
  { key: "always", name: "seq3", colour: "seq3", band: 2, words: "哪种车速都到得了" },
  { key: "sometimes", name: "seq1", colour: "seq1", band: 0, words: "有时到得了" },
  { key: "never", name: "hatch", colour: "hatch", band: 3, words: "哪种车速都到不了" },
];

/** The band of speeds that most households of a row are in; null when nobody lives there. */
export function speedBandOf(row) {
  if (!row?.households) return null;
  return [...SPEED_BANDS].sort((one, other) => (row[other.key] || 0) - (row[one.key] || 0))[0];
}

/** Households of a run, answered for the limit of the slider without asking the server. */
export class CoveredHouseholds extends HouseholdLayer {
  constructor(group, pattern) {
    super(group, pattern, { coverage: true, from: NEAR });
    Object.assign(this, { question: null, speeds: false });
  }

  /** Ask another question of the same tiles: `{by, limit, own, edges}`; `speeds` shows bands of speed. */
  ask(question, speeds = false) {
    Object.assign(this, { question, speeds });
    this.changed();
  }

  band(props) {
    if (this.speeds) return SPEEDS[props.speeds] ?? 3;
    if (this.question && props[this.question.by] !== undefined) return bandAt(props, this.question);
    return props.covered === false ? 3 : Math.min(2, Number(props.band) || 0);
  }

  /** The ground round each household, so that a street of gaps is seen as one. */
  fill(view) {
    if (view.zoom < NEAR) return;
    const radius = AROUND / metresPerPixelAt(view);
    const paths = [0, 1, 2, 3].map(() => new window.Path2D());
    for (const { props, world } of this.collect(view)) {
      if (props.id === undefined) continue;
      const [x, y] = view.at(...world);
      const path = paths[this.band(props)];
      path.moveTo(x + radius, y);
      path.arc(x, y, radius, 0, Math.PI * 2);
    }
    const { ctx, colours } = view;
    const styles = [colours.seq1, colours.seq2, colours.seq3,
      hatch(ctx, colours.gapInk, { ground: colours.gapFill, width: 1.6, opacity: 0.62 })];
    paths.forEach((path, band) => {
      ctx.fillStyle = styles[band];
      ctx.fill(path);
    });
  }

  drawSingles(view) {
    const { ctx, colours } = view;
    const size = [1.6, 2.4, 3.2, 4][Math.max(0, Math.min(3, view.zoom - NEAR))];
    const bands = [0, 1, 2].map(() => new window.Path2D());
    const missed = [];
    this.used = new Set();
    for (const { props, x, y } of this.singles || []) {
      const band = this.band(props);
      this.used.add(band);
      if (band === 3) missed.push([x, y]);
      else {
        bands[band].moveTo(x + size, y);
        bands[band].arc(x, y, size, 0, Math.PI * 2);
      }
    }
    bands.forEach((path, band) => {
      ctx.fillStyle = [colours.seq1, colours.seq2, colours.seq3][band];
      ctx.fill(path);
      ctx.lineWidth = 0.8;
      ctx.strokeStyle = colours.ink2;
      ctx.stroke(path);
    });
    this.drawMissed(ctx, colours, missed, size + 1.2);
  }

  legend(view) {
    if (!this.singles?.length || view.zoom < NEAR) return [];
    const fill = (band) => ({ symbol: "fill", name: band === 3 ? "hatch" : `seq${band + 1}` });
    if (this.speeds) {
      return SPEED_BANDS.filter(({ band }) => this.used?.has(band)).map(({ name, words }) => ({ symbol: "fill", name, words }));
    }
    const words = this.question ? bandWords(this.question.by, this.question.edges) : [];
    return [0, 1, 2].filter((band) => this.used?.has(band)).map((band) => ({ ...fill(band), text: words[band] || "" }))
      .concat(this.used?.has(3) ? [{ ...fill(3), words: "到不了" }] : []);
  }
}

function metresPerPixelAt(view) {
  const { lat } = view.map.getCenter();
  return (40075016.686 * Math.cos((lat * Math.PI) / 180)) / view.scale;
}
