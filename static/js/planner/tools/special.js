// Special grids: draw one over the others by taps or around buildings, give it another outline, erase it.
import { number } from "../../core/format.js";
import { _, n_ } from "../../core/words.js";
import { useField } from "../actions.js";
import { Around } from "../around.js";
import { ask } from "../dialog.js";
import { LineDrawing } from "../draw_line.js";
import { placeOf, refusal } from "../refusals.js";
import { Tool } from "./tool.js";

const LEAST = 3; // Points that make an outline.

export class Special extends Tool {
  constructor(desk) {
    super(desk);
    this.key_ = null;
    this.moving = false;
    this.given = { name: "", special_use: "park" }; // Kept when the ground is refused.
    this.drawing = new LineDrawing(desk.view.map, desk.streets, () => this.tell(), { closed: true });
    this.around = new Around(desk, () => this.tell());
  }

  start() {
    const chosen = this.desk.chosenGrid;
    this.key_ = chosen && this.desk.scenario.specials.has(chosen) ? chosen : null;
    this.moving = false;
    this.layer.whole = true;
    this.drawing.start();
    this.tell();
  }

  stop() {
    this.layer.whole = false;
    this.around.stop();
    this.drawing.stop();
  }

  get layer() {
    return this.desk.layers.special;
  }

  get grid() {
    return this.key_ ? this.desk.scenario.specials.get(this.key_) || null : null;
  }

  /** True while a click is a point of the outline. */
  get inDrawing() {
    return this.drawing.line.length > 0 || this.moving || this.around.on;
  }

  inHand() {
    return this.grid ? [this.key_] : [];
  }

  tell() {
    const { bar } = this.desk;
    if (this.busy) bar.show(_("正在等服务器确认"));
    else if (this.around.on) this.tellAround();
    else if (this.drawing.line.length) this.tellOutline();
    else if (this.grid) this.tellChosen(this.grid.properties);
    else bar.show(_("点出专属网格的边界，它盖在综合网格上面，户不换网格；已有的点它的线或名字"), this.ways(false));
  }

  /** By taps along the edge, or around buildings. */
  ways(around) {
    return [
      { words: _("点边界"), on: !around, run: () => this.choosing(false) },
      { words: _("围楼"), on: around, run: () => this.choosing(true) },
    ];
  }

  choosing(buildings) {
    this.drawing.clear();
    this.around[buildings ? "start" : "stop"]();
    this.tell();
  }

  tellAround() {
    const { around } = this;
    const some = around.ids.length > 0;
    this.desk.bar.show(around.words(), [
      ...(some ? [] : this.ways(true)),
      { words: _("圈选"), key: "L", on: around.lasso.on, off: around.far, run: () => around.encircle() },
      some && { words: _("围成专属网格"), key: "Enter", primary: true, run: () => this.finish() },
      { words: _("不画了"), key: "Esc", run: () => this.back() },
    ]);
  }

  /** One step back: a lasso, then what is chosen, then the buildings themselves. */
  back() {
    if (this.around.lasso.on) this.around.encircle();
    else if (this.around.ids.length) this.around.clear();
    else this.choosing(false);
  }

  tellChosen({ name, label }) {
    const words = { name: name || label };
    if (this.moving) {
      this.desk.bar.show(_("点出 {name} 的新边界", words), [
        ...this.ways(false),
        { words: _("不画了"), key: "Esc", run: () => this.leave() },
      ]);
      return;
    }
    this.desk.bar.show(_("专属网格 {name}", words), [
      { words: _("重画边界"), run: () => this.redraw() },
      { words: _("删掉"), run: () => this.erase() },
      { words: _("画新的"), key: "Esc", run: () => this.leave() },
    ]);
  }

  tellOutline() {
    const { line, crossing } = this.drawing;
    const enough = line.length >= LEAST;
    this.desk.bar.show(
      crossing ? _("边界和自己交叉") : enough ? _("{n} 个点，回到起点就是边界", { n: number(line.length) }) : _("接着点，至少三个点"), [
        { words: _("画好"), key: "Enter", primary: true, off: !enough || Boolean(crossing), run: () => this.finish() },
        { words: _("退一点"), run: () => this.drawing.back() },
        { words: _("不画了"), key: "Esc", run: () => this.drawing.clear() },
      ]);
  }

