// The strip on top: how many are kept, read and waiting, and what needs attention.
import { useWords } from "../../base/web/messages";
import { duration } from "./amounts";
import type { Status } from "./box";

function Count(props: { name: string; count: number | null; label: string; hint: string; alarm?: boolean }) {
    const { language } = useWords();
    const text = props.count === null ? "–" : props.count.toLocaleString(language);
    return (
        <div class={props.alarm && props.count ? "count alarm" : "count"} data-count={props.name}>
            <dt>{props.label}</dt>
            <dd>
                <b>{text}</b> <span>{props.hint}</span>
            </dd>
        </div>
    );
}

export function Counts({ status }: { status: Status | null }) {
    const { t } = useWords();
    const left = status?.reading.at_work ? status.reading.left_s : null;
    const waiting = left === null ? t("desk.waiting_hint") : t("desk.waiting_left", duration(left));
    return (
        <dl class="counts" aria-live="polite" aria-busy={status === null}>
            <Count name="kept" count={status?.kept ?? null} label={t("desk.kept")} hint={t("desk.kept_hint")} />
            <Count name="read" count={status?.read ?? null} label={t("desk.read")} hint={t("desk.read_hint")} />
            <Count name="waiting" count={status?.pages.waiting ?? null} label={t("desk.waiting")} hint={waiting} />
            <Count name="quarantined" count={status?.pages.quarantined ?? null} label={t("desk.quarantined")}
                hint={t("desk.quarantined_hint")} alarm />
            <Count name="held" count={status?.held ?? null} label={t("desk.held")} hint={t("desk.held_hint")} alarm />
        </dl>
    );
}

// Quarantine and held files have their own counts; the rest is said in a line.
export function Notices({ status, lost }: { status: Status | null; lost: string | null }) {
    const { t, language } = useWords();
    const trouble = status?.reading.trouble;
    const held = status?.reading.held;
    const others = status?.problems.filter((p) => p.code !== "quarantined" && p.code !== "held") ?? [];
    return (
        <div class="notices" role="status">
            {lost !== null && <p class="notice bad">{lost}</p>}
            {held && <p class="notice">{t(`desk.reading_${held}`)}</p>}
            {trouble && <p class="notice bad">{t("desk.reading_trouble", trouble)}</p>}
            {others.map((p) => (
                <p class="notice" key={p.code}>{p[language]}</p>
            ))}
        </div>
    );
}
