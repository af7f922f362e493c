// Bringing hazards into view.
import { levelOf } from "../core/severity.js";

/** The box around a geometry. */
export const boundsOf = (geometry) => L.geoJSON(geometry, { pmIgnore: true }).getBounds();

/** Once, before anybody has moved it: the map opens on the most severe hazard. */
export function openOnHazard(map, hazards) {
  hazards.addEventListener("change", () => {
    const [first] = [...hazards.features].sort((one, other) =>
      (levelOf(one.properties.severity) || 5) - (levelOf(other.properties.severity) || 5));
    if (first) map.fitBounds(boundsOf(first.geometry).pad(0.6), { maxZoom: 16, animate: false });
  }, { once: true });
}
