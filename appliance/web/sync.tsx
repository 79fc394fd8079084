// How far everything is on its way to the centre: each step with what waits longest, the
// link with what is to go, the month's bytes, past contacts, and the road by stick.
import type { Refusal } from "../../base/web/ask";
import { useWords, type Translate } from "../../base/web/messages";
import { bytes, duration, span, when } from "./amounts";
import type { Sync } from "./box";
import { NotYet } from "./look";

export function waitingBytes(sync: Sync): number {
    return Object.values(sync.waiting).reduce((all, n) => all + n, 0);
}

export function linkState(t: Translate, sync: Sync): string {
    if (sync.centre === null) return t("sync.not_enrolled");
    if (sync.now === null) return t("syncview.nobody");
    if (sync.now.state !== "talking") return t(`link.${sync.now.state}`);
    const kb = (n: number) => Math.ceil(n / 1000);
    return t("link.talking", duration(Math.floor(sync.now.talking_ms / 1000)), kb(sync.now.bytes_out), kb(sync.now.bytes_in),
        Math.floor((sync.now.bytes_s * 8) / 1000), sync.now.round_trip_ms);
}

// Names of columns; those of numbers stand over them.
function Head({ columns, numbers }: { columns: string[]; numbers: string[] }) {
    const { t } = useWords();
    return (
        <thead>
            <tr>
                {columns.map((c) => <th key={c} scope="col" class={numbers.includes(c) ? "number" : ""}>{t(`syncview.column_${c}`)}</th>)}
            </tr>
        </thead>
    );
}

function Stages({ sync }: { sync: Sync }) {
    const { t, language } = useWords();
    const oldest = (o: Sync["stages"][number]["oldest"]) =>
        o === null ? "–" : t(o.sure ? "syncview.oldest" : "syncview.oldest_at_least", span(t, o.age_s));
    return (
        <section class="panel" aria-labelledby="stages-title">
            <h2 id="stages-title">{t("syncview.stages")}</h2>
            <table class="table numbers">
                <Head columns={["stage", "documents", "waits"]} numbers={["documents"]} />
                <tbody>
                    {sync.stages.map((s) => (
                        <tr key={s.name} data-stage={s.name}>
                            <th scope="row">{t(`syncview.${s.name}`)}<br /><span class="soft">{t(`syncview.${s.name}_hint`)}</span></th>
                            <td class="number">{s.documents.toLocaleString(language)}</td>
                            <td>{oldest(s.oldest)}</td>
                        </tr>
                    ))}
                </tbody>
            </table>
        </section>
    );
}

// One class of what travels: what waits, until when, and the month's bytes.
function ClassRow({ sync, name }: { sync: Sync; name: string }) {
    const { t, language } = useWords();
    const waits = sync.waiting[name] ?? 0;
    const month = sync.month.classes[name];
    const left = sync.forecast.left_s[name] ?? null;
    const until = waits === 0 ? "–" : month?.kept_back ? t(`syncview.kept_${month.kept_back}`)
        : left === null ? t("syncview.unknown") : t("syncview.about", span(t, left));
    return (
        <tr data-class={name}>
            <th scope="row">{t(`link.class.${name}`)}</th>
            <td class="number">{bytes(waits, language)}</td>
            <td>{until}</td>
            <td class="number">{month ? bytes(month.spent, language) : ""}</td>
            <td class="number">{month?.limit ? bytes(month.limit, language) : "–"}</td>
        </tr>
    );
}

function Backlog({ sync }: { sync: Sync }) {
    const { t, language } = useWords();
    const { month, forecast } = sync;
    const names = Object.keys(month.classes).filter((c) => (sync.waiting[c] ?? 0) + month.classes[c]!.spent > 0 || month.classes[c]!.limit !== null);
    const basis = forecast.bytes_s === 0 ? "syncview.basis_none" : forecast.now ? "syncview.basis_now" : "syncview.basis_past";
    return (
        <section class="panel" aria-labelledby="backlog-title">
            <h2 id="backlog-title">{t("syncview.backlog")}</h2>
            <p class="explain">{linkState(t, sync)}</p>
            {names.length > 0 && <table class="table numbers">
                <Head columns={["class", "waiting", "until", "month", "limit"]} numbers={["waiting", "month", "limit"]} />
                <tbody>{names.map((c) => <ClassRow key={c} sync={sync} name={c} />)}</tbody>
            </table>}
            <p class="explain">{t(basis, Math.round((forecast.bytes_s * 8) / 1000))}</p>
            <p data-month>
                {month.limit === null ? t("syncview.month", bytes(month.spent, language))
                    : t("syncview.month_of", bytes(month.spent, language), bytes(month.limit, language))}
                {month.metered && <> · {t("syncview.metered")}</>}
            </p>
            {month.limit !== null && <progress value={month.spent} max={month.limit} aria-label={t("syncview.column_month")} />}
        </section>
    );
}

function Contacts({ sync }: { sync: Sync }) {
    const { t, language } = useWords();
    return (
        <section class="panel" aria-labelledby="contacts-title">
            <h2 id="contacts-title">{t("syncview.contacts")}</h2>
            {sync.contacts.length === 0 ? <p class="empty">{t("link.never")}</p> : (
                <div class="trail" tabIndex={0} role="region" aria-labelledby="contacts-title">
                    <table class="table numbers">
                        <Head columns={["when", "took", "out", "in", "ended"]} numbers={["took", "out", "in"]} />
                        <tbody>
                            {sync.contacts.map((c, i) => (
                                <tr key={sync.contacts.length - i} data-contact={c.ended}>
                                    <td>{when(c.wall_ms, c.wall_confidence > 0, language)}</td>
                                    <td class="number">{duration(Math.floor(c.took_ms / 1000))}</td>
                                    <td class="number">{bytes(c.bytes_out, language)}</td>
                                    <td class="number">{bytes(c.bytes_in, language)}</td>
                                    <td>{t(`link.end.${c.ended}`)}</td>
                                </tr>
                            ))}
                        </tbody>
                    </table>
                </div>
            )}
        </section>
    );
}

function Stick({ sync }: { sync: Sync }) {
    const { t, language } = useWords();
    return (
        <section class="panel" aria-labelledby="stick-title">
            <h2 id="stick-title">{t("syncview.stick")}</h2>
            <p>{waitingBytes(sync) === 0 ? t("today.backlog_none") : t("syncview.stick_size", bytes(waitingBytes(sync), language))}</p>
            <ol class="steps">
                {[1, 2, 3, 4].map((n) => <li key={n}>{t(`syncview.stick_${n}`)}</li>)}
            </ol>
        </section>
    );
}

export function SyncView({ sync, lost, again }: { sync: Sync | null; lost: Refusal | null; again: () => void }) {
    const { t } = useWords();
    if (sync === null) return <NotYet lost={lost} again={again} />;
    return (
        <div class="sync">
            {sync.centre === null ? <p class="notice">{t("sync.not_enrolled")}</p> : <p class="soft">{t("syncview.centre", sync.centre.province, sync.centre.url)}</p>}
            <div class="sync-panels">
                <Stages sync={sync} />
                {sync.centre !== null && <Backlog sync={sync} />}
                {sync.centre !== null && <Contacts sync={sync} />}
                {sync.centre !== null && <Stick sync={sync} />}
            </div>
        </div>
    );
}
