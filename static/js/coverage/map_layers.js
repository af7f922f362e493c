// The layers of the coverage page's map, kept true to what the desk looks at.
import { number } from "../core/format.js";
import { page } from "../core/page.js";
import { n_ } from "../core/words.js";
import { CoveredHouseholds } from "../map/layers/coverage.js";
import { GapGrids } from "../map/layers/coverage_grids.js";
import { ChangedHouseholds, CriticalLayer, SiteLayer } from "../map/layers/coverage_marks.js";
import { GainedGround } from "../map/layers/gained_ground.js";
import { CommunityLayer } from "../map/layers/grids.js";
import { FacilityLayer } from "../map/layers/places.js";
import { WhatIfLayer } from "../map/layers/what_if.js";
import { inside, shape, toLonLat } from "../map/mercator.js";
import { hook } from "../map/view.js";

/** West, south, east, north of bounds in shares of the world. */
function lonLatBox({ minX, minY, maxX, maxY }) {
  const [west, north] = toLonLat([minX, minY]);
  const [east, south] = toLonLat([maxX, maxY]);
  return [west, south, east, north];
}

/** Put the layers on the map; `site` and `street` give the numbers that are chosen. */
export function coverageLayers(view, desk, { site, street }) {
  const { overlay } = view;
  view.find(".legend").classList.add("titled");
  let compared = new Map();
  const changeFor = (code) => compared.get(String(code)) || null;
  const note = ({ id }) => {
    if (grids.comparing) {
      const row = changeFor(id);
      if (row?.words) return row.words;
      return row ? [row.lost && `−${number(row.lost)}`, row.gained && `+${number(row.gained)}`].filter(Boolean).join(" ") : null;
    }
    const row = desk.level === "grid" ? desk.row(id) : null;
    return row?.uncovered ? n_("{n} 户到不了", row.uncovered, { n: number(row.uncovered) }) : null;
  };
  const communities = overlay.add(new CommunityLayer(hook("communities")));
  const grids = overlay.add(new GapGrids(hook("grids"), { bandFor: (code) => desk.bandFor(code), changeFor, note }));
  const households = overlay.add(new CoveredHouseholds(hook("coverage"), null));
  const streets = overlay.add(new CriticalLayer(street));
  const changed = overlay.add(new ChangedHouseholds());
  const facilities = overlay.add(new FacilityLayer(hook("facilities"), (props) => {
    const kinds = desk.standard?.facility_kinds;
    return !kinds?.length || kinds.includes(props.kind);
  }, { whole: true }));
  const ground = overlay.add(new GainedGround());
  const sites = overlay.add(new SiteLayer(site));
  const tried = overlay.add(new WhatIfLayer());

  function difference(rows, kind = "answers") {
    compared = new Map((rows || []).map((row) => [String(row.code), row]));
    grids.compare(rows !== null, kind);
  }

  desk.addEventListener("run", () => {
    const pattern = page.urls?.coverage_tiles || "/tiles/coverage/{run}/{z}/{x}/{y}.mvt";
    households.setPattern(desk.run ? pattern.replace("{run}", desk.run.id) : null);
    households.ask(desk.question, desk.speeds);
  });
  desk.addEventListener("limit", () => households.ask(desk.question, desk.speeds));
  for (const name of ["run", "rows", "level", "limit"]) desk.addEventListener(name, () => overlay.redraw());

  const placeOf = (id) => {
    const item = facilities.find(id);
    return item && toLonLat(item.world);
  };
  return {
    communities, grids, households, facilities, placeOf,
    difference: (rows) => difference(rows),
    sitesDifference: (rows) => difference(rows, "sites"),
    ground: (spots) => ground.setSpots(spots),
    nameOf: (id) => facilities.find(id)?.props.name || String(id),
    /** The label of the grid in which the middle of a line lies; nothing outside every grid. */
    gridOf: (geometry) => {
      const [line] = shape(geometry).lines;
      const middle = Math.floor(line.length / 4) * 2;
      return grids.items.find((item) => inside(item.shape.lines, line[middle], line[middle + 1]))?.props.label || "";
    },
    boundsOf: (geometry) => lonLatBox(shape(geometry).bounds),
    boxOf: (code) => {
      const found = grids.items.filter((item) => item.id.startsWith(code)).map(({ shape: { bounds } }) => bounds);
      return lonLatBox({
        minX: Math.min(...found.map(({ minX }) => minX)), minY: Math.min(...found.map(({ minY }) => minY)),
        maxX: Math.max(...found.map(({ maxX }) => maxX)), maxY: Math.max(...found.map(({ maxY }) => maxY)),
      });
    },
    streets: (rows) => streets.setStreets(rows),
    sites: (rows) => sites.setSites(rows.map((one) => ({
      ...one, words: one.number === site() && one.near !== undefined ? n_("假设点 · 多 {n} 户", one.households, { n: number(one.households) }) : "",
    }))),
    whatIf: {
      changes: (list) => tried.setChanges(list),
      line: (points) => tried.setLine(points),
      answer: (result) => {
        changed.setRows(result?.households || []);
        difference(result ? result.grids : null);
      },
    },
  };
}
