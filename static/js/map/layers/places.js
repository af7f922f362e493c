// Facilities, shelters and units: one character says the kind, shape and fill say the rest.
import { _ } from "../../core/words.js";
import { facility, measure, ring, shelter, tag, unit } from "../glyphs.js";
import { boxAround } from "../placing.js";
import { FeatureLayer } from "./layer.js";

const FACILITIES = {
  fire_station: "消", micro_fire_station: "消", hospital: "医", clinic: "医", police: "警",
  police_post: "警", school: "校", kindergarten: "幼", shelter: "避", nursing_home: "老",
  community_centre: "居", townhall: "政", government: "政", warehouse: "库", pump: "泵",
  pharmacy: "药", market: "市", supply_point: "供", police_station: "警",
  grid_station: "格", aed: "电",
};
const UNITS = {
  fire: "消", fire_engine: "消", fire_crew: "消", medical: "医", ambulance: "医", police: "警",
  patrol: "警", grid: "网", grid_member: "网", member: "网", volunteer: "志", volunteers: "志",
  power: "电", water: "水", repair: "修", rescue: "救", transport: "车", bus: "车",
};
const FACILITY_WORDS = {
  fire_station: "消防站", micro_fire_station: "微型消防站", hospital: "医院", clinic: "诊所",
  police: "警务站", police_post: "警务室", school: "学校", kindergarten: "幼儿园",
  shelter: "安置点", nursing_home: "养老院", community_centre: "居委会", townhall: "街道办",
  government: "机关", warehouse: "物资库", pump: "泵站", pharmacy: "药店", market: "市场",
  supply_point: "供应点", police_station: "派出所", grid_station: "网格驻点", aed: "AED",
  ambulance_station: "急救站", assembly_point: "集合点", marketplace: "菜市场", park: "公园",
};
const UNIT_WORDS = {
  fire: "消防队", fire_engine: "消防车", fire_crew: "消防队", medical: "救护组",
  ambulance: "救护车", police: "民警", patrol: "巡防队", grid: "网格员", grid_member: "网格员",
  member: "网格员", volunteer: "志愿队", volunteers: "志愿队", power: "供电抢修",
  water: "供水抢修", repair: "抢修队", rescue: "救援队", transport: "车队", bus: "客车",
};

export const facilityCharacter = (kind) => FACILITIES[kind] || "设";
export const unitCharacter = (kind) => UNITS[kind] || "队";
export const facilityWord = (kind) => _(FACILITY_WORDS[kind] || "设施");
export const unitWord = (kind) => _(UNIT_WORDS[kind] || "队伍");

function nameTag(view, x, y, words, size, places) {
  const width = measure(view.ctx, words, size, view.colours) + 6;
  for (const [dx, dy, align] of places) {
    const middle = x + dx + (align === "left" ? width / 2 : align === "right" ? -width / 2 : 0);
    const box = boxAround(middle, y + dy, width, size + 6);
    if (view.free(box)) {
      view.boxes.take(box);
      return { words, x: x + dx, y: y + dy, align, size };
    }
  }
  return null;
}

// Kinds that are many: a small mark until the map is near.
const MANY = new Set(["aed", "grid_station", "micro_fire_station", "supply_point"]);

class NamedLayer extends FeatureLayer {
  constructor(id, group, importance, places, namedFrom) {
    super(id, group, importance);
    Object.assign(this, { places, namedFrom });
  }

  /** Take a place on the map; false when the point is not to be drawn. */
  put(view, point) {
    const whole = view.zoom >= this.fullFrom(point.item.props);
    // Where a more important symbol stands, a small one still marks the place.
    point.small = !(whole && view.boxes.claim(boxAround(point.x, point.y, 28, 28)));
    if (point.small && ["aed", "grid_station"].includes(point.item.props.kind)) return false;
    if (point.small) view.boxes.take(boxAround(point.x, point.y, 10, 10));
    return true;
  }

  /** The zoom from which a place has its whole symbol. */
  fullFrom({ kind }) {
    return MANY.has(kind) ? 16 : kind === "shelter" || this.id === "responder" ? 14 : 15;
  }

