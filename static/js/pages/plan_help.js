// What holds people back and what would help: streets too narrow, beds that are short; and who is
// fetched by which vehicle, or why nobody comes.
import { post } from "../core/api.js";
import { el } from "../core/dom.js";
import { number } from "../core/format.js";
import * as terms from "../core/terms.js";
import { _, n_ } from "../core/words.js";
import { ask } from "../planner/dialog.js";

const LEFT = {
  no_vehicle: "没有车", no_shelter: "没有去处", not_snapped: "附近没有路", no_way_in: "车进不去",
  no_way_out: "没有安全的路出来", no_wheelchair_place: "没有轮椅位", too_many: "座位不够一户", too_late: "来不及", no_time: "车都忙",
};

const minutes = (seconds) => _("{n} 分钟", { n: number(Math.ceil(seconds / 60)) });

function cutWords(cut) {
  const names = terms.listed(cut.names || []) || _("出口");
  const all = number(cut.people);
  if (cut.kind === "closed") return _("打通{names}，{all} 人就有路", { names, all });
  if (cut.kind === "hazard") return _("险情里的{names}要保住，{all} 人才出得去", { names, all });
  if (cut.kind === "beds") return _("路和床位一共只够 {n} 人，要 {all} 人", { n: number(cut.carries), all });
  return _("{names} 每小时只过 {n} 人，要过 {all} 人", { names, n: number(cut.per_hour), all });
}

/** Why some have no place, or none in time, and what would do; `look` shows it on the map. */
export function remedies(plan, look) {
  const { cuts } = plan;
  if (!cuts) return null;
  return el("section", { id: "plan-cuts" }, el("h3", { class: "pad" }, _("卡在哪里")),
    el("ul", { class: "pad s links" },
      (cuts.cuts || []).map((cut) => el("li", {}, cut.geometry?.coordinates?.length
        ? el("button", { type: "button", class: "row-button", onclick: () => look({ ...cut, name: terms.listed(cut.names || []) }) }, cutWords(cut))
        : cutWords(cut))),
      (cuts.beds || []).map((row) => el("li", {}, _("{name}再加 {n} 个床位就够", { name: row.name, n: number(row.beds) })))),
    el("p", { class: "pad s mut" }, n_("按 {n} 小时内走完算", cuts.hours)));
}

/** What fairness and a way out in reserve cost: person-minutes more on the way. */
export function costs(plan) {
  const { tolerance, robust } = plan.totals || {};
  const price = (sum) => number(Math.round(sum / 60));
  const lines = [
    tolerance && _("限了最远倍数：全体多走 {n} 人分钟，少排上 {m} 人", {
      n: price(tolerance.price_person_seconds),
      m: number(Math.max(0, tolerance.without.served_people - tolerance.with.served_people)),
    }),
    robust && _("留好退路：全体多走 {n} 人分钟，{m} 人留不出退路", { n: price(robust.price_person_seconds), m: number(robust.not_people) }),
  ].filter(Boolean);
  return lines.length > 0 && el("ul", { class: "pad s", id: "plan-costs" }, lines.map((line) => el("li", {}, line)));
}

/** What would fetch those who are left: vehicles more, or more time. */
function remedyWords(one) {
  const fetched = { h: number(one.households), p: number(one.people) };
  if (one.kind === "later") return _("晚 {n} 分钟清空，多接 {h} 户 {p} 人", { n: number(Math.ceil(one.seconds / 60)), ...fetched });
  return _("再来 {n} 辆车（{s} 座、{w} 个轮椅位）停在{place}，多接 {h} 户 {p} 人", {
    n: number(one.count), s: number(one.seats), w: number(one.wheelchairs), place: one.place || _("安置点"), ...fetched,
  });
}

/** Who is fetched, tour by tour. */
export function pickups(plan, look, added) {
  const { tours } = plan;
  if (!tours) return null;
  const able = (plan.can || []).includes("draft");
  return el("section", { id: "plan-tours" }, el("h3", { class: "pad" }, _("派车接")),
    el("p", { class: "pad s" }, _("要接 {h} 户 {p} 人", { h: number(tours.households), p: number(tours.people) })),
    el("ul", { class: "pad s links" },
      tours.tours.map((tour) => el("li", {}, el("button", { type: "button", class: "row-button", onclick: () => look(tour) },
        _("{vehicle} 第 {n} 趟：{h} 户 {p} 人到{shelter}，{time} 后到", {
          vehicle: tours.vehicles[tour.vehicle] || tour.vehicle, n: tour.tour, h: number(tour.households),
          p: number(tour.people), shelter: tour.shelter, time: minutes(tour.arrive),
        })))),
      Object.entries(tours.left || {}).map(([word, sum]) => el("li", {}, el("b", {}, _("没人接：{why}", { why: _(LEFT[word] || word) })), " ",
        _("{h} 户 {p} 人", { h: number(sum.households), p: number(sum.people) }))),
      tours.off_duty?.length > 0 && el("li", {}, _("不在时段、没算进去的车：{names}", { names: tours.off_duty.join(_("，")) })),
      (tours.remedies || []).map((one) => el("li", { class: "remedy" }, remedyWords(one)))),
    able && el("div", { class: "pad" }, el("button", { type: "button", class: "btn", id: "add-vehicle", onclick: () => addVehicle(plan, added) }, _("加一辆车"))));
}

/** A vehicle that waits at one of the shelters; plans made from now on count it. */
async function addVehicle(plan, added) {
  const places = plan.shelters || [];
  const done = await ask({
    title: _("加一辆车"),
    lines: [_("登记后重新起草才算进去。")],
    fields: [
      { name: "name", label: _("车名或车牌"), maxlength: 80, required: true, autocomplete: "off" },
      { name: "seats", label: _("座位"), type: "number", min: "1", max: "100", value: "8", required: true },
      { name: "wheelchairs", label: _("轮椅位"), type: "number", min: "0", max: "20", value: "1", required: true },
      { name: "ready_minutes", label: _("令下后几分钟能出车"), type: "number", min: "0", max: "600", value: "15", required: true },
      { name: "place", label: _("停在"), options: places.map((one) => [String(one.id), one.name]) },
    ],
    go: _("登记"),
    leave: _("不登记"),
    grave: false,
    run: ({ name, seats, wheelchairs, ready_minutes: ready, place }) => {
      const { lon, lat } = places.find(({ id }) => String(id) === place);
      return post("/api/vehicles", {
        name: name.trim(), seats: Number(seats), wheelchairs: Number(wheelchairs), ready_minutes: Number(ready), lon, lat,
      });
    },
    explain: (problem) => problem.detail || problem.title,
  });
  if (done) added();
}
