// Hand over: tap or encircle blocks or buildings of one grid, then the neighbour that takes them.
import { number } from "../../core/format.js";
import { _, n_ } from "../../core/words.js";
import { Lasso } from "../lasso.js";
import { contains, middleOf } from "../lines.js";
import { refusal } from "../refusals.js";
import { Tool } from "./tool.js";

const NEAR = 16; // Zoom from which single buildings can be told apart.
const COUNTED = {
  blocks: { some: "{from} 的 {n} 个街块，{h} 户。再点接收的网格", all: "把 {from} 的 {n} 个街块（{h} 户）划给 {to}" },
  buildings: { some: "{from} 的 {n} 栋楼，{h} 户。再点接收的网格", all: "把 {from} 的 {n} 栋楼（{h} 户）划给 {to}" },
};

export class HandOver extends Tool {
  constructor(desk) {
    super(desk);
    this.ids = [];
    this.from = null; // The grid whose blocks are in hand.
    this.to = null;
    this.unit = "blocks";
    this.buildings = new Map();
    this.lasso = new Lasso(desk.view.map, (ring) => this.encircled(ring));
    this.onmoved = () => this.unit === "buildings" && this.load();
  }

  start() {
    this.show();
    this.desk.view.map.on("moveend", this.onmoved);
    this.draw();
    this.haveBlocks();
  }

  /** Blocks may come later than the map, and not at all where the network has failed. */
  async haveBlocks() {
    if (this.desk.scenario.cut) return;
    try {
      await this.desk.client.blocks();
    } catch (problem) {
      this.desk.view.say(refusal(problem));
    }
    if (this.desk.tool === this) this.tell();
  }

  stop() {
    this.ids = [];
    this.to = null;
    this.lasso.stop();
    this.desk.view.map.off("moveend", this.onmoved);
    const { layers } = this.desk;
    for (const unit of ["blocks", "buildings"]) {
      layers[unit].choose([]);
      layers[unit].show(false);
    }
    layers.grids.choose([]);
  }

  get layer() {
    return this.desk.layers[this.unit];
  }

  show() {
    this.desk.layers.blocks.show(this.unit === "blocks");
    this.desk.layers.buildings.show(this.unit === "buildings");
    if (this.unit === "buildings") this.load();
  }

  /** Go from blocks to buildings or back; what was chosen is let go. */
  switchTo(unit) {
    this.layer.choose([]);
    Object.assign(this, { unit, ids: [], to: null });
    this.show();
    this.draw();
  }

  /** Buildings of what the map shows. */
  async load() {
    const { map } = this.desk.view;
    if (map.getZoom() < NEAR) {
      this.tell();
      return;
    }
    const box = map.getBounds();
    try {
      const found = await this.desk.client.buildings([box.getWest(), box.getSouth(), box.getEast(), box.getNorth()]);
      const kept = [...this.buildings].filter(([id]) => this.ids.includes(id));
      this.buildings = new Map([...kept, ...found.features.map((feature) => [String(feature.id), feature])]);
      this.desk.layers.buildings.setData({ features: [...this.buildings.values()] });
      this.tell();
    } catch (problem) {
      this.desk.view.say(refusal(problem));
    }
  }

  get items() {
    return this.unit === "blocks" ? this.desk.scenario.blocks : this.buildings;
  }

  block(id) {
    return this.items.get(String(id));
  }

  get households() {
    return this.ids.reduce((sum, id) => sum + (this.block(id)?.properties.households || 0), 0);
  }

  /** Take what lies in the ring: of the grid in hand, or else of the grid that has most of it. */
  encircled(ring) {
    const shape = { type: "Polygon", coordinates: [ring] };
    const inside = [...this.items.values()].filter((item) => item.properties.grid && contains(shape, middle(item)));
    if (!inside.length) {
      this.desk.view.say(_("圈里没有能划的"));
      return;
    }
    const owner = this.ids.length ? this.from : most(inside.map(({ properties }) => String(properties.grid)));
    const mine = inside.filter(({ properties }) => String(properties.grid) === owner).map(({ id }) => String(id));
    if (!mine.length) return;
    this.from = owner;
    this.ids = [...new Set([...this.ids, ...mine])];
    this.to = null;
    this.draw();
  }

  /** Blocks stay in their community. */
  fits(key) {
    const { scenario } = this.desk;
    return scenario.grid(key)?.properties.community === scenario.grid(this.from)?.properties.community;
  }

  draw() {
    this.layer.choose(this.ids);
    this.desk.layers.grids.choose(this.to ? [this.to] : []);
    this.tell();
  }

  inHand() {
    return this.ids.length ? [this.from, this.to].filter(Boolean) : [];
  }

