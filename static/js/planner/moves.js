// What moves with the households: open incidents that will lie in another grid.
import { boxOf, contains } from "./lines.js";

/** How many incidents lie in a grid of the scenario other than the one they are tagged with. */
export function incidentsMoved(incidents, grids) {
  const shapes = [...grids].map(([key, { geometry }]) => ({ key: String(key), geometry, box: boxOf(geometry) }));
  return incidents.filter(({ geometry, properties }) => {
    if (!geometry || !properties.grid) return false;
    const place = geometry.coordinates;
    const found = shapes.find(({ box, geometry: shape }) =>
      place[0] >= box[0] && place[0] <= box[2] && place[1] >= box[1] && place[1] <= box[3] && contains(shape, place));
    return Boolean(found) && found.key !== String(properties.grid);
  }).length;
}