  click(hits, place) {
    if (this.busy) return;
    if (this.around.on) this.around.click(hits);
    else if (!this.inDrawing && hits.special) this.choose(hits.special.id);
    else if (this.inDrawing || !this.grid) this.drawing.add(place);
    else this.leave();
  }

  choose(key) {
    this.key_ = String(key);
    this.moving = false;
    this.desk.chooseGrid(this.key_);
    this.tell();
  }

  redraw() {
    this.moving = true;
    this.tell();
  }

  leave() {
    this.drawing.clear();
    this.around.stop();
    if (!this.moving) {
      this.key_ = null;
      this.desk.chooseGrid(null);
    }
    this.moving = false;
    this.tell();
  }

  doubleClick() {
    if (!this.around.on) this.finish();
  }

  get complete() {
    const { line, crossing } = this.drawing;
    return this.around.on ? this.around.ids.length > 0 : line.length >= LEAST && !crossing;
  }

  /** The place is drawn or chosen: a new grid needs a name and a use, an old one has them. */
  finish() {
    if (!this.complete || this.busy) return;
    if (this.grid) this.move();
    else this.draw();
  }

  /** The place as an operation takes it: an outline, or the buildings that it runs around. */
  place() {
    if (this.around.on) return { buildings: this.around.chosen };
    const { line } = this.drawing;
    return { outline: { type: "Polygon", coordinates: [[...line, line[0]]] } };
  }

  /** It is taken: nothing is in hand any more. */
  done() {
    this.drawing.clear();
    this.around.stop();
  }

  async move() {
    const answer = await this.send({ kind: "move_special", grid: this.key_, ...this.place() },
      { grids: [this.key_], place: this.drawing.line[0] ?? this.grid.properties.label_point });
    if (!answer) return;
    this.moving = false;
    this.done();
    this.desk.chooseGrid(this.key_);
  }

  draw() {
    return ask({
      title: _("画专属网格"),
      fields: [
        { name: "name", label: _("名称"), value: this.given.name, maxlength: 80, required: true },
        useField(this.given.special_use),
      ],
      go: _("画好"), leave: _("再看看"), explain: refusal, grave: false,
      run: async (given) => {
        this.given = { ...given, name: given.name.trim() };
        await this.create();
      },
    });
  }

  /** What the ground refuses is said on the map, where it is; the drawing and the words stay. */
  async create() {
    try {
      const answer = await this.desk.operate({ kind: "draw_special", ...this.place(), ...this.given });
      this.given = { ...this.given, name: "" };
      this.done();
      this.choose(answer.operation.keys?.[0] ?? answer.changed.features[0].id);
    } catch (problem) {
      if (!placeOf(problem)) throw problem;
      await this.desk.complain(problem);
    }
  }

  async erase() {
    const { properties: p } = this.grid;
    const key = this.key_;
    await ask({
      title: _("删掉专属网格 {name}", { name: p.name || p.label }),
      lines: [n_("里面的 {n} 户还在原来的综合网格里。", p.households, { n: number(p.households) })],
      go: _("删掉"), leave: _("不删"), explain: refusal,
      run: () => this.desk.operate({ kind: "erase_special", grid: key }, [key]),
    });
    this.tell();
  }

  changed() {
    if (!this.key_ || this.grid) return;
    this.key_ = null;
    this.moving = false;
    this.tell();
  }

  key(event) {
    if (this.around.on) return this.aroundKey(event);
    if (event.key === "Escape") {
      if (this.drawing.line.length) this.drawing.clear();
      else if (this.grid) this.leave();
      else return false;
      return true;
    }
    if (event.key === "Enter" && this.drawing.line.length >= LEAST) {
      this.finish();
      return true;
    }
    if (event.key === "Backspace" && this.drawing.line.length) {
      this.drawing.back();
      return true;
    }
    return false;
  }

  aroundKey(event) {
    if (event.key === "Escape") this.back();
    else if (event.key === "Enter") this.finish();
    else if (event.key.toLowerCase() === "l" && !event.ctrlKey && !event.metaKey) this.around.encircle();
    else return false;
    return true;
  }
}
