// What waits for a person, with what to do about it, and what the machine is doing.
import type { ComponentChildren } from "preact";
import type { Refusal } from "../../base/web/ask";
import { useWords, type Translate } from "../../base/web/messages";
import { bytes, span } from "./amounts";
import type { Opened, Status, Sync, Todo, TodoPage } from "./box";
import { NotYet } from "./look";
import { linkState, waitingBytes } from "./sync";

type Open = (o: Opened) => void;

function nameOf(t: Translate, p: { name: string | null; document: number }): string {
    return p.name ?? t("desk.document", p.document);
}

function Paper(props: { name: string; page: number; detail: ComponentChildren; open: Open }) {
    return (
        <li>
            <button type="button" class="todo-item" data-page={props.page} onClick={() => props.open({ id: props.page, query: "" })}>
                <span class="todo-name">{props.name}</span>
                <span class="soft">{props.detail}</span>
            </button>
        </li>
    );
}

function Kind(props: { kind: string; count: number; shown: number; first: boolean; children: ComponentChildren }) {
    const { t, language } = useWords();
    const more = props.count - props.shown;
    return (
        <details class="todo" data-todo={props.kind} open={props.first}>
            <summary><b>{props.count.toLocaleString(language)}</b> {t(`todo.${props.kind}`)}</summary>
            <p class="explain">{t(`todo.do_${props.kind}`)}</p>
            <ul>{props.children}</ul>
            {more > 0 && <p class="soft">{t("todo.more", more)}</p>}
        </details>
    );
}

function pagesOf(t: Translate, list: TodoPage[], open: Open) {
    return list.map((p) => (
        <Paper key={p.page} name={nameOf(t, p)} page={p.page} open={open} detail={p.reason ? t(`refusal.${p.reason}`) : ""} />
    ));
}

function reviewDetail(t: Translate, r: { suspects: number; warnings: number }): string {
    const said: string[] = [];
    if (r.suspects > 0) said.push(t("todo.suspects", r.suspects));
    if (r.warnings > 0) said.push(t("todo.warnings", r.warnings));
    return said.join(" · ");
}

// The kinds that have something, what is most pressing first.
function kindsOf(t: Translate, todo: Todo, open: Open): [string, { count: number; first: unknown[] }, ComponentChildren][] {
    return [
        ["held", todo.held, todo.held.first.map((h) => (
            <li key={h.name} class="todo-item">
                <span class="todo-name">{h.name}</span>{" "}
                <span class="soft">{t("todo.held_where", t(`secrecy.${h.stamp}`), h.page, h.pages)}</span>
            </li>
        ))],
        ["quarantined", todo.quarantined, pagesOf(t, todo.quarantined.first, open)],
        ["proposed", todo.proposed, pagesOf(t, todo.proposed.first, open)],
        ["twins", todo.twins, todo.twins.first.map((w) => (
            <Paper key={`${w.page} ${w.other}`} name={nameOf(t, w)} page={w.page} open={open}
                detail={t("todo.twin_of", w.other_name ?? t("desk.document", w.other_document), w.agreeing)} />
        ))],
        ["review", todo.review, todo.review.first.map((r) => (
            <Paper key={r.page} name={nameOf(t, r)} page={r.page} open={open} detail={reviewDetail(t, r)} />
        ))],
    ];
}

function Waiting({ todo, lost, again, open }: { todo: Todo | null; lost: Refusal | null; again: () => void; open: Open }) {
    const { t } = useWords();
    if (todo === null) return <NotYet lost={lost} again={again} />;
    const kinds = kindsOf(t, todo, open).filter(([, list]) => list.count > 0);
    if (kinds.length === 0) return <p class="empty">{t(todo.looked_at > 0 ? "todo.nothing" : "todo.nothing_yet")}</p>;
    return (
        <>
            {kinds.map(([kind, list, items], i) => (
                <Kind key={kind} kind={kind} count={list.count} shown={list.first.length} first={i === 0}>{items}</Kind>
            ))}
        </>
    );
}

function readingOf(t: Translate, status: Status): string {
    const { at_work, left_s } = status.reading;
    if (status.reading.trouble) return t("desk.reading_trouble", status.reading.trouble);
    if (status.pages.waiting === 0) return t("today.reading_idle");
    if (!at_work) return t("today.reading_soon", status.pages.waiting);
    return left_s === null ? t("today.reading", status.pages.waiting) : t("today.reading_left", status.pages.waiting, span(t, left_s));
}

function Machine({ status, sync }: { status: Status | null; sync: Sync | null }) {
    const { t, language } = useWords();
    const waits = sync ? waitingBytes(sync) : 0;
    const left = sync ? sync.forecast.left_s : null;
    const last = left ? Math.max(...Object.values(left).map((s) => s ?? 0)) : 0;
    const facts: [string, string, string][] = [
        ["reading", t("today.machine_reading"), status ? readingOf(t, status) : "–"],
        ["link", t("today.machine_link"), sync ? linkState(t, sync) : "–"],
        ["backlog", t("today.machine_backlog"), sync === null ? "–" : waits === 0 ? t("today.backlog_none")
            : last > 0 ? t("today.backlog_left", bytes(waits, language), span(t, last)) : bytes(waits, language)],
        ["disk", t("today.machine_disk"), status ? t("today.disk", bytes(status.disk_free_bytes, language), status.disk_used_percent) : "–"],
    ];
    return (
        <dl class="facts machine">
            {facts.map(([key, name, value]) => <div key={key} data-fact={key}><dt>{name}</dt><dd>{value}</dd></div>)}
        </dl>
    );
}

export function Today(props: {
    status: Status | null;
    sync: Sync | null;
    todo: Todo | null;
    lost: Refusal | null;
    again: () => void;
    open: Open;
}) {
    const { t } = useWords();
    return (
        <div class="today">
            <section class="panel" aria-labelledby="todo-title">
                <h2 id="todo-title">{t("todo.title")}</h2>
                <Waiting todo={props.todo} lost={props.lost} again={props.again} open={props.open} />
            </section>
            <section class="panel" aria-labelledby="machine-title">
                <h2 id="machine-title">{t("today.machine")}</h2>
                <Machine status={props.status} sync={props.sync} />
            </section>
        </div>
    );
}
