// The drawing above the base map: two canvases, redrawn when the map has moved or data has changed.
// Layers say what takes a place (by importance), then draw (by order): see look.md, section 6.
import { PANES } from "./base.js";
import { Boxes } from "./placing.js";
import { palette } from "./palette.js";

const WORLD = 256;

/** One canvas in one pane; `paint(ctx, frame)` draws what the overlay wants on it. */
function canvasRenderer(pane, paint) {
  const Canvas = L.Renderer.extend({
    options: { pane, padding: 0.25 },

    _initContainer() {
      this._container = document.createElement("canvas");
      this._container.setAttribute("aria-hidden", "true");
      this._ctx = this._container.getContext("2d");
    },

    _destroyContainer() {
      L.DomUtil.remove(this._container);
      delete this._container;
      delete this._ctx;
    },

    _update() {
      if (this._map._animatingZoom && this._bounds) return;
      L.Renderer.prototype._update.call(this);
      const [bounds, size] = [this._bounds, this._bounds.getSize()];
      const ratio = Math.min(2, window.devicePixelRatio || 1);
      const canvas = this._container;
      L.DomUtil.setPosition(canvas, bounds.min);
      canvas.width = Math.round(size.x * ratio);
      canvas.height = Math.round(size.y * ratio);
      canvas.style.width = `${size.x}px`;
      canvas.style.height = `${size.y}px`;
      this._ctx.setTransform(ratio, 0, 0, ratio, -bounds.min.x * ratio, -bounds.min.y * ratio);
      paint(this._ctx, { minX: bounds.min.x, minY: bounds.min.y, maxX: bounds.max.x, maxY: bounds.max.y });
    },

    redraw() {
      if (this._map) this._update();
    },
  });
  return new Canvas();
}

/** What a layer needs to draw: the context, the scale, the colours, who has which place. */
class View {
  constructor(map, bounds, boxes, base, selection) {
    this.map = map;
    this.zoom = map.getZoom();
    this.scale = WORLD * 2 ** this.zoom;
    this.origin = map.getPixelOrigin();
    this.bounds = bounds;
    this.boxes = boxes;
    this.base = base;
    this.selection = selection;
    this.colours = palette();
    this.ctx = null;
  }

  /** A place in shares of the world to pixels of the map pane. */
  at(x, y) {
    return [x * this.scale - this.origin.x, y * this.scale - this.origin.y];
  }

  /** A flat line of world shares to pixels. */
  line(world) {
    const pixels = new Float64Array(world.length);
    for (let i = 0; i < world.length; i += 2) {
      pixels[i] = world[i] * this.scale - this.origin.x;
      pixels[i + 1] = world[i + 1] * this.scale - this.origin.y;
    }
    return pixels;
  }

  box(bounds) {
    const [minX, minY] = this.at(bounds.minX, bounds.minY);
    const [maxX, maxY] = this.at(bounds.maxX, bounds.maxY);
    return { minX, minY, maxX, maxY };
  }

  /** True when a box of pixels meets the canvas. */
  sees(box, margin = 40) {
    const { bounds } = this;
    return box.maxX >= bounds.minX - margin && box.minX <= bounds.maxX + margin &&
      box.maxY >= bounds.minY - margin && box.minY <= bounds.maxY + margin;
  }

  /** Put the outline of a shape into the context's path. */
  trace(lines, close) {
    const { ctx, scale, origin } = this;
    ctx.beginPath();
    for (const line of lines) {
      for (let i = 0; i < line.length; i += 2) {
        const [x, y] = [line[i] * scale - origin.x, line[i + 1] * scale - origin.y];
        if (i === 0) ctx.moveTo(x, y);
        else ctx.lineTo(x, y);
      }
      if (close) ctx.closePath();
    }
  }

  /** A box is free when no symbol, label or street name stands in it. */
  free(box) {
    const { x, y } = this.origin;
    const shifted = { minX: box.minX + x, minY: box.minY + y, maxX: box.maxX + x, maxY: box.maxY + y };
    return this.boxes.free(box) && !this.base?.nameAt(shifted);
  }

  isSelected(layer, id) {
    return this.selection?.layer === layer && this.selection.id === String(id);
  }
}

/** Everything of ours on one map. Layers come in drawing order; see `layers/`. */
export class Overlay {
  constructor(map, base) {
    this.map = map;
    this.base = base;
    this.layers = [];
    this.selection = null;
    this.pending = false;
    this.listeners = [];
    this.fills = canvasRenderer("fills", (ctx, bounds) => this.paintFills(ctx, bounds)).addTo(map);
    this.symbols = canvasRenderer("symbols", (ctx, bounds) => this.paintSymbols(ctx, bounds)).addTo(map);
    map.on("overlayadd overlayremove", () => this.redraw());
  }

  static get panes() {
    return PANES;
  }

  add(layer) {
    this.layers.push(layer);
    layer.changed = () => this.redraw();
    this.redraw();
    return layer;
  }

  shown() {
    return this.layers.filter((layer) => !layer.group || this.map.hasLayer(layer.group));
  }

  /** Draw again before the next frame, however often this is asked. */
  redraw() {
    if (this.pending) return;
    this.pending = true;
    requestAnimationFrame(() => {
      this.pending = false;
      this.fills.redraw();
      this.symbols.redraw();
    });
  }

  view(bounds, ctx) {
    const view = new View(this.map, bounds, new Boxes(), this.base, this.selection);
    view.ctx = ctx;
    return view;
  }

  paintFills(ctx, bounds) {
    const view = this.view(bounds, ctx);
    for (const layer of this.shown()) layer.fill?.(view);
  }

  paintSymbols(ctx, bounds) {
    const view = this.view(bounds, ctx);
    const layers = this.shown();
    const byImportance = [...layers].sort((one, other) => other.importance - one.importance);
    for (const layer of byImportance) layer.reserve?.(view);
    for (const layer of layers) layer.draw?.(view);
    for (const layer of layers) layer.drawWords?.(view);
    this.last = view;
    for (const listener of this.listeners) listener(view, layers);
  }

  /** Hear of every drawing: `listener(view, layers)`. */
  ondraw(listener) {
    this.listeners.push(listener);
  }

  /** What is at a point of the map pane, the topmost first; null when nothing is. */
  hit(x, y) {
    if (!this.last) return null;
    let nearest = null;
    for (const layer of this.shown().reverse()) {
      const found = layer.hit?.(x, y, this.last);
      // Of symbols that crowd each other the one under the finger is meant, whichever lies on top.
      if (!found || (nearest && !(found.away < nearest.away))) continue;
      nearest = { layer: layer.id, ...found };
      if (found.away === undefined) break;
    }
    return nearest;
  }

  select(selection) {
    this.selection = selection && { ...selection, id: String(selection.id) };
    this.redraw();
  }
}
