// What can be done about an incident: the words, what each step asks for, and in which order.
import * as terms from "../core/terms.js";
import { _ } from "../core/words.js";

// `asks`: what is asked before it is sent; the first tap shows it, the second sends.
export const STEPS = {
  verify: { words: "核实", asks: "level" },
  assign: { words: "派单", again: "改派", asks: "team" },
  start: { words: "开始处置", asks: null },
  resolve: { words: "处置完", asks: "text" },
  close: { words: "办结", asks: null, undo: true },
  reopen: { words: "退回重办", asks: "text" },
  object: { words: "提异议", asks: "reason" },
  dismiss: { words: "不予受理", asks: "reason", undo: true },
  merge: { words: "合并", asks: "other" },
};

// The next step of each state comes first and is the one in the accent. What is closed has none:
// taking it up again is there for who looks for it, and not where the eye falls.
const NEXT = {
  reported: "verify", verified: "assign", objected: "assign", assigned: "start",
  handling: "resolve", resolved: "close",
};

export const REASONS = {
  dismiss: ["不属实", "重复上报", "不归本级管", "已经恢复"],
  object: ["不归我们管", "地点不对", "人手不够", "要别的队伍"],
  reopen: ["没处置好", "又发生了", "还有遗留"],
  resolve: ["已恢复正常", "已清理", "已撤出人员", "已设警示"],
};

const DONE = {
  report: "上报", verify: "核实", assign: "派单", start: "开始处置", resolve: "处置完",
  close: "办结", dismiss: "不予受理", merge: "合并", object: "提异议", reopen: "退回重办",
  absorb: "并入",
};

/** Names of the steps the server allows, the next one first. */
export function ordered(actions, state) {
  const known = Object.keys(STEPS).filter((name) => actions.includes(name));
  const next = NEXT[state];
  return known.includes(next) ? [next, ...known.filter((name) => name !== next)] : known;
}

/** Whether a step is the one that is expected next. */
export const isNext = (name, state) => NEXT[state] === name;

export function stepWords(name, state) {
  const { words, again } = STEPS[name];
  return _(again && ["assigned", "handling", "objected"].includes(state) ? again : words);
}

/** What has been done, for the history: a word of ours, never the verb of the server. */
export const doneWords = (verb) => (DONE[verb] ? _(DONE[verb]) : String(verb));

/** What has changed between two looks at an incident, in words. */
export function changes(before, after) {
  const found = [];
  if (before.state !== after.state) {
    found.push(_("状态 {one} → {other}", {
      one: terms.incidentState(before.state), other: terms.incidentState(after.state),
    }));
  }
  if ((before.assignee?.id ?? null) !== (after.assignee?.id ?? null)) {
    found.push(_("队伍 {one} → {other}", {
      one: before.assignee?.name || _("无"), other: after.assignee?.name || _("无"),
    }));
  }
  if (before.level !== after.level) {
    found.push(_("级别 {one} → {other}", {
      one: terms.colourName(before.level), other: terms.colourName(after.level),
    }));
  }
  return found;
}
