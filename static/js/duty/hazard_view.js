// Bringing hazards into view.
import { levelOf } from "../core/severity.js";

/** The box around a geometry. */
export const boundsOf = (geometry) => L.geoJSON(geometry, { pmIgnore: true }).getBounds();

/** The place an address names as ?at=lon,lat; null for none. */
export function placeOf(search) {
  const [lon, lat] = (new URLSearchParams(search).get("at") || "").split(",").map(Number);
  return Number.isFinite(lon) && Number.isFinite(lat) && Math.abs(lat) <= 90 && lon ? [lat, lon] : null;
}

/** Once, before anybody has moved it: the map opens on what its address names, else on the most severe hazard. */
export function openOnHazard(map, hazards, choose = () => {}) {
  const place = placeOf(location.search);
  const asked = new URLSearchParams(location.search).get("hazard");
  if (place) {
    map.setView(place, 17, { animate: false });
    L.circleMarker(place, { radius: 12, className: "asked-place", interactive: false, pmIgnore: true }).addTo(map);
  }
  hazards.addEventListener("change", () => {
    if (place) return;
    if (asked && hazards.features.some(({ properties }) => String(properties.id) === asked)) {
      choose(asked);
      return;
    }
    const [first] = [...hazards.features].sort((one, other) =>
      (levelOf(one.properties.severity) || 5) - (levelOf(other.properties.severity) || 5));
    if (first) map.fitBounds(boundsOf(first.geometry).pad(0.6), { maxZoom: 16, animate: false });
  }, { once: true });
}
