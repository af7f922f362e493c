// Words of messages: by which way, what is told, what came of it and why.
import { _ } from "../core/words.js";

export const WAYS = { inbox: "站内信", sms: "短信", loudspeaker: "广播", mail: "邮件" };
export const STATES = { queued: "未发出", not_configured: "未发出", failed: "没发成", sent: "已发出", delivered: "已看到", cancelled: "已停发" };
/** What the list may be cut down to; several states of a message are one for people. */
export const SHOWN = { waiting: "未发出", failed: "没发成", sent: "已发出", cancelled: "已停发" };
const WHY = {
  not_configured: "没有设置网关", gateway_away: "连不上网关", gateway_busy: "网关忙，等着再发", gateway_refused: "网关不收",
  mail_server_away: "连不上邮件服务器", mail_server_refused: "邮件服务器不收", bad_address: "地址不对", too_late: "过了时候",
  no_drill_mark: "演练没有标出来", over: "事情已结束", superseded: "被新的替代", by_hand: "有人停发",
};
export const KINDS = {
  plan_members: "转移：网格员", plan_changed: "转移改动：网格员", plan_shelters: "转移：安置点", plan_shelters_changed: "转移改动：安置点",
  plan_public: "转移：群众广播", plan_offices: "转移：值班室", plan_closed: "转移结束", plan_closed_public: "转移结束：广播", plan_lifted: "险情解除，还不能回",
  plan_lifted_public: "险情解除：广播", return_open: "可以回家", return_open_public: "可以回家：广播",
  hazard_declared: "险情发布", hazard_adjusted: "险情变化", hazard_lifted: "险情解除", hazard_public: "险情：广播",
  hazard_lifted_public: "险情解除：群众广播", alert_issued: "预警发布", alert_updated: "预警更新", alert_cancelled: "预警解除",
  call_late: "没人应答", help_asked: "求援", help_lent: "来支援", help_declined: "来不了", drill_reminder: "演练提醒",
  free: "自己写的", other: "其他",
};
const TRIES = { sent: "发出", delivered: "看到", failed: "没发成", busy: "没发成，等着再发", not_configured: "没有设置网关", again: "再发", cancelled: "停发" };

export const kindWord = (kind) => _(KINDS[kind] || KINDS.other);
export const tryWord = (what) => _(TRIES[what]);
export const reason = (why) => (why ? _(WHY[why] || "排着，马上发") : "");

/** Why a message has not gone out; nothing for one that has. */
export function why(message) {
  if (message.state === "cancelled") return reason(message.why);
  return message.unsent ? _(WHY[message.why] || "排着，马上发") : "";
}
