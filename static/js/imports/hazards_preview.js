// Hazards of a file before they are taken: how large, how many households, and where on the map.
import { get } from "../core/api.js";
import { byId, el } from "../core/dom.js";
import { number } from "../core/format.js";
import { levelOf } from "../core/severity.js";
import * as terms from "../core/terms.js";
import { _ } from "../core/words.js";
import { area } from "../duty/hazard_form.js";
import { CommunityLayer } from "../map/layers/grids.js";
import { HazardLayer } from "../map/layers/hazards.js";
import { hook, MapView } from "../map/view.js";
import { severityGlyph } from "../map/symbols.js";
import { levelWords } from "../pages/details.js";

let shown = null; // The map, made when somebody first looks.

function map() {
  if (!shown) {
    const view = new MapView(byId("preview-map").querySelector(".mapbox"));
    shown = { view, hazards: view.overlay.add(new HazardLayer(hook("hazards"))) };
    view.overlay.add(new CommunityLayer(hook("communities")));
  }
  return shown;
}

/** West, south, east, north of some polygons. */
export function boundsOf(geometries) {
  const points = geometries.flatMap(({ type, coordinates }) => (type === "Polygon" ? [coordinates] : coordinates)).flat(2);
  const [lons, lats] = [0, 1].map((i) => points.map((point) => point[i]));
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
}

const CHANGES = { new: "新宣布", adjusted: "调整已有的", unchanged: "已有，不变", lifted: "已解除过，不再宣布" };

/** Bring the hazards of one file, or the one at a place in it, before the eyes. */
async function look({ id }, tell, at = null) {
  let upload;
  try {
    upload = await get(`/api/uploads/${encodeURIComponent(id)}`); // The list comes without outlines.
  } catch (error) {
    tell(_("没取到：{why}", { why: error.detail || error.message }));
    return;
  }
  const hazards = at === null ? upload.preview.hazards : [upload.preview.hazards[at]];
  byId("preview-map").hidden = false;
  byId("preview-name").textContent = _("{name}：收下前先看", { name: upload.name });
  const { view, hazards: layer } = map();
  layer.setData({ features: upload.preview.hazards.map((each, i) => ({ geometry: each.geometry, properties: { ...each, id: i, exercise: upload.exercise } })) });
  view.map.invalidateSize({ pan: false });
  view.fit(boundsOf(hazards.map(({ geometry }) => geometry)), 16);
  byId("preview-map").scrollIntoView({ block: "nearest" });
}

function rasterWords({ cells, nodata, epsg }) {
  return [_("取了 {n} 格", { n: number(cells) }), nodata > 0 && _("{n} 格没有数据，没有算进去", { n: number(nodata) }),
    epsg > 0 && epsg !== 4326 && _("坐标从 EPSG:{code} 转了过来", { code: epsg })].filter(Boolean).join(_("，"));
}

/** What the file would declare; nothing for files without hazards. */
export function hazardsPreview(upload, tell) {
  const { hazards = [], more = 0, raster = null } = upload.preview || {};
  if (!hazards.length) return null;
  const row = (each, at) => el("tr", {},
    el("th", { scope: "row" }, el("button", { type: "button", class: "row-button", onclick: () => look(upload, tell, at) }, each.name)),
    el("td", {}, terms.hazardKind(each.kind)), el("td", {}, _(CHANGES[each.change] || CHANGES.new)),
    el("td", {}, el("span", { class: "row nw" }, levelOf(each.severity) > 0 && !upload.exercise && severityGlyph(each.severity, terms.colourSign(each.severity), 22), levelWords(each.severity))),
    el("td", { class: "n num nw" }, area(each.area_m2)), el("td", { class: "n num" }, number(each.households)), el("td", { class: "n num" }, number(each.people)));
  return el("div", { class: "hazard-preview" },
    raster && el("p", { class: "s" }, rasterWords(raster)),
    el("div", { class: "sideways" }, el("table", { class: "list" }, el("caption", { class: "sr" }, _("文件里的险情")),
      el("thead", {}, el("tr", {}, [_("险情"), _("种类"), _("收下后"), _("级别"), _("面积"), _("户"), _("人")].map((words, i) => el("th", { scope: "col", class: i > 3 ? "n" : null }, words)))),
      el("tbody", {}, hazards.map(row)))),
    more > 0 && el("p", { class: "mut s" }, _("还有 {n} 处，面积更小或不变", { n: number(more) })),
    el("button", { type: "button", class: "btn", onclick: () => look(upload, tell) }, _("在图上看")));
}
