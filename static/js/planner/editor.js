// The editor: one scenario, its map and panels, the tool in hand. Tools see it as their desk.
import { byId } from "../core/dom.js";
import { _ } from "../core/words.js";
import { MapView } from "../map/view.js";
import { gridDialog } from "./actions.js";
import { Bar } from "./bar.js";
import { Client } from "./client.js";
import { communityDialog } from "./community_dialog.js";
import { editorLayers } from "./editor_layers.js";
import { drawComparison, drawCounts } from "./foot.js";
import { makePanes } from "./handles.js";
import { listenToKeys } from "./keyboard.js";
import { middleOf } from "./lines.js";
import { LockList, Locks } from "./locks.js";
import { showInForce } from "./marks.js";
import { MeasureChoice } from "./measure_choice.js";
import { Colouring } from "./measures.js";
import { Others } from "./others.js";
import { Outlines } from "./outlines.js";
import { showProblem } from "./problem_place.js";
import { problemsOf } from "./problems.js";
import { Proposals } from "./proposals.js";
import { placeOf, refusal, showAt } from "./refusals.js";
import { Scenario } from "./scenario.js";
import { OperationList, ProblemList, ToolButtons } from "./side_left.js";
import { Chosen } from "./side_right.js";
import { Streets } from "./snapping.js";
import { Stepper } from "./stepper.js";
import { HandOver } from "./tools/hand_over.js";
import { Merge } from "./tools/merge.js";
import { MoveEdge } from "./tools/move_edge.js";
import { Special } from "./tools/special.js";
import { Split } from "./tools/split.js";
import { stateWords, Way } from "./way.js";

export class Editor {
  constructor(id, { now, zone }) {
    this.id = String(id);
    Object.assign(this, { now, zone });
    this.scenario = new Scenario();
    this.client = new Client(id, this.scenario, now);
    this.streets = new Streets();
    this.view = new MapView(document.querySelector(".mapbox"), { filled: true });
    this.view.find(".legend").classList.add("titled");
    makePanes(this.view.map);
    this.layers = editorLayers(this.view.overlay);
    this.bar = new Bar(this.view.find(".map-top"));
    this.makePanels();
    this.tools = {
      move_edge: new MoveEdge(this), split: new Split(this), merge: new Merge(this), hand_over: new HandOver(this),
      special: new Special(this),
    };
    this.tool = null;
    this.chosenGrid = null;
    this.others = new Others(this);
    this.outlines = new Outlines(this);
    this.stepper = new Stepper(this);
    this.proposals = new Proposals(this);
    this.listen();
  }

  makePanels() {
    this.buttons = new ToolButtons((name) => this.use(name));
    this.operations = new OperationList();
    this.problems = new ProblemList((problem) => showProblem(this, problem));
    this.chosen = new Chosen({
      scenario: this.scenario,
      chooseArc: (arc) => this.takeArc(arc),
      chooseGrid: (key) => this.chooseGrid(key, true),
      describe: (key) => gridDialog(this, key), name: (community) => communityDialog(this, community),
    });
    this.way = new Way(this.scenario, (name) => this.stepper.step(name));
    this.measure = new MeasureChoice(() => this.colour());
    this.locks = new Locks(this.client, { inHand: () => this.inHand(), now: this.now });
    this.lockList = new LockList(this.locks, { now: this.now, goTo: (key) => this.chooseGrid(key, true) });
  }

  listen() {
    const { scenario, view } = this;
    scenario.addEventListener("head", () => this.drawHead());
    scenario.addEventListener("change", ({ detail }) => this.drawAll(detail));
    scenario.addEventListener("blocks", () => {
      this.streets.setBlocks([...scenario.blocks.values()]);
      this.layers.blocks.setData({ features: [...scenario.blocks.values()] });
      document.documentElement.dataset.blocks = "ready";
    });
    view.map.on("click", ({ layerPoint, latlng }) => this.click(layerPoint, [latlng.lng, latlng.lat]));
    view.map.on("dblclick", () => this.editable && this.tool.doubleClick?.());
    this.locks.addEventListener("change", () => this.layers.locks.setLocks(this.locks.others));
    this.locks.addEventListener("refused", ({ detail }) => this.sayLocked(detail));
    listenToKeys(this);
    byId("undo").addEventListener("click", () => this.act("undo"));
    byId("redo").addEventListener("click", () => this.act("redo"));
    byId("next-problem").addEventListener("click", () => this.problems.next());
    byId("compare").addEventListener("click", () => this.compare());
  }

  async start() {
    try {
      await this.client.load();
    } catch (problem) {
      this.bar.show(_("方案没取到：{why}", { why: refusal(problem) }), [{ words: _("再取"), run: () => this.start() }]);
      return;
    }
    if (this.scenario.head.bounds) this.view.fit(this.scenario.head.bounds, 16);
    document.documentElement.dataset.planner = "ready";
    this.use("move_edge");
    this.locks.look();
    this.proposals.look();
    this.outlines.load();
  }

  get editable() {
    return Boolean(this.tool) && this.scenario.can("edit");
  }

  /* ---- drawing */

  drawHead() {
    this.way.draw(this.now());
    this.operations.draw(this.scenario.head, this.scenario.can("edit"), this.now());
    drawComparison(this.scenario);
    this.buttons.show(this.toolName, this.scenario.can("edit"));
    if (this.tool && !this.scenario.can("edit")) this.putDown();
    else if (!this.tool && this.toolName && this.scenario.can("edit")) this.use(this.toolName);
    else if (!this.tool) this.sayClosed(); // Approved has become published, or given up.
  }

