// One warning in full: the eight fields of the law, what was put right, the chain it belongs to.
import { post } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import { moment } from "../core/format.js";
import { may } from "../core/page.js";
import { levelOf } from "../core/severity.js";
import * as terms from "../core/terms.js";
import { toast } from "../core/toast.js";
import { _ } from "../core/words.js";
import { busy, serverButton } from "../duty/buttons.js";
import { ask } from "../duty/dialog.js";
import { kindOptions } from "../duty/hazard_levels.js";
import { severityGlyph } from "../map/symbols.js";
import { noteWords, stateWord, statusWord, typeWord } from "./alerts_words.js";
import { levelWords, measures } from "./details.js";

/** The sign of a warning; an exercise has no colour and no shape of one. */
export function signOf(alert, size = 40) {
  return alert.exercise ? el("b", { class: "drill-word" }, _("演练"))
    : severityGlyph(alert.severity, terms.colourSign(alert.severity), size);
}

async function declare(alert, kind, done) {
  const sure = await ask({
    title: alert.exercise ? _("演练：宣布 {name}", { name: alert.headline }) : _("宣布 {name}", { name: alert.headline }),
    lines: [
      [terms.hazardKind(kind), levelOf(alert.severity) ? levelWords(alert.severity) : null].filter(Boolean).join(" · "),
      alert.exercise ? _("所有值守地图都会显示“演练”，发出的消息开头都标着。") : _("所有值守地图立刻显示，红色和橙色会响铃。安置点若在范围里就不再用。"),
      _("宣布后留在记录里，只能解除，不能删掉。"),
    ],
    go: _("现在宣布"), stay: _("不宣布"),
  });
  if (!sure) return;
  await post(`/api/alerts/${encodeURIComponent(alert.id)}/declare`, { kind });
  toast(_("已宣布为险情"));
  done();
}

async function cancel(alert, reason, done) {
  const sure = await ask({
    title: _("解除预警 {name}", { name: alert.headline }),
    lines: [_("发一条解除消息，写明解除的是哪一条。险情要另外解除。")],
    go: _("解除预警"), stay: _("不解除"),
  });
  if (!sure) return;
  await post(`/api/alerts/${encodeURIComponent(alert.id)}/cancel`, { reason });
  toast(_("预警已解除"));
  done();
}

/** A response to a warning: tests, drafts and answers warn of nothing. */
const heeded = ({ status, msg_type: type }) => ["Actual", "Exercise"].includes(status) && ["Alert", "Update"].includes(type);

function steps(alert, { changed, update, say, begin }) {
  const trying = (work) => (pressed) => busy(pressed, async () => {
    try {
      await work();
    } catch (error) {
      say(error.status === 0 ? _("没连上服务器") : error.detail || error.message);
    }
  });
  const parts = [];
  if (alert.can_declare && may("hazard.declare")) {
    const kind = el("select", { class: "select", "aria-label": _("种类") }, kindOptions(alert.kind));
    parts.push(kind, serverButton(_("宣布为险情"), trying(() => declare(alert, kind.value, changed)), { primary: true }));
  }
  if (alert.in_force && alert.direction === "issued" && may("hazard.declare")) {
    const why = el("input", { class: "field", maxlength: 500, "aria-label": _("为什么解除"), placeholder: _("为什么解除") });
    parts.push(serverButton(_("更新"), () => update(alert), { primary: true }), why, serverButton(_("解除预警"), trying(async () => {
      if (why.value.trim()) return cancel(alert, why.value.trim(), changed);
      say(_("写上为什么解除"));
      return why.focus();
    })));
  }
  if (alert.in_force && may("hazard.declare") && heeded(alert)) {
    parts.push(el("button", { type: "button", class: "btn", onclick: () => begin(alert) }, _("启动响应")));
  }
  if (alert.hazard) parts.push(el("a", { class: "btn", href: "/map" }, _("看值守地图")));
  parts.push(el("a", { class: "btn", href: `/api/alerts/${encodeURIComponent(alert.id)}.cap`, download: true }, _("CAP 文件")));
  return el("div", { class: "choices pad steps" }, parts);
}

/** One line of the list or of a chain. */
export function line(alert, now, choose) {
  const dead = !alert.in_force;
  return el("button", { type: "button", class: dead ? "alert-row over" : "alert-row", "data-id": alert.id, onclick: () => choose(alert.id) },
    signOf(alert, 34), el("b", {}, alert.headline), el("span", { class: "state" }, stateWord(alert)),
    el("span", { class: "s" }, [
      alert.issuer, moment(alert.sent, now), alert.expires_at && _("到 {time}", { time: moment(alert.expires_at, now) }),
      alert.area_desc, alert.notes.length > 0 && _("有更正"), alert.hazard && _("已宣布为险情"),
    ].filter(Boolean).join(" · ")));
}

export function detail(body, alert, { now, choose, ...acts }) {
  const time = (value) => (value ? moment(value, now) : null);
  replace(body,
    el("div", { class: "details-title" }, signOf(alert), el("h3", {}, alert.headline)),
    alert.exercise && el("p", { class: "drill-band" }, el("b", {}, _("演练")), el("span", {}, _("不是真的，消息都标演练"))),
    el("p", { class: "pad" }, el("b", {}, stateWord(alert))),
    steps(alert, acts),
    alert.notes.length > 0 && el("div", { class: "alert-notes" }, el("b", {}, _("收到时作了更正")),
      el("ul", {}, alert.notes.map((note) => el("li", {}, noteWords(note))))),
    measures([
      [_("类别"), [alert.class && terms.hazardClass(alert.class), alert.event].filter(Boolean).join(" · ")],
      [_("级别"), levelOf(alert.severity) ? levelWords(alert.severity) : _("无级")],
      [_("起始时间"), time(alert.starts_at)],
      [_("有效到"), time(alert.expires_at)],
      [_("影响范围"), alert.area_desc],
      [_("警示事项"), alert.description || "–"],
      [_("措施"), alert.instruction || "–"],
      [_("发布单位"), alert.issuer],
      [_("发布时间"), time(alert.sent)],
      [_("来路"), alert.direction === "issued" ? _("本县发布") : _("外面收到")],
      [_("性质"), `${statusWord(alert.status)} · ${typeWord(alert.msg_type)}`],
      [_("原因"), alert.reason],
      [_("经手"), alert.by],
      [_("编号"), `${alert.sender} · ${alert.identifier}`],
    ]),
    alert.chain.length > 1 && [el("h3", { class: "pad" }, _("前后几条")),
      el("div", { class: "alert-chain" }, alert.chain.map((each) => line(each, now, choose)))]);
}
