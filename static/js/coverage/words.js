// Words of the coverage page that no other page needs.
import * as terms from "../core/terms.js";
import { _ } from "../core/words.js";

const LAYERS = {
  road: "道路", road_closure: "封路", hazard: "险情范围", household: "住户", shelter: "安置点", facility: "设施",
  coverage_standard: "标准", railway: "铁路", water: "水面", household_need: "要的帮助",
};

/** Layers that have changed since a run, in words. */
export function layerWords(layers) {
  return terms.listed((layers || []).map((layer) => _(LAYERS[layer] || layer)));
}

/** What the server has refused, as it says it. */
export function refusalWords(error) {
  if (error.status === 0) return _("没连上服务器");
  return error.detail || error.message;
}