  reserve(view) {
    this.drawn = this.points(view).filter((point) => this.put(view, point));
    for (const point of this.drawn) {
      const named = !point.small && view.zoom >= this.namedFrom(point.item.props);
      const words = String(point.item.props.name || "");
      point.tag = named && words ? nameTag(view, point.x, point.y, words, 14, this.places) : null;
    }
  }

  draw(view) {
    const drawn = this.drawn || [];
    for (const { item, x, y } of drawn.filter(({ small }) => small)) this.dot(view, item, x, y);
    for (const { item, x, y, small, tag: label } of drawn) {
      if (!small) this.symbol(view, item, x, y);
      if (label) tag(view.ctx, label.words, label.x, label.y, view.colours, label);
      if (view.isSelected(this.id, item.id)) ring(view.ctx, x, y, 24, view.colours);
    }
  }

  dot({ ctx, colours }, item, x, y) {
    ctx.beginPath();
    ctx.rect(x - 4, y - 4, 8, 8);
    ctx.fillStyle = item.props.kind === "shelter" ? colours.accent : colours.ink;
    ctx.fill();
    ctx.lineWidth = 1.5;
    ctx.strokeStyle = colours.halo;
    ctx.stroke();
  }

  hit(x, y) {
    return this.hitPoint(x, y);
  }
}

/** Facilities (filled squares) and shelters (houses). */
export class FacilityLayer extends NamedLayer {
  /** `filter` chooses by properties; `whole`: the few that are left have their whole symbols. */
  constructor(group, filter = () => true, { whole = false } = {}) {
    super("facility", group, 60, [[0, 26, "center"], [20, 0, "left"], [-20, 0, "right"]],
      (props) => (props.kind === "shelter" ? 15 : MANY.has(props.kind) ? 17 : 16));
    Object.assign(this, { filter, whole });
  }

  fullFrom(props) {
    return this.whole ? 12 : super.fullFrom(props);
  }

  item(feature) {
    return this.filter(feature.properties) ? super.item(feature) : null;
  }

  symbol({ ctx, colours }, item, x, y) {
    const { kind, open } = item.props;
    if (kind === "shelter") shelter(ctx, x, y, colours, open !== false, 0.9);
    else facility(ctx, x, y, facilityCharacter(kind), colours, 0.92);
  }

  legend() {
    const kinds = new Set((this.drawn || []).map(({ item }) => item.props.kind));
    const others = [...kinds].filter((kind) => kind !== "shelter").sort();
    const entries = kinds.has("shelter") ? [{ symbol: "shelter", words: "安置点" }] : [];
    if (others.length === 1) {
      entries.push({
        symbol: "facility", character: facilityCharacter(others[0]), text: facilityWord(others[0]),
      });
    } else if (others.length) {
      const character = facilityCharacter(others[0]);
      entries.push({ symbol: "facility", character, words: "设施（字是种类）" });
    }
    return entries;
  }
}

/** Units: reversed when they are in use. */
export class ResponderLayer extends NamedLayer {
  constructor(group) {
    super("responder", group, 50, [[18, 0, "left"], [-18, 0, "right"], [0, 24, "center"]], () => 15);
  }

  /** A team at its station stands beside it; where there is no room the list still has it. */
  put(view, point) {
    const { x, y } = point;
    for (const [dx, dy] of [[0, 0], [30, 0], [-30, 0], [0, -30], [0, 30], [30, -30], [-30, -30]]) {
      if (!view.boxes.claim(boxAround(x + dx, y + dy, 28, 28))) continue;
      Object.assign(point, { x: x + dx, y: y + dy, small: false });
      return true;
    }
    return false;
  }

  symbol({ ctx, colours }, item, x, y) {
    unit(ctx, x, y, unitCharacter(item.props.kind), isBusy(item.props), colours);
  }

  legend() {
    return (this.drawn || []).length ? [{ symbol: "unit", words: "队伍：空闲／亮底在用" }] : [];
  }
}

/** True while a unit has a task. */
export function isBusy(props) {
  return Boolean(props.busy || props.incident || props.state === "busy" || props.state === "assigned");
}
