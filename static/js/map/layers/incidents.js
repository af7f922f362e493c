// Incidents: severity shape with the number of the queue; those too close become one symbol.
import { byUrgency, levelOf } from "../../core/severity.js";
import { ring, severity, tag } from "../glyphs.js";
import { boxAround } from "../placing.js";
import { shortNumber } from "../../duty/due.js";
import { FeatureLayer } from "./layer.js";

const CLOSE = 24; // Pixels below which two symbols would hide each other.

/** Gather points into symbols: the most urgent one stands for those within `CLOSE` of it. */
export function gather(points, close = CLOSE) {
  const sorted = [...points].sort((one, other) => byUrgency(one.item.props, other.item.props));
  const groups = [];
  for (const point of sorted) {
    const near = groups.find((group) => Math.hypot(group.x - point.x, group.y - point.y) < close);
    if (near) near.members.push(point.item);
    else groups.push({ ...point, members: [point.item] });
  }
  return groups;
}

export class IncidentLayer extends FeatureLayer {
  constructor(group) {
    super("incident", group, 100);
  }

  reserve(view) {
    this.drawn = gather(this.points(view));
    for (const { x, y } of this.drawn) view.boxes.take(boxAround(x, y, 36, 36));
  }

  draw(view) {
    const { ctx, colours } = view;
    for (const { item, x, y, members } of [...(this.drawn || [])].reverse()) {
      severity(ctx, x, y, item.props.level, shortNumber(item.props.number), colours);
      if (members.length > 1) tag(ctx, `+${members.length - 1}`, x + 22, y - 14, colours);
      if (members.some((member) => view.isSelected(this.id, member.id))) ring(ctx, x, y, 25, colours);
    }
  }

  hit(x, y) {
    return this.hitPoint(x, y);
  }

  legend() {
    const levels = (this.drawn || []).map(({ item }) => levelOf(item.props.level) || 5);
    if (!levels.length) return [];
    const most = Math.min(...levels);
    return [{ symbol: "severity", level: most === 5 ? 0 : most, words: "事件（尖角越多越急）" }];
  }
}