  drawAll(keys) {
    const { scenario, layers } = this;
    this.colour();
    layers.grids.setData({ features: [...scenario.grids.values()] });
    layers.special.setData({ features: [...scenario.specials.values()] });
    layers.arcs.setData({ features: [...scenario.arcs.values()] });
    layers.blocks.setData({ features: [...scenario.blocks.values()] });
    const problems = problemsOf(scenario);
    layers.problems.setProblems(problems);
    this.problems.draw(problems, scenario);
    this.drawHead();
    if (this.chosenGrid && !scenario.grid(this.chosenGrid)) this.chosenGrid = null;
    this.chosen.refresh();
    this.proposals.draw();
    this.tool?.changed(keys || []);
    this.locks.follow();
  }

  /** Grids, legend and bars by the measure that is chosen. */
  colour() {
    const grids = [...this.scenario.grids.values()];
    this.measure.offer(grids);
    const colouring = new Colouring(this.measure.name, grids);
    this.layers.grids.colouring = colouring;
    this.layers.grids.changed();
    this.view.find(".legend-title").textContent = this.measure.title;
    drawCounts(this.scenario, colouring);
  }

  /* ---- what is in hand */

  use(name) {
    if (!this.scenario.head) return;
    this.tool?.stop();
    this.toolName = name;
    this.tool = this.scenario.can("edit") ? this.tools[name] : null;
    this.buttons.show(name, this.scenario.can("edit"));
    if (this.tool) this.tool.start();
    else this.sayClosed();
  }

  putDown() {
    this.tool.stop();
    this.tool = null;
    this.sayClosed();
  }

  sayClosed() {
    this.bar.show(_("方案{state}，只能看", { state: stateWords(this.scenario.head.state) }));
  }

  /** What lies at a point of the map, by layer. */
  hitsAt({ x, y }) {
    const { last } = this.view.overlay;
    const at = (layer) => (last ? layer.hit(x, y, last) : null);
    const { problems, special, arcs, blocks, buildings, grids } = this.layers;
    return { special: at(special), problem: at(problems), arc: at(arcs), block: at(blocks), building: at(buildings), grid: at(grids) };
  }

  click(point, place) {
    if (!this.scenario.head) return;
    const hits = this.hitsAt(point);
    const drawing = (this.tool === this.tools.split && this.tool.grid) || this.tool?.inDrawing;
    if (hits.problem && !drawing) this.problems.choose(Number(hits.problem.id) - 1);
    else if (this.editable) this.tool.click(hits, place);
    else this.chooseGrid((hits.special || hits.grid)?.id || null);
  }

  /** Keys of the grids that this person is at work on. */
  inHand() {
    if (!this.editable) return [];
    const held = this.tool.inHand();
    return held.length || !this.chosenGrid ? held : [this.chosenGrid];
  }

  sayLocked(refused) {
    const [{ label, by }] = refused.filter((one) => one.by);
    this.view.say(_("{who}正在改 {grid}，可以看，先不能改", { who: by.name, grid: label }));
  }

  chooseGrid(key, go = false) {
    this.chosenGrid = key === null ? null : String(key);
    const grid = key === null ? null : this.scenario.grid(key);
    const special = this.scenario.specials.has(this.chosenGrid);
    this.view.select(grid ? (special ? "special" : "grid") : null, this.chosenGrid);
    this.chosen.draw({ arc: null, grid: grid ? this.chosenGrid : null });
    this.locks.follow();
    this.proposals.draw();
    if (go && grid?.properties.label_point) this.view.goTo(...grid.properties.label_point, 15);
  }

  /** Show an arc in the panel; null when none is in hand any more. */
  chooseArc(arc) {
    this.view.select(null);
    this.chosenGrid = null;
    this.chosen.draw({ arc, grid: null });
    this.locks.follow();
  }

  /** From the list: the map goes there, the tool takes it. */
  takeArc(arc) {
    if (this.tool !== this.tools.move_edge) this.use("move_edge");
    const [lon, lat] = middleOf(arc.geometry.coordinates);
    if (!this.view.map.getBounds().contains([lat, lon])) this.view.goTo(lon, lat, 16);
    if (this.editable) this.tools.move_edge.choose(arc);
    else this.chooseArc(arc);
  }

  /** Figures of these grids wait for the server. */
  dim(keys, dimmed) {
    this.layers.grids.wait(dimmed ? keys : []);
    this.chosen.dim(dimmed);
  }

  /** Handles rest while an answer is awaited. */
  waiting(yes) {
    this.view.map.getPane("handles").classList.toggle("waiting", yes);
  }

  /* ---- doing */

  async operate(operation, keys = []) {
    this.dim(keys.map(String), true);
    try {
      return await this.client.operate(operation);
    } finally {
      this.dim([], false);
    }
  }

  async act(kind) {
    const left = kind === "undo" ? this.scenario.head?.undo : this.scenario.head?.redo;
    if (!this.editable || !left || this.tool.busy) return;
    try {
      await this.operate({ kind });
    } catch (problem) {
      this.complain(problem);
    }
  }

  /** Say what the server refused, at its place; after a conflict show what has changed. */
  async complain(problem, place = null) {
    this.explain(refusal(problem), placeOf(problem) || place);
    if (problem.status !== 409) return;
    if (problem.more?.locked?.length) this.locks.look();
    await this.others.look();
  }

  explain(words, place) {
    if (!place) {
      this.view.say(words);
      return;
    }
    showAt(this.view.map, words, place);
  }

  reload() {
    return this.client.inTurn(() => this.client.load().catch(() => []));
  }

  compare() {
    return showInForce(this, byId("compare"));
  }
}
