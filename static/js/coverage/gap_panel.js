// Where the gaps are: three figures, the run they come from, a table by grid, community, township.
import { byId, el, replace } from "../core/dom.js";
import { distance, moment, number, percent, travel } from "../core/format.js";
import { emptyLine } from "../core/panels.js";
import * as terms from "../core/terms.js";
import { _, n_ } from "../core/words.js";
import { SPEED_BANDS } from "../map/layers/coverage.js";
import { figures } from "../pages/plan_panel.js";
import { groundsTable } from "./grounds.js";
import { limitWords } from "./limits.js";
import { proofButton } from "./proof.js";
import { scoreWords } from "./scores.js";
import { totalsOf } from "./sums.js";
import { layerWords, versionWords } from "./words.js";

const SHOWN_ROWS = 400;
const LEVEL_WORDS = {
  grid: ["网格", "缺口最大的网格"],
  community: ["社区", "缺口最大的社区"],
  township: ["街镇", "缺口最大的街镇"],
};
const GAPS_IN = { grid: "格有缺口，共 {all}", community: "个社区有缺口，共 {all}", township: "个街镇有缺口，共 {all}" };

export class GapPanel {
  /** `nameOf(code)` names a community or township; `chosen()` is the code that is marked. */
  constructor(panel, desk, { nameOf, choose, chosen, now }) {
    Object.assign(this, { panel, desk, nameOf, choose, chosen, now });
    this.figures = byId("figures");
    this.levels();
    for (const name of ["rows", "level"]) desk.addEventListener(name, () => this.draw());
    desk.addEventListener("limit", () => this.dim());
    desk.addEventListener("run", () => this.begin());
    desk.addEventListener("failed", ({ detail }) => this.failed(detail));
  }

  failed({ error, again }) {
    if (error.status === 409) this.panel.show(emptyLine(error.detail)); // Of an old run the sums are left.
    else this.panel.fail(error, again);
  }

  levels() {
    const box = byId("levels");
    const draw = () => replace(box, Object.entries(LEVEL_WORDS).map(([level, [words]]) => el("button", {
      type: "button", class: level === this.desk.level ? "on" : "", "aria-pressed": String(level === this.desk.level),
      "data-level": level, onclick: () => this.desk.setLevel(level),
    }, _(words))));
    this.desk.addEventListener("level", () => {
      draw();
      box.querySelector(".on")?.focus();
    });
    draw();
  }

  begin() {
    const { desk, panel } = this;
    if (desk.run) {
      this.drawStamp();
      return;
    }
    replace(this.figures);
    panel.at(null);
    byId("stamp").hidden = true;
    panel.show(emptyLine(_("这个标准还没算过。点“重新算”")));
  }

  /** Until the server has confirmed the figures of another limit the old ones are dimmed. */
  dim() {
    const on = this.desk.pending;
    this.figures.classList.toggle("waiting", on);
    this.panel.section.classList.toggle("waiting", on);
    this.figures.setAttribute("aria-busy", String(on));
  }

  drawStamp() {
    const { run, standard } = this.desk;
    const stamp = byId("stamp");
    stamp.hidden = false;
    document.body.classList.toggle("run-stale", Boolean(run.stale));
    replace(stamp,
      run.stale && el("b", { class: "age old" }, this.staleWords(run)),
      el("span", { class: run.stale ? "mut" : "age" }, _("{time} 算 · R-{id}", { time: moment(run.ended_at, this.now()), id: run.id })),
      el("details", { class: "stamp-more" }, el("summary", {}, _("依据和数据")),
        el("div", { class: "stamp-body" },
          standard.source && el("p", {}, _("依据 {source}", { source: standard.source })),
          el("p", {}, _("输入版本")), el("p", { class: "num" }, versionWords(run.input_version)),
          proofButton(`/api/coverage/runs/${run.id}/certificate`, `coverage-run-${run.id}.zip`))));
  }

  staleWords(run) {
    const what = layerWords(run.changed);
    return what ? _("{what}已变，要重算", { what }) : _("数据已变，要重算");
  }

