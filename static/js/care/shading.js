// How grids are shaded: three even steps of one hue, and hatch for what nobody reaches.
import { GridLayer } from "../map/layers/grids.js";

/** Share that is left out: 0 none, up to a fifth, up to half, more. */
const STEPS = [
  { name: "seq3", least: 0 },
  { name: "seq2", least: Number.MIN_VALUE },
  { name: "seq1", least: 0.2 },
  { name: "hatch", least: 0.5 },
];

export const WORDS = {
  visits: ["都按时", "过期不到两成", "过期两成到一半", "过半过期"],
  loads: ["不到八成", "八成到满", "超过不到一半", "超得更多，或没有网格员"],
  services: ["都接得上", "接不上不到两成", "接不上两成到一半", "过半没人接"],
};

export const stepOf = (share) => STEPS.findLastIndex(({ least }) => share >= least);

/** Grids by the share that `shareOf(code)` gives; null is left white. */
export class CareGrids extends GridLayer {
  constructor(group) {
    super(group, {
      paint: ({ props }, colours) => {
        const step = this.step(String(props.code));
        if (step === null) return null;
        const { name } = STEPS[step];
        return name === "hatch" ? "hatch" : colours[name];
      },
    });
    Object.assign(this, { shareOf: () => null, view: "visits" });
  }

  step(code) {
    const share = this.shareOf(code);
    return share === null || share === undefined ? null : stepOf(share);
  }

  show(view, shareOf) {
    Object.assign(this, { view, shareOf });
    this.changed();
  }

  legend() {
    const seen = new Set(this.items.map((item) => this.step(item.id)));
    return STEPS.map(({ name }, at) => ({ symbol: "fill", name, words: WORDS[this.view][at] }))
      .filter((_entry, at) => seen.has(at)).concat(super.legend());
  }
}
