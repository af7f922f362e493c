// Words of the coverage page that no other page needs.
import { language } from "../core/page.js";
import * as terms from "../core/terms.js";
import { _ } from "../core/words.js";

const LAYERS = {
  road: "道路", road_closure: "封路", hazard: "险情范围", household: "住户", shelter: "安置点", facility: "设施",
  coverage_standard: "标准", railway: "铁路", water: "水面", household_need: "要的帮助",
  hours: "开门时间",
};

/** Layers that have changed since a run, in words. */
export function layerWords(layers) {
  return terms.listed((layers || []).map((layer) => _(LAYERS[layer] || layer)));
}

/** The versions of the data a run was made from: "road.2 hazard.3" in words. */
export function versionWords(version) {
  return String(version || "").split(" ").filter(Boolean).map((one) => {
    const at = one.lastIndexOf(".");
    return `${_(LAYERS[one.slice(0, at)] || one.slice(0, at))} ${one.slice(at + 1)}`;
  }).join(" · ");
}

/** What the server has refused, as it says it. */
export function refusalWords(error) {
  if (error.status === 0) return _("没连上服务器");
  return error.detail || error.message;
}

/** What is near something without a name, in the language of the page where it has a name in it. */
export function nearWords(row) {
  return (language.startsWith("en") && row.near_en) || row.near || "";
}
