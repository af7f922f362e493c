// Drawing the area of a hazard: our own labelled buttons drive Geoman, whose toolbar stays off.
import { el, replace } from "../core/dom.js";
import { _ } from "../core/words.js";
import { palette } from "../map/palette.js";
import { BlockedGround, ringOf, round } from "./hazard_blocked.js";

export { ringOf } from "./hazard_blocked.js";

const CORNERS = 48; // Of the polygon that stands for a circle.
const DEGREE = 111195; // Metres of one degree of latitude.

/** The ring of a circle as longitudes and latitudes, closed. */
export function circleRing([lon, lat], metres, corners = CORNERS) {
  const ring = Array.from({ length: corners }, (_unused, i) => {
    const angle = (2 * Math.PI * i) / corners;
    return [
      round(lon + (metres * Math.cos(angle)) / (DEGREE * Math.cos((lat * Math.PI) / 180))),
      round(lat + (metres * Math.sin(angle)) / DEGREE),
    ];
  });
  return [...ring, ring[0]];
}

export class HazardDraw {
  /**
   * `changed(geometry or null)` hears of every step, `blocked(geometry or null)` of the ground that
   * nobody can pass, `ended()` when the drawing is given up.
   */
  constructor(view, { changed, blocked, ended, box }) {
    Object.assign(this, { view, map: view.map, changed, ended, box, mode: null, layer: null, working: null });
    this.ground = new BlockedGround(this.map, blocked);
    // Geoman was loaded after the map had been made.
    if (!this.map.pm) this.map.pm = new L.PM.Map(this.map);
    this.map.pm.setLang("en");
    // Its dots are for a pointer; who has none draws with the buttons, and need not walk over them.
    new MutationObserver(() => this.quietDots()).observe(this.map.getPane("markerPane"), { childList: true });
    this.map.on("pm:drawstart", ({ workingLayer }) => this.follow(workingLayer));
    this.map.on("pm:create", ({ layer, shape }) => this.created(layer, shape));
  }

  quietDots() {
    for (const dot of this.map.getPane("markerPane").children) {
      dot.removeAttribute("role");
      dot.removeAttribute("tabindex");
      dot.setAttribute("aria-hidden", "true");
    }
  }

  get active() {
    return this.mode !== null;
  }

  /** An exercise is drawn without the colour of a warning. */
  line() {
    const { hazard, ink2 } = palette();
    const color = this.exercise ? ink2 : hazard;
    return { color, weight: 3, dashArray: "14 5 3 5", fillColor: color, fillOpacity: 0.16 };
  }

  options() {
    const line = this.line();
    return {
      tooltips: false, snappable: false, allowSelfIntersection: false, continueDrawing: false,
      templineStyle: line, hintlineStyle: { ...line, weight: 2 }, pathOptions: line,
      cursorMarker: true, finishOn: null,
    };
  }

  drill(on) {
    this.exercise = on;
    this.view.box.classList.toggle("drawing-drill", on);
    for (const layer of [this.layer, this.working]) layer?.setStyle?.(this.line());
  }

  start(mode = "Polygon") {
    this.clear({ ground: false });
    this.mode = mode;
    this.map.pm.enableDraw(mode, this.options());
    this.changed(null);
    this.draw();
  }

  /** Draw the outline anew. `blocked` is the ground that is stored; undefined keeps what is drawn. */
  anew(blocked) {
    if (blocked !== undefined) {
      this.ground.clear();
      this.ground.load(blocked);
    }
    this.start("Polygon");
  }

  /** Put a ring that is there already under the hand. */
  load(ring, blocked = null) {
    this.clear();
    this.ground.load(blocked);
    this.mode = "Edit";
    this.round = false;
    this.layer = L.polygon(ring.slice(0, -1).map(([x, y]) => [y, x]), this.options().pathOptions).addTo(this.map);
    this.edit(true);
  }

  /** The ground nobody can pass alone: the shape of the hazard stays what it is. */
  blockAlone(blocked) {
    this.clear();
    this.ground.load(blocked);
    this.mode = "Edit";
    this.editing = false;
    if (blocked) this.draw();
    else this.block();
  }

  /** One more place that nobody can pass. */
  block() {
    this.layer?.pm?.disable();
    this.mode = "Blocked";
    this.editing = false;
    this.map.pm.enableDraw("Polygon", { ...this.options(), ...this.ground.options() });
    this.draw();
  }

  follow(working) {
    this.working = working;
    working.on("pm:vertexadded pm:vertexremoved", () => this.step());
    this.map.on("pm:centerplaced", () => this.draw());
  }

  /** The shape so far, from the third point on. */
  step() {
    const ring = ringOf(this.working?.getLatLngs?.() || []);
    if (this.mode !== "Blocked") this.changed(ring && { type: "Polygon", coordinates: [ring] });
    this.draw();
  }

  created(layer, shape) {
    if (!this.active) {
      layer.remove();
      return;
    }
    this.working = null;
    if (this.mode === "Blocked") {
      this.mode = "Edit";
      this.ground.add(layer);
      this.draw();
      return;
    }
    this.mode = "Edit";
    if (shape === "Circle") {
      const { lng, lat } = layer.getLatLng();
      const ring = circleRing([lng, lat], Math.max(10, layer.getRadius()));
      layer.remove();
      this.layer = L.polygon(ring.slice(0, -1).map(([x, y]) => [y, x]), this.options().pathOptions).addTo(this.map);
      this.round = true;
    } else {
      this.layer = layer;
      this.round = false;
    }
    this.edited();
    if (!this.round) this.edit(true);
    this.draw();
  }

