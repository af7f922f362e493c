// Names along streets: Chinese characters stay upright one by one, other scripts run as text.

const STRAIGHT = 0.965; // Least share of chord in length for a stretch that may carry a name.
const REPEAT = 600; // Pixels between two writings of one name.
const STEEP = Math.PI / 4;

/** True when every character is a Han character or one of its marks. */
export function isHan(text) {
  return /^[\u2e80-\u9fff\uf900-\ufaff\u3000-\u303f\uff00-\uffef]+$/.test(text);
}

function lengths(points) {
  const at = [0];
  for (let i = 1; i < points.length; i++) {
    const [p, q] = [points[i - 1], points[i]];
    at.push(at[i - 1] + Math.hypot(q.x - p.x, q.y - p.y));
  }
  return at;
}

/** The point at a distance along the line. */
export function pointAt(points, at, distance) {
  let i = 1;
  while (i < at.length - 1 && at[i] < distance) i++;
  const span = at[i] - at[i - 1] || 1;
  const share = Math.min(1, Math.max(0, (distance - at[i - 1]) / span));
  const [p, q] = [points[i - 1], points[i]];
  return { x: p.x + (q.x - p.x) * share, y: p.y + (q.y - p.y) * share };
}

/**
 * The straightest stretch of `length` pixels of a line, nearest its middle; null when the line is
 * too short or too bent everywhere. Returns the distance where the stretch starts.
 */
export function stretch(points, length) {
  if (points.length < 2) return null;
  const at = lengths(points);
  const total = at[at.length - 1];
  if (total < length) return null;
  const middle = (total - length) / 2;
  for (let step = 0; step <= 6; step++) {
    for (const start of [middle + (middle * step) / 6, middle - (middle * step) / 6]) {
      const [p, q] = [pointAt(points, at, start), pointAt(points, at, start + length)];
      if (Math.hypot(q.x - p.x, q.y - p.y) >= STRAIGHT * length) return { at, start };
    }
  }
  return null;
}

/** Where each character stands and how it is turned, reading left to right or downwards. */
export function characters(points, found, text, gap) {
  const [first, last] = [
    pointAt(points, found.at, found.start),
    pointAt(points, found.at, found.start + gap * text.length),
  ];
  const angle = Math.atan2(last.y - first.y, last.x - first.x);
  const level = Math.abs(Math.cos(angle)) >= Math.SQRT1_2;
  const forwards = level ? last.x >= first.x : last.y >= first.y;
  return Array.from(text, (character, index) => {
    const order = forwards ? index : text.length - 1 - index;
    const point = pointAt(points, found.at, found.start + gap * (order + 0.5));
    return { character, ...point, turn: upright(angle) };
  });
}

/** The turn of a character on a street of this direction: never more than 45 degrees. */
export function upright(angle) {
  let turn = angle % Math.PI;
  if (turn > Math.PI / 2) turn -= Math.PI;
  if (turn < -Math.PI / 2) turn += Math.PI;
  if (turn > STEEP) turn -= Math.PI / 2;
  if (turn < -STEEP) turn += Math.PI / 2;
  return turn;
}

function box(x, y, half) {
  return { minX: x - half, minY: y - half, maxX: x + half, maxY: y + half };
}

function write(ctx, text, style) {
  ctx.globalAlpha = 1;
  ctx.font = style.font;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.lineJoin = "round";
  ctx.lineWidth = 3.5;
  ctx.strokeStyle = style.halo;
  ctx.strokeText(text, 0, 0);
  ctx.fillStyle = style.fill;
  ctx.fillText(text, 0, 0);
}

/** A label symbolizer of the base map library that writes street names. */
export class RoadName {
  constructor({ size, fill, halo, family }) {
    Object.assign(this, { size, fill, halo, family });
  }

