// What the editor marks: borders in force beside those of the scenario, and problems.
import { fault, ring } from "../map/glyphs.js";
import { FeatureLayer } from "../map/layers/layer.js";
import { toWorld } from "../map/mercator.js";
import { boxAround } from "../map/placing.js";
import { refusal } from "./refusals.js";

/** Borders in force, dashed, while a scenario is compared with them. */
export class ForceLayer extends FeatureLayer {
  constructor(group) {
    super("force", group, 0);
  }

  draw(view) {
    const { ctx, colours } = view;
    ctx.lineJoin = "round";
    for (const item of this.items) {
      if (!view.sees(view.box(item.shape.bounds))) continue;
      view.trace(item.shape.lines, true);
      ctx.setLineDash([]);
      ctx.lineWidth = 5;
      ctx.strokeStyle = colours.halo;
      ctx.stroke();
      ctx.setLineDash([7, 5]);
      ctx.lineWidth = 2.4;
      ctx.strokeStyle = colours.ink;
      ctx.stroke();
    }
    ctx.setLineDash([]);
  }

  legend() {
    return this.items.length ? [{ symbol: "grid", words: "现行边界（虚线）" }] : [];
  }
}

/** Numbered ink triangles, the same numbers as in the list; where they crowd, small ones without. */
export class ProblemLayer extends FeatureLayer {
  constructor(group) {
    super("problem", group, 95);
  }

  setProblems(problems) {
    this.items = problems.filter(({ point }) => point).map((problem) => ({
      id: String(problem.number), number: problem.number, props: problem, world: toWorld(problem.point),
    }));
    this.changed();
  }

  /** A problem of a whole grid stands under its label, never on it; a second one beside the first. */
  reserve(view) {
    const there = new Map();
    this.drawn = this.points(view).map(({ item, x, y }) => {
      const place = item.world.join();
      const before = there.get(place) || 0;
      there.set(place, before + 1);
      return { item, x: x + before * 40, y: y + (item.props.area === null ? 34 : 0) };
    });
    const numbered = [];
    for (const each of this.drawn) {
      const { item, x, y } = each;
      each.small = !view.isSelected(this.id, item.id)
        && numbered.some((other) => Math.abs(other.x - x) < 33 && Math.abs(other.y - y) < 30);
      if (!each.small) numbered.push(each);
      view.boxes.take(each.small ? boxAround(x, y, 17, 16) : boxAround(x, y, 34, 32));
    }
    this.drawn.sort((one, other) => other.small - one.small);
  }

  draw(view) {
    const { ctx, colours } = view;
    for (const { item, x, y, small } of this.drawn || []) {
      fault(ctx, x, y, small ? "" : String(item.number), colours);
      if (view.isSelected(this.id, item.id)) ring(ctx, x, y, 25, colours);
    }
  }

  hit(x, y) {
    return this.hitPoint(x, y);
  }
}

/** Switch the borders in force on or off. */
export async function showInForce({ client, layers, view }, button) {
  const on = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", String(on));
  button.classList.toggle("on", on);
  if (!on) {
    layers.force.setData(null);
    return;
  }
  try {
    layers.force.setData(await client.inForce());
  } catch (problem) {
    view.say(refusal(problem));
  }
}
