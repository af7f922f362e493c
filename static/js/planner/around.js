// Buildings chosen by taps or a lasso, for what is laid around them.
import { n_, _ } from "../core/words.js";
import { number } from "../core/format.js";
import { Lasso } from "./lasso.js";
import { contains } from "./lines.js";
import { refusal } from "./refusals.js";
import { middle } from "./tools/hand_over.js";

const NEAR = 16; // Zoom from which single buildings can be told apart.
const MOST = 1000; // What the server takes at once.

export class Around {
  /** `changed()` hears of every building that is taken or let go. */
  constructor(desk, changed) {
    Object.assign(this, { desk, changed, on: false, ids: [], buildings: new Map() });
    this.lasso = new Lasso(desk.view.map, (ring) => this.encircled(ring));
    this.onmoved = () => this.load();
  }

  get layer() {
    return this.desk.layers.buildings;
  }

  get far() {
    return this.desk.view.map.getZoom() < NEAR;
  }

  get households() {
    return this.ids.reduce((sum, id) => sum + (this.buildings.get(id)?.properties.households || 0), 0);
  }

  /** Ids as the server knows them. */
  get chosen() {
    return this.ids.map((id) => this.buildings.get(id).id);
  }

  start() {
    if (this.on) return;
    this.on = true;
    this.layer.show(true);
    this.desk.view.map.on("moveend", this.onmoved);
    this.load();
  }

  stop() {
    if (!this.on) return;
    this.on = false;
    this.lasso.stop();
    this.desk.view.map.off("moveend", this.onmoved);
    this.ids = [];
    this.layer.choose([]);
    this.layer.show(false);
  }

  clear() {
    this.take([]);
  }

  take(ids) {
    this.ids = ids.slice(0, MOST);
    this.layer.choose(this.ids);
    this.changed();
  }

  /** Buildings of what the map shows; those in hand stay. */
  async load() {
    if (this.far) {
      this.changed();
      return;
    }
    const box = this.desk.view.map.getBounds();
    try {
      const found = await this.desk.client.buildings([box.getWest(), box.getSouth(), box.getEast(), box.getNorth()]);
      if (!this.on) return;
      const kept = [...this.buildings].filter(([id]) => this.ids.includes(id));
      this.buildings = new Map([...kept, ...found.features.map((feature) => [String(feature.id), feature])]);
      this.layer.setData({ features: [...this.buildings.values()] });
      this.changed();
    } catch (problem) {
      this.desk.view.say(refusal(problem));
    }
  }

  click({ building }) {
    if (this.lasso.ended || !building) return;
    const id = String(building.id);
    this.take(this.ids.includes(id) ? this.ids.filter((one) => one !== id) : [...this.ids, id]);
  }

  encircled(ring) {
    const shape = { type: "Polygon", coordinates: [ring] };
    const inside = [...this.buildings].filter(([, item]) => contains(shape, middle(item))).map(([id]) => id);
    if (inside.length) this.take([...new Set([...this.ids, ...inside])]);
    else this.desk.view.say(_("圈里没有楼"));
  }

  encircle() {
    if (this.far && !this.lasso.on) return;
    this.lasso[this.lasso.on ? "stop" : "start"]();
    this.changed();
  }

  /** What to do now, for the bar. */
  words() {
    if (this.ids.length) return n_("{n} 栋楼，{h} 户", this.ids.length, { n: number(this.ids.length), h: number(this.households) });
    return this.far ? _("放大到看得清楼，再点楼") : _("点或圈要围在里面的楼");
  }
}
