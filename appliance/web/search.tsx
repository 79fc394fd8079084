// The search box, and what it finds while one types.
import { useEffect, useRef, useState } from "preact/hooks";
import { ask, Refusal } from "../../base/web/ask";
import { useWords } from "../../base/web/messages";
import type { Hit, Snippet, Status } from "./box";

const PAUSE_MS = 180; // after the last key
const LIMIT = 30;

type Found =
    | { kind: "nothing asked" }
    | { kind: "hits"; query: string; hits: Hit[]; order: "rank" | "newest" }
    | { kind: "failed"; why: Refusal };

// Hits become <mark> elements, never markup: pages may hold anything.
export function Marked({ snippet }: { snippet: Snippet }) {
    return <>{snippet.map((piece) => (typeof piece === "string" ? piece : <mark>{piece[0]}</mark>))}</>;
}

// Asks again when the query has settled, and when more pages have been read.
function useFound(query: string, read: number): { found: Found; busy: boolean } {
    const [found, setFound] = useState<Found>({ kind: "nothing asked" });
    const [busy, setBusy] = useState(false);
    const last = useRef("");
    useEffect(() => {
        const words = query.trim();
        if (words === "") {
            setFound({ kind: "nothing asked" });
            setBusy(false);
            return undefined;
        }
        const stop = new AbortController();
        const go = async () => {
            try {
                const answer = await ask<{ hits: Hit[]; order: "rank" | "newest" }>(
                    `/api/v1/search?limit=${LIMIT}&typing=1&q=${encodeURIComponent(words)}`,
                    stop.signal,
                );
                setFound({ kind: "hits", query: words, hits: answer.hits, order: answer.order });
            } catch (why) {
                if (stop.signal.aborted) return;
                setFound({ kind: "failed", why: why instanceof Refusal ? why : new Refusal(null) });
            }
            setBusy(false);
        };
        if (last.current !== words) setBusy(true);
        last.current = words;
        const timer = setTimeout(() => void go(), PAUSE_MS);
        return () => {
            clearTimeout(timer);
            stop.abort();
        };
    }, [query, read]);
    return { found, busy };
}

function HitLine({ hit, open }: { hit: Hit; open: (id: number) => void }) {
    const { t } = useWords();
    const where = hit.page_number === null ? t("desk.in_fields") : t("desk.page", hit.page_number);
    return (
        <li>
            <button type="button" class="hit" onClick={() => open(hit.page ?? hit.document)}>
                <span class="hit-name">{hit.name ?? t("desk.document", hit.document)}</span>
                <span class="hit-where">{where}{hit.near && ` · ${t("desk.search_near")}`}</span>
                <span class="hit-text"><Marked snippet={hit.snippet} /></span>
            </button>
        </li>
    );
}

function Answer(props: { found: Found; status: Status | null; open: (id: number) => void }) {
    const { t, language } = useWords();
    const { found, status } = props;
    if (found.kind === "nothing asked")
        return <p class="empty">{t(status && status.kept === 0 ? "desk.search_empty" : "desk.search_start")}</p>;
    if (found.kind === "failed")
        return <p class="notice bad">{t("desk.search_failed", found.why.said?.[language] ?? t("desk.offline"))}</p>;
    if (found.hits.length === 0) {
        const waiting = status?.pages.waiting ?? 0;
        return (
            <p class="empty">
                {waiting > 0
                    ? t("desk.search_none_waiting", found.query, waiting)
                    : t("desk.search_none", found.query)}
            </p>
        );
    }
    return (
        <>
            <p class="found">{t(found.hits.length < LIMIT ? "desk.search_count" : "desk.search_more", found.hits.length)}
                {found.order === "newest" && <> · {t("desk.search_newest")}</>}</p>
            <ol class="hits">
                {found.hits.map((hit) => (
                    <HitLine key={`${hit.document}.${hit.page ?? 0}`} hit={hit} open={props.open} />
                ))}
            </ol>
        </>
    );
}

export function Search({ status, open }: { status: Status | null; open: (id: number) => void }) {
    const { t } = useWords();
    const [query, setQuery] = useState("");
    const { found, busy } = useFound(query, status?.read ?? 0);
    const input = useRef<HTMLInputElement>(null);
    useEffect(() => {
        const onKey = (e: KeyboardEvent) => {
            const typing = e.target instanceof HTMLInputElement;
            if (e.key !== "/" || typing || e.ctrlKey || e.metaKey || e.altKey) return;
            e.preventDefault();
            input.current?.focus();
        };
        addEventListener("keydown", onKey);
        return () => removeEventListener("keydown", onKey);
    }, []);
    return (
        <section class="panel search" aria-labelledby="search-title">
            <h2 id="search-title">{t("desk.search")}</h2>
            <input ref={input} type="search" name="q" value={query} autocomplete="off" spellcheck={false}
                maxLength={300} autofocus
                aria-labelledby="search-title" placeholder={t("desk.search_placeholder")}
                onInput={(e) => setQuery(e.currentTarget.value)} />
            <div class="answer" aria-live="polite" aria-busy={busy}>
                <Answer found={found} status={status} open={open} />
            </div>
        </section>
    );
}
