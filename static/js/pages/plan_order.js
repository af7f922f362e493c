// From draft to order: where a plan stands and who took which step, what has changed since, and
// the steps a commander takes. Each says first what will happen, and to how many.
import { post } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import { instant, moment, number, zone } from "../core/format.js";
import * as terms from "../core/terms.js";
import { _ } from "../core/words.js";
import { ask } from "../planner/dialog.js";

const STEPS = ["drafted", "approved", "active", "closed"];
const LAYERS = {
  road: "道路", road_closure: "封路", hazard: "险情范围", household: "住户", household_need: "要的帮助",
  shelter: "安置点", walking_speed: "步行速度", vehicle: "车辆", carer: "照料关系",
  other_hazard: "附近别的险情",
};

/** The layers that have changed, in words. */
export function changedWords(layers) {
  return terms.listed((layers || []).map((layer) => _(LAYERS[layer] || layer)));
}

function when(plan, step) {
  return {
    drafted: [plan.created_by?.name || _("系统"), plan.drafted_at],
    approved: [plan.approved_by?.name, plan.approved_at],
    active: [plan.activated_by?.name, plan.activated_at],
    closed: [plan.closed_by?.name, plan.closed_at],
  }[step];
}

/** The steps one after the other: done ones with who and when. */
export function steps(plan, now) {
  const over = ["superseded", "rejected", "failed"].includes(plan.state);
  const names = {
    drafted: _("起草"), approved: _("批准"), active: _("执行"), closed: _("结束"),
  };
  const here = STEPS.indexOf(plan.state);
  const items = STEPS.map((step, i) => {
    const [who, at] = when(plan, step);
    const done = Boolean(at) && (step === "drafted" || Boolean(who));
    return el("li", {
      class: done ? "done" : "", "aria-current": i === here ? "step" : null,
    }, el("b", {}, done ? "✓ " : "", names[step]),
    done && el("span", { class: "mut s" }, [who, moment(at, now)].filter(Boolean).join(" ")));
  });
  return el("div", { class: "pad" },
    el("ol", { class: "plan-steps", "aria-label": _("预案走到哪一步") }, items),
    over && el("p", { class: "s" }, el("b", {}, terms.planState(plan.state)), " ", ending(plan, now)),
    plan.approval_reason && el("p", { class: "s" }, _("批准说明：{words}", { words: plan.approval_reason })),
    plan.approved_stale?.length > 0 && el("p", { class: "s" },
      _("批准时已知数据变过：{layers}", { layers: changedWords(plan.approved_stale) })),
    el("p", { class: "s mut" }, plan.clear_by
      ? _("{time} 前清空", { time: moment(plan.clear_by, now) }) : _("立即清空"),
    plan.replaces?.length ? ` · ${_("替代 {numbers}（作废）", { numbers: terms.listed(plan.replaces) })}` : "",
    plan.check ? ` · ${_("核对 {check}", { check: checkWords(plan.check) })}` : ""));
}

function ending(plan, now) {
  if (plan.state === "rejected") {
    return [plan.rejected_by?.name, moment(plan.rejected_at, now), plan.rejection_reason].filter(Boolean).join(" ");
  }
  if (!plan.superseded_by) return "";
  return el("a", { href: `/plans/${encodeURIComponent(plan.superseded_by)}` }, _("看新的预案"));
}

/** The first signs of the check, as on the sheets. */
export function checkWords(check) {
  return [0, 4, 8].map((start) => check.slice(start, start + 4).toUpperCase()).join(" ");
}

/** Banner for who has scanned a sheet: whether what is on paper is what the plan says now. */
export function scannedBanner(plan, hash = location.hash) {
  const scanned = /^#([0-9A-F]{12})$/.exec(hash)?.[1];
  if (!scanned || !plan.check) return null;
  if (plan.superseded_by) {
    return el("p", { class: "banner warn", role: "status" }, _("这张单子作废：有新的预案"), " ",
      el("a", { href: `/plans/${encodeURIComponent(plan.superseded_by)}` }, _("看新的预案")));
  }
  return plan.check.slice(0, 12).toUpperCase() === scanned
    ? el("p", { class: "banner", role: "status" }, _("单子和预案一致：{check}", { check: checkWords(plan.check) }))
    : el("p", { class: "banner warn", role: "status" }, _("单子和预案不一致，不要用"));
}

