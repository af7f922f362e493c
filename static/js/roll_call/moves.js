// What one tap may say of a household, by where it stands: one step ahead, and the exceptions.
import { _ } from "../core/words.js";

export const MISSING = ["waiting", "called", "no_answer"];
const STATES = {
  waiting: "未叫", called: "已叫", answered: "已答应", no_answer: "无人应", departed: "在路上",
  arrived: "已到", refused: "不愿走", not_found: "没找到",
};
const SILENT = { phone: "无人接", door: "敲门没应", gong: "敲锣没应" };
const FILLED = { waiting: 0, called: 1, no_answer: 1, refused: 1, not_found: 1, answered: 2, departed: 3, arrived: 4 };
const RUNGS = { phone: "打电话", door: "敲门", gong: "敲锣" };
const LEVELS = { village: "村（社区）", township: "乡镇", county: "县" };

/** The state in words; at relatives' it says so. */
export function stateWords({ state, place, home }) {
  if (home) return _("已回家");
  if (state === "arrived" && place === "relatives") return _("去亲友家");
  return _(STATES[state]);
}

export const rungWords = (rung) => _(RUNGS[rung] || rung);
export const levelWords = (level) => _(LEVELS[level] || level);

/** How many of the four steps are done, and whether something went wrong at the next one. */
export function dots({ state }) {
  return { filled: FILLED[state], crossed: ["no_answer", "refused", "not_found"].includes(state) };
}

function silent({ rung, attempts }) {
  const words = _(SILENT[rung] || SILENT.phone);
  return { kind: "no_answer", channel: rung || "phone", words: attempts ? `${words} ${attempts + 1}` : words };
}

const MOVES = {
  missing: (item) => [{ kind: "answered", words: _("答应了") }, silent(item), { kind: "refused", words: _("不愿走"), asks: "reason" }],
  answered: () => [{ kind: "departed", words: _("出发了") }, { kind: "help", words: _("要帮手") }, { kind: "refused", words: _("不愿走"), asks: "reason" }],
  departed: (item) => [
    { kind: "arrived", place: item.shelter ? "shelter" : "relatives", words: item.shelter ? _("到了") : _("到亲友家") },
    item.shelter && { kind: "arrived", place: "relatives", words: _("去亲友家") },
  ],
  refused: () => [{ kind: "answered", words: _("答应了") }, { kind: "not_found", words: _("没找到") }],
  not_found: () => [{ kind: "answered", words: _("找到了") }, { kind: "help", words: _("要帮手") }],
  arrived: (item) => [item.returning && !item.home && { kind: "home", words: _("到家了") }],
};

/** The next step first, then the exceptions. */
export function moves(item) {
  const from = MISSING.includes(item.state) ? "missing" : item.state;
  return MOVES[from](item).filter(Boolean);
}

/** Why people do not want to go, as short words: one tap. */
export function reasons() {
  return [_("要看家"), _("不信会出事"), _("放不下牲口"), _("身体不便"), _("别的原因")];
}

/** A step as the server takes it, without the words of its button. */
export function bare(step) {
  const rest = { ...step };
  delete rest.words;
  delete rest.asks;
  return rest;
}

/** What was just noted, for the toast. */
export function said(item, step) {
  const who = item.name || item.address || "";
  const words = step.kind === "arrived" && step.place === "relatives" ? _("到了亲友家") : _({
    called: "叫过了", answered: "答应了", no_answer: "没应答", departed: "出发了", arrived: "到了",
    refused: "不愿走", not_found: "没找到", help: "要帮手", undone: "撤回了", home: "回到家",
  }[step.kind]);
  return _("{who}：{what}", { who, what: words });
}

/** Sums of what is shown, as the bars need them. */
export function tally(items) {
  const of = (...states) => items.filter(({ state }) => states.includes(state)).length;
  return {
    households: items.length, waiting: of("waiting"), called: of("called", "no_answer", "refused", "not_found"),
    answered: of("answered"), departed: of("departed"), arrived: of("arrived"),
  };
}
