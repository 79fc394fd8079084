// Ages and sizes as a person reads them; ages are lower bounds and say so.
import type { Language, Translate } from "../../../base/web/messages";

export function age(t: Translate, seconds: number): string {
    if (seconds < 60) return t("centre.page.age_now");
    if (seconds < 3600) return t("centre.page.age_minutes", Math.floor(seconds / 60));
    if (seconds < 48 * 3600) return t("centre.page.age_hours", Math.floor(seconds / 3600));
    return t("centre.page.age_days", Math.floor(seconds / 86400));
}

export function size(language: Language, bytes: number): string {
    const units = ["B", "kB", "MB", "GB", "TB"];
    let at = 0;
    let n = bytes;
    while (n >= 1000 && at < units.length - 1) {
        n /= 1000;
        at++;
    }
    const digits = at > 0 && n < 10 ? 1 : 0;
    return `${n.toLocaleString(language, { maximumFractionDigits: digits })} ${units[at]}`;
}
