// Grids of the coverage page: filled by the share that is reached, or by what two answers differ in.
import { differenceOf } from "../../coverage/sums.js";
import { hatch } from "../glyphs.js";
import { BANDS, NEAR, SPEED_BANDS } from "./coverage.js";
import { GridLayer } from "./grids.js";

const CHANGES = {
  answers: [
    { name: "lost", words: "现在到不了的户更多" },
    { name: "gained", words: "现在到得了的户更多" },
    { name: "both", words: "有的到得了了，有的到不了了" },
  ],
  // Of two possible sites neither takes anything away: dots for the one, bars for the other.
  sites: [
    { name: "gained", words: "前一处多到的户更多" },
    { name: "bars", is: "lost", words: "后一处多到的户更多" },
  ],
};

/** A repeating pattern of dots: seen without its colour, and not a hatch. */
function dots(ctx, colour, ground, pitch = 8, radius = 1.9) {
  const ratio = Math.min(2, window.devicePixelRatio || 1);
  const side = Math.round(pitch * ratio);
  const cell = document.createElement("canvas");
  cell.width = cell.height = side;
  const pen = cell.getContext("2d");
  pen.fillStyle = ground;
  pen.fillRect(0, 0, side, side);
  pen.fillStyle = colour;
  pen.beginPath();
  pen.arc(side / 2, side / 2, radius * ratio, 0, Math.PI * 2);
  pen.fill();
  const pattern = ctx.createPattern(cell, "repeat");
  pattern.setTransform(new window.DOMMatrix().scale(1 / ratio));
  return pattern;
}

/** A repeating pattern of upright bars: neither dots nor a hatch. */
function bars(ctx, colour, ground, pitch = 9, width = 3) {
  const ratio = Math.min(2, window.devicePixelRatio || 1);
  const side = Math.round(pitch * ratio);
  const cell = document.createElement("canvas");
  cell.width = cell.height = side;
  const pen = cell.getContext("2d");
  pen.fillStyle = ground;
  pen.fillRect(0, 0, side, side);
  pen.fillStyle = colour;
  pen.fillRect(0, 0, width * ratio, side);
  const pattern = ctx.createPattern(cell, "repeat");
  pattern.setTransform(new window.DOMMatrix().scale(1 / ratio));
  return pattern;
}

/**
 * Grids by an answer. `bandFor(code)` gives the band of a grid; `changeFor(code)` its row of a
 * difference, while two answers are compared.
 */
export class GapGrids extends GridLayer {
  constructor(group, { bandFor, changeFor, note }) {
    super(group, { note, paint: (item, colours) => this.colour(item, colours) });
    Object.assign(this, { bandFor, changeFor, comparing: false, kind: "answers" });
  }

  /** Show a difference: of two answers, or of two possible sites. */
  compare(on, kind = "answers") {
    Object.assign(this, { comparing: on, kind });
    this.changed();
  }

  colour(item, colours) {
    if (this.comparing) return this.patterns[differenceOf(this.changeFor(item.id))] || null;
    // Near by the households themselves say it.
    const band = this.near ? null : this.bandFor(item.id);
    if (!band) return null;
    return band.colour === "hatch" ? "hatch" : colours[band.colour];
  }

  fill(view) {
    const { ctx, colours } = view;
    this.near = view.zoom >= NEAR;
    this.patterns = {
      lost: this.kind === "sites" ? bars(ctx, colours.accent, colours.surface)
        : hatch(ctx, colours.gapInk, { ground: colours.surface, pitch: 6, width: 2.4, opacity: 0.8 }),
      gained: dots(ctx, colours.seq5, colours.seq1),
      both: dots(ctx, colours.gapInk, colours.gapFill, 6, 1.2),
    };
    super.fill(view);
  }

  legend() {
    if (this.comparing) {
      const seen = new Set(this.items.map((item) => differenceOf(this.changeFor(item.id))));
      return CHANGES[this.kind].filter(({ name, is = name }) => seen.has(is)).map(({ name, words }) => ({ symbol: "fill", name, words }));
    }
    if (this.near) return [];
    const seen = new Set(this.items.map((item) => this.bandFor(item.id)));
    return [...BANDS, ...SPEED_BANDS].filter((band) => seen.has(band)).map(({ name, words }) => ({ symbol: "fill", name, words }));
  }
}
