// What two drawings of the grids differ in, in words and as a layer of a map.
import { el } from "../core/dom.js";
import { number, signedPercent } from "../core/format.js";
import { specialUse } from "../core/terms.js";
import { _, n_ } from "../core/words.js";
import { GridLayer } from "../map/layers/grids.js";
import { SpecialLayer } from "../map/layers/special.js";
import { bandOf, BANDS } from "./bands.js";

const CHANGED = ["changed", "new", "ended", "recoded"];
const STATUS = {
  changed: "改了", new: "新的", ended: "没有了", recoded: "换了编码", renamed: "改了名", unchanged: "没变",
};

export function statusWords(status) {
  return _(STATUS[status] || "没变");
}

/** Grids of one drawing: only those that differ have a colour. */
export class ComparedGrids extends GridLayer {
  constructor(group) {
    super(group, {
      paint: ({ props }, colours) => (CHANGED.includes(props.status) ? colours[bandOf(props.deviation)?.colour] || null : null),
      note: ({ props }) => _("{n} 户 {share}", { n: number(props.households ?? 0), share: signedPercent(props.deviation) }),
    });
  }

  /** A grid that differs has a thick edge as well: one within the target has next to no colour. */
  draw(view) {
    const { ctx, colours } = view;
    for (const item of this.seen(view)) {
      if (!CHANGED.includes(item.props.status)) continue;
      view.trace(item.shape.lines, true);
      ctx.lineJoin = "round";
      ctx.lineWidth = 4;
      ctx.strokeStyle = colours.ink;
      ctx.stroke();
    }
    super.draw(view);
  }

  legend() {
    const seen = new Set(this.items.filter(({ props }) => CHANGED.includes(props.status)).map(({ props }) => bandOf(props.deviation)?.name));
    return BANDS.filter(({ name }) => seen.has(name)).map(({ name, words }) => ({ symbol: "fill", name, words }));
  }
}

/** Special grids of one drawing: those that differ say how; where one was redrawn its old edge stays. */
export class ComparedSpecial extends SpecialLayer {
  hatched({ props }) {
    return props.status !== "was";
  }

  lines(item) {
    const { status } = item.props;
    if (status === "was") return [];
    return [...super.lines(item), status !== "unchanged" && statusWords(status)].filter(Boolean);
  }
}

/** Special grids for the difference map: those of the new drawing, and what was of those that differ. */
export function specialDifference({ before_special: before, after_special: after, special }) {
  const redrawn = new Set(special.filter((row) => row.redrawn).map(({ key }) => key));
  const old = before.features
    .filter(({ id, properties }) => properties.status === "ended" || redrawn.has(id))
    .map((feature) => (redrawn.has(feature.id)
      ? { ...feature, properties: { ...feature.properties, key: `${feature.id}#`, status: "was" } } : feature));
  return { type: "FeatureCollection", features: [...old, ...after.features] };
}

/** Ground that goes from one grid to another, hatched, with how many households live on it. */
export class PieceLayer extends GridLayer {
  constructor(group) {
    super(group, { paint: () => "hatch", note: ({ props }) => n_("{n} 户", props.households, { n: number(props.households) }) });
    this.id = "piece";
  }

  legend() {
    return this.items.length ? [{ symbol: "fill", name: "hatch", words: "换网格的地" }] : [];
  }
}

/** A collection of pieces as that layer wants it. */
export function pieces(collection) {
  return {
    ...collection,
    features: collection.features.map((feature) => ({
      ...feature,
      properties: {
        ...feature.properties,
        code: String(feature.id),
        label: `${feature.properties.source || "–"} → ${feature.properties.target || "–"}`,
      },
    })),
  };
}

/** One of the two, in a few words. */
export function sideWords(side) {
  if (side.kind === "scenario") return _("方案 {id} {name}", { id: side.scenario, name: side.name || "" });
  return side.kind === "day" ? _("{day} 的网格", { day: side.day }) : _("现行网格");
}

/** The sum of it in one line. */
export function summaryWords({ totals, members, special = [] }) {
  const over = special.length > 0 && n_("{n} 个专属网格不同", special.length, { n: number(special.length) });
  const touched = totals.changed + totals.new + totals.ended;
  if (!touched && !totals.recoded && !totals.renamed) return over || _("两边一样，没有差别");
  const parts = [
    n_("{n} 户换网格", totals.households, { n: number(totals.households) }),
    n_("{n} 人", totals.people, { n: number(totals.people) }),
  ];
  if (totals.with_needs !== null) parts.push(n_("其中 {n} 户要帮助", totals.with_needs, { n: number(totals.with_needs) }));
  parts.push(n_("{n} 格改了", totals.changed, { n: number(totals.changed) }));
  if (totals.new) parts.push(n_("{n} 格新的", totals.new, { n: number(totals.new) }));
  if (totals.ended) parts.push(n_("{n} 格没有了", totals.ended, { n: number(totals.ended) }));
  if (totals.recoded) parts.push(n_("{n} 格只换编码", totals.recoded, { n: number(totals.recoded) }));
  if (totals.renamed) parts.push(n_("{n} 格只改名", totals.renamed, { n: number(totals.renamed) }));
  parts.push(n_("{n} 名网格员受影响", members.length, { n: number(members.length) }));
  parts.push(n_("{n} 格没变", totals.unchanged, { n: number(totals.unchanged) }));
  return [...parts, over].filter(Boolean).join(" · ");
}

