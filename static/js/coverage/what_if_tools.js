// The tools of a what-if: each waits for taps on the map; buttons and the Enter key do the same.
import { el, replace } from "../core/dom.js";
import { _ } from "../core/words.js";
import { toWorld } from "../map/mercator.js";

/** Which tool waits for what, in words. */
function words(tool, points, held) {
  if (tool === "close") {
    return points ? _("再点下一处，或按“画完”") : _("沿着要断的路点两处以上");
  }
  if (tool === "move") return held ? _("点{name}的新位置", { name: held.name }) : _("点要挪的设施");
  if (tool === "off") return _("点要停的设施");
  return _("点要加设施的位置");
}

const TOOLS = [["close", "断路"], ["move", "挪设施"], ["add", "加设施"], ["off", "停设施"]];

export class WhatIfTools {
  /**
   * `made` takes what a tool gives: `close(geometry)`, `move(facility, to)`, `add(at)`,
   * `off(facility)`; `line(points)` shows the line in hand.
   */
  constructor(box, view, made) {
    Object.assign(this, { box, view, made, tool: null, points: [], held: null });
    this.buttons = el("div", { class: "tool-row", role: "group", "aria-label": _("假设的改动") });
    this.hint = el("div", { class: "tool-hint", hidden: true });
    replace(box, this.buttons, this.hint);
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.tool && !document.querySelector("dialog[open]")) this.choose(null);
    });
    this.draw();
  }

  choose(tool) {
    this.tool = tool;
    this.points = [];
    this.held = null;
    this.made.line([]);
    this.draw();
  }

  /** A tap on the map belongs to the tool in hand; true when it was taken. */
  take(hit, lonlat) {
    if (!this.tool) return false;
    const facility = hit?.layer === "facility" ? hit : null;
    if (this.tool === "close") this.point(lonlat);
    else if (this.tool === "add") this.done(() => this.made.add(lonlat));
    else if (this.held) {
      const { held } = this;
      this.done(() => this.made.move(held, lonlat));
    } else if (facility) this.facility(facility);
    else this.miss();
    return true;
  }

  miss() {
    this.view.say(_("这里没有设施。点设施的符号"));
  }

  facility({ id, props }) {
    const item = this.made.facility(id);
    const one = { id, name: props.name || String(id), at: item };
    if (this.tool === "off") {
      this.done(() => this.made.off(one));
      return;
    }
    this.held = one;
    this.draw();
  }

  point(lonlat) {
    const last = this.points[this.points.length - 1];
    if (last && this.near(last, lonlat)) {
      if (this.points.length > 1) this.finish();
      return;
    }
    this.points.push(lonlat);
    this.made.line(this.points);
    this.draw();
  }

  near(one, other) {
    const scale = 256 * 2 ** this.view.map.getZoom();
    const [a, b] = [toWorld(one), toWorld(other)];
    return Math.hypot(a[0] - b[0], a[1] - b[1]) * scale < 12;
  }

  finish() {
    const coordinates = this.points.map(([lon, lat]) => [Math.round(lon * 1e6) / 1e6, Math.round(lat * 1e6) / 1e6]);
    this.done(() => this.made.close({ type: "LineString", coordinates }));
  }

  done(act) {
    this.choose(null);
    act();
  }

  /** The middle of the map as a tap: for keyboards, and for fingers that hide what they point at. */
  middle() {
    const { map, overlay } = this.view;
    const point = map.latLngToLayerPoint(map.getCenter());
    const { lng, lat } = map.getCenter();
    this.take(overlay.hit(point.x, point.y), [lng, lat]);
  }

  draw() {
    const { tool, points } = this;
    const focused = this.box.contains(document.activeElement) ? document.activeElement.dataset.tool : null;
    this.view.box.classList.toggle("placing-tool", Boolean(tool));
    replace(this.buttons, TOOLS.map(([name, label]) => el("button", {
      type: "button", class: `btn${tool === name ? " on" : ""}`, "data-tool": name, "aria-pressed": String(tool === name),
      onclick: () => this.choose(tool === name ? null : name),
    }, _(label))));
    this.hint.hidden = !tool;
    replace(this.hint, tool && el("p", { role: "status" }, words(tool, points.length, this.held)), tool && el("div", { class: "row wrap" },
      el("button", { type: "button", class: "btn", "data-tool": "middle", onclick: () => this.middle() }, _("用图中央")),
      tool === "close" && el("button", {
        type: "button", class: "btn", "data-tool": "undo", disabled: !points.length, onclick: () => this.back(),
      }, _("退一点")),
      tool === "close" && el("button", {
        type: "button", class: "btn primary", "data-tool": "finish", disabled: points.length < 2, onclick: () => this.finish(),
      }, _("画完")),
      el("button", { type: "button", class: "btn", "data-tool": "stop", onclick: () => this.choose(null) }, _("不画了"))));
    if (focused) (this.box.querySelector(`[data-tool=${focused}]:not(:disabled)`) || this.buttons.firstChild).focus();
  }

  back() {
    this.points = this.points.slice(0, -1);
    this.made.line(this.points);
    this.draw();
  }
}
