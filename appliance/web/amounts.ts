// Amounts in words: how long, how many bytes, when.
import type { Language, Translate } from "../../base/web/messages";

// 12:05, 3:00:07
export function duration(s: number): string {
    const two = (n: number) => String(n).padStart(2, "0");
    const minutes = Math.floor(s / 60);
    if (minutes < 60) return `${minutes}:${two(s % 60)}`;
    return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(s % 60)}`;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

// In the largest unit of which there are two; of an age what is left over is left out.
export function span(t: Translate, s: number): string {
    if (s < MINUTE) return t("span.moment");
    if (s < 2 * HOUR) return t("span.minutes", Math.floor(s / MINUTE));
    if (s < 2 * DAY) return t("span.hours", Math.floor(s / HOUR));
    return t("span.days", Math.floor(s / DAY));
}

const UNITS = ["B", "kB", "MB", "GB", "TB"];

export function bytes(n: number, language: Language): string {
    let unit = 0;
    let amount = n;
    for (; amount >= 1000 && unit + 1 < UNITS.length; unit++) amount /= 1000;
    const digits = amount < 10 && unit > 0 ? 1 : 0;
    return `${amount.toLocaleString(language, { maximumFractionDigits: digits })} ${UNITS[unit]}`;
}

// By this country's clocks; a dash where the box did not know the time.
export function when(wallMs: number, known: boolean, language: Language): string {
    if (!known) return "–";
    return new Date(wallMs).toLocaleString(language, { dateStyle: "short", timeStyle: "short", timeZone: "Asia/Ho_Chi_Minh" });
}
