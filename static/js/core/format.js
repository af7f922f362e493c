// Numbers, distances and times as people read them. Nothing here knows a clock: now is a parameter.
import { _, n_ } from "./words.js";

const MINUS = "\u2212";

/** 12345 -> "12,345"; what is not known is a dash. */
export function number(value) {
  if (value === null || value === undefined || !Number.isFinite(Number(value))) return "–";
  const whole = Math.round(Math.abs(value)).toString();
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return value < 0 && whole !== "0" ? MINUS + grouped : grouped;
}

/** 0.066 -> "+7 %", always with its sign; zero has none. */
export function signedPercent(share) {
  if (share === null || share === undefined || !Number.isFinite(share)) return "–";
  const whole = Math.round(share * 100);
  const sign = whole > 0 ? "+" : whole < 0 ? MINUS : "";
  return `${sign}${Math.abs(whole)}%`;
}

/** 0.549 -> "54.9%"; never rounds up to 100 or down to 0. */
export function percent(share, digits = 1) {
  if (share === null || share === undefined || !Number.isFinite(share)) return "–";
  const text = (share * 100).toFixed(digits);
  const least = 10 ** -digits;
  if (share < 1 && Number(text) >= 100) return `${(100 - least).toFixed(digits)}%`;
  if (share > 0 && Number(text) === 0) return `${least.toFixed(digits)}%`;
  return `${Number(text) === 100 || Number(text) === 0 ? Number(text) : text}%`;
}

/** Metres under one kilometre, then kilometres with one digit. */
export function distance(metres) {
  if (metres === null || metres === undefined || !Number.isFinite(Number(metres))) return "–";
  if (metres < 995) return _("{n} 米", { n: Math.round(metres) });
  return _("{n} 公里", { n: (metres / 1000).toFixed(1) });
}

/** A length of time in words: 45 秒, 6 分钟, 1 小时 52 分, 3 天. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(Number(seconds))) return "–";
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return _("{n} 秒", { n: whole });
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return _("{n} 分钟", { n: minutes });
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return _("{h} 小时 {m} 分", { h: hours, m: minutes % 60 });
  return n_("{n} 天", Math.floor(hours / 24));
}

/** A travel time to the second: 4 分 05 秒. */
export function travel(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(Number(seconds))) return "–";
  const whole = Math.round(seconds);
  const rest = String(whole % 60).padStart(2, "0");
  if (whole < 60) return _("{n} 秒", { n: whole });
  return _("{m} 分 {s} 秒", { m: Math.floor(whole / 60), s: rest });
}

/** mm:ss under one hour, 1时52分 above. */
export function timer(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const pad = (value) => String(value).padStart(2, "0");
  if (whole < 3600) return `${pad(Math.floor(whole / 60))}:${pad(whole % 60)}`;
  const hours = Math.floor(whole / 3600);
  if (hours >= 48) return n_("{n} 天", Math.floor(hours / 24));
  return _("{h}时{m}分", { h: hours, m: pad(Math.floor((whole % 3600) / 60)) });
}

function parts(date) {
  const pad = (value) => String(value).padStart(2, "0");
  return {
    y: date.getFullYear(),
    month: date.getMonth() + 1,
    day: date.getDate(),
    hm: `${pad(date.getHours())}:${pad(date.getMinutes())}`,
    hms: `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`,
  };
}

function asDate(time) {
  const date = time instanceof Date ? time : new Date(time);
  return time === null || time === undefined || Number.isNaN(date.getTime()) ? null : date;
}

/** 14:32:07 */
export function clock(time) {
  const date = asDate(time);
  return date ? parts(date).hms : "–";
}

/** Today 14:32, another day 6月18日 06:00, another year with it. */
export function moment(time, now) {
  const date = asDate(time);
  if (!date) return "–";
  const [at, today] = [parts(date), parts(asDate(now) || date)];
  if (at.y === today.y && at.month === today.month && at.day === today.day) return at.hm;
  const pad = (value) => String(value).padStart(2, "0");
  if (at.y !== today.y) return `${at.y}-${pad(at.month)}-${pad(at.day)} ${at.hm}`;
  return _("{month}月{day}日 {time}", { month: at.month, day: at.day, time: at.hm });
}

/** The day alone, of "2026-11-21": a day has no time zone. */
export function day(date) {
  const [, month, number] = String(date).split("-").map(Number);
  return month && number ? _("{month}月{day}日", { month, day: number }) : "–";
}

/** How long ago, for a stamp: seconds, then minutes, then the moment. */
export function age(time, now) {
  const date = asDate(time);
  if (!date) return "–";
  const seconds = Math.max(0, Math.round((asDate(now) - date) / 1000));
  if (seconds < 60) return _("{n} 秒前", { n: seconds });
  if (seconds < 3600) return _("{n} 分钟前", { n: Math.floor(seconds / 60) });
  return moment(date, now);
}
