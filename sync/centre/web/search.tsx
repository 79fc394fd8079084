// The search box over the records of all boxes.
import { useEffect, useState } from "preact/hooks";
import { ask, Refusal } from "../../../base/web/ask";
import { useWords } from "../../../base/web/messages";
import { type Chosen, type Counts, Filters, narrowed, type Order, OrderSwitch } from "../../../base/web/narrow";
import type { Hit, Snippet } from "./centre";

const PAUSE_MS = 200; // after the last key
const LIMIT = 30;

type Answered = {
    hits: Hit[]; total: number; at_least: boolean; narrowed: boolean; counts: Counts;
    building: boolean; built_per_cent: number;
};
type Found =
    | { kind: "nothing asked" }
    | ({ kind: "hits"; query: string } & Answered)
    | { kind: "failed"; why: Refusal };

// Hits become <mark> elements, never markup: pages may hold anything.
function Marked({ snippet }: { snippet: Snippet }) {
    return <>{snippet.map((piece) => (typeof piece === "string" ? piece : <mark>{piece[0]}</mark>))}</>;
}

function useFound(query: string, narrow: string): Found {
    const [found, setFound] = useState<Found>({ kind: "nothing asked" });
    useEffect(() => {
        const words = query.trim();
        if (words === "") {
            setFound({ kind: "nothing asked" });
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
        };
        const timer = setTimeout(() => void go(), PAUSE_MS);
        return () => {
            clearTimeout(timer);
            stop.abort();
        };
    }, [query, narrow]);
    return found;
}

function HitLine({ hit }: { hit: Hit }) {
    const { t } = useWords();
    const where = hit.page_number === null ? t("centre.page.in_fields") : t("centre.page.page", hit.page_number);
    return (
        <li class="hit" data-document={hit.document}>
            <span class="hit-name">{hit.site_name ?? hit.site}</span>
            <span class="hit-where">{t("centre.page.document", hit.document)}, {where}{hit.near && ` · ${t("desk.search_near")}`}</span>
            <span class="hit-text"><Marked snippet={hit.snippet} /></span>
        </li>
    );
}

// How many there are; those that are only near do not count.
function Total({ found }: { found: Answered }) {
    const { t } = useWords();
    if (found.total === 0) return <>{t("desk.search_only_near", found.hits.length)}</>;
    return <>{t(found.at_least ? "centre.page.found_at_least" : "centre.page.found", found.total)}</>;
}

// Why there may be more than is shown.
function Missing({ found }: { found: Answered }) {
    const { t } = useWords();
    return (
        <>
            {found.building && <p class="notice">{t("search.building", found.built_per_cent)}</p>}
            {found.narrowed && <p class="found">{t("search.narrowed")}</p>}
        </>
    );
}

function Answer({ found }: { found: Found }) {
    const { t, language } = useWords();
    if (found.kind === "nothing asked") return null;
    if (found.kind === "failed")
        return <p class="notice bad">{found.why.said?.[language] ?? t("centre.page.offline")}</p>;
    if (found.hits.length === 0) return <p class="empty">{t("centre.page.none", found.query)}</p>;
    return (
        <>
            <p class="found"><Total found={found} /></p>
            <ol class="hits">
                {found.hits.map((hit) => <HitLine key={`${hit.document}.${hit.page ?? 0}`} hit={hit} />)}
            </ol>
        </>
    );
}

export function Search() {
    const { t } = useWords();
    const [query, setQuery] = useState("");
    const [chosen, setChosen] = useState<Chosen>({});
    const [order, setOrder] = useState<Order>("rank");
    const found = useFound(query, narrowed(chosen, order));
    const type = (words: string) => {
        setQuery(words);
        if (words.trim() === "") setChosen({});
    };
    return (
        <section class="panel" aria-labelledby="search-title">
            <h2 id="search-title">{t("centre.page.search")}</h2>
            <input type="search" name="q" value={query} autocomplete="off" spellcheck={false} maxLength={300}
                aria-labelledby="search-title" placeholder={t("centre.page.search_hint")}
                onInput={(e) => type(e.currentTarget.value)} />
            {found.kind === "hits" && (
                <div class="narrow">
                    <Filters counts={found.counts} chosen={chosen} choose={setChosen} atLeast={found.at_least} sites />
                    <OrderSwitch order={order} choose={setOrder} />
                </div>
            )}
            <div class="answer" aria-live="polite">
                {found.kind === "hits" && <Missing found={found} />}
                <Answer found={found} />
            </div>
        </section>
    );
}
