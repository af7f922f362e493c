// My position: asked for by the person, shown with its accuracy, in words too.
import { distance } from "../core/format.js";
import { _ } from "../core/words.js";
import { toWorld, metresPerPixel } from "./mercator.js";

const REFUSED = { 1: "没有定位权限。在浏览器里允许定位再试", 2: "现在定不了位", 3: "定位太久没有回音，再试一次" };

/** Draws the position: an ink dot with its halo and the circle it may be in. */
class PositionLayer {
  constructor() {
    Object.assign(this, { id: "position", importance: 110, position: null, changed: () => {} });
  }

  draw(view) {
    if (!this.position) return;
    const { ctx, colours } = view;
    const [x, y] = view.at(...toWorld([this.position.lon, this.position.lat]));
    const radius = this.position.accuracy / metresPerPixel(this.position.lat, view.zoom);
    ctx.beginPath();
    ctx.arc(x, y, Math.max(14, radius), 0, Math.PI * 2);
    ctx.globalAlpha = 0.14;
    ctx.fillStyle = colours.ink;
    ctx.fill();
    ctx.globalAlpha = 1;
    ctx.lineWidth = 1.5;
    ctx.strokeStyle = colours.ink;
    ctx.stroke();
    ctx.beginPath();
    ctx.arc(x, y, 7, 0, Math.PI * 2);
    ctx.fillStyle = colours.ink;
    ctx.fill();
    ctx.lineWidth = 2.5;
    ctx.strokeStyle = colours.halo;
    ctx.stroke();
  }

  legend() {
    return this.position ? [{ symbol: "position", words: "我的位置" }] : [];
  }
}

/** Make `button` find the person; `say` shows a line of words. */
export function locating(button, map, overlay, say) {
  const layer = overlay.add(new PositionLayer());
  button.addEventListener("click", () => {
    if (!navigator.geolocation) {
      say(_("这台设备不能定位"));
      return;
    }
    button.setAttribute("aria-busy", "true");
    say(_("正在定位"));
    const done = () => button.removeAttribute("aria-busy");
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      done();
      layer.position = { lon: coords.longitude, lat: coords.latitude, accuracy: coords.accuracy };
      layer.changed();
      const inside = !map.options.maxBounds || L.latLngBounds(map.options.maxBounds)
        .contains([coords.latitude, coords.longitude]);
      if (inside) map.setView([coords.latitude, coords.longitude], Math.max(map.getZoom(), 16));
      say(inside
        ? _("误差 {distance}", { distance: distance(coords.accuracy) })
        : _("你的位置在这张图之外"));
    }, (error) => {
      done();
      say(_(REFUSED[error.code] || REFUSED[2]));
    }, { enableHighAccuracy: true, timeout: 15000, maximumAge: 0 });
  });
}
