// The table of boxes: who was heard of when, and what each has still to send.
import { useWords } from "../../../base/web/messages";
import { age, size } from "./amounts";
import { type Site, type Status, waitingBytes } from "./centre";

const QUIET_S = 24 * 3600; // a box that was not heard of for a day stands out

function Line({ site }: { site: Site }) {
    const { t, language } = useWords();
    const behind = site.sequences.last - site.sequences.received;
    const ago = site.last_contact_s_ago;
    const late = ago !== null && ago > QUIET_S;
    return (
        <tr data-site={site.site} class={late ? "late" : ""}>
            <th scope="row">
                {site.name} <span class="number">{site.site}</span>
            </th>
            <td>{ago === null ? t(site.claimed ? "centre.page.never" : "centre.page.unclaimed") : age(t, ago)}</td>
            <td class="amount" data-backlog={behind}>{behind.toLocaleString(language)}</td>
            <td class="amount">{ago === null ? "–" : size(language, waitingBytes(site))}</td>
            <td>{site.oldest_unsent_s > 0 ? t("centre.page.at_least", age(t, site.oldest_unsent_s)) : "–"}</td>
            <td class="amount" data-documents={site.kept}>{site.kept.toLocaleString(language)}</td>
            <td class="amount">{site.complete.toLocaleString(language)}</td>
            <td class="problems">{site.problems.map((p) => <span key={p.code}>{p[language]}</span>)}</td>
        </tr>
    );
}

export function Sites({ status }: { status: Status | null }) {
    const { t } = useWords();
    const heads = ["site", "last_contact", "backlog", "waiting", "oldest", "documents", "complete", "problems"];
    if (status !== null && status.sites.length === 0)
        return <p class="empty">{t("centre.page.no_sites")}</p>;
    return (
        <div class="scroll">
            <table class="sites" aria-busy={status === null}>
                <thead>
                    <tr>
                        {heads.map((name) => (
                            <th scope="col" key={name} title={t(`centre.page.${name}_hint`)}>{t(`centre.page.${name}`)}</th>
                        ))}
                    </tr>
                </thead>
                <tbody>{status?.sites.map((site) => <Line key={site.site} site={site} />)}</tbody>
            </table>
        </div>
    );
}

export function Alarms({ status }: { status: Status | null }) {
    const { t } = useWords();
    const names = new Map(status?.sites.map((site) => [site.site, site.name]));
    return (
        <div class="notices" role="status">
            {status?.alarms.map((alarm) => (
                <p class="notice bad" key={`${alarm.site}.${alarm.kind}.${alarm.detail}`}>
                    <b>{names.get(alarm.site) ?? alarm.site}</b>: {t(`centre.alarm.${alarm.kind}`)}{" "}
                    <span class="when">{alarm.s_ago === null ? "" : age(t, alarm.s_ago)}</span>
                </p>
            ))}
        </div>
    );
}