  tell() {
    const { bar, scenario } = this.desk;
    if (this.busy) {
      bar.show(_("正在等服务器确认"));
      return;
    }
    if (!this.ids.length) {
      this.tellChoice();
      return;
    }
    const figures = { n: this.ids.length, h: number(this.households), from: scenario.label(this.from) };
    const leave = { words: _("不划了"), key: "Esc", run: () => this.clear() };
    if (!this.to) {
      const near = scenario.neighbours(this.from).filter((key) => this.fits(key))
        .map((key) => ({ key, label: scenario.label(key) }))
        .sort((one, other) => one.label.localeCompare(other.label, "en", { numeric: true }));
      bar.show(n_(COUNTED[this.unit].some, this.ids.length, figures), [
        ...near.slice(0, 8).map(({ key, label }) => ({ words: _("给 {grid}", { grid: label }), run: () => this.choose(key) })), leave,
      ]);
      return;
    }
    bar.show(n_(COUNTED[this.unit].all, this.ids.length, { ...figures, to: scenario.label(this.to) }), [
      { words: _("划转"), key: "Enter", primary: true, run: () => this.handOver() }, leave,
    ]);
  }

  /** Nothing is in hand yet: what can be chosen, and how. */
  tellChoice() {
    const { bar, view } = this.desk;
    const buildings = this.unit === "buildings";
    const far = buildings && view.map.getZoom() < NEAR;
    const words = !buildings && !this.desk.scenario.cut ? _("街块还在取，先看图")
      : far ? _("放大到看得清楼，再点要划走的楼")
      : buildings ? _("点或圈要划走的楼，图上是各楼的户数") : _("点或圈要划走的街块，图上是各块的户数");
    bar.show(words, [
      { words: _("街块"), on: !buildings, run: () => this.switchTo("blocks") },
      { words: _("楼栋"), on: buildings, run: () => this.switchTo("buildings") },
      { words: _("圈选"), key: "L", on: this.lasso.on, off: far, run: () => this.encircle() },
    ]);
  }

  encircle() {
    if (this.lasso.on) this.lasso.stop();
    else this.lasso.start();
    this.tell();
  }

  clear() {
    this.ids = [];
    this.to = null;
    this.draw();
  }

  choose(key) {
    this.to = key;
    this.draw();
  }

  async click(hits, place) {
    if (this.busy || this.lasso.ended) return;
    if (this.unit === "blocks" && !this.desk.scenario.cut) {
      await this.haveBlocks();
      if (!this.desk.scenario.cut || this.desk.tool !== this) return;
      const [lon, lat] = place;
      this.take(this.desk.hitsAt(this.desk.view.map.latLngToLayerPoint([lat, lon])), place);
      return;
    }
    this.take(hits, place);
  }

  take(hits, place) {
    const hit = this.unit === "blocks" ? hits.block : hits.building;
    const block = hit && this.block(hit.id);
    const owner = block ? String(block.properties.grid) : hits.grid?.id;
    if (!owner) return;
    if (this.ids.length && owner !== this.from) {
      if (this.fits(owner)) this.choose(owner);
      else this.desk.explain(_("是另一个社区的网格，街块划不过去"), place);
      return;
    }
    if (block) this.toggle(String(block.id), owner);
  }

  toggle(id, owner) {
    this.from = owner;
    this.ids = this.ids.includes(id) ? this.ids.filter((one) => one !== id) : [...this.ids, id];
    this.draw();
  }

  key(event) {
    if (event.key.toLowerCase() === "l" && !event.ctrlKey && !event.metaKey) {
      this.encircle();
      return true;
    }
    if (event.key === "Escape" && this.lasso.on) {
      this.encircle();
      return true;
    }
    if (event.key === "Escape" && this.ids.length) {
      if (this.to) this.choose(null);
      else this.clear();
      return true;
    }
    if (event.key === "Enter" && this.to) {
      this.handOver();
      return true;
    }
    return false;
  }

  async handOver() {
    if (this.busy || !this.to) return;
    const { ids, to, from } = this;
    const units = ids.map((id) => this.block(id).id);
    const place = this.desk.scenario.grid(from)?.properties.label_point;
    const answer = await this.send({ kind: "hand_over", [this.unit]: units, to: this.keyOf(to) }, { grids: [from, to], place });
    if (!answer) return;
    this.lasso.stop();
    this.clear();
    if (this.unit === "buildings") this.load();
  }

  keyOf(key) {
    return this.desk.scenario.grid(key)?.id ?? key;
  }

  /** Blocks that went elsewhere meanwhile are let go. */
  changed() {
    if (this.busy) return;
    if (this.unit === "buildings") this.load();
    if (!this.ids.length) return;
    const { from } = this;
    const left = this.ids.filter((id) => String(this.block(id)?.properties.grid) === from);
    if (left.length === this.ids.length) return;
    this.ids = left;
    this.draw();
  }
}

/** A place inside a block or building. */
export function middle({ geometry, properties }) {
  if (properties.label_point) return properties.label_point;
  const [ring] = geometry.type === "Polygon" ? geometry.coordinates : geometry.coordinates[0];
  const sum = ring.reduce(([x, y], [lon, lat]) => [x + lon, y + lat], [0, 0]);
  const place = [sum[0] / ring.length, sum[1] / ring.length];
  return contains(geometry, place) ? place : middleOf(ring);
}

/** The one that stands most often in a list. */
function most(keys) {
  const counts = new Map();
  for (const key of keys) counts.set(key, (counts.get(key) || 0) + 1);
  return [...counts].sort(([, one], [, other]) => other - one)[0][0];
}
