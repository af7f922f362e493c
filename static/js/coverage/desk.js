// What the coverage page looks at: a standard, a run of it, a limit, a level; and the answers.
import { get } from "../core/api.js";
import { bandOfShare, speedBandOf } from "../map/layers/coverage.js";
import { rowsOf } from "../pages/coverage_panel.js";
import { bandAt, edgesOf, rangeOf } from "./limits.js";
import { byWorst, codeAt, rollUp, shareOf } from "./sums.js";

const SETTLE = 120; // Milliseconds a slider rests before the server is asked.

class Told extends Event {
  constructor(name, detail) {
    super(name);
    this.detail = detail;
  }
}

/**
 * Events: "standards", "standard", "runs", "run" (another one), "limit" (moved, at once), "rows"
 * (figures of the limit), "level", "failed" (detail: error, again).
 */
export class Desk extends EventTarget {
  constructor(urls) {
    super();
    Object.assign(this, { urls, standards: [], standard: null, runs: [], run: null });
    Object.assign(this, { limit: null, level: "grid", speeds: false, rows: [], rowsLimit: null });
    Object.assign(this, { held: new Map(), rolled: new Map(), asked: 0 });
  }

  tell(name, detail) {
    this.dispatchEvent(new Told(name, detail));
  }

  fail(error, again) {
    this.tell("failed", { error, again });
  }

  /** What counts for the map: measure, limit asked for, limit of the run, edges of bands. */
  get question() {
    const { by, own, limit } = this;
    return by && { by, own, limit, edges: edgesOf(by, limit) };
  }

  get by() {
    return this.run?.definition?.measure || this.standard?.by;
  }

  /** The limit of the run: a run keeps the standard it was made with. */
  get own() {
    return this.run?.definition?.max_value ?? this.standard?.limit;
  }

  get range() {
    return rangeOf({ by: this.by, limit: this.own, slider: this.standard?.slider });
  }

  /** With capacity another limit fills other places: only a run can tell. */
  get fixed() {
    return Boolean(this.run?.definition?.capacity ?? this.standard?.capacity);
  }

  get pending() {
    return this.rowsLimit !== this.limit;
  }

  get hasSpeeds() {
    return this.rows.some((row) => Number.isFinite(row.sometimes));
  }

  async loadStandards() {
    this.standards = rowsOf(await get(this.urls.standards || "/api/coverage/standards"), "standards", "items");
    this.tell("standards");
  }

  async choose(standard) {
    this.standard = standard;
    this.speeds = false;
    this.tell("standard");
    await this.loadRuns();
  }

  /** The newest runs of the standard; the shown one stays when `keep` is given and it is there. */
  async loadRuns(keep = null) {
    const key = this.standard?.key;
    if (!key) return;
    try {
      const answer = await get(`/api/coverage/runs?standard=${encodeURIComponent(key)}`);
      if (key !== this.standard.key) return;
      this.runs = rowsOf(answer, "runs", "items").filter((run) => run.state === "done");
      this.tell("runs");
      await this.open(this.runs.find(({ id }) => id === keep) || this.runs[0] || null);
    } catch (error) {
      this.fail(error, () => this.loadRuns(keep));
    }
  }

  async open(run) {
    const kept = run && this.run && run.standard === this.run.standard && !this.fixed ? this.limit : null;
    this.run = run;
    this.held.clear();
    Object.assign(this, { rows: [], rowsLimit: null });
    this.limit = this.own ?? null;
    if (kept !== null && kept <= this.range.max && kept >= this.range.min) this.limit = kept;
    this.tell("run");
    if (run) await this.fetchRows();
  }

  setLimit(limit) {
    if (limit === this.limit) return;
    this.limit = limit;
    if (limit !== this.own) this.speeds = false; // The run knows the speeds at its own limit only.
    this.tell("limit");
    clearTimeout(this.timer);
    if (this.held.has(limit)) this.fetchRows();
    else this.timer = setTimeout(() => this.fetchRows(), SETTLE);
  }

  setLevel(level) {
    this.level = level;
    this.tell("level");
  }

  setSpeeds(on) {
    this.speeds = on;
    this.tell("limit");
    this.tell("rows");
  }

  async fetchRows() {
    const { run, limit } = this;
    const turn = ++this.asked;
    try {
      const rows = this.held.get(limit) || await this.rowsAt(run, limit);
      if (turn !== this.asked) return;
      this.held.set(limit, rows);
      this.rows = rows;
      this.rowsLimit = limit;
      this.rolled = new Map();
      this.tell("rows");
    } catch (error) {
      if (turn === this.asked) this.fail(error, () => this.fetchRows());
    }
  }

  async rowsAt(run, limit) {
    const address = `/api/coverage/runs/${encodeURIComponent(run.id)}/grids`;
    const asked = limit === this.own ? "" : `?limit=${encodeURIComponent(limit)}`;
    return rowsOf(await get(`${address}${asked}`), "grids", "items").map((row) => ({ ...row, code: String(row.code) }));
  }

  /** Rows of the level that is shown, worst first. */
  table() {
    if (this.level === "grid") return [...this.rows].sort(byWorst);
    if (!this.rolled.has(this.level)) this.rolled.set(this.level, rollUp(this.rows, this.level));
    return this.rolled.get(this.level);
  }

  row(code) {
    this.rolled.get("by-code") || this.rolled.set("by-code", new Map(this.rows.map((row) => [row.code, row])));
    return this.rolled.get("by-code").get(String(code)) || null;
  }

  /** The row of the area, at the level that is shown, in which a grid lies. */
  areaRow(code) {
    if (this.level === "grid") return this.row(code);
    const wanted = codeAt(this.level, code);
    return this.table().find((row) => row.code === wanted) || null;
  }

  /** The band in which a grid is filled. */
  bandFor(code) {
    const row = this.areaRow(code);
    return this.speeds ? speedBandOf(row) : bandOfShare(shareOf(row));
  }

  /** Whether the household of a tile is reached at the limit that is shown. */
  reached(props) {
    return bandAt(props, this.question) < 3;
  }
}
