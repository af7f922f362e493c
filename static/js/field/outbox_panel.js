// The outbox as the member sees it: every item with its state, why it waits and what to do.
import { byId, el, replace } from "../core/dom.js";
import { moment } from "../core/format.js";
import { emptyLine } from "../core/panels.js";
import { _, n_ } from "../core/words.js";
import { lacking, photosInWords } from "./report_body.js";
import { button, sign } from "./rows.js";
import { canEdit, unsent } from "./states.js";

const MOST_ROWS = 40;
const WORDS = { draft: "草稿", queued: "待发", sending: "正在发", accepted: "已收到", refused: "未收下" };
const WHY = {
  unreachable: "没有网络，有网就发", stranger: "网络没通到服务器，等着再发", server: "服务器这会儿收不下，等着再发",
  signin: "登录后接着发", token: "等着再发",
};

function photoLine(photos) {
  const stored = photos.filter(({ state }) => state === "stored").length;
  return _("已传 {n}/{all} 张，有网接着传", { n: stored, all: photos.length });
}

function refusedPhotos(photos) {
  const bad = (photos || []).filter(({ state }) => state === "refused" || state === "lost");
  return bad.length ? _("{n} 张照片未收下：{why}", {
    n: bad.length, why: bad[0].problem?.detail || bad[0].problem?.title || _("平板上没有了"),
  }) : "";
}

function skewWords(seconds) {
  if (!seconds) return "";
  const minutes = Math.max(1, Math.round(Math.abs(seconds) / 60));
  return seconds > 0 ? _("平板的钟快 {n} 分钟", { n: minutes }) : _("平板的钟慢 {n} 分钟", { n: minutes });
}

const LINES = {
  draft: ({ content, kind }) => {
    const missing = kind === "report" ? lacking(content.form) : [];
    return missing.length ? _("差一项：{what}", { what: missing.join(_("、")) }) : _("填好了，还没发");
  },
  queued: ({ content }, now, way) => _(WHY[way] || (content.why && WHY[content.why]) || "排着，马上发"),
  sending: ({ content, received }, now, way) => (received ? photoLine(content.photos) : _(WHY[way] || "正在传给服务器")),
  accepted: ({ content }, now) => [
    _("{time} 服务器已存", { time: moment(content.receipt.reported_at || content.receipt.done_at || content.receipt.at, now) }),
    content.receipt.number && _("编号 {number}", { number: content.receipt.number }),
    content.receipt.grid_label, skewWords(content.skew), refusedPhotos(content.photos),
  ].filter(Boolean).join(" · "),
  refused: (item) => refusedLine(item),
};

function refusedLine({ kind, content }) {
  const { conflict, detail, title, faults } = content.problem;
  if (conflict && kind === "report") return _("服务器上这个编号已有另一份内容，两份都留着。换个编号再发");
  const outside = (faults || []).some(({ message }) => message === "outside the county");
  return outside ? _("位置在本县之外。点地图重选位置再发") : detail || title;
}

/** True when what the server refused is the place. */
export function aboutPlace({ content }) {
  return (content.problem?.faults || []).some(({ place }) => /geometry|lon|lat|place/.test(place));
}

function action(item, on) {
  if (item.state === "accepted") return button(_("收走"), () => on.remove(item), "quiet");
  if (item.state === "draft") return button(_("接着填"), () => on.edit(item));
  if (item.state === "refused" && (item.content.problem.conflict || ["call_step", "arrival"].includes(item.kind))) {
    return button(item.kind === "report" ? _("换编号再发") : _("收走"), () => on.renumber(item));
  }
  if (item.state === "refused") return button(aboutPlace(item) ? _("改位置") : _("改"), () => on.edit(item));
  if (canEdit(item)) return button(_("改"), () => on.edit(item), "quiet");
  return null;
}

function row(item, on, now, way) {
  const { state, content } = item;
  const photos = photosInWords(content.photos);
  return el("li", { class: "ob", "data-state": state, "data-id": item.id },
    el("span", { class: "ob-sign" }, sign(state)),
    el("b", { class: "ob-word" }, _(WORDS[state])),
    el("span", { class: "grow" }, el("span", { class: "ob-title" }, [content.title, photos].filter(Boolean).join(" · ")),
      el("span", { class: "mut s" }, LINES[state](item, now, way))),
    action(item, on));
}

/** `on`: edit(item), renumber(item), remove(item), exportAll(), clear(). */
export class OutboxPanel {
  constructor(section, on) {
    Object.assign(this, { section, on, most: MOST_ROWS });
    byId("outbox-export").addEventListener("click", () => on.exportAll());
    byId("outbox-clear").addEventListener("click", () => on.clear());
  }

  draw(items, { now, others = 0, persisted = null, way = "ok", full = false }) {
    const waiting = items.filter(({ state }) => state !== "accepted").length;
    byId("outbox-count").textContent = items.length
      ? _("{all} 条 · 未发 {n} 条", { all: items.length, n: waiting }) : "";
    byId("outbox-export").hidden = !items.length;
    byId("outbox-clear").hidden = !items.some(({ state }) => state === "accepted");
    const first = ({ state }) => (state === "refused" ? 0 : 1);
    const order = [...items].sort((one, other) => first(one) - first(other) || other.order - one.order);
    const body = this.section.querySelector(".body");
    const held = document.activeElement?.closest(".ob")?.dataset.id;
    replace(body, items.length
      ? el("ul", {}, order.slice(0, this.most).map((item) => row(item, this.on, now, way)))
      : emptyLine(_("没有要发的。点“报事”开始")),
    order.length > this.most && button(n_("还有 {n} 条", order.length - this.most), () => {
      this.most += MOST_ROWS;
      this.on.redraw();
    }, "quiet"));
    if (held) body.querySelector(`[data-id="${CSS.escape(held)}"] button`)?.focus();
    this.notes(others, persisted, full);
  }

  notes(others, persisted, full) {
    const lines = [
      full && _("平板快存满了。发件箱里的都在；收走已收到的，再导出一份到文件"),
      others && n_("这台平板上还有别人没发的 {n} 条，等本人登录再发", others),
      persisted === false && _("浏览器没答应长久保存。把本页装到桌面再打开一次，清理数据时才不会丢"),
    ].filter(Boolean);
    const box = byId("outbox-notes");
    box.hidden = !lines.length;
    replace(box, lines.map((line) => el("p", { class: "s mut" }, line)));
  }
}

/** What is not yet with the server, in one line that is always seen. */
export function waitingWords(items) {
  const count = (wanted) => items.filter(({ state }) => state === wanted).length;
  const waiting = unsent(items).length;
  if (waiting) return n_("{n} 条待发", waiting);
  if (count("refused")) return n_("{n} 条未收下", count("refused"));
  return count("draft") ? n_("{n} 条草稿", count("draft")) : _("都已送到");
}
