// One declared hazard: its figures, its plan, and the end of it.
import { get, post, Problem } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import { moment, number } from "../core/format.js";
import { JobBar } from "../core/job.js";
import { may } from "../core/page.js";
import { levelOf } from "../core/severity.js";
import * as terms from "../core/terms.js";
import { _ } from "../core/words.js";
import { severityGlyph } from "../map/symbols.js";
import { toast } from "../core/toast.js";
import { levelWords, measures } from "../pages/details.js";
import { refused } from "../pages/plan_options.js";
import { busy, serverButton } from "./buttons.js";
import { ask } from "./dialog.js";
import { DraftOptions } from "./draft_options.js";
import { Affected } from "./hazard_affected.js";
import { openStart } from "../responses/start.js";
import { drawHistory, overdue, overdueWords } from "./hazard_history.js";

/** Ask for a plan; progress in `box`, then the way to it unless that stands elsewhere. */
export async function draftPlan(hazard, box, done = () => {}, { link = true, options = null } = {}) {
  try {
    const answer = await post("/api/plans", { hazard, ...(options && { options }) });
    await new Promise((ended) => {
      new JobBar(box, (job) => {
        const made = job.state === "done";
        toast(made ? _("预案算完了") : _("预案没算成，可以再起草一次"));
        if (made && link) {
          box.hidden = false;
          replace(box, el("a", { class: "btn primary", href: `/plans/${encodeURIComponent(answer.plan)}` }, _("看预案")));
        }
        done();
        ended();
      }).start(answer.job);
    });
  } catch (error) {
    const why = error instanceof Problem ? refused(error) || error.message : String(error);
    toast(_("没能起草：{why}", { why }));
  }
}

/** The warning issued here for a hazard that is still in force, if any. */
async function warningOf(hazard) {
  const answer = await get("/api/alerts?state=current").catch(() => null);
  return answer?.items.find((each) => each.direction === "issued" && String(each.hazard) === String(hazard));
}

async function lift(p, pressed) {
  const warning = await warningOf(p.id);
  const sure = await ask({
    title: _("解除 {name}", { name: p.name }),
    lines: [
      [_("解除不等于回家：{h} 户 {p} 人什么时候回去，由两个人在叫应页上另外放行。", { h: number(p.households_affected), p: number(p.people_affected) }), " ",
        p.plan_id && may("plan.view") && el("a", { href: `/plans/${encodeURIComponent(p.plan_id)}/board` }, _("叫应"))],
      _("所有地图上不再显示这片范围。"),
      warning && [_("预警“{headline}”还在发布，要另外解除。", { headline: warning.headline }), " ",
        el("a", { href: `/alerts?id=${warning.id}` }, _("看预警"))],
      p.plan_state === "active" ? _("预案还在执行，要另外结束。") : null,
      _("解除后不能恢复，只能重新宣布。"),
    ],
    go: _("解除"), stay: _("不解除"),
  });
  if (!sure) return;
  await busy(pressed, async () => {
    try {
      await post(`/api/hazards/${encodeURIComponent(p.id)}/lift`);
      toast(_("已解除：{name}", { name: p.name }));
    } catch (error) {
      toast(_("没解除成：{why}", { why: error.status === 0 ? _("没连上服务器") : error.detail || error.message }));
    }
  });
}

export class HazardPanel {
  constructor(body, { now, alarms, drafted, adjust, view = null }) {
    Object.assign(this, { body, now, alarms, drafted, adjust, view, id: null, revision: null });
    this.box = el("div", { class: "pad", hidden: true });
    this.history = el("div");
    this.form = el("div", { "aria-live": "polite" });
    this.affected = new Affected();
  }

  show(props) {
    const another = this.id !== props.id;
    if (another) {
      this.id = props.id;
      this.box = el("div", { class: "pad", hidden: true });
      this.response = null;
      this.options = may("plan.draft") ? new DraftOptions(this.view) : null;
      replace(this.form);
      this.find(props.id);
    }
    if (another || this.revision !== props.revision) {
      this.revision = props.revision;
      replace(this.history);
      this.affected.clear();
      if (props.revision > 1) drawHistory(this.history, props.id, this.now());
      if (may("plan.view")) this.affected.load(props.id);
    }
    this.props = props;
    this.draw();
  }

