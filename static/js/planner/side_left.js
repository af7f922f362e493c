// The left panel: tools, what was done with undo and redo, what is wrong with "next".
import { byId, el, replace, svg } from "../core/dom.js";
import { moment, number } from "../core/format.js";
import { _, n_ } from "../core/words.js";
import { figureWords, operationWords } from "./operations.js";
import { problemTitle, problemWords, topology } from "./problems.js";

/** The buttons of the tools: one is pressed. */
export class ToolButtons {
  constructor(choose) {
    this.buttons = [...document.querySelectorAll("[data-tool]")];
    for (const button of this.buttons) button.addEventListener("click", () => choose(button.dataset.tool));
  }

  show(name, usable) {
    for (const button of this.buttons) {
      const on = button.dataset.tool === name;
      button.classList.toggle("on", on);
      button.setAttribute("aria-pressed", String(on));
      button.disabled = !usable;
    }
  }
}

/** Operations, newest first; undone ones are hollow. */
export class OperationList {
  constructor() {
    this.list = byId("operations");
    this.count = byId("operation-count");
  }

  draw({ operations = [], undo = 0, redo = 0 }, usable, now) {
    const done = operations.filter(({ undone }) => !undone).length;
    this.count.textContent = number(done);
    byId("undo").disabled = !usable || undo < 1;
    byId("redo").disabled = !usable || redo < 1;
    if (!operations.length) {
      replace(this.list, el("li", { class: "mut s" }, _("还没有改动。选一个工具，在图上改")));
      return;
    }
    const newest = [...operations].sort((one, other) => other.seq - one.seq);
    replace(this.list, newest.map((operation) => row(operation, now)));
  }
}

function row(operation, now) {
  const figures = figureWords(operation);
  const by = operation.by?.name || (typeof operation.by === "string" ? operation.by : "");
  return el("li", { class: operation.undone ? "u" : "", title: by },
    el("i", { "aria-hidden": "true" }),
    el("span", {}, operationWords(operation), figures && el("small", { class: "mut num" }, figures)),
    el("span", { class: "mut3 num xs" }, operation.undone ? _("已撤销") : moment(operation.at, now)));
}

function triangle(words) {
  return svg("svg", { width: 30, height: 28, viewBox: "-18 -19 36 32", "aria-hidden": "true", class: "fault-sign" },
    svg("path", { d: "M0 -17L16 11H-16Z" }), svg("text", { y: 7, "font-size": words.length > 1 ? 12 : 15 }, words));
}

/** Problems with their numbers; the same triangles stand on the map. */
export class ProblemList {
  constructor(go) {
    this.go = go;
    this.list = byId("problems");
    this.at = -1;
    this.problems = [];
  }

  draw(problems, scenario) {
    this.problems = problems;
    byId("problem-count").textContent = n_("{n} 个", problems.length, { n: number(problems.length) });
    byId("next-problem").disabled = !problems.length;
    replace(this.list, problems.length
      ? problems.map((problem, i) => el("li", {}, el("button", {
        type: "button", class: "fi", onclick: () => this.choose(i), "data-problem": problem.number,
      }, triangle(String(problem.number)), el("span", {},
        el("b", {}, problemTitle(problem, scenario)),
        el("span", { class: "s mut" }, problemWords(problem, scenario))))))
      : el("li", { class: "mut s" }, _("没有问题")));
    const counts = topology(scenario.faults);
    const clean = !counts.gap && !counts.overlap && !counts.outside;
    replace(byId("topology"), el("span", { class: "mut" },
      _("缝隙 {gap}　重叠 {overlap}　越界 {outside}", counts)), el("span", { class: "right" }, clean ? "✓" : ""));
  }

  choose(index) {
    this.at = index;
    this.go(this.problems[index]);
  }

  next() {
    if (this.problems.length) this.choose((this.at + 1) % this.problems.length);
  }
}