  edit(on) {
    this.editing = on;
    if (!this.layer) {
      this.draw();
      return;
    }
    if (!on) this.layer.pm.disable();
    else {
      this.layer.pm.enable({ allowSelfIntersection: false, snappable: false });
      this.layer.off("pm:edit pm:vertexadded pm:vertexremoved");
      this.layer.on("pm:edit pm:vertexadded pm:vertexremoved", () => this.edited());
    }
    this.draw();
  }

  edited() {
    const ring = ringOf(this.layer.getLatLngs()[0] || []);
    this.changed(ring && { type: "Polygon", coordinates: [ring] });
  }

  points() {
    return this.working?.getLatLngs?.().length || 0;
  }

  undo() {
    // at the last point Geoman would leave off drawing
    if (this.points() <= 1 && this.mode === "Blocked") this.leaveBlocked();
    else if (this.points() <= 1) this.start("Polygon");
    else this.map.pm.Draw.Polygon._removeLastVertex();
  }

  leaveBlocked() {
    this.map.pm.disableDraw();
    this.working = null;
    this.mode = "Edit";
    this.draw();
  }

  finish() {
    this.map.pm.Draw.Polygon._finishShape();
  }

  /** A point in the middle of the map: for keyboards, and for fingers that hide what they point at. */
  addMiddle() {
    const latlng = this.map.getCenter();
    const point = this.map.latLngToContainerPoint(latlng);
    this.map.fire("click", { latlng, containerPoint: point, layerPoint: this.map.latLngToLayerPoint(latlng) });
    this.draw();
  }

  clear({ ground = true } = {}) {
    this.map.pm.disableDraw();
    this.layer?.pm?.disable();
    this.layer?.remove();
    if (ground) this.ground.clear();
    Object.assign(this, { layer: null, working: null, editing: false, mode: null });
    this.map.off("pm:centerplaced");
  }

  /** Leave off; what was drawn goes. */
  stop() {
    this.clear();
    this.draw();
    this.view.box.classList.remove("drawing");
    this.ended();
  }

  say() {
    if (this.mode === "Edit") return this.editing ? _("拖圆点改形状，点小圆点加一点") : _("范围画好了");
    if (this.mode === "Blocked") return this.points() < 3 ? _("点出过不去的地方，至少三个角") : _("再点第一个角或按“画完”");
    if (this.mode === "Circle") return _("点圆心，再点圆边");
    return this.points() < 3 ? _("点出范围的角，至少三个") : _("再点第一个角或按“画完”");
  }

  draw() {
    const { box, mode } = this;
    box.hidden = !this.active;
    if (!this.active) return;
    this.view.box.classList.add("drawing");
    const focused = box.contains(document.activeElement) && document.activeElement.dataset.tool;
    const tool = (name, words, onclick, { on = null, off = false, primary = false } = {}) => el("button", {
      type: "button", class: `btn${on ? " on" : ""}${primary ? " primary" : ""}`, "data-tool": name,
      "aria-pressed": on === null ? null : String(on), disabled: off, onclick,
    }, words);
    replace(box,
      el("p", { class: "s draw-say", role: "status" }, this.say()),
      el("div", { class: "choices" }, mode === "Edit" ? this.editTools(tool) : this.drawTools(tool, mode)));
    if (focused) (box.querySelector(`[data-tool=${focused}]:not(:disabled)`) || box.querySelector("button"))?.focus();
  }

  /** What one can do while corners are set. */
  drawTools(tool, mode) {
    const cornered = mode === "Polygon" || mode === "Blocked";
    return [
      mode !== "Blocked" && [tool("polygon", _("多边形"), () => this.start("Polygon"), { on: mode === "Polygon" }),
        tool("circle", _("圆"), () => this.start("Circle"), { on: mode === "Circle" })],
      tool("middle", _("图中央加一点"), () => this.addMiddle()),
      cornered && [tool("undo", _("撤销上一点"), () => this.undo(), { off: !this.points() }),
        tool("finish", _("画完"), () => this.finish(), { off: this.points() < 3, primary: true })],
      mode === "Blocked" ? tool("back", _("这处不画了"), () => this.leaveBlocked()) : tool("stop", _("不画了"), () => this.stop()),
    ];
  }

  /** What one can do with what is drawn. */
  editTools(tool) {
    return [
      this.layer && [tool("polygon", _("多边形"), () => this.start("Polygon"), { on: false }), tool("circle", _("圆"), () => this.start("Circle"), { on: false }),
        tool("edit", _("改形状"), () => this.edit(!this.editing), { on: Boolean(this.editing) }),
        tool("again", _("重画"), () => this.start("Polygon"))],
      tool("block", _("画不能通行的地方"), () => this.block()),
      this.ground.count > 0 && tool("unblock", _("去掉一处不能通行"), () => {
        this.ground.drop();
        this.draw();
      }),
      tool("stop", _("不画了"), () => this.stop()),
    ];
  }
}
