// Move a border: choose it, drag its squares and dots; one drop is one operation.
import { _ } from "../../core/words.js";
import { ArcEditor } from "../arc_editor.js";
import { middleOf } from "../lines.js";
import { meetingAt } from "../meeting.js";
import { sides } from "../scenario.js";
import { Tool } from "./tool.js";

export class MoveEdge extends Tool {
  constructor(desk) {
    super(desk);
    this.arc = null;
    this.editor = new ArcEditor(desk.view.map, desk.streets, {
      changed: () => desk.dim(this.arc ? sides(this.arc).map(String) : [], this.editor.dirty),
      committed: (line) => this.commit(line),
      refused: (words, place) => desk.explain(words, place),
      meeting: (place) => meetingAt(desk.scenario.arcs.values(), place),
      joined: (arcs, at, to) => this.join(arcs, at, to),
    });
  }

  start() {
    this.desk.layers.arcs.show(true);
    this.tell();
  }

  stop() {
    this.desk.layers.arcs.show(false);
    this.drop();
  }

  inHand() {
    return this.arc ? sides(this.arc).map(String) : [];
  }

  tell() {
    const { bar } = this.desk;
    if (this.busy) bar.show(_("正在等服务器确认"));
    else if (!this.arc) bar.show(_("点一条边，或在右边选一条"));
    else bar.show(_("拖方点移边；圆点加折点；菱形移交点；边会贴上街道中线"), [{ words: _("放下"), key: "Esc", run: () => this.drop() }]);
  }

  /** Take an arc in hand. */
  choose(arc) {
    if (this.busy) return;
    const { desk } = this;
    if (!arc.properties.movable) {
      desk.explain(_("社区的外边界不能在这里移"), middleOf(arc.geometry.coordinates));
      return;
    }
    this.arc = arc;
    desk.layers.arcs.hidden = String(arc.id);
    desk.layers.arcs.changed();
    desk.chooseArc(arc);
    this.editor.open(arc.geometry.coordinates);
    this.tell();
  }

  drop() {
    if (this.editor.dirty) this.editor.putBack();
    this.editor.close();
    this.desk.layers.arcs.hidden = null;
    this.desk.layers.arcs.changed();
    if (this.arc) this.desk.chooseArc(null);
    this.arc = null;
    this.tell();
  }

  click(hits) {
    const { scenario } = this.desk;
    const arc = hits.arc && scenario.arcs.get(hits.arc.id);
    if (arc) this.choose(arc);
    else if (hits.grid) {
      this.drop();
      this.desk.chooseGrid(hits.grid.id);
    }
  }

  key(event) {
    if (event.key !== "Escape" || !(this.arc || this.desk.chosenGrid)) return false;
    if (!this.arc) this.desk.chooseGrid(null); // Others may have it then.
    else if (this.editor.dirty) this.editor.putBack();
    else this.drop();
    return true;
  }

  commit(line) {
    return this.put(
      { kind: "move_edge", arc: this.arc.id, line: { type: "LineString", coordinates: line } },
      { grids: sides(this.arc).map(String), place: middleOf(line) });
  }

  /** Move the point where borders meet, in all of them. */
  join(arcs, at, place) {
    const grids = [...new Set(arcs.flatMap((arc) => sides(arc).map(String)))];
    return this.put({ kind: "move_vertex", at, place }, { grids, place });
  }

  async put(operation, touched) {
    const { arc, desk } = this;
    const keys = sides(arc).map(String);
    desk.waiting(true);
    const answer = await this.send(operation, touched);
    desk.waiting(false);
    if (this.arc !== arc) return; // Put down meanwhile: the answer is on the map.
    if (answer) this.again(answer, keys);
    else if (this.problem.status === 409 || this.problem.status === 0) this.keep();
    else this.editor.putBack();
  }

  /** Somebody else was first, or the server is away: what was drawn stays until it is decided. */
  keep() {
    const { scenario, bar } = this.desk;
    const arc = scenario.arcs.get(String(this.arc?.id));
    if (!arc) {
      this.drop();
      return;
    }
    this.editor.keep(arc.geometry.coordinates);
    bar.show(_("画的边还在：再送，或放回原处"), [
      { words: _("再送"), primary: true, run: () => this.editor.commit() },
      { words: _("放回"), key: "Esc", run: () => {
        this.editor.putBack();
        this.tell();
      } },
    ]);
  }

  /** Hold on to the border between the same two grids: its id may be another one now. */
  again(answer, keys) {
    const { desk } = this;
    const between = desk.scenario.arcsOf(keys[0])
      .filter((arc) => sides(arc).map(String).sort().join() === [...keys].sort().join());
    const [longest] = between;
    if (!longest) {
      this.drop();
      return;
    }
    this.arc = between.find(({ id }) => id === this.arc.id) || longest;
    desk.layers.arcs.hidden = String(this.arc.id);
    desk.layers.arcs.changed();
    this.editor.settle(this.arc.geometry.coordinates);
    desk.chooseArc(this.arc);
  }

  /** Undo, redo and other people may have moved what is in hand. */
  changed() {
    if (!this.arc || this.busy) return;
    const arc = this.desk.scenario.arcs.get(String(this.arc.id));
    if (!arc) {
      this.arc = null;
      this.drop();
      this.desk.chooseArc(null);
    } else if (!this.editor.dirty) {
      this.arc = arc;
      this.editor.settle(arc.geometry.coordinates);
    }
  }
}
