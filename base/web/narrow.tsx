// What hits are narrowed and ordered by: the counts that an answer comes with, as buttons.
// One value of each; chosen again, it is let go.
import { useWords } from "./messages";

export type Order = "rank" | "date" | "newest";
const FACETS = ["kind", "issuer", "year", "site"] as const;
type Facet = (typeof FACETS)[number];
export type Chosen = Partial<Record<Facet, string | number>>;
type Value = { value: string | number; hits: number; name?: string };
export type Counts = Record<Facet, { values: Value[]; more: boolean }>;

const SHOWN = 6; // of a facet; the rest is reached by another word or filter

// The part of the question that says it.
export function narrowed(chosen: Chosen, order: Order): string {
    const words = FACETS.filter((f) => chosen[f] !== undefined).map((f) => `&${f}=${encodeURIComponent(chosen[f]!)}`);
    return `&counts=1&order=${order}${words.join("")}`;
}

// Years as a person looks for them; all else as it came, the most frequent first.
function inOrder(facet: Facet, values: Value[]): Value[] {
    const first = values.slice(0, SHOWN);
    return facet === "year" ? first.sort((a, b) => Number(b.value) - Number(a.value)) : first;
}

function FacetRow(props: { facet: Facet; counts: Counts; chosen: Chosen; choose: (c: Chosen) => void; atLeast: boolean }) {
    const { t } = useWords();
    const { facet, chosen } = props;
    const { values, more } = props.counts[facet];
    const picked = chosen[facet];
    // What was chosen stays, to be let go, even if nothing is left of it.
    const all = values.length === 0 && picked !== undefined ? [{ value: picked, hits: 0 }] : inOrder(facet, values);
    if (all.length === 0 || (facet === "site" && all.length < 2 && picked === undefined)) return null;
    return (
        <div class="facet" role="group" aria-label={t(`narrow.${facet}`)} data-facet={facet}>
            <span class="facet-name">{t(`narrow.${facet}`)}</span>
            {all.map((v) => (
                <button key={v.value} type="button" class="chip" aria-pressed={picked !== undefined}
                    onClick={() => props.choose({ ...chosen, [facet]: picked === undefined ? v.value : undefined })}>
                    {(v as Value).name ?? v.value} <b>{props.atLeast ? "≥ " : ""}{v.hits}</b>
                </button>
            ))}
            {(more || values.length > SHOWN) && <span class="facet-more">…</span>}
        </div>
    );
}

export function Filters(props: { counts: Counts; chosen: Chosen; choose: (c: Chosen) => void; atLeast: boolean; sites: boolean }) {
    const facets = FACETS.filter((f) => f !== "site" || props.sites);
    return <div class="facets">{facets.map((f) => <FacetRow key={f} facet={f} {...props} />)}</div>;
}

export function OrderSwitch({ order, choose }: { order: Order; choose: (o: Order) => void }) {
    const { t } = useWords();
    return (
        <div class="orders" role="group" aria-label={t("narrow.order")}>
            {(["rank", "date"] as const).map((o) => (
                <button key={o} type="button" class="chip" aria-pressed={order === o} data-order={o} onClick={() => choose(o)}>
                    {t(`narrow.by_${o}`)}
                </button>
            ))}
        </div>
    );
}
