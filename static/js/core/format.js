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

let written = null;

/** The zone in which times are written, as the setting names it. */
export const zone = () => written.resolvedOptions().timeZone;

/** Write times in this zone from now on, that of the site; without one, in that of the browser. */
export function useZone(zone) {
  written = new Intl.DateTimeFormat("en", {
    timeZone: zone || undefined, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit",
    hour: "2-digit", minute: "2-digit", second: "2-digit",
  });
}

// The page says where it is: a screen set to another zone shows the same hours as the sheets.
useZone(globalThis.document?.documentElement.dataset.zone);

function parts(date) {
  const of = Object.fromEntries(written.formatToParts(date).map(({ type, value }) => [type, value]));
  return {
    y: Number(of.year),
    month: Number(of.month),
    day: Number(of.day),
    date: `${of.year.padStart(4, "0")}-${of.month}-${of.day}`,
    hm: `${of.hour}:${of.minute}`,
    hms: `${of.hour}:${of.minute}:${of.second}`,
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

/** The day it is at the site, as YYYY-MM-DD; empty for no time. */
export function dateOf(time) {
  const date = asDate(time);
  return date ? parts(date).date : "";
}

/** The moment of "2026-06-19T14:30", as a person at the site means it; null for none. */
export function instant(local) {
  const wanted = Date.parse(`${local}Z`);
  if (Number.isNaN(wanted)) return null;
  const shown = (at) => Date.parse(`${parts(new Date(at)).date}T${parts(new Date(at)).hms}Z`);
  const near = wanted - (shown(wanted) - wanted);
  return new Date(near - (shown(near) - wanted)); // Once more, where clocks change in between.
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
