// Symbols on a canvas, the same shapes as in queue and legend.
import { shapeOf, textSize, levelOf } from "../core/severity.js";

const paths = new Map();

function pathOf(data) {
  if (!paths.has(data)) paths.set(data, new Path2D(data));
  return paths.get(data);
}

const HOUSE = "M0 -19L17 -5V15H-17V-5Z";

function text(ctx, words, x, y, size, colour, family, weight = 700) {
  ctx.font = `${weight} ${size}px ${family}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "alphabetic";
  ctx.fillStyle = colour;
  ctx.fillText(words, x, y);
}

/** Words with a halo; `align` is center, left or right. */
export function tag(ctx, words, x, y, colours, options = {}) {
  const { size = 14, align = "center", weight = 700, fill = colours.ink, halo = 4 } = options;
  ctx.font = `${weight} ${size}px ${colours.font}`;
  ctx.textAlign = align;
  ctx.textBaseline = "middle";
  ctx.lineJoin = "round";
  ctx.lineWidth = halo;
  ctx.strokeStyle = colours.halo;
  ctx.strokeText(words, x, y);
  ctx.fillStyle = fill;
  ctx.fillText(words, x, y);
}

/** Width of words in pixels. */
export function measure(ctx, words, size, colours, weight = 700) {
  ctx.font = `${weight} ${size}px ${colours.font}`;
  return ctx.measureText(words).width;
}

/** Fill and character colour of a level. */
export function levelColours(level, colours) {
  const fills = [colours.surface, colours.red, colours.orange, colours.yellow, colours.blue];
  const inks = [colours.ink, colours.onRed, colours.onOrange, colours.onYellow, colours.onBlue];
  return { fill: fills[levelOf(level)], ink: inks[levelOf(level)] };
}

/** The shape of a level with a short text inside, 35 px wide at scale 1. */
export function severity(ctx, x, y, level, words, colours, scale = 1.05) {
  const [shape, { fill, ink }] = [shapeOf(level), levelColours(level, colours)];
  ctx.save();
  ctx.translate(x, y);
  ctx.globalAlpha = 0.55;
  ctx.fillStyle = colours.halo;
  ctx.beginPath();
  ctx.arc(0, 0, 19, 0, Math.PI * 2);
  ctx.fill();
  ctx.globalAlpha = 1;
  ctx.scale(scale, scale);
  ctx.fillStyle = fill;
  ctx.fill(pathOf(shape.path));
  ctx.lineJoin = "round";
  ctx.lineWidth = levelOf(level) ? 1.6 : 2.4;
  ctx.strokeStyle = levelOf(level) ? colours.edge : colours.noLevel;
  ctx.stroke(pathOf(shape.path));
  text(ctx, words, 0, shape.text, textSize(level, words), ink, colours.font);
  ctx.restore();
}

/** A unit: rounded square with one character, reversed when it is in use. */
export function unit(ctx, x, y, character, busy, colours) {
  ctx.save();
  ctx.translate(x, y);
  ctx.beginPath();
  ctx.roundRect(-13, -13, 26, 26, 6);
  ctx.fillStyle = busy ? colours.ink : colours.surface;
  ctx.fill();
  ctx.lineWidth = 2;
  ctx.strokeStyle = colours.ink;
  ctx.stroke();
  text(ctx, character, 0, 5.2, 14, busy ? colours.surface : colours.ink, colours.font);
  ctx.restore();
}

/** A facility: filled square with one character. */
export function facility(ctx, x, y, character, colours, scale = 1) {
  ctx.save();
  ctx.translate(x, y);
  ctx.scale(scale, scale);
  ctx.beginPath();
  ctx.roundRect(-13, -13, 26, 26, 3);
  ctx.fillStyle = colours.ink;
  ctx.fill();
  ctx.lineWidth = 2;
  ctx.strokeStyle = colours.halo;
  ctx.stroke();
  text(ctx, character, 0, 5.4, 15, colours.surface, colours.font);
  ctx.restore();
}

/** A shelter: a house with 避; hollow when it is closed. */
export function shelter(ctx, x, y, colours, open = true, scale = 1) {
  ctx.save();
  ctx.translate(x, y);
  ctx.scale(scale, scale);
  ctx.fillStyle = open ? colours.accent : colours.surface;
  ctx.fill(pathOf(HOUSE));
  ctx.lineWidth = 2;
  ctx.strokeStyle = open ? colours.halo : colours.accent;
  ctx.stroke(pathOf(HOUSE));
  text(ctx, "避", 0, 9, 15, open ? colours.onAccent : colours.accent, colours.font);
  ctx.restore();
}

/** A fault: an ink triangle with its number, the same as in the list. */
export function fault(ctx, x, y, words, colours) {
  ctx.save();
  ctx.translate(x, y);
  if (!words) ctx.scale(0.5, 0.5);
  ctx.beginPath();
  ctx.moveTo(0, -16);
  ctx.lineTo(17, 13);
  ctx.lineTo(-17, 13);
  ctx.closePath();
  ctx.fillStyle = colours.surface;
  ctx.fill();
  ctx.lineJoin = "round";
  ctx.lineWidth = 2.4;
  ctx.strokeStyle = colours.ink;
  ctx.stroke();
  ctx.font = `700 ${words.length > 1 ? 12 : 14}px ${colours.font}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "alphabetic";
  ctx.fillStyle = colours.ink;
  ctx.fillText(words, 0, 9);
  ctx.restore();
}

/** The ring round what is chosen. */
export function ring(ctx, x, y, radius, colours) {
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, Math.PI * 2);
  ctx.lineWidth = 6;
  ctx.strokeStyle = colours.halo;
  ctx.stroke();
  ctx.lineWidth = 3;
  ctx.strokeStyle = colours.ink;
  ctx.stroke();
}

/** A repeating 45 degree hatch; `pitch` and `width` in pixels. */
export function hatch(ctx, colour, { pitch = 8, width = 2, ground = null, opacity = 1 } = {}) {
  const ratio = Math.min(2, window.devicePixelRatio || 1);
  const side = Math.round(pitch * Math.SQRT2 * ratio);
  const cell = document.createElement("canvas");
  cell.width = cell.height = side;
  const pen = cell.getContext("2d");
  if (ground) {
    pen.fillStyle = ground;
    pen.fillRect(0, 0, side, side);
  }
  pen.globalAlpha = opacity;
  pen.strokeStyle = colour;
  pen.lineWidth = width * ratio;
  for (const shift of [-side, 0, side]) {
    pen.beginPath();
    pen.moveTo(shift - 2, side + 2);
    pen.lineTo(shift + side + 2, -2);
    pen.stroke();
  }
  const pattern = ctx.createPattern(cell, "repeat");
  pattern.setTransform(new window.DOMMatrix().scale(1 / ratio));
  return pattern;
}
