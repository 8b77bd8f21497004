// Times in words: spans ("38 s", "4 min", "19 h", "4 days"), moments ("tomorrow, 21:04") and exact moments.
import { t } from "../i18n.js";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** @returns {string} the language in which dates are written: the page's. */
const language = () => document.documentElement.lang || "en";

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/**
 * Format a moment by options of Intl.DateTimeFormat, whose formatters are slow to make and therefore kept.
 * @param {number} moment milliseconds
 * @param {Intl.DateTimeFormatOptions} options
 */
function written(moment, options) {
  const key = language() + new Date(moment).getTimezoneOffset() + JSON.stringify(options);
  const format = formats.get(key) ?? new Intl.DateTimeFormat(language(), options);
  formats.set(key, format);
  return format.format(moment);
}

/**
 * Write a span of time, rounded down to its unit, and in days from two days on.
 * @param {number} ms milliseconds
 */
export function span(ms) {
  if (ms < MINUTE) return t("time.seconds", { n: Math.max(0, Math.floor(ms / SECOND)) });
  if (ms < HOUR) return t("time.minutes", { n: Math.floor(ms / MINUTE) });
  if (ms < 2 * DAY) return t("time.hours", { n: Math.floor(ms / HOUR) });
  return t("time.days", { n: Math.floor(ms / DAY) });
}

/**
 * Write how long ago a moment was: a span, or "now" in the first minute.
 * @param {number} then milliseconds
 * @param {number} now milliseconds
 */
export function ago(then, now) {
  return now - then < MINUTE ? t("time.now") : span(now - then);
}

/**
 * Write a moment as people say it: "today, 21:04", "tomorrow, 21:04", "Friday, 21:04", "26 November, 21:04".
 * @param {number} moment milliseconds
 * @param {number} now milliseconds
 */
export function moment(moment, now) {
  const clock = written(moment, { hour: "numeric", minute: "2-digit" });
  const days = Math.round((new Date(moment).setHours(12, 0, 0, 0) - new Date(now).setHours(12, 0, 0, 0)) / DAY);
  if (Math.abs(days) <= 1) {
    const day = new Intl.RelativeTimeFormat(language(), { numeric: "auto" }).format(days, "day");
    return t("time.at", { day, clock });
  }
  const near = days > 0 && days < 7;
  return t("time.at", { day: written(moment, near ? { weekday: "long" } : { day: "numeric", month: "long" }), clock });
}

/**
 * Write a moment to the second, for tooltips and screen readers, and shorter for the detail view.
 * @param {number} moment milliseconds
 * @param {"full" | "medium"} dateStyle
 */
export function exact(moment, dateStyle = "full") {
  return written(moment, { dateStyle, timeStyle: "medium" });
}

/**
 * Write a moment's month and year: "November 2026".
 * @param {number} moment milliseconds
 */
export function month(moment) {
  return written(moment, { month: "long", year: "numeric" });
}

/**
 * Write a number as people do: 1,204 in full, 12,3xx as "12K".
 * @param {number} number
 */
export function figure(number) {
  if (number < 1000) return String(number); // most are, and making a formatter takes longer than drawing the figure
  const options = number < 10_000 ? {} : /** @type {const} */ ({ notation: "compact", maximumFractionDigits: 1 });
  return new Intl.NumberFormat(language(), options).format(number);
}
