// The parts of the panel of an incident. All words of people are text.
import { el } from "../core/dom.js";
import { distance, duration, moment, timer } from "../core/format.js";
import { levelOf } from "../core/severity.js";
import * as terms from "../core/terms.js";
import { _ } from "../core/words.js";
import { severityGlyph } from "../map/symbols.js";
import { levelWords, measures } from "../pages/details.js";
import { due, shortNumber } from "./due.js";
import { doneWords } from "./steps.js";

const PLACED = { gps: "卫星定位", finger: "手点", address: "按地址" };

export function headPart(p) {
  return el("div", { class: "details-title" }, severityGlyph(p.level, shortNumber(p.number), 40),
    el("h3", {}, p.title || terms.category(p.category)));
}

function dueWords(p, now) {
  const time = due(p, now);
  if (!time) return null;
  return `${time.late ? _("超时") : _("还剩")} ${timer(Math.abs(time.left))}`;
}

export function factsPart(p, now, gridLabel) {
  return measures([
    [_("状态"), p.assignee ? `${terms.incidentState(p.state)} · ${p.assignee.name}` : terms.incidentState(p.state)],
    [_("时限"), dueWords(p, now)],
    [_("级别"), levelOf(p.level) ? levelWords(p.level) : _("无级")],
    [_("类别"), terms.category(p.category)],
    [_("编号"), p.number],
    [_("网格"), p.grid_label || gridLabel(p.grid) || _("网格外")],
    [_("专属网格"), p.special_grid],
    [_("上报"), [moment(p.reported_at, now), terms.listed(p.reporters || [])].filter(Boolean).join(" · ")],
    [_("位置"), [p.placed_by && _(PLACED[p.placed_by] || p.placed_by),
      p.accuracy_m ? _("误差 {far}", { far: distance(p.accuracy_m) }) : null].filter(Boolean).join(" · ")],
    [_("平板时钟"), p.skew_seconds ? _("差 {time}", { time: duration(Math.abs(p.skew_seconds)) }) : null],
    [_("并入"), p.merged_into_number],
    [_("说明"), p.note && el("span", { class: "note" }, p.note)],
  ]);
}

function photoAddress(p, photo) {
  return `/api/incidents/${encodeURIComponent(photo.incident_id || p.id)}/photos/${encodeURIComponent(photo.sha256)}`;
}

/** Thumbnails; a tap shows one large over the page, any key or tap closes it. */
export function photosPart(p, closed) {
  const photos = Array.isArray(p.photos) ? p.photos : [];
  if (!photos.length) return null;
  const large = (photo, number, opener) => {
    const close = el("button", { type: "button", class: "btn" }, _("关上"));
    const dialog = el("dialog", { class: "photo-large", "aria-label": _("照片 {n}", { n: number }) },
      el("img", { src: photoAddress(p, photo), alt: _("事件 {number} 的照片 {n}", { number: p.number, n: number }) }),
      close);
    const end = () => {
      dialog.close();
      dialog.remove();
      opener.focus();
      closed();
    };
    close.addEventListener("click", end);
    dialog.addEventListener("click", (event) => { if (event.target === dialog) end(); });
    dialog.addEventListener("cancel", (event) => { event.preventDefault(); end(); });
    document.body.append(dialog);
    dialog.showModal();
  };
  return el("ul", { class: "photos", "aria-label": _("照片") }, photos.map((photo, i) => {
    if (photo.state !== "stored") {
      return el("li", { class: "photo-none mut s" }, photo.state === "refused"
        ? _("一张照片没收下") : _("一张照片还在路上"));
    }
    const opener = el("button", { type: "button", class: "photo", "aria-label": _("放大照片 {n}", { n: i + 1 }),
      onclick: () => large(photo, i + 1, opener) },
    el("img", { src: photoAddress(p, photo), alt: "", loading: "lazy" }));
    return el("li", {}, opener);
  }));
}

export function nearPart(p, choose) {
  const near = p.duplicates || [];
  if (!near.length) return null;
  return el("section", { class: "part" }, el("h4", {}, _("附近的未结事件，可能是同一件")),
    el("ul", { class: "unit-list" }, near.map((one) => el("li", {}, nearRow(one, choose)))));
}

/** One close by; of one in somebody else's grid no more than number, kind and distance is known. */
function nearRow(one, choose) {
  const kind = terms.category(one.category);
  const words = [el("b", { class: "num" }, shortNumber(one.number)),
    el("span", { class: "grow" }, el("b", { class: "clip" }, one.title ?? kind),
      el("span", { class: "mut s clip" }, one.id ? [kind, " · ", terms.incidentState(one.state)] : _("在别的网格"))),
    el("b", { class: "num nw" }, distance(one.metres))];
  return one.id ? el("button", { type: "button", class: "u", onclick: () => choose(one) }, words) : el("div", { class: "u" }, words);
}

/** Reports that came under the same id with other content: refused as copies, kept to be read. */
export function conflictsPart(p, now) {
  const conflicts = p.conflicts || [];
  if (!conflicts.length) return null;
  const text = (one) => (one.content && typeof one.content === "object"
    ? [one.content.title, one.content.note, terms.category(one.content.category)].filter(Boolean).join(" · ")
    : String(one.content ?? ""));
  return el("section", { class: "part" }, el("h4", {}, _("同一编号还来过不一样的内容")),
    el("ul", { class: "history" }, conflicts.map((one) => el("li", {},
      el("span", { class: "num" }, moment(one.at, now)),
      el("span", {}, el("b", {}, one.by || "–"), " ", el("span", { class: "note" }, text(one)))))));
}

export function historyPart(p, now) {
  const history = p.history || [];
  if (!history.length) return null;
  return el("section", { class: "part" }, el("h4", {}, _("经过")),
    el("ol", { class: "history" }, history.map((one) => el("li", {},
      el("span", { class: "num" }, moment(one.at, now)),
      el("span", {}, el("b", {}, doneWords(one.verb)),
        one.assignee ? ` ${_("给 {who}", { who: one.assignee })}` : "",
        one.number ? ` ${_("事件 {number}", { number: one.number })}` : "",
        one.by ? el("span", { class: "mut" }, ` · ${one.by}`) : "",
        one.text && el("span", { class: "note" }, one.text))))));
}
