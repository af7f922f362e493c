// One row a grid: its bar, who has been heard from and when, who is accounted for.
import { el } from "../core/dom.js";
import { duration, number } from "../core/format.js";
import { emptyLine } from "../core/panels.js";
import { _, n_ } from "../core/words.js";
import { bar, legend, steps, sumsOf } from "../roll_call/bars.js";

const QUIET = 300; // Seconds without a word after which a grid that is not complete stands out.

export const label = (code) => (code.length === 15 ? `${code.slice(9, 12)}-${code.slice(12)}` : code);

/** Since when nobody has said anything of a grid, or that all are accounted for. */
export function heard(grid, now) {
  if (grid.complete) return _("都有着落");
  if (!grid.heard_at) return _("没有回音 {time}", { time: duration(grid.silent_seconds) });
  return _("{time}前有消息", { time: duration((now - new Date(grid.heard_at)) / 1000) });
}

function silent(grid, now) {
  return !grid.complete && (!grid.heard_at || (now - new Date(grid.heard_at)) / 1000 > QUIET);
}

function counts(grid) {
  return [
    grid.refused && n_("{n} 户不愿走", grid.refused), grid.no_answer && n_("{n} 户无人应", grid.no_answer),
    grid.not_found && n_("{n} 户没找到", grid.not_found), grid.climbed && n_("{n} 户已上报", grid.climbed),
    grid.help && n_("{n} 户要帮手", grid.help),
  ].filter(Boolean);
}

function row(grid, { now, chosen, choose, returning }) {
  const quiet = silent(grid, now);
  const done = returning ? grid.home : grid.arrived;
  return el("li", { class: chosen === grid.grid ? "gr sel" : "gr" },
    el("button", { type: "button", class: "gr-main", "aria-pressed": String(chosen === grid.grid), onclick: () => choose(grid.grid) },
      el("b", { class: "num" }, label(grid.grid)),
      bar(sumsOf(grid)),
      el("span", { class: "num n" }, el("b", {}, number(done)), el("span", { class: "mut" }, `/${number(grid.households)}`)),
      el("span", { class: quiet ? "s age old" : "s mut" }, heard(grid, now)),
      el("span", { class: "s mut gr-counts" }, [grid.helpers, ...counts(grid)].filter(Boolean).join(" · "))));
}

/** Grids that are not complete first, the longest silent of them on top. */
export function inOrder(grids) {
  return [...grids].sort((one, other) => one.complete - other.complete ||
    other.silent_seconds - one.silent_seconds || one.grid.localeCompare(other.grid));
}

export function drawGrids(panel, { grids, totals, plan }, on) {
  if (!grids.length) {
    panel.show(emptyLine(_("还没有开始叫应。启动转移以后，要转的户都在这里")));
    return;
  }
  const complete = grids.filter((grid) => grid.complete).length;
  panel.show(steps(sumsOf(totals)), legend(),
    el("p", { class: "pad s" }, el("b", {}, _("{n}/{all} 个网格都有着落", { n: number(complete), all: number(grids.length) })),
      plan.returning && ` · ${_("已回家 {n} 户", { n: number(totals.home) })}`),
    el("ul", {}, inOrder(grids).map((grid) => row(grid, { ...on, chosen: on.grid, returning: plan.returning }))));
}