function table(words, heads, rows) {
  return el("table", { class: "list" }, el("caption", { class: "sr" }, words),
    el("thead", {}, el("tr", {}, heads.map(([head, name = ""]) => el("th", { scope: "col", class: name }, head)))),
    el("tbody", {}, rows));
}

const arrow = (before, after) => (before === after ? number(after) : `${before === null ? "–" : number(before)} → ${after === null ? "–" : number(after)}`);

export function movesTable(moves, choose) {
  return table(_("去向"), [[_("从 → 到")], [_("户"), "n"], [_("人"), "n"], [_("平方米"), "n"]], moves.map((move) => el("tr", { "data-piece": move.piece },
    el("th", { scope: "row" }, el("button", { type: "button", class: "row-button num", onclick: () => choose(move) }, `${move.source || "–"} → ${move.target || "–"}`)),
    el("td", { class: "n num" }, number(move.households)), el("td", { class: "n num" }, number(move.people)), el("td", { class: "n num" }, number(Math.round(move.area_m2))))));
}

/** Who looks after a grid, before and after where that changes. */
function lookedAfter({ before, after }) {
  const names = [before, after].map((side) => side && (side.members.join(_("、")) || "–"));
  if (!before || !after) return names[before ? 0 : 1];
  return names[0] === names[1] ? names[0] : names.join(" → ");
}

function deviations({ before, after }) {
  return [before, after].filter(Boolean).map(({ deviation }) => signedPercent(deviation)).join(" → ");
}

export function gridsTable(grids, choose) {
  const shown = grids.filter(({ status }) => status !== "unchanged");
  const heads = [[_("网格")], [_("户数"), "n"], [_("偏差"), "n"], [_("转入 / 转出"), "n"], [_("网格员")]];
  return table(_("网格"), heads, shown.map((row) => el("tr", { "data-key": row.key },
    el("th", { scope: "row" }, el("button", { type: "button", class: "row-button num", onclick: () => choose(row) }, row.label),
      el("span", { class: "mut under" }, statusWords(row.status), row.name_after !== row.name_before && `：${row.name_before || "–"} → ${row.name_after || "–"}`)),
    el("td", { class: "n num" }, arrow(row.before?.households ?? null, row.after?.households ?? null)),
    el("td", { class: "n num" }, deviations(row)),
    el("td", { class: "n num" }, `+${number(row.gained)} / −${number(row.lost)}`),
    el("td", {}, lookedAfter(row)))));
}

/** What it was and what it is, once where that is the same. */
function turned({ before, after }, say) {
  const [old, now] = [before, after].map((side) => side && (say(side) || "–"));
  return old && now && old !== now ? `${old} → ${now}` : now || old;
}

/** Special grids that differ: nobody moves by them. */
export function specialTable(rows, choose) {
  const heads = [[_("专属网格")], [_("类别")], [_("户数"), "n"], [_("公顷"), "n"]];
  return table(_("专属网格"), heads, rows.map((row) => el("tr", { "data-special": row.key },
    el("th", { scope: "row" },
      el("button", { type: "button", class: "row-button wraps", onclick: () => choose(row) }, turned(row, ({ name }) => name) || row.label),
      el("span", { class: "mut under" }, [row.label, statusWords(row.status), row.redrawn && _("边界重画了")].filter(Boolean).join(" · "))),
    el("td", {}, turned(row, (side) => side.special_use && specialUse(side.special_use))),
    el("td", { class: "n num" }, arrow(row.before?.households ?? null, row.after?.households ?? null)),
    el("td", { class: "n num" }, turned(row, (side) => (side.area_m2 / 10_000).toFixed(2))))));
}

export function membersTable(members) {
  return table(_("受影响的网格员"), [[_("网格员")], [_("网格")], [_("户数"), "n"]], members.map((one) => el("tr", {},
    el("th", { scope: "row" }, one.name), el("td", { class: "num" }, one.grids.join(_("、"))), el("td", { class: "n num" }, arrow(one.before, one.after)))));
}

export function householdsTable(items) {
  return table(_("换网格的住户"), [[_("地址")], [_("户主")], [_("人"), "n"], [_("从 → 到")]], items.map((home) => el("tr", {},
    el("th", { scope: "row" }, home.address), el("td", {}, home.householder || "–"), el("td", { class: "n num" }, number(home.people)),
    el("td", { class: "num" }, `${home.source || "–"} → ${home.target || "–"}`))));
}
