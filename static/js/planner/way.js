// The head: state, the four steps, and the buttons of what this person may do now.
import { byId, el, replace } from "../core/dom.js";
import { moment, number } from "../core/format.js";
import { me } from "../core/page.js";
import { _, n_ } from "../core/words.js";
import { hindrance, nextStep, otherSteps, stepOf } from "./steps.js";

const STATES = {
  open: "打开", validating: "正在校验", valid: "校验过", invalid: "有问题", approved: "已审批",
  published: "已发布", discarded: "已放弃",
};
const STEPS = ["修改", "校验", "他人审批", "发布"];
const VERBS = {
  validate: "校验", approve: "审批", publish: "发布", reopen: "再改", withdraw: "撤回发布", discard: "放弃",
  rebase: "对齐现行",
};

/** The word of a scenario's state. */
export function stateWords(state) {
  return _(STATES[state] || String(state));
}

/** Draws the head; `step(name)` is told which button was pressed. */
export class Way {
  constructor(scenario, step) {
    Object.assign(this, { scenario, step });
  }

  draw(now) {
    const { head } = this.scenario;
    byId("scenario-name").textContent = head.name;
    byId("scenario-area").textContent = head.area_name || head.area;
    byId("scenario-state").textContent = stateWords(head.state);
    byId("scenario-saved").textContent = this.saved(head, now);
    this.drawSteps(head);
    this.drawButtons(head);
    const why = this.why(head);
    const line = byId("step-hint");
    line.textContent = why;
    line.hidden = !why;
  }

  saved(head, now) {
    const count = (head.operations || []).filter(({ undone }) => !undone).length;
    const last = (head.operations || []).map(({ at }) => at).filter(Boolean).sort().at(-1);
    const parts = [n_("改 {n} 处", count, { n: number(count) })];
    if (last) parts.push(_("{time} 已存", { time: moment(last, now) }));
    if (head.effective_from && ["approved", "published"].includes(head.state)) {
      parts.push(_("{day} 起生效", { day: head.effective_from }));
    }
    return parts.join(" · ");
  }

  drawSteps({ state }) {
    const at = stepOf(state);
    replace(byId("steps"), STEPS.map((words, i) => el("li", {
      class: i + 1 < at ? "d" : i + 1 === at ? "c" : "", "aria-current": i + 1 === at ? "step" : null,
    }, el("i", { "aria-hidden": "true" }, i + 1 < at ? "✓" : String(i + 1)), el("span", {}, _(words)))));
  }

  drawButtons({ state, can = [] }) {
    const next = nextStep(state);
    const button = (name, primary) => el("button", {
      type: "button", class: primary ? "btn primary" : "btn", "data-step": name, onclick: () => this.step(name),
    }, _(VERBS[name]));
    replace(byId("step-buttons"), otherSteps(state, can).map((name) => button(name, false)),
      next && can.includes(next) && button(next, true));
  }

  /** When the next step is not this person's, who may take it. */
  why({ state, can = [], created_by: createdBy, stale }) {
    if (stale && state !== "published") return _("现行网格在这之后变过。对齐现行再校验");
    const step = nextStep(state);
    const hinders = hindrance(step, {
      can, createdBy: createdBy?.name, me: me.display_name || me.name, permissions: me.permissions || [],
    });
    if (!hinders) return "";
    const who = { validate: _("规划员可以校验"), approve: _("规划负责人审批"), publish: _("规划负责人发布") }[step];
    return step === "validate" || hinders === "role" ? who : _("{who}，改过这个方案的人不行", { who });
  }
}
