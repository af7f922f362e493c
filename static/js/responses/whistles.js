// 吹哨报到: who is called, who has answered, what came of it; in the order of calling, nobody ranked.
import { attempt, boxes, choice, form, line, text } from "./form.js";
import { ask, close as closeMap, look } from "./where.js";
import { toast } from "../pages/common.js";
import { get, post } from "../core/api.js";
import { el } from "../core/dom.js";
import { moment, timer } from "../core/format.js";
import * as words from "../core/response_words.js";
import { _ } from "../core/words.js";
import { serverButton } from "../duty/buttons.js";

const ANSWERS = { on_the_way: "在路上", arrived: "到了", cannot: "来不了" };

/** The form that calls departments; of a response when its number is given. */
export async function openBlow(place, again, response = null) {
  const teams = await attempt(place, () => get("/api/whistles/teams"));
  if (!teams) return;
  const spot = pointField();
  const fields = [text("matter", _("什么事"), { most: 500, rows: 2 }), line("place", _("在哪里")),
    line("minutes", _("多少分钟内应答"), { type: "number", value: 15, min: 1, max: 10080 }),
    spot, boxes("teams", _("叫哪些部门"), teams.map((one) => [one.id, one.name]))];
  if (!response) fields.push(choice("exercise", _("真的还是演练"), [[false, _("真的")], [true, _("演练")]], false));
  place(form({ title: _("吹哨叫部门"), fields, go: _("吹哨"), close: () => {
    closeMap();
    place(null);
  }, done: () => {
    toast(_("哨吹出去了，没人应会自动升级"));
    again();
  }, send: (values) => post("/api/whistles", { ...values, ...(response ? { response } : {}) }) }));
}

/** The place as a point, where words do not say it all: put by a tap on the map, taken away again. */
function pointField() {
  let point = null;
  const said = el("span", { class: "mut s", role: "status" });
  const drop = el("button", { type: "button", class: "btn", hidden: true, onclick: () => set(null) }, _("不标位置"));
  const set = (at) => {
    point = at;
    drop.hidden = !at;
    said.textContent = at ? _("已标在图上") : _("没有标位置，只看上面的话");
    if (!at) closeMap();
  };
  set(null);
  const node = el("div", { class: "wide row wrap" }, el("button", { type: "button", class: "btn", onclick: () => ask(set, point) }, _("在图上标位置")), drop, said);
  return { name: "geometry", node, read: () => point && { type: "Point", coordinates: point } };
}

async function reply(call, state, reason, again) {
  try {
    await post(`/api/whistles/calls/${call.id}/answer`, { state, reason });
  } catch (error) {
    toast(_("没存上：{why}", { why: error.detail || error.message }));
  }
  again();
}

function answerButton(call, state, place, again) {
  return serverButton(_(ANSWERS[state]), () => {
    if (state !== "cannot") {
      reply(call, state, "", again);
      return;
    }
    place(form({ title: _("{team} 来不了", { team: call.team }), fields: [text("reason", _("原因"), { most: 500, rows: 2 })], go: _("报上去"),
      close: () => place(null), done: again, send: ({ reason }) => post(`/api/whistles/calls/${call.id}/answer`, { state, reason }) }));
  }, { primary: call.mine && state !== "cannot" });
}

function openClose(one, place, again) {
  const fields = one.calls.flatMap((call) => [
    choice(`result-${call.id}`, call.team, words.RESULT_KEYS.map((key) => [key, words.result(key)]), "solved"),
    line(`words-${call.id}`, _("说明（可不填）"), { needed: false, most: 500 })]);
  place(form({ title: _("评价：{what}", { what: one.matter }), note: _("说这件事办得怎样，不给人打分，不排名。"), fields, go: _("评价并结束"),
    close: () => place(null), done: again,
    send: (values) => post(`/api/whistles/${one.id}/close`, { results: one.calls.map((call) => ({ call: call.id, result: values[`result-${call.id}`], words: values[`words-${call.id}`] })) }) }));
}

function callRow(call, { now, place, again }) {
  const waits = call.state === "called";
  const seconds = Math.round((new Date(call.due_at) - now) / 1000);
  return el("li", { class: "call" }, el("b", {}, call.team), el("span", { class: call.mine ? "chip acc" : "chip" }, words.callState(call.state)),
    waits && el("span", {}, el("b", { class: "num", "data-due": call.due_at }, timer(Math.abs(seconds))), el("span", {}, seconds < 0 ? _("超时") : _("还剩"))),
    el("span", { class: "mut s" }, [call.answered_at && moment(call.answered_at, now), call.reason, waits && call.escalations > 0 && _("已升到{tier}", { tier: words.tier(call.tier) }),
      call.result && words.result(call.result), call.words].filter(Boolean).join(" · ")),
    call.answers.map((state) => answerButton(call, state, place, again)));
}

/** One whistle with its calls. */
export function whistleCard(one, context) {
  const { now, place, again } = context;
  return el("li", { class: "whistle", "data-id": one.id },
    el("p", {}, one.exercise && el("b", { class: "drill-word" }, _("演练")), " ", el("b", {}, one.matter), " ",
      one.state === "closed" && el("span", { class: "chip line" }, _("已结束"))),
    el("p", { class: "mut s" }, [one.place, one.by, moment(one.at, now)].filter(Boolean).join(" · ")),
    one.point && el("p", {}, el("button", { type: "button", class: "btn", onclick: () => look(one) }, _("在图上看"))),
    el("ul", {}, one.calls.map((call) => callRow(call, context))),
    one.may_close && el("div", { class: "row" }, serverButton(_("评价并结束"), () => openClose(one, place, again))));
}
