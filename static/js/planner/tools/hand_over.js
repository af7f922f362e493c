// Hand blocks over: tap blocks of one grid, then the neighbour that takes them.
import { number } from "../../core/format.js";
import { _, n_ } from "../../core/words.js";
import { Tool } from "./tool.js";

export class HandOver extends Tool {
  constructor(desk) {
    super(desk);
    this.ids = [];
    this.from = null; // The grid whose blocks are in hand.
    this.to = null;
  }

  start() {
    this.desk.layers.blocks.show(true);
    this.draw();
  }

  stop() {
    this.ids = [];
    this.to = null;
    const { layers } = this.desk;
    layers.blocks.choose([]);
    layers.blocks.show(false);
    layers.grids.choose([]);
  }

  block(id) {
    return this.desk.scenario.blocks.get(String(id));
  }

  get households() {
    return this.ids.reduce((sum, id) => sum + (this.block(id)?.properties.households || 0), 0);
  }

  /** Blocks stay in their community. */
  fits(key) {
    const { scenario } = this.desk;
    return scenario.grid(key)?.properties.community === scenario.grid(this.from)?.properties.community;
  }

  draw() {
    this.desk.layers.blocks.choose(this.ids);
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
      bar.show(_("点要划走的街块，图上是各块的户数"));
      return;
    }
    const figures = { n: this.ids.length, h: number(this.households), from: scenario.label(this.from) };
    const leave = { words: _("不划了"), key: "Esc", run: () => this.clear() };
    if (!this.to) {
      const near = scenario.neighbours(this.from).filter((key) => this.fits(key))
        .map((key) => ({ key, label: scenario.label(key) }))
        .sort((one, other) => one.label.localeCompare(other.label, "en", { numeric: true }));
      bar.show(n_("{from} 的 {n} 个街块，{h} 户。再点接收的网格", this.ids.length, figures), [
        ...near.slice(0, 8).map(({ key, label }) => ({ words: _("给 {grid}", { grid: label }), run: () => this.choose(key) })), leave,
      ]);
      return;
    }
    bar.show(n_("把 {from} 的 {n} 个街块（{h} 户）划给 {to}", this.ids.length, { ...figures, to: scenario.label(this.to) }), [
      { words: _("划转"), key: "Enter", primary: true, run: () => this.handOver() }, leave,
    ]);
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

  click(hits, place) {
    if (this.busy) return;
    const block = hits.block && this.block(hits.block.id);
    const owner = block ? String(block.properties.grid) : hits.grid?.id;
    if (!owner) return;
    if (this.ids.length && owner !== this.from) {
      if (this.fits(owner)) this.choose(owner);
      else this.desk.explain(_("是另一个社区的网格，街块划不过去"), place);
      return;
    }
    if (!block) return;
    const id = String(block.id);
    this.from = owner;
    this.ids = this.ids.includes(id) ? this.ids.filter((one) => one !== id) : [...this.ids, id];
    this.draw();
  }

  key(event) {
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
    const blocks = ids.map((id) => this.block(id).id);
    const place = this.desk.scenario.grid(from)?.properties.label_point;
    const answer = await this.send({ kind: "hand_over", blocks, to: this.keyOf(to) }, { grids: [from, to], place });
    if (answer) this.clear();
  }

  keyOf(key) {
    return this.desk.scenario.grid(key)?.id ?? key;
  }

  /** Blocks that went elsewhere meanwhile are let go. */
  changed() {
    if (this.busy || !this.ids.length) return;
    const { from } = this;
    const left = this.ids.filter((id) => String(this.block(id)?.properties.grid) === from);
    if (left.length === this.ids.length) return;
    this.ids = left;
    this.draw();
  }
}
