// What a proposal would move: hatched ground with the households that go along and where to.
import { number } from "../core/format.js";
import { hatch, measure, tag } from "../map/glyphs.js";
import { FeatureLayer } from "../map/layers/layer.js";
import { boxAround } from "../map/placing.js";

const SIZE = 14;

export class ProposalLayer extends FeatureLayer {
  constructor(group) {
    super("proposal", group, 80);
  }

  /** Steps of a proposal that are still open; `label` gives the words of a grid. */
  setSteps(steps, label) {
    this.setData({
      features: steps.filter(({ geometry }) => geometry).map((step) => ({
        type: "Feature", id: step.n, geometry: step.geometry,
        properties: { id: step.n, words: `→ ${label(step.to)} · ${number(step.households)}` },
      })),
    });
  }

  reserve(view) {
    this.tags = [];
    for (const item of this.items) {
      const { bounds } = item.shape;
      if (!view.sees(view.box(bounds))) continue;
      const [x, y] = view.at((bounds.minX + bounds.maxX) / 2, (bounds.minY + bounds.maxY) / 2);
      const box = boxAround(x, y, measure(view.ctx, item.props.words, SIZE, view.colours) + 8, 22);
      if (view.boxes.claim(box)) this.tags.push({ words: item.props.words, x, y });
    }
  }

  draw(view) {
    const { ctx, colours } = view;
    if (!this.items.length) return;
    const pattern = hatch(ctx, colours.accent, { ground: colours.accentSoft, width: 2, opacity: 0.9 });
    ctx.lineJoin = "round";
    for (const { shape } of this.items) {
      view.trace(shape.lines, true);
      ctx.globalAlpha = 0.8;
      ctx.fillStyle = pattern;
      ctx.fill("evenodd");
      ctx.globalAlpha = 1;
      ctx.lineWidth = 3;
      ctx.strokeStyle = colours.accent;
      ctx.stroke();
    }
    for (const { words, x, y } of this.tags) tag(ctx, words, x, y, colours, { size: SIZE, fill: colours.ink });
  }

  legend() {
    return this.items.length ? [{ symbol: "proposed", words: "提议划给别的网格" }] : [];
  }
}
