// Whom to send: the team that fits best and the next two, why each, and whom to ask for help.
import { get, post } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import { distance, duration, moment, number, travel } from "../core/format.js";
import { errorLine } from "../core/panels.js";
import { skillWord } from "../core/skills.js";
import * as terms from "../core/terms.js";
import { toast } from "../core/toast.js";
import { _ } from "../core/words.js";
import { resultOf } from "../coverage/work.js";
import { unitCharacter, unitWord } from "../map/layers/places.js";
import { unitGlyph } from "../map/symbols.js";
import { busy, serverButton } from "./buttons.js";

const AGAIN = 10_000; // Milliseconds between two looks while somebody has to answer.
const LEFT_OUT = { off_duty: "不在岗", lent: "借出去了", no_place: "不知在哪", no_way: "没有路走" };

const english = () => document.documentElement.lang === "en";
const nameOf = (team) => (english() && team.name_en) || team.name || unitWord(team.kind);
const inDrill = () => document.documentElement.classList.contains("is-drill");

/** What a reason counts for in this area: as so much more time on the way. */
const worth = (words, seconds) => (seconds > 0 ? _("{words}（算多走 {time}）", { words, time: duration(seconds) }) : words);

/** What speaks for and against a team, one line each; the way itself is shown apart. */
export function reasons({ why }) {
  const cover = why.cover;
  const lines = [];
  if (!why.kind.fits) lines.push(worth(_("不是对口的队伍"), why.kind.cost));
  if (why.skills.missing.length) lines.push(worth(_("缺：{skills}", { skills: terms.listed(why.skills.missing.map(skillWord)) }), why.skills.cost));
  else if (why.skills.has.length) lines.push(_("会：{skills}", { skills: terms.listed(why.skills.has.map(skillWord)) }));
  if (why.load.incidents.length) lines.push(worth(_("手上有事件 {numbers}", { numbers: terms.listed(why.load.incidents) }), why.load.cost));
  if (cover.households) {
    lines.push(worth(_("走后 {households} 户 {people} 人没有覆盖", {
      households: number(cover.households), people: number(cover.people) }), cover.cost));
  } else if (cover.stay > 0) lines.push(_("站里还留 {n} 队", { n: cover.stay }));
  else if (!why.load.incidents.length) lines.push(_("走后没有人失去覆盖"));
  return lines;
}

/** What has come of an asking. */
function loanWords(loan) {
  const now = new Date();
  if (loan.state === "asked") return loan.over ? _("没人应答，过期了") : _("等对方应答，{time} 求援", { time: moment(loan.asked_at, now) });
  if (loan.state === "accepted" && loan.exercise) return _("演练同意借到 {time}，不派去真的事件", { time: moment(loan.lent_until, now) });
  if (loan.state === "accepted") return _("同意，借到 {time}，现在可以派", { time: moment(loan.lent_until, now) });
  if (loan.state === "declined") return _("不借：{why}", { why: loan.reason });
  return loan.state === "withdrawn" ? _("撤回了") : _("已归还");
}

/** How many minutes worse than the best one, so that the order can be understood. */
const behind = (team, best) => (team === best ? null : _("比第一队差 {time}", { time: duration(team.cost - best.cost) }));

export class DispatchPart {
  /** `send(content, pressed)` takes the step; the answer is asked for at once. */
  constructor(incident, send) {
    Object.assign(this, { incident, send, gone: false, node: el("div", { class: "dispatch", "aria-live": "polite" }) });
    this.loans = [];
    this.ask();
  }

  leave() {
    this.gone = true;
  }

  async ask() {
    replace(this.node, el("p", { class: "mut s", role: "status" }, _("在算谁去最合适")));
    try {
      const { job } = await post(`/api/incidents/${encodeURIComponent(this.incident)}/dispatch`);
      const answer = await resultOf(job, { still: () => !this.gone });
      if (!answer || this.gone) return;
      this.answer = answer;
      this.draw(answer);
      this.askLoans();
    } catch (error) {
      if (this.gone) return;
      replace(this.node, el("p", { class: "mut s" }, _("没算成：{why}", { why: error.detail || error.message || _("没连上服务器") })),
        serverButton(_("再算"), () => this.ask()));
    }
  }