/** Banner of a plan whose data have changed, or whose hazard is over; null when all is as it was. */
export function staleBanner(plan, again, fewest) {
  if (plan.hazard_state === "lifted" && !["closed", "rejected", "superseded"].includes(plan.state)) {
    return el("p", { class: "banner warn", role: "status" }, _("险情已解除，这份预案不能再批准或执行"));
  }
  if (!plan.stale) return null;
  return el("div", { class: "banner warn", role: "status" },
    el("span", { class: "grow" }, _("起草后数据已变：{layers}。人、路、去处可能对不上", { layers: changedWords(plan.changed) })),
    fewest && el("button", { type: "button", class: "btn", id: "fewest", onclick: fewest }, _("少改重排")),
    again && el("button", { type: "button", class: "btn", onclick: again }, _("重新起草")));
}

function explain(problem) {
  if (problem.status === 0) return _("没连上服务器。没有改动");
  if (problem.status === 409 && problem.more?.state && problem.more?.changed === undefined) {
    return _("预案已变，现在是{state}。关上再看", { state: terms.planState(problem.more.state) });
  }
  if (problem.more?.changed) {
    return _("起草后数据已变：{layers}。写明为什么照样批准", { layers: changedWords(problem.more.changed) });
  }
  return problem.detail || problem.title;
}

function counts(plan) {
  const totals = plan.totals || {};
  return _("{h} 户 {p} 人", { h: number(totals.households), p: number(totals.people) });
}

function approve(plan, address, done) {
  const lines = [
    _("批准后这是转移命令：{counts}要离开，{left} 人排不上，要另想办法。", {
      counts: counts(plan), left: number(plan.totals?.unserved_people ?? 0),
    }),
    _("核对 {check}", { check: checkWords(plan.check) }),
    plan.stale && _("起草后数据已变：{layers}。写明为什么照样批准，不写批不了。", { layers: changedWords(plan.changed) }),
  ].filter(Boolean);
  return ask({
    title: _("批准 {number}", { number: plan.number }),
    lines,
    fields: [
      { name: "clear_by", type: "datetime-local", label: _("什么时候前清空（{zone} 时间，不填是立即）", { zone: zone() }) },
      { name: "reason", label: plan.stale ? _("为什么照样批准") : _("说明（可不填）"), maxlength: 500, autocomplete: "off" },
    ],
    go: _("批准"),
    leave: _("不批准"),
    run: ({ clear_by: by, reason }) => post(`${address}/approve`, {
      check: plan.check,
      ...(reason.trim() ? { reason: reason.trim() } : {}),
      ...(by ? { clear_by: instant(by).toISOString() } : {}),
    }, { version: plan.revision }),
    explain,
  }).then((result) => result && done(result));
}

function reject(plan, address, done) {
  return ask({
    title: _("退回 {number}", { number: plan.number }),
    lines: [_("退回后不能再批准，要重新起草。")],
    fields: [{ name: "reason", label: _("为什么退回"), maxlength: 500, required: true, autocomplete: "off" }],
    go: _("退回"),
    leave: _("不退回"),
    run: ({ reason }) => post(`${address}/reject`, { reason: reason.trim() }, { version: plan.revision }),
    explain,
  }).then((result) => result && done(result));
}

function activate(plan, address, done) {
  return ask({
    title: _("开始执行 {number}", { number: plan.number }),
    lines: [_("{counts}现在开始转移。", { counts: counts(plan) })],
    go: _("开始执行"),
    leave: _("不开始"),
    run: () => post(`${address}/activate`, {}, { version: plan.revision }),
    explain,
  }).then((result) => result && done(result));
}

function close(plan, address, done) {
  return ask({
    title: _("结束 {number}", { number: plan.number }),
    lines: [_("结束后不能再开始，单子作废。")],
    go: _("结束"),
    leave: _("不结束"),
    run: () => post(`${address}/close`, {}, { version: plan.revision }),
    explain,
  }).then((result) => result && done(result));
}

/** The buttons of what this person may do now. */
export function decide(box, plan, address, done) {
  const able = [
    ["approve", _("批准"), approve, "primary"],
    ["reject", _("退回"), reject, ""],
    ["activate", _("开始执行"), activate, "primary"],
    ["close", _("结束"), close, ""],
  ].filter(([name]) => (plan.can || []).includes(name));
  replace(box, able.map(([name, words, step, look]) => el("button", {
    type: "button", class: `btn ${look}`, "data-step": name,
    onclick: () => step(plan, address, done),
  }, words)));
  box.hidden = !able.length;
}