  place(layout, geometry, feature) {
    const name = feature.props.name;
    if (typeof name !== "string" || !name || name.length > 40) return undefined;
    const style = {
      font: `400 ${this.size}px ${this.family}`,
      fill: this.fill,
      halo: this.halo,
    };
    const placing = isHan(name) ? this.han : this.run;
    const labels = geometry
      .map((points) => placing.call(this, layout, points, name, style))
      .filter(Boolean);
    return labels.length ? labels : undefined;
  }

  han(layout, points, name, style) {
    const gap = this.size * 1.7;
    const found = stretch(points, gap * name.length);
    if (!found) return null;
    const signs = characters(points, found, name, gap);
    const anchor = points[0].clone();
    Object.assign(anchor, { x: signs[0].x, y: signs[0].y });
    return {
      anchor,
      bboxes: signs.map((sign) => box(sign.x, sign.y, this.size * 0.75)),
      deduplicationKey: name,
      deduplicationDistance: REPEAT,
      draw: (ctx) => {
        for (const sign of signs) {
          ctx.save();
          ctx.translate(sign.x - anchor.x, sign.y - anchor.y);
          ctx.rotate(sign.turn);
          write(ctx, sign.character, style);
          ctx.restore();
        }
      },
    };
  }

  run(layout, points, name, style) {
    layout.scratch.font = style.font;
    const width = layout.scratch.measureText(name).width;
    const found = stretch(points, width + 8);
    if (!found) return null;
    const [p, q] = [
      pointAt(points, found.at, found.start),
      pointAt(points, found.at, found.start + width + 8),
    ];
    const anchor = points[0].clone();
    Object.assign(anchor, { x: (p.x + q.x) / 2, y: (p.y + q.y) / 2 });
    let turn = Math.atan2(q.y - p.y, q.x - p.x);
    if (Math.abs(turn) > Math.PI / 2) turn -= Math.PI * Math.sign(turn);
    const count = Math.max(2, Math.ceil(width / this.size));
    const bboxes = Array.from({ length: count + 1 }, (_, i) =>
      box(p.x + ((q.x - p.x) * i) / count, p.y + ((q.y - p.y) * i) / count, this.size * 0.7));
    return {
      anchor,
      bboxes,
      deduplicationKey: name,
      deduplicationDistance: REPEAT,
      draw: (ctx) => {
        ctx.rotate(turn);
        write(ctx, name, style);
      },
    };
  }
}

function ringBox(points) {
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  return { minX: Math.min(...xs), minY: Math.min(...ys), maxX: Math.max(...xs), maxY: Math.max(...ys) };
}

/** A label symbolizer that writes the name of a water or a place once, widely spaced on water. */
export class AreaName {
  constructor({ size, fill, halo, family, spaced = false, english = false }) {
    Object.assign(this, { size, fill, halo, family, spaced, english });
  }

  place(layout, geometry, feature) {
    const name = (this.english && feature.props.name_en) || feature.props.name;
    if (typeof name !== "string" || !name || name.length > 40) return undefined;
    const words = this.spaced && isHan(name) ? Array.from(name).join("\u2002") : name;
    const style = { font: `400 ${this.size}px ${this.family}`, fill: this.fill, halo: this.halo };
    layout.scratch.font = style.font;
    const width = layout.scratch.measureText(words).width + 8;
    const points = geometry[0];
    const area = ringBox(points);
    const single = points.length === 1;
    if (!single && area.maxX - area.minX < width) return undefined;
    const anchor = points[0].clone();
    Object.assign(anchor, { x: (area.minX + area.maxX) / 2, y: (area.minY + area.maxY) / 2 });
    const half = this.size * 0.7;
    return [{
      anchor,
      bboxes: [{
        minX: anchor.x - width / 2, maxX: anchor.x + width / 2,
        minY: anchor.y - half, maxY: anchor.y + half,
      }],
      deduplicationKey: name,
      deduplicationDistance: REPEAT * 2,
      draw: (ctx) => write(ctx, words, style),
    }];
  }
}
