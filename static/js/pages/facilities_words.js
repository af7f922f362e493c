// What is said of a facility, in words: for the list, the form and the map.
import { moment, number } from "../core/format.js";
import { _, n_ } from "../core/words.js";
import { facilityWord } from "../map/layers/places.js";

export const DAYS = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];
const LEVELS = { small: "小型", suburb: "近郊" };

export const kindWord = (kind) => facilityWord(kind);

/** 一级 of a fire station: its own words, or the number. */
export function levelWord(level) {
  if (!level) return "";
  if (LEVELS[level]) return _(LEVELS[level]);
  return /^\d+$/u.test(level) ? _("{n} 级", { n: level }) : level;
}

/** 周一至周五, 每天, 周六、周日. */
export function daysWord(days) {
  const chosen = [...days].sort((a, b) => a - b);
  if (chosen.length === 7) return _("每天");
  const runs = [];
  for (const one of chosen) {
    const last = runs.at(-1);
    if (last && last.at(-1) === one - 1) last.push(one);
    else runs.push([one]);
  }
  const word = (one) => _(DAYS[one - 1]);
  return runs.map((run) => (run.length > 2 ? _("{a}至{b}", { a: word(run[0]), b: word(run.at(-1)) }) : run.map(word).join(_("、")))).join(_("、"));
}

/** Opening hours in one line. */
export function hoursWord(hours) {
  if (!hours) return _("一直开");
  if (!hours.length) return _("从不开");
  return hours.map(({ days, from, to }) => `${daysWord(days)} ${from}–${to}`).join(_("；"));
}

/** in use, off duty or given up: the state of a facility and the word for it. */
export function stateOf(props) {
  if (props.retired) return "retired";
  return props.open === false ? "off" : "on";
}

/** Why and until when a facility is off duty. */
export function offWord(props, now) {
  const until = props.closed_until ? _("停到 {time}", { time: moment(props.closed_until, now) }) : _("什么时候恢复没定");
  return [props.closed_why, until].filter(Boolean).join(_("，"));
}

/** 90 人; nothing where nobody has said so. */
export const roomWord = (capacity) => (capacity === null || capacity === undefined ? "–" : number(capacity));

export const countWord = (count) => n_("{n} 处", count, { n: number(count) });
