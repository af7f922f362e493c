// What a proposal would move: hatched ground with the households that go along and where to.
import { number } from "../core/format.js";
import { hatch, measure, tag } from "../map/glyphs.js";
import { FeatureLayer } from "../map/layers/layer.js";
import { boxAround } from "../map/placing.js";

const SIZE = 14;

const feature = (id, geometry, properties) => ({ type: "Feature", id, geometry, properties: { id, ...properties } });

export class ProposalLayer extends FeatureLayer {
  constructor(group) {
    super("proposal", group, 80);
  }

  /**
   * Steps of a proposal that are still open; `label` gives the words of a grid, `households` how
   * many it would have. A community drawn anew shows every new grid, not only what moves.
   */
  setSteps(steps, label, households) {
    this.setData({
      features: steps.flatMap((step) => [
        step.geometry && feature(step.n, step.geometry, {
          words: step.shapes?.length ? "" : `→ ${label(step.to)} · ${number(step.households)}`,
        }),
        ...(step.shapes || []).map(({ key, geometry }) => feature(`${step.n} ${key}`, geometry, {
          outline: true, words: `${label(key)} · ${number(households(key))}`,
        })),
      ].filter(Boolean)),
    });
  }

  reserve(view) {
    this.tags = [];
    for (const item of this.items) {
      const { bounds } = item.shape;
      if (!item.props.words) continue;
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
    for (const { shape, props } of this.items) {
      view.trace(shape.lines, true);
      if (!props.outline) {
        ctx.globalAlpha = 0.8;
        ctx.fillStyle = pattern;
        ctx.fill("evenodd");
        ctx.globalAlpha = 1;
        if (!props.words) continue; // its edge is that of the grids drawn over it
      }
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
