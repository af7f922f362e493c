// The layers of the duty map, in drawing order.
import { ClosureLayer } from "../map/layers/closures.js";
import { CoverageFill } from "../map/layers/coverage.js";
import { CommunityLayer, GridLayer } from "../map/layers/grids.js";
import { HazardLayer } from "../map/layers/hazards.js";
import { HouseholdLayer } from "../map/layers/households.js";
import { IncidentLayer } from "../map/layers/incidents.js";
import { MicroGrids } from "../map/layers/micro.js";
import { FacilityLayer, ResponderLayer } from "../map/layers/places.js";
import { RouteLayer } from "../map/layers/routes.js";
import { SensorLayer } from "../map/layers/sensors.js";
import { SpecialLayer } from "../map/layers/special.js";
import { hook, offered } from "../map/view.js";

const HOUSEHOLDS = "/tiles/households/{z}/{x}/{y}.mvt";

/** Put the layers of the duty map on a view; gives them by name. */
export function dutyLayers(view, urls, feed) {
  const { map, overlay, box } = view;
  // What a person has to reach for elsewhere is on here from the start.
  for (const name of ["households", "routes"].filter(offered)) map.addLayer(hook(name));
  const layers = {
    communities: overlay.add(new CommunityLayer(hook("communities"), { neutral: true })),
    grids: overlay.add(new GridLayer(hook("grids"), { neutral: true })),
    micro_grids: new MicroGrids(view, urls.micro_grids || "/api/micro-grids"),
    special_grids: overlay.add(new SpecialLayer(hook("special_grids"))),
    coverage: overlay.add(new CoverageFill(hook("coverage"))),
    households: overlay.add(new HouseholdLayer(hook("households"),
      urls.household_tiles || HOUSEHOLDS, { from: 15, quiet: true })),
    hazards: overlay.add(new HazardLayer(hook("hazards"))),
    road_closures: overlay.add(new ClosureLayer(hook("road_closures"))),
    routes: overlay.add(new RouteLayer(hook("routes"))),
    facilities: overlay.add(new FacilityLayer(hook("facilities"))),
    responders: overlay.add(new ResponderLayer(hook("responders"))),
    sensors: overlay.add(new SensorLayer(hook("sensors"))),
    incidents: overlay.add(new IncidentLayer(hook("incidents"))),
  };
  layers.micro_grids.follow(feed);
  // How far the picture has come: what a person sees, for tests and measurements.
  overlay.ondraw(() => {
    const numbers = (layers.incidents.drawn || [])
      .flatMap(({ members }) => members.map(({ props }) => props.number));
    box.dataset.newest = String(numbers.length ? Math.max(...numbers) : 0);
  });
  return layers;
}
