// Two runs, or two standards, beside each other: the map shows what one has of the other.
import { get } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import { moment } from "../core/format.js";
import { emptyLine } from "../core/panels.js";
import { _ } from "../core/words.js";
import { newestRuns, rowsOf } from "../pages/coverage_panel.js";
import { changeTable, headline } from "./answer.js";

export class ComparePanel {
  /** `show(rows or null)` gives the map the rows of the difference. */
  constructor(panel, desk, { now, show, choose, chosen, nameOf }) {
    Object.assign(this, { panel, desk, now, show, choose, chosen, nameOf, other: "", active: false });
    this.select = panel.section.querySelector("select");
    this.select.addEventListener("change", () => {
      this.other = this.select.value;
      this.load();
    });
    desk.addEventListener("run", () => {
      this.other = "";
      if (this.active) this.open();
    });
  }

  /** The panel is looked at. */
  async open() {
    this.active = true;
    const { desk } = this;
    if (!desk.run) {
      this.panel.show(emptyLine(_("这个标准还没算过。点“重新算”")));
      return;
    }
    this.panel.loading(4);
    try {
      const all = rowsOf(await get("/api/coverage/runs"), "runs", "items");
      this.others = newestRuns(all);
    } catch (error) {
      this.panel.fail(error, () => this.open());
      return;
    }
    this.fill();
    await this.load();
  }

  close() {
    this.active = false;
    this.show(null);
  }

  fill() {
    const { desk } = this;
    const runs = desk.runs.filter(({ id }) => id !== desk.run.id);
    const standards = desk.standards.filter(({ key }) => key !== desk.standard.key && this.others.has(key));
    const group = (words, options) => options.length > 0 && el("optgroup", { label: words }, options);
    replace(this.select,
      group(_("这个标准算的别的次"), runs.map((run) => el("option", { value: run.id },
        `${moment(run.ended_at, this.now())} · R-${run.id}`))),
      group(_("别的标准最近一次"), standards.map((one) => el("option", { value: this.others.get(one.key).id },
        one.name || one.key))));
    const values = [...this.select.options].map(({ value }) => value);
    if (!values.includes(String(this.other))) this.other = values[0] || "";
    this.select.value = String(this.other);
    this.select.disabled = !values.length;
  }

  async load() {
    const { desk, other } = this;
    if (!other) {
      this.show(null);
      this.panel.show(emptyLine(_("只算过一次，没有可比的。点“重新算”再算一次")));
      return;
    }
    try {
      const address = `/api/coverage/runs/${encodeURIComponent(other)}/compare/${encodeURIComponent(desk.run.id)}`;
      const answer = await get(address);
      if (other !== this.other || !this.active) return;
      this.draw(answer);
    } catch (error) {
      this.show(null);
      if (error.status === 409) this.panel.show(emptyLine(error.detail));
      else this.panel.fail(error, () => this.load());
    }
  }

  draw(answer) {
    const rows = answer.grids.filter((row) => row.lost || row.gained).map((row) => ({ ...row, code: String(row.code) }));
    rows.sort((one, other) => other.lost - one.lost || other.gained - one.gained);
    this.show(rows);
    this.panel.show(
      headline({ before: answer.before.totals || answer.before, after: answer.after.totals || answer.after, lost: answer.lost, gained: answer.gained }),
      changeTable(rows, {
        heads: [_("那次到不了"), _("这次到不了")], choose: this.choose, chosen: this.chosen, nameOf: this.nameOf,
      }));
  }
}