  /** What has come of the askings for this incident; failing, it says so and offers to fetch again. */
  async askLoans() {
    const lent = () => this.loans.filter(({ state }) => state === "accepted").length;
    const before = lent();
    try {
      this.loans = (await get(`/api/team-loans?incident=${encodeURIComponent(this.incident)}`)).items;
      this.loansFailed = null;
    } catch (error) {
      this.loansFailed = error;
    }
    if (this.gone) return;
    // What has been lent meanwhile belongs into the order.
    if (lent() > before && this.looked) {
      this.ask();
      return;
    }
    this.looked = true;
    this.draw(this.answer);
    clearTimeout(this.again);
    if (this.loans.some(({ state, over }) => state === "asked" && !over)) this.again = setTimeout(() => !this.gone && this.askLoans(), AGAIN);
  }

  draw(answer) {
    const best = answer.chosen;
    const left = Object.entries(answer.left_out).map(([why, n]) => _("{why} {n} 队", { why: _(LEFT_OUT[why] || "去不了"), n }));
    replace(this.node,
      el("h4", {}, _("按路上时间、本领、在办和走后的覆盖")),
      best ? el("ul", { class: "unit-list" }, [best, ...answer.next].map((team) => this.row(team, best)))
        : el("p", { class: "mut" }, _("没有能派的队伍")),
      left.length > 0 && el("p", { class: "mut s" }, _("没算进去：{list}", { list: terms.listed(left) })),
      this.weights(answer.weights),
      answer.help.length > 0 && [el("h4", {}, _("可以求援（不归本级调派）")),
        el("ul", { class: "unit-list" }, answer.help.map((team) => this.helpRow(team)))],
      this.loansPart(),
      el("div", { class: "row" }, el("a", { class: "btn quiet", href: `/volunteers?incident=${encodeURIComponent(this.incident)}` }, _("叫志愿者"))));
  }

  row(team, best) {
    return el("li", {}, el("button", {
      type: "button", class: "u needs dispatch-team", "data-ranked": team.team,
      disabled: document.documentElement.classList.contains("is-cut"),
      onclick: ({ currentTarget }) => this.send({ assignee: team.team }, currentTarget),
    }, this.sign(team), this.words(team, [
      team.lent_until && _("借来的，借到 {time}", { time: moment(team.lent_until, new Date()) }),
      team.estimated && _("外县，按直线估算"), ...reasons(team), behind(team, best)]), this.way(team)));
  }

  /** By which weights teams were put in order. */
  weights(held) {
    if (!held) return null;
    return el("p", { class: "mut s" }, el("a", { href: "/mutual-aid#panel-weights" },
      held.version ? _("按 {area} 第 {n} 版权重", { area: held.area, n: held.version }) : _("按默认权重")));
  }

  loansPart() {
    if (this.loansFailed) return errorLine(this.loansFailed, () => this.askLoans());
    if (!this.loans.length) return null;
    return [el("h4", {}, _("求援了")), el("ul", { class: "unit-list" }, this.loans.map((loan) =>
      el("li", { class: "u", "data-loan": loan.id }, el("span", { class: "grow" },
        el("b", { class: "clip" }, [loan.exercise && _("演练"), nameOf(loan.team)].filter(Boolean).join(" · ")),
        el("span", { class: "mut s dispatch-why" }, loanWords(loan))))))];
  }

  helpRow(team) {
    const ask = (words, exercise) => serverButton(words, (pressed) => this.help(team, exercise, pressed), { "data-help": team.team });
    return el("li", { class: "u" }, this.sign(team),
      this.words(team, [team.estimated ? _("外县，按直线估算") : null]), this.way(team),
      inDrill() ? [ask(_("演练求援"), true), ask(_("真实求援"), false)] : ask(_("求援"), false));
  }

  sign(team) {
    return unitGlyph(unitCharacter(team.kind), Boolean(team.why?.load.incidents.length), 34);
  }

  words(team, lines) {
    return el("span", { class: "grow" }, el("b", { class: "clip" }, nameOf(team)),
      lines.filter(Boolean).map((line) => el("span", { class: "mut s dispatch-why" }, line)));
  }

  way(team) {
    return el("span", { class: "right num nw" }, el("b", {}, travel(team.seconds)),
      el("span", { class: "mut s dispatch-why" }, distance(team.metres)));
  }

  async help(team, exercise, pressed) {
    await busy(pressed, async () => {
      try {
        const said = await post(`/api/incidents/${encodeURIComponent(this.incident)}/help`, { team: team.team, exercise });
        toast(said.messages
          ? _("已向 {name} 求援，写给 {n} 人", { name: nameOf(team), n: said.messages })
          : _("求援已记下；那边没有人可写，打电话去"));
        await this.askLoans();
      } catch (error) {
        toast(error.detail || error.message);
      }
    });
  }
}