  /** How many are reached at every speed, at some, at none: day, night and rain differ. */
  drawSpeeds() {
    const bands = this.desk.run.totals?.bands;
    if (!this.desk.speeds || !bands) return;
    this.figures.append(el("ul", { class: "speed-sums s" }, SPEED_BANDS.map(({ key, name, words }) => el("li", {},
      el("i", { class: `swatch ${name}`, "aria-hidden": "true" }), el("span", {}, _(words)), el("b", { class: "num" }, number(bands[key]))))));
  }

  /** How much falls to each person, where the run has scores; they are those of its own limit. */
  drawScores() {
    const words = scoreWords(this.desk.run.totals?.scores);
    if (words && this.desk.rowsLimit === this.desk.own) this.figures.append(el("p", { class: "score-sums s" }, words));
  }

  /** Why a run could not find anything, in words; null when it could. */
  nothing() {
    const { totals = {}, definition = {} } = this.desk.run;
    if (totals.no_facility || definition.facilities === 0) return _("没有这类设施在用，所以每户都到不了");
    return totals.no_household ? _("这里没有住户，没有缺口可算") : null;
  }

  drawFigures(rows) {
    const { desk } = this;
    const { households, uncovered, with_gaps: gaps, areas } = totalsOf(rows);
    const limit = limitWords(desk.by, desk.rowsLimit);
    replace(this.figures, figures([
      [_("户能在 {limit}内到", { limit }), percent(households ? 1 - uncovered / households : null)],
      [_("户到不了，共 {all}", { all: number(households) }), number(uncovered)],
      [_(GAPS_IN[desk.level], { all: number(areas) }), number(gaps)],
    ]));
  }

  draw() {
    const { desk, panel } = this;
    if (!desk.run || desk.rowsLimit === null) return;
    const rows = desk.table();
    const [word, title] = LEVEL_WORDS[desk.level];
    byId("gaps-title").textContent = _(title);
    this.drawFigures(rows);
    this.drawSpeeds();
    this.drawScores();
    if (this.nothing()) this.figures.append(el("p", { class: "banner warn s" }, this.nothing()));
    this.dim();
    panel.at(desk.run.ended_at);
    const shown = rows.filter((one) => one.uncovered > 0).slice(0, SHOWN_ROWS);
    if (!shown.length) {
      panel.show(emptyLine(rows.length ? _("没有缺口，每户都到得了") : _("这里没有住户，没有缺口可算")), groundsTable(desk.run.totals));
      return;
    }
    const heads = [[_(word)], [_("到不了"), "n"], [_("全部户"), "n"], [_("占比")],
      [desk.by === "metres" ? _("最远") : _("最久"), "n"], [_("原因")]];
    panel.show(groundsTable(desk.run.totals), el("table", { class: "list gap-table" },
      el("caption", { class: "sr" }, _(title)),
      el("thead", {}, el("tr", {}, heads.map(([words, name]) => el("th", { scope: "col", class: name || "" }, words)))),
      el("tbody", {}, shown.map((one) => this.row(one)))));
  }

  row(one) {
    const { desk } = this;
    const share = one.households ? one.uncovered / one.households : 0;
    const bar = el("i", { class: "k-none" });
    bar.style.width = `${share * 100}%`;
    const worst = desk.by === "metres" ? distance(one.worst_metres) : travel(one.worst_seconds);
    const name = this.nameOf(one.code, desk.level);
    const label = desk.level === "grid" ? one.label : name || one.code;
    const under = desk.level === "grid" ? name : n_("{n} 格", one.grids, { n: number(one.grids) });
    return el("tr", { class: this.chosen() === one.code ? "sel" : "", "data-code": one.code },
      el("th", { scope: "row" }, el("button", { type: "button", class: "row-button num", onclick: () => this.choose(one) }, label),
        under && el("span", { class: "mut under clip" }, under)),
      el("td", { class: "n num" }, el("b", {}, number(one.uncovered))),
      el("td", { class: "n num mut" }, number(one.households)),
      el("td", {}, el("span", { class: "bar", role: "img", "aria-label": percent(share, 0) }, bar)),
      el("td", { class: "n num nw" }, worst),
      el("td", {}, one.main_reason ? terms.reason(one.main_reason) : ""));
  }

  mark(code) {
    for (const line of this.panel.body.querySelectorAll("tr[data-code]")) {
      const chosen = line.dataset.code === String(code);
      line.classList.toggle("sel", chosen);
      if (chosen) line.scrollIntoView({ block: "nearest" });
    }
  }
}
