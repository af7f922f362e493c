// Merge neighbours of one community: tap two or more, then say so.
import { number } from "../../core/format.js";
import * as terms from "../../core/terms.js";
import { _ } from "../../core/words.js";
import { Tool } from "./tool.js";

export class Merge extends Tool {
  constructor(desk) {
    super(desk);
    this.keys = [];
  }

  start() {
    const { chosenGrid } = this.desk;
    this.keys = chosenGrid ? [chosenGrid] : [];
    this.draw();
  }

  stop() {
    this.keys = [];
    this.desk.layers.grids.choose([]);
  }

  draw() {
    this.desk.layers.grids.choose(this.keys);
    this.tell();
  }

  /** Why these cannot be merged; empty when they can. */
  hindrance() {
    const { scenario } = this.desk;
    const communities = new Set(this.keys.map((key) => scenario.grid(key)?.properties.community));
    if (communities.size > 1) return _("不在同一个社区，不能合并");
    if (!scenario.together(this.keys)) return _("没有挨在一起，不能合并");
    return "";
  }

  inHand() {
    return this.keys;
  }

  tell() {
    const { bar, scenario } = this.desk;
    if (this.busy) {
      bar.show(_("正在等服务器确认"));
      return;
    }
    if (this.keys.length < 2) {
      bar.show(this.keys.length
        ? _("{grid} 已选，再点它的邻居", { grid: scenario.label(this.keys[0]) })
        : _("点两个或更多挨着的网格"));
      return;
    }
    const why = this.hindrance();
    const households = this.keys.reduce((sum, key) => sum + (scenario.grid(key)?.properties.households || 0), 0);
    const words = _("合并 {grids}：{n} 户", {
      grids: terms.listed(this.keys.map((key) => scenario.label(key))), n: number(households),
    });
    const over = households > scenario.maximum ? _("，多于 {n}", { n: number(scenario.maximum) }) : "";
    bar.show(why || words + over, [
      { words: _("合并"), key: "Enter", primary: true, off: Boolean(why), run: () => this.merge() },
      { words: _("不合并"), key: "Esc", run: () => this.clear() },
    ]);
  }

  clear() {
    this.keys = [];
    this.draw();
  }

  click(hits) {
    if (this.busy || !hits.grid) return;
    const { id } = hits.grid;
    this.keys = this.keys.includes(id) ? this.keys.filter((key) => key !== id) : [...this.keys, id];
    this.draw();
  }

  key(event) {
    if (event.key === "Escape" && this.keys.length) {
      this.clear();
      return true;
    }
    if (event.key === "Enter" && this.keys.length > 1 && !this.hindrance()) {
      this.merge();
      return true;
    }
    return false;
  }

  async merge() {
    if (this.busy) return;
    const { scenario } = this.desk;
    const place = scenario.grid(this.keys[0])?.properties.label_point;
    const answer = await this.send({ kind: "merge", grids: this.keys }, { grids: this.keys, place });
    if (answer) this.clear();
  }

  changed() {
    const left = this.keys.filter((key) => this.desk.scenario.grid(key));
    if (left.length === this.keys.length || this.busy) return;
    this.keys = left;
    this.draw();
  }
}
