// What a step asks for before it is sent: a level, a team, a reason, the other incident.
import { el, replace } from "../core/dom.js";
import { distance } from "../core/format.js";
import { levelOf, roman } from "../core/severity.js";
import * as terms from "../core/terms.js";
import { _ } from "../core/words.js";
import { severityGlyph, unitGlyph } from "../map/symbols.js";
import { unitCharacter, unitWord } from "../map/layers/places.js";
import { serverButton } from "./buttons.js";
import { shortNumber } from "./due.js";
import { REASONS, stepWords } from "./steps.js";

const EARTH = 6371008.8;
const MOST_TEAMS = 8;

/** Metres between two positions; good enough to sort teams by. */
export function metresBetween(one, other) {
  const rad = Math.PI / 180;
  const x = (other[0] - one[0]) * rad * Math.cos(((one[1] + other[1]) / 2) * rad);
  const y = (other[1] - one[1]) * rad;
  return Math.hypot(x, y) * EARTH;
}

/** Teams on duty: free ones first, then the nearest. */
export function rankTeams(teams, place, inUse) {
  return teams.filter(({ properties }) => properties.on_duty)
    .map((feature) => ({
      ...feature.properties,
      metres: feature.geometry ? metresBetween(place, feature.geometry.coordinates) : Infinity,
      incident: inUse.get(String(feature.properties.id)) || null,
    }))
    .sort((one, other) => Boolean(one.incident) - Boolean(other.incident) || one.metres - other.metres);
}

function heading(words) {
  return el("h4", {}, words);
}

function levelForm({ props, send }) {
  const reported = levelOf(props.level);
  // What was reported is a suggestion and not a choice: nothing is set until a level is pressed.
  const button = (level) => serverButton([
    severityGlyph(level, terms.colourSign(level), 28),
    `${terms.colourName(level)} ${roman(level)}`,
    level === reported && el("small", {}, _("报的")),
  ], (pressed) => send({ level }, pressed), level === reported
    ? { class: "btn needs suggested" } : {});
  // A social-security event has no level and gets none.
  return [heading(_("属实，点一个级别")), el("div", { class: "choices" },
    [1, 2, 3, 4].map(button),
    props.level === null && serverButton(_("无级，照核实"), (pressed) => send({}, pressed), { primary: true }))];
}

function teamForm({ props, place, teams, inUse, send, dispatch }) {
  const ranked = rankTeams(teams, place, inUse);
  const row = (team) => el("li", {}, el("button", {
    type: "button", class: "u needs", "data-team": team.id, onclick: ({ currentTarget }) => send({ assignee: team.id }, currentTarget),
    disabled: document.documentElement.classList.contains("is-cut"),
  },
  unitGlyph(unitCharacter(team.kind), Boolean(team.incident), 34),
  el("span", { class: "grow" }, el("b", { class: "clip" }, team.name || unitWord(team.kind)),
    el("span", { class: "mut s clip" }, team.incident
      ? _("在用 · 事件 {number}", { number: team.incident.number })
      : _("空闲"))),
  el("b", { class: "num nw" }, Number.isFinite(team.metres) ? distance(team.metres) : "–")));
  const list = el("ul", { class: "unit-list team-list" }, ranked.slice(0, MOST_TEAMS).map(row));
  const others = ranked.length > MOST_TEAMS && el("button", { type: "button", class: "btn quiet", onclick: ({ currentTarget }) => {
    replace(list, ranked.map(row));
    currentTarget.remove();
  } }, _("看全部 {n} 队", { n: ranked.length }));
  return [dispatch, heading(props.assignee ? _("改派给（空闲的和近的在前）") : _("派给（空闲的和近的在前）")),
    ranked.length ? list : el("p", { class: "mut" }, _("没有在岗的队伍")), others];
}

function wordsForm({ name, props, typed, needed, send }) {
  const field = el("textarea", {
    class: "field", rows: 2, maxlength: 2000, id: "step-text",
    oninput: () => { typed.text = field.value; },
  });
  field.value = typed.text || "";
  const key = needed ? "reason" : "text";
  const go = serverButton(stepWords(name, props.state), (pressed) => {
    const text = field.value.trim();
    if (needed && !text) {
      field.setAttribute("aria-invalid", "true");
      field.focus();
      return;
    }
    send(text ? { [key]: text } : {}, pressed);
  }, { primary: true });
  return [
    el("h4", {}, el("label", { for: "step-text" }, needed ? _("为什么（上报的人看得到）") : _("说明（可不写）"))),
    // One tap on a usual reason sends it: it is the second of two.
    el("div", { class: "choices" }, (REASONS[name] || []).map((reason) =>
      serverButton(_(reason), (pressed) => send({ [key]: _(reason) }, pressed)))),
    field, el("div", { class: "row right-end" }, go),
  ];
}

function otherForm({ props, picking, merge }) {
  const near = (props.duplicates || []).filter((one) => one.id).map((one) => el("li", {}, el("button", {
    type: "button", class: "u needs", onclick: () => merge(one),
    disabled: document.documentElement.classList.contains("is-cut"),
  },
  el("b", { class: "num" }, shortNumber(one.number)),
  el("span", { class: "grow" }, el("b", { class: "clip" }, one.title),
    el("span", { class: "mut s clip" }, terms.incidentState(one.state))),
  el("b", { class: "num nw" }, distance(one.metres)))));
  return [heading(_("并入哪一件（本件会结掉）")),
    near.length ? el("ul", { class: "unit-list" }, near) : el("p", { class: "mut" }, _("150 米内没有别的未结事件")),
    el("div", { class: "row" }, el("button", { type: "button", class: "btn", onclick: picking }, _("在图上或列表里选")))];
}

const FORMS = {
  level: levelForm,
  team: teamForm,
  text: (asked) => wordsForm({ ...asked, needed: false }),
  reason: (asked) => wordsForm({ ...asked, needed: true }),
  other: otherForm,
};

/** The form of a step; see STEPS for what it asks. */
export function stepForm(asks, asked) {
  return el("div", { class: "step-form" }, FORMS[asks](asked));
}