  steps(p) {
    const take = this.alarms?.button(this.alarms.of("hazard", p.id));
    const declares = may("hazard.declare");
    return el("div", { class: "choices pad steps" }, take, this.box.hidden && this.planSteps(p, !take), this.responseStep(declares),
      declares && this.adjust && el("button", { type: "button", class: "btn", onclick: () => this.adjust(p.id) }, _("调整")),
      declares && serverButton(_("解除"), (pressed) => lift(p, pressed)));
  }

  /** The way to the plan and, while it is in force, to its board; or the first draft. */
  planSteps(p, primary) {
    const address = `/plans/${encodeURIComponent(p.plan_id)}`;
    if (p.plan_id) {
      return may("plan.view") && [el("a", { class: "btn primary", href: address }, _("看预案")),
        p.plan_state === "active" && el("a", { class: "btn", href: `${address}/board` }, _("叫应"))];
    }
    return may("plan.draft") && serverButton(_("起草转移方案"), (pressed) =>
      busy(pressed, () => draftPlan(p.id, this.box, this.drafted, { options: this.options?.read() })), { primary });
  }

  /** How the first draft is made, while there is none. */
  draftWays(p) {
    return !p.plan_id && this.box.hidden && this.options?.node;
  }

  responseStep(declares) {
    if (this.response) return el("a", { class: "btn", href: `/responses/${encodeURIComponent(this.response)}` }, _("看响应"));
    return declares && el("button", { type: "button", class: "btn", onclick: () => this.start() }, _("启动响应"));
  }

  /** The response there is to the hazard; without an answer one may be started, and the server refuses a second. */
  async find(id) {
    const answer = await get("/api/responses?state=open").catch(() => ({ items: [] }));
    if (this.id !== id) return;
    this.response = answer.items.find(({ hazard }) => String(hazard?.id) === String(id))?.id ?? null;
    if (this.response) this.draw();
  }

  start() {
    openStart((node) => {
      replace(this.form, node);
      node?.scrollIntoView({ block: "nearest" });
      node?.querySelector("select, input")?.focus();
    }, this.now(), { hazard: this.id });
  }

  draw() {
    const { props: p } = this;
    // What is being written stays under the hand.
    if ([this.form, this.options?.node].some((node) => node?.contains(document.activeElement))) return;
    replace(this.body,
      el("div", { class: "details-title" },
        p.exercise ? el("b", { class: "drill-word" }, _("演练")) : severityGlyph(p.severity, terms.colourSign(p.severity), 40),
        el("h3", {}, p.name || terms.hazardKind(p.kind))),
      p.exercise && el("p", { class: "drill-band" }, el("b", {}, _("演练")), el("span", {}, _("不是真的，消息都标演练"))),
      overdue(p, this.now()) > 0 && el("p", { class: "said", role: "status" }, overdueWords(p, this.now())),
      this.steps(p), this.draftWays(p),
      this.box, this.form,
      measures([
        [_("种类"), terms.hazardKind(p.kind)],
        [_("类别"), p.class ? terms.hazardClass(p.class) : null],
        [_("级别"), levelOf(p.severity) ? levelWords(p.severity) : _("无级")],
        [_("状态"), terms.hazardState(p.state)],
        [_("宣布"), moment(p.declared_at, this.now())],
        [_("预计到"), p.ends_at ? moment(p.ends_at, this.now()) : null],
        [_("影响户"), number(p.households_affected)],
        [_("影响人"), number(p.people_affected)],
        [_("预案"), p.plan_state ? terms.planState(p.plan_state) : _("还没有")],
        [_("说明"), p.note && el("span", { class: "note" }, p.note)],
      ]),
      this.affected.box, this.history);
  }
}
