// The server's side of a scenario: loaded whole, changed by one operation at a time.
import { get, getChanged, post } from "../core/api.js";

const PARTS = ["grids", "arcs"];

/** Everything of one scenario that is asked of the server. */
export class Client {
  constructor(id, scenario, now = () => new Date()) {
    this.address = `/api/scenarios/${encodeURIComponent(id)}`;
    Object.assign(this, { scenario, now, etags: {}, queue: Promise.resolve(), waiting: 0 });
  }

  async fetch(part) {
    const answer = await getChanged(`${this.address}/${part}`, this.etags[part]);
    if (answer) this.etags[part] = answer.etag;
    return answer?.body || null;
  }

  /** Load the head and all parts; tells the scenario once all are there. Blocks come when they come. */
  async load() {
    const { scenario } = this;
    const [head, grids, arcs] = await Promise.all(
      [get(this.address), ...PARTS.map((part) => this.fetch(part))]);
    scenario.takeHead(head);
    if (arcs) scenario.takeArcs(arcs);
    const differ = grids ? scenario.takeGrids(grids) : [];
    scenario.confirmedAt = this.now();
    if (differ.length || arcs) scenario.tell("change", differ);
    this.blocks().catch(() => {}); // Who needs them asks again.
    return differ;
  }

  /** Have the blocks of the version that this page holds; the first time the server has to cut them. */
  blocks() {
    this.cutting ||= this.loadBlocks().finally(() => {
      this.cutting = null;
    });
    return this.cutting;
  }

  async loadBlocks() {
    const { scenario } = this;
    const blocks = await this.fetch("blocks");
    if (!blocks) return;
    // An operation may have given them to others while they were under way.
    if (blocks.version < scenario.version) {
      await this.loadBlocks();
      return;
    }
    const first = !scenario.cut;
    scenario.takeBlocks(blocks);
    // Some grids are too large because a block in them is: that is known only now.
    if (first && scenario.faults.some(({ kind }) => kind === "oversize")) await this.measures();
  }

  /** The head alone: its state may change while its version, and so its entity tag, does not. */
  async loadHead() {
    const head = await get(this.address);
    this.scenario.takeHead(head);
    return head;
  }

  /** Keep the order: what is sent while another is under way follows it. */
  inTurn(work) {
    this.waiting += 1;
    const run = this.queue.then(work, work).finally(() => {
      this.waiting -= 1;
    });
    this.queue = run.catch(() => {});
    return run;
  }

  /** Send one operation against the version that this page holds. */
  operate(operation) {
    return this.inTurn(async () => {
      const { scenario } = this;
      const base = scenario.version;
      const answer = await post(`${this.address}/operations`, { base, ...operation });
      scenario.apply(answer, this.now());
      // Somebody else's operations lie between: the answer holds only what this one touched.
      if (answer.version > base + 1) await this.changes(base);
      else if (!answer.operations) await this.loadHead().catch(() => {});
      return answer;
    });
  }

  /** What differs since a version (that which this page holds), whoever changed it; the steps that led here. */
  async changes(since = this.scenario.version) {
    const answer = await get(`${this.address}/changes?since=${since}`);
    if (answer.steps.some(({ verb }) => verb === "rebase")) await this.load();
    else this.scenario.catchUp(answer, this.now());
    await this.loadHead().catch(() => {});
    return answer.steps;
  }

  /** In turn with one's own operations, so that no answer overtakes another. */
  catchUp() {
    return this.inTurn(() => this.changes());
  }

  /** Have these grids in hand, and no others. */
  hold(grids) {
    return post(`${this.address}/locks`, { grids });
  }

  locks() {
    return get(`${this.address}/locks`);
  }

  /** Let all go: the page is left. */
  letGo() {
    post(`${this.address}/locks`, { grids: [] }, { keepalive: true }).catch(() => {});
  }

  /** Figures of grids that came later than the grids themselves. */
  async measures() {
    const answer = await get(`${this.address}/measures`);
    return this.scenario.takeMeasures(answer);
  }

  /** Buildings within west, south, east, north. */
  buildings(box) {
    return get(`${this.address}/buildings?bbox=${box.map((one) => one.toFixed(6)).join(",")}`);
  }

  /** Members of the area who can look after a grid. */
  async members() {
    return (await get(`${this.address}/members`)).items;
  }

  async proposals() {
    return (await get(`${this.address}/proposals`)).items;
  }

  proposal(id) {
    return get(`${this.address}/proposals/${id}`);
  }

  propose(wanted) {
    return post(`${this.address}/proposals`, wanted);
  }

  dismiss(id) {
    return post(`${this.address}/proposals/${id}/dismiss`);
  }

  /** Take steps of a proposal (null for all) against the version that this page holds. */
  take(id, steps) {
    return this.inTurn(async () => {
      const base = this.scenario.version;
      const answer = await post(`${this.address}/proposals/${id}/take`, { base, steps });
      this.scenario.catchUp(answer, this.now());
      await this.loadHead().catch(() => {});
      return answer;
    });
  }

  /** One step of the scenario's way: validate, approve, publish, ... */
  step(name, body = {}) {
    return this.inTurn(async () => {
      const answer = await post(`${this.address}/${name}`, body, { version: this.scenario.head.version });
      if (answer.can) this.scenario.takeHead(answer);
      else await this.loadHead().catch(() => {});
      return answer;
    });
  }

  /** Incidents of the area that are not closed. */
  openIncidents() {
    return get(`/api/incidents?state=open&area=${encodeURIComponent(this.scenario.head.area)}`);
  }

  /** Outlines of the communities around. */
  communities() {
    return get(`/api/areas?level=community&area=${encodeURIComponent(this.scenario.head.area)}`);
  }

  /** What is in force in the scenario's area. */
  inForce() {
    return get(`/api/grids?area=${encodeURIComponent(this.scenario.head.area)}`);
  }
}
