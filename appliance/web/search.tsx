// The search box, and what it finds while one types.
import { useEffect, useRef, useState } from "preact/hooks";
import { ask, Refusal } from "../../base/web/ask";
import { useWords } from "../../base/web/messages";
import { type Chosen, type Counts, Filters, narrowed, type Order, OrderSwitch } from "../../base/web/narrow";
import { isKey, KEY_SEARCH } from "./keys";
import type { Hit, Opened, Snippet, Status } from "./box";

const PAUSE_MS = 120; // after the last key
const LIMIT = 30;

type Answered = {
    hits: Hit[]; total: number; at_least: boolean; order: Order; narrowed: boolean; counts: Counts;
    building: boolean; built_per_cent: number;
};
type Found =
    | { kind: "nothing asked" }
    | ({ kind: "hits"; query: string } & Answered)
    | { kind: "failed"; why: Refusal };

// Hits become <mark> elements, never markup: pages may hold anything.
export function Marked({ snippet }: { snippet: Snippet }) {
    return <>{snippet.map((piece) => (typeof piece === "string" ? piece : <mark>{piece[0]}</mark>))}</>;
}

// Asks again when the query has settled, and when more pages have been read.
function useFound(query: string, narrow: string, read: number): { found: Found; busy: boolean } {
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
                const path = `/api/v1/search?limit=${LIMIT}&typing=1${narrow}&q=${encodeURIComponent(words)}`;
                setFound({ kind: "hits", query: words, ...(await ask<Answered>(path, stop.signal)) });
            } catch (why) {
                if (stop.signal.aborted) return;
                setFound({ kind: "failed", why: why instanceof Refusal ? why : new Refusal(null) });
            }
            setBusy(false);
        };
        if (last.current !== words + narrow) setBusy(true);
        last.current = words + narrow;
        const timer = setTimeout(() => void go(), PAUSE_MS);
        return () => {
            clearTimeout(timer);
            stop.abort();
        };
    }, [query, narrow, read]);
    return { found, busy };
}

function HitLine({ hit, open }: { hit: Hit; open: () => void }) {
    const { t } = useWords();
    const where = hit.page_number === null ? t("desk.in_fields") : t("desk.page", hit.page_number);
    return (
        <li>
            <button type="button" class="hit" onClick={open}>
                <span class="hit-name">{hit.name ?? t("desk.document", hit.document)}</span>
                <span class="hit-where">{where}{hit.near && ` · ${t("desk.search_near")}`}</span>
                <span class="hit-text"><Marked snippet={hit.snippet} /></span>
            </button>
        </li>
    );
}

// How many there are, and how many of them are here.
function Total({ found }: { found: Answered }) {
    const { t } = useWords();
    const here = found.hits.length;
    if (found.total === 0) return <>{t("desk.search_only_near", here)}</>;
    if (found.at_least) return <>{t("desk.search_at_least", found.total, here)} · {t("desk.search_newest")}</>;
    return <>{found.total > here ? t("desk.search_more", found.total, here) : t("desk.search_count", found.total)}</>;
}

function Hits({ found, open }: { found: Answered & { query: string }; open: (o: Opened) => void }) {
    const { t } = useWords();
    return (
        <>
            <p class="found"><Total found={found} /></p>
            {found.narrowed && <p class="found">{t("search.narrowed")}</p>}
            <ol class="hits">
                {found.hits.map((hit) => (
                    <HitLine key={`${hit.document}.${hit.page ?? 0}`} hit={hit}
                        open={() => open({ id: hit.page ?? hit.document, query: found.query })} />
                ))}
            </ol>
        </>
    );
}

// Until the index is made, what is not found may be there.
function Building({ found }: { found: Found }) {
    const { t } = useWords();
    if (found.kind !== "hits" || !found.building) return null;
    return <p class="notice">{t("search.building", found.built_per_cent)}</p>;
}

function Answer(props: { found: Found; status: Status | null; open: (o: Opened) => void }) {
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
                {found.narrowed && ` ${t("search.narrowed")}`}
            </p>
        );
    }
    return <Hits found={found} open={props.open} />;
}

// Up and down through the hits, from the box and back to it.
function move(e: KeyboardEvent, panel: HTMLElement | null, input: HTMLInputElement | null) {
    const hits = [...(panel?.querySelectorAll<HTMLElement>(".hit") ?? [])];
    const at = hits.indexOf(document.activeElement as HTMLElement);
    const inBox = document.activeElement === input;
    const to: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: hits.length - 1 };
    const next = e.key === "Escape" ? -1 : to[e.key];
    if (next === undefined || hits.length === 0 || (at < 0 && !(inBox && e.key === "ArrowDown"))) return;
    e.preventDefault();
    (next < 0 ? input : hits[Math.min(next, hits.length - 1)])?.focus();
}

export function Search({ status, open }: { status: Status | null; open: (o: Opened) => void }) {
    const { t } = useWords();
    const [query, setQuery] = useState("");
    const [chosen, setChosen] = useState<Chosen>({});
    const [order, setOrder] = useState<Order>("rank");
    const { found, busy } = useFound(query, narrowed(chosen, order), status?.read ?? 0);
    const input = useRef<HTMLInputElement>(null);
    const panel = useRef<HTMLElement>(null);
    const type = (words: string) => {
        setQuery(words);
        if (words.trim() === "") setChosen({});
    };
    useEffect(() => {
        const onKey = (e: KeyboardEvent) => {
            if (!isKey(e, KEY_SEARCH)) return;
            e.preventDefault();
            input.current?.focus();
        };
        addEventListener("keydown", onKey);
        return () => removeEventListener("keydown", onKey);
    }, []);
    return (
        <section ref={panel} class="panel search" aria-labelledby="search-title"
            onKeyDown={(e) => move(e, panel.current, input.current)}>
            <h2 id="search-title">{t("desk.search")}</h2>
            <input ref={input} type="search" name="q" value={query} autocomplete="off" spellcheck={false}
                maxLength={300} autofocus
                aria-labelledby="search-title" placeholder={t("desk.search_placeholder")}
                onInput={(e) => type(e.currentTarget.value)} />
            {found.kind === "hits" && (
                <div class="narrow">
                    <Filters counts={found.counts} chosen={chosen} choose={setChosen} atLeast={found.at_least} sites={false} />
                    <OrderSwitch order={order} choose={setOrder} />
                </div>
            )}
            <div class="answer" aria-live="polite" aria-busy={busy}>
                <Building found={found} />
                <Answer found={found} status={status} open={open} />
            </div>
        </section>
    );
}
