// What the duty map shows and follows, each read from its own address.
import { Noun } from "../core/nouns.js";
import { Incidents } from "./incidents.js";

export const dutyNouns = (urls) => ({
  communities: new Noun(urls.areas || "/api/areas?level=community"),
  grids: new Noun(urls.grids || "/api/grids"),
  special_grids: new Noun(urls.special_grids || "/api/grids?kind=special"),
  hazards: new Noun(urls.hazards || "/api/hazards"),
  road_closures: new Noun(urls.road_closures || "/api/road-closures"),
  incidents: new Incidents(urls.incidents || "/api/incidents?state=open"),
  facilities: new Noun(urls.facilities || "/api/facilities"),
  responders: new Noun(urls.responders || "/api/responders"),
});
