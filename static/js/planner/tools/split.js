// Split a grid: along a line drawn by taps, or into parts of nearly equal households.
import { number } from "../../core/format.js";
import { _ } from "../../core/words.js";
import { LineDrawing } from "../draw_line.js";
import { crossings, middleOf } from "../lines.js";
import { Tool } from "./tool.js";

const MOST_PARTS = 6;

export class Split extends Tool {
  constructor(desk) {
    super(desk);
    this.key_ = null;
    this.drawing = new LineDrawing(desk.view.map, desk.streets, () => this.tell());
  }

  start() {
    this.key_ = this.desk.chosenGrid;
    this.desk.layers.grids.choose(this.key_ ? [this.key_] : []);
    this.drawing.start();
    this.tell();
  }

  stop() {
    this.drawing.stop();
    this.desk.layers.grids.choose([]);
  }

  get grid() {
    return this.key_ ? this.desk.scenario.grid(this.key_) : null;
  }

  inHand() {
    return this.key_ ? [this.key_] : [];
  }

  tell() {
    const { bar } = this.desk;
    const { grid } = this;
    if (this.busy) bar.show(_("正在等服务器确认"));
    else if (!grid) bar.show(_("点要拆开的网格"));
    else if (!this.drawing.line.length) this.tellChoice(grid.properties);
    else this.tellLine(grid);
  }

  tellChoice({ label, households }) {
    const parts = this.fittingParts(households);
    this.desk.bar.show(_("拆 {grid}（{n} 户）：点出一条穿过它的线，或按户数均分", { grid: label, n: number(households) }), [
      ...parts.map((k) => ({ words: _("均分 {k} 份", { k }), run: () => this.intoParts(k) })),
      { words: _("换一个网格"), key: "Esc", run: () => this.leave() },
    ]);
  }

  /** Two parts always, and the number that comes nearest to the rule. */
  fittingParts(households) {
    const { minimum, maximum } = this.desk.scenario;
    const best = Math.min(MOST_PARTS, Math.max(2, Math.round(households / ((minimum + maximum) / 2))));
    return [...new Set([2, 3, best])].filter((parts) => parts <= households).sort((one, other) => one - other);
  }

  tellLine(grid) {
    const crosses = crossings(grid.geometry, this.drawing.line) >= 2;
    this.desk.bar.show(
      crosses ? _("线穿过了 {grid}", { grid: grid.properties.label }) : _("接着点，线要从 {grid} 的一边穿到另一边", { grid: grid.properties.label }), [
        { words: _("拆开"), key: "Enter", primary: true, off: !crosses, run: () => this.byLine() },
        { words: _("退一点"), run: () => this.drawing.back() },
        { words: _("不画了"), key: "Esc", run: () => this.drawing.clear() },
      ]);
  }

  click(hits, place) {
    if (this.busy) return;
    if (!this.grid) {
      if (!hits.grid) return;
      this.key_ = hits.grid.id;
      this.desk.layers.grids.choose([this.key_]);
      this.desk.chooseGrid(this.key_);
      this.tell();
      return;
    }
    this.drawing.add(place);
  }

  doubleClick() {
    this.byLine();
  }

  leave() {
    this.key_ = null;
    this.desk.layers.grids.choose([]);
    this.tell();
  }

  key(event) {
    if (event.key === "Escape") {
      if (this.drawing.line.length) this.drawing.clear();
      else if (this.grid) this.leave();
      else return false;
      return true;
    }
    if (event.key === "Enter" && this.drawing.line.length > 1) {
      this.byLine();
      return true;
    }
    if (event.key === "Backspace" && this.drawing.line.length) {
      this.drawing.back();
      return true;
    }
    return false;
  }

  async byLine() {
    const { drawing, grid, desk } = this;
    if (this.busy || !grid || drawing.line.length < 2) return;
    const { crossing } = drawing;
    if (crossing) {
      desk.explain(_("线和自己交叉，退几点再画"), crossing);
      return;
    }
    drawing.wait(true);
    const answer = await this.send(
      { kind: "split", grid: grid.id, line: { type: "LineString", coordinates: drawing.line } },
      { grids: [grid.id], place: middleOf(drawing.line) });
    drawing.wait(false);
    if (answer) this.done();
  }

  async intoParts(parts) {
    const { grid } = this;
    const answer = await this.send(
      { kind: "split", grid: grid.id, parts }, { grids: [grid.id], place: grid.properties.label_point });
    if (answer) this.done();
  }

  done() {
    this.drawing.clear();
    this.leave();
    this.desk.chooseGrid(null);
  }

  changed() {
    if (this.key_ && !this.grid) this.leave();
  }
}
