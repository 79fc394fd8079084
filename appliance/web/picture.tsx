// A page's picture, with boxes over what was searched for; and the document as PDF.
import { useEffect, useRef, useState } from "preact/hooks";
import { ask, Refusal, refusalOf } from "../../base/web/ask";
import { useWords } from "../../base/web/messages";
import type { PictureBox, Where } from "./box";

const NOWHERE: Where = { pages: [], fields: [] };

// Where the words are; nothing is marked while that is not known, or cannot be.
export function useWhere(id: number, query: string): Where {
    const [where, setWhere] = useState<Where>(NOWHERE);
    useEffect(() => {
        const stop = new AbortController();
        setWhere(NOWHERE);
        if (query !== "")
            ask<Where>(`/api/v1/pages/${id}/hits?typing=1&q=${encodeURIComponent(query)}`, stop.signal)
                .then(setWhere)
                .catch(() => undefined);
        return () => stop.abort();
    }, [id, query]);
    return where;
}

// Of the picture's height and width, so that it fits at every size.
function Box({ box, kind }: { box: PictureBox; kind: string }) {
    const [x, y, width, height] = box;
    return <rect class={kind} x={x} y={y} width={width} height={height} />;
}

export type Mark = { key: number; kind: string; box: PictureBox };

export function PagePicture({ page, number, where, marks }: { page: number; number: number; where: Where; marks: Mark[] }) {
    const { t } = useWords();
    const [state, setState] = useState<"coming" | "here" | "lost">("coming");
    const drawing = useRef<SVGSVGElement>(null);
    const boxes = where.pages.find((p) => p.page === page)?.boxes ?? [];
    const first = where.pages[0]?.page === page;
    // What was looked for is what the reader wants to see first.
    useEffect(() => {
        if (state === "here" && first) drawing.current?.querySelector("rect")?.scrollIntoView({ block: "center" });
    }, [state, first]);
    if (state === "lost") return <p class="empty">{t("desk.picture_lost")}</p>;
    return (
        <figure class="page-picture">
            <img src={`/api/v1/pages/${page}/picture`} alt={t("desk.picture_of", number)} loading="lazy"
                onLoad={() => setState("here")} onError={() => setState("lost")} />
            <svg ref={drawing} viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
                {marks.map((m) => <Box key={`mark ${m.key}`} box={m.box} kind={m.kind} />)}
                {boxes.map((box, i) => <Box key={i} box={box} kind="hit-box" />)}
                {where.fields.filter((f) => f.page === page).map((f) => (
                    <Box key={f.name} box={f.box} kind="field-box" />
                ))}
            </svg>
        </figure>
    );
}

// Making it may take a while, and may be refused: then that is said.
export function PdfButton({ document: id }: { document: number }) {
    const { t, language } = useWords();
    const [state, setState] = useState<"ready" | "making" | Refusal>("ready");
    const fetchPdf = async () => {
        setState("making");
        try {
            const response = await fetch(`/api/v1/documents/${id}/pdf`);
            if (!response.ok) throw new Refusal(refusalOf(await response.json().catch(() => null)));
            const link = document.createElement("a");
            link.href = URL.createObjectURL(await response.blob());
            link.download = `tram-${id}.pdf`;
            link.click();
            URL.revokeObjectURL(link.href);
            setState("ready");
        } catch (why) {
            setState(why instanceof Refusal ? why : new Refusal(null));
        }
    };
    return (
        <>
            {state instanceof Refusal && (
                <span class="pdf-refused" role="status">{state.said?.[language] ?? t("desk.offline")}</span>
            )}
            <button type="button" class="quiet" disabled={state === "making"} onClick={() => void fetchPdf()}>
                {t(state === "making" ? "desk.pdf_making" : "desk.pdf")}
            </button>
        </>
    );
}
