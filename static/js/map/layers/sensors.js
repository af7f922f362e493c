// Sensors: a round sign with one character for the kind, the level beside it, the value and its age.
import { age, duration } from "../../core/format.js";
import { language } from "../../core/page.js";
import { levelOf } from "../../core/severity.js";
import * as terms from "../../core/terms.js";
import { _ } from "../../core/words.js";
import { measure, ring, severity, tag } from "../glyphs.js";
import { boxAround } from "../placing.js";
import { shape } from "../mercator.js";
import { FeatureLayer } from "./layer.js";

const CHARACTERS = { water_level: "水", rain: "雨", smoke: "烟" };
const RADIUS = 13;
const WORDS = 14;
const NAMED_FROM = 14;
const ACROSS = 4; // Of the sign's parts: the level sits at its upper right.

export const sensorCharacter = (kind) => CHARACTERS[kind] || "测";
export const sensorName = (p) => (language.startsWith("en") && p.name_en) || p.name;

/** "20.5 m · 12 分钟前", or for how long nothing has come. */
export function sensorWords(p, now) {
  if (!p.last_at) return _("还没有数据");
  const silent = (now - new Date(p.last_at)) / 1000;
  if (p.stale) return _("{time}没有数据", { time: duration(silent) });
  return `${p.last_value} ${p.unit} · ${age(p.last_at, now)}`;
}

/** The sign of a sensor; one that is silent has a dashed edge and no filling. */
export function sensorSign(ctx, x, y, p, colours) {
  ctx.save();
  ctx.translate(x, y);
  ctx.beginPath();
  ctx.arc(0, 0, RADIUS, 0, Math.PI * 2);
  ctx.fillStyle = p.stale ? colours.surface2 : colours.surface;
  ctx.fill();
  ctx.lineWidth = 2.4;
  ctx.strokeStyle = p.stale ? colours.ink2 : colours.ink;
  if (p.stale) ctx.setLineDash([4, 4]);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.font = `700 14px ${colours.font}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "alphabetic";
  ctx.fillStyle = p.stale ? colours.ink2 : colours.ink;
  ctx.fillText(sensorCharacter(p.kind), 0, 5);
  ctx.restore();
  if (!p.level || p.stale) return;
  // a drill's level is said by its character and never by the colour of a warning
  const sign = p.exercise ? 0 : levelOf(p.level);
  severity(ctx, x + RADIUS, y - RADIUS, sign, terms.colourSign(p.level), colours, 0.55);
}

export class SensorLayer extends FeatureLayer {
  /** `now()` is the server's clock: what is written beside a sign is its age. */
  constructor(group, now = () => new Date()) {
    super("sensor", group, 55);
    this.now = now;
  }

  /** Take the sensors as the server lists them. */
  set(sensors) {
    this.setData({ features: sensors.map((each) => ({ geometry: { type: "Point", coordinates: each.at }, properties: each })) });
  }

  item(feature) {
    return shape(feature.geometry) && super.item(feature);
  }

  reserve(view) {
    this.drawn = this.points(view);
    for (const point of this.drawn) {
      view.boxes.take(boxAround(point.x + ACROSS, point.y - ACROSS, 40, 40));
      point.tag = view.zoom >= NAMED_FROM || point.item.props.level ? this.words(view, point) : null;
    }
  }

  words(view, { item: { props: p }, x, y }) {
    const words = `${p.exercise ? `${_("演练")} · ` : ""}${sensorWords(p, this.now())}`;
    const width = measure(view.ctx, words, WORDS, view.colours) + 6;
    for (const [dx, dy, align] of [[0, 27, "center"], [28, 0, "left"], [-20, 0, "right"], [0, -34, "center"]]) {
      const middle = x + dx + (align === "left" ? width / 2 : align === "right" ? -width / 2 : 0);
      const box = boxAround(middle, y + dy, width, WORDS + 6);
      if (!view.boxes.free(box)) continue;
      view.boxes.take(box);
      return { words, x: x + dx, y: y + dy, align, size: WORDS, weight: p.stale ? 400 : 700 };
    }
    return null;
  }

  draw(view) {
    const { ctx, colours } = view;
    for (const { item, x, y, tag: label } of this.drawn || []) {
      sensorSign(ctx, x, y, item.props, colours);
      if (label) tag(ctx, label.words, label.x, label.y, colours, label);
      if (view.isSelected(this.id, item.id)) ring(ctx, x, y, 22, colours);
    }
  }

  hit(x, y) {
    return this.hitPoint(x, y);
  }

  legend() {
    const shown = (this.drawn || []).map(({ item }) => item.props);
    const kinds = ["water_level", "rain", "smoke"].filter((kind) => shown.some((p) => p.kind === kind && !p.stale));
    return [
      ...kinds.map((kind) => ({ symbol: "sensor", name: kind, character: sensorCharacter(kind), words: { water_level: "水位", rain: "雨量", smoke: "烟感" }[kind] })),
      ...(shown.some((p) => p.stale) ? [{ symbol: "sensor", name: "silent", character: "", words: "监测点没有数据" }] : []),
    ];
  }
}
