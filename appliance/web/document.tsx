// One document or page, opened over the desk: its fields, its pages' pictures with what
// was searched for marked on them, and their text.
import { useEffect, useRef, useState } from "preact/hooks";
import { ask, Refusal } from "../../base/web/ask";
import { useWords } from "../../base/web/messages";
import type { Opened, PageSuspects, Shown, Where } from "./box";
import { PagePicture, PdfButton, useWhere } from "./picture";
import { marksOf, SuspectText, useNextKey, useSuspects } from "./suspects";

type Got = { shown: Shown } | { failed: Refusal } | null;

function useShown(id: number): Got {
    const [got, setGot] = useState<Got>(null);
    useEffect(() => {
        const stop = new AbortController();
        setGot(null);
        ask<Shown>(`/api/v1/documents/${id}`, stop.signal)
            .then((shown) => setGot({ shown }))
            .catch((why: unknown) => {
                if (!stop.signal.aborted) setGot({ failed: why instanceof Refusal ? why : new Refusal(null) });
            });
        return () => stop.abort();
    }, [id]);
    return got;
}

type Page = Shown["pages"][number];

function PageText({ page, told, setTold, hand }: {
    page: Page;
    told: PageSuspects | null;
    setTold: (t: PageSuspects) => void;
    hand: (word: number) => void;
}) {
    const { t } = useWords();
    if (page.state === "waiting") return <p class="empty">{t("desk.page_waiting")}</p>;
    if (page.state === "quarantined")
        return <p class="notice bad">{t("desk.page_quarantined", t(`refusal.${page.reason ?? "damaged"}`))}</p>;
    if (page.text === "") return <p class="empty">{t("desk.page_empty")}</p>;
    if (told && told.reading !== 0) return <SuspectText told={told} setTold={setTold} hand={hand} />;
    return <div class="page-text" lang="vi">{page.text}</div>;
}

function PageView({ page, picture, where }: { page: Page; picture: boolean; where: Where }) {
    const { told, setTold } = useSuspects(page.page, page.state === "read" && page.text !== "");
    const [inHand, setInHand] = useState(0);
    return (
        <div class={picture ? "page with-picture" : "page"}>
            {picture && (
                <PagePicture page={page.page} number={page.number} where={where} marks={marksOf(told, inHand)} />
            )}
            <div>
                <PageText page={page} told={told} setTold={setTold} hand={setInHand} />
            </div>
        </div>
    );
}

function Contents({ shown, query }: { shown: Shown; query: string }) {
    const { t } = useWords();
    const where = useWhere(shown.page ?? shown.document, query);
    const pictures = shown.originals.length > 0 && !shown.originals.some((o) => o.away);
    const facts: [string, string][] = [];
    if (shown.dossier) facts.push([t("desk.dossier"), shown.dossier]);
    if (shown.type) facts.push([t("desk.type"), shown.type]);
    for (const f of shown.fields) if (f.value !== null) facts.push([f.name, f.value]);
    return (
        <>
            {facts.length > 0 && (
                <dl class="facts">
                    {facts.map(([name, value]) => (
                        <div key={name}><dt>{name}</dt><dd>{value}</dd></div>
                    ))}
                </dl>
            )}
            {shown.originals.some((o) => o.away) && (
                <p class="notice">{t("desk.original_away", shown.document)}</p>
            )}
            {shown.pages.map((page) => (
                <article key={page.page}>
                    <h3>{t("desk.page", page.number)}</h3>
                    <PageView page={page} picture={pictures} where={where} />
                </article>
            ))}
        </>
    );
}

export function DocumentView({ opened, close }: { opened: Opened; close: () => void }) {
    const { t, language } = useWords();
    const { id, query } = opened;
    const got = useShown(id);
    useNextKey();
    const dialog = useRef<HTMLDialogElement>(null);
    useEffect(() => {
        dialog.current?.showModal();
    }, []);
    const shown = got && "shown" in got ? got.shown : null;
    const title = shown ? (shown.originals[0]?.name ?? t("desk.document", shown.document)) : t("desk.document", id);
    return (
        <dialog ref={dialog} class="document" data-view="document" aria-labelledby="document-title" onClose={close}
            onClick={(e) => e.target === dialog.current && dialog.current?.close()}>
            <header>
                <h2 id="document-title">{title}</h2>
                {shown && shown.originals.length > 0 && <PdfButton document={shown.document} />}
                <button type="button" class="quiet" onClick={() => dialog.current?.close()}>{t("desk.close")}</button>
            </header>
            <div class="document-body">
                {got === null && <p class="empty">{t("desk.loading")}</p>}
                {got && "failed" in got && (
                    <p class="notice bad">{t("desk.error", got.failed.said?.[language] ?? t("desk.offline"))}</p>
                )}
                {shown && <Contents shown={shown} query={query} />}
            </div>
        </dialog>
    );
}
