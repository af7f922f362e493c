// The direction in which the ground slides, drawn as an arrow of two taps: from above, to below.
import { el } from "../core/dom.js";
import { _ } from "../core/words.js";
import { palette } from "../map/palette.js";

const HEAD = 0.22; // Of the arrow's length, each side of its head.
const WIDE = Math.PI / 7;
let taking = null; // Ends the drawing that is under way.

/** True while two taps are waited for: the map chooses nothing meanwhile. */
export const arrowing = () => taking !== null;

/** Degrees from north, clockwise, of the way between two places. */
export function bearingOf([lon, lat], [toLon, toLat]) {
  const east = (toLon - lon) * Math.cos(((lat + toLat) / 2) * (Math.PI / 180));
  const degrees = (Math.atan2(east, toLat - lat) * 180) / Math.PI;
  return (Math.round(degrees) + 360) % 360;
}

/** The three lines of an arrow in degrees of the map. */
function lines(from, to) {
  const squeeze = Math.cos((from[1] * Math.PI) / 180);
  const [east, north] = [(to[0] - from[0]) * squeeze, to[1] - from[1]];
  const wing = (turn) => {
    const [cos, sin] = [Math.cos(Math.PI + turn), Math.sin(Math.PI + turn)];
    return [to[1] + HEAD * (east * sin + north * cos), to[0] + (HEAD * (east * cos - north * sin)) / squeeze];
  };
  const end = [to[1], to[0]];
  return [[[from[1], from[0]], end], [wing(WIDE), end, wing(-WIDE)]];
}

/** A button that takes the bearing from two taps into `input`. */
export function bearingTool(view, input) {
  const { map } = view;
  let [shown, from] = [null, null];
  const said = el("span", { class: "s mut", role: "status" });
  const button = el("button", { type: "button", class: "btn", "aria-pressed": "false", onclick: () => (taking ? end() : begin()) }, _("在图上画方向"));
  const draw = (to) => {
    shown?.remove();
    shown = L.polyline(lines(from, to), { color: palette().ink, weight: 4, interactive: false, pmIgnore: true }).addTo(map);
  };
  const tap = ({ latlng }) => {
    const at = [latlng.lng, latlng.lat];
    if (!from) {
      from = at;
      said.textContent = _("再点往下滑到的地方");
      return;
    }
    if (from[0] === at[0] && from[1] === at[1]) return;
    draw(at);
    input.value = String(bearingOf(from, at));
    input.dispatchEvent(new window.Event("input", { bubbles: true }));
    end();
  };
  const move = ({ latlng }) => from && draw([latlng.lng, latlng.lat]);
  const key = (event) => event.key === "Escape" && end();
  function end() {
    // The click that ends it is still on its way to the map: it chooses nothing.
    setTimeout(() => { taking = null; });
    map.off("click", tap).off("mousemove", move);
    document.removeEventListener("keydown", key);
    view.box.classList.remove("drawing");
    button.setAttribute("aria-pressed", "false");
    button.textContent = _("在图上画方向");
    said.textContent = input.value ? _("往 {n} 度滑", { n: input.value }) : "";
    from = null;
  }
  function begin() {
    taking = end;
    from = null;
    map.on("click", tap).on("mousemove", move);
    document.addEventListener("keydown", key);
    view.box.classList.add("drawing");
    button.setAttribute("aria-pressed", "true");
    button.textContent = _("不画了");
    said.textContent = _("先点滑坡上边");
  }
  input.addEventListener("input", () => {
    if (!input.value) shown?.remove();
  });
  return el("div", { class: "row wrap" }, button, said);
}
