// A report on coverage: of which area, by which standard, as paper or workbook; a worker makes it.
import { post } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import { JobBar } from "../core/job.js";
import { _, n_ } from "../core/words.js";
import { ask } from "../planner/dialog.js";
import { refusalWords } from "./words.js";

const FORMS = { pdf: "PDF，打印用", xlsx: "表格文件（xlsx）" };
const ALL = "all";

/** Areas inside the area of a run, larger ones first: `[code, words]`. */
export function areasOf(area, townships, communities) {
  const inside = (one) => one.code.startsWith(area) && one.code !== area;
  const names = new Map([...townships, ...communities].map(({ code, name }) => [code, name]));
  const above = (code) => names.get(code.slice(0, 9));
  return [
    [area, names.get(area) || _("整个区域 {code}", { code: area })],
    ...townships.filter(inside).map(({ code, name }) => [code, name]),
    ...communities.filter(inside).map(({ code, name }) => [code, above(code) && area.length < 9 ? `${above(code)} · ${name}` : name]),
  ];
}

/** The body of an order out of the fields of the dialog. */
export function orderOf({ area, standards, form }) {
  return { area, form, ...(standards === ALL ? {} : { standards: [standards] }) };
}

export class ReportDialog {
  /** `button` opens it, `box` shows the work and then the file; `areas()` gives what may be chosen. */
  constructor(button, box, desk, areas) {
    Object.assign(this, { button, box, desk, areas, file: null, at: null });
    this.bar = new JobBar(box, (job) => this.ended(job));
    button.addEventListener("click", () => this.open());
    desk.addEventListener("run", () => this.ready());
    this.ready();
  }

  ready() {
    this.button.disabled = !this.desk.run || Boolean(this.bar.id);
  }

  async open() {
    const { desk } = this;
    const choices = this.areas(desk.run.area);
    const last = choices.some(([code]) => code === this.at) ? this.at : choices[0][0];
    const answer = await ask({
      title: _("导出覆盖报告"), grave: false, go: _("做报告"), leave: _("不做"), explain: refusalWords,
      lines: [_("用每个标准最近一次算的结果，写明标准、数据日期和没算的。不列任何一户。")],
      fields: [
        { name: "area", label: _("哪里"), options: choices, value: last },
        {
          name: "standards", label: _("标准"), value: desk.standard.key,
          options: [[desk.standard.key, desk.standard.name || desk.standard.key], [ALL, _("所有算过的标准")]],
        },
        { name: "form", label: _("做成"), options: Object.entries(FORMS).map(([key, words]) => [key, _(words)]), value: "pdf" },
      ],
      run: (values) => {
        this.at = values.area;
        return post("/api/coverage/reports", orderOf(values));
      },
    });
    if (!answer) {
      this.button.focus();
      return;
    }
    this.file = answer.file;
    this.bar.start(answer.job);
    this.ready();
  }

  ended(job) {
    this.ready();
    if (job.state !== "done") return; // The bar has said why.
    const link = el("a", { class: "btn primary", href: this.file, download: "" }, _("下载报告"));
    const pages = this.file.endsWith(".pdf")
      ? el("span", { class: "s" }, n_("{n} 页", job.result.pages, { n: job.result.pages })) : null;
    replace(this.box, link, pages);
    this.box.hidden = false;
    link.focus();
  }
}
