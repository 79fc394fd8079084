// Where files are dropped or chosen, and a line for what became of each.
import { useEffect, useState } from "preact/hooks";
import { useWords } from "../../base/web/messages";
import { droppedFiles, useArrivals, type Arrival } from "./arrivals";
import type { Taken } from "./box";

function TakenLine({ taken, open }: { taken: Taken; open: (id: number) => void }) {
    const { t } = useWords();
    const what = taken.state === "kept" ? t("desk.state_kept", taken.pages ?? 0) : t(`desk.state_${taken.state}`);
    return (
        <li class={`arrival ${taken.state}`} data-state={taken.state}>
            <span class="arrival-name">{taken.file}</span>
            {taken.document === null ? (
                <span class="arrival-state">{what}</span>
            ) : (
                <button type="button" class="link arrival-state" onClick={() => open(taken.document!)}>{what}</button>
            )}
            {taken.reason !== null && (
                <span class="arrival-why">{t(`${taken.state === "held" ? "secrecy" : "refusal"}.${taken.reason}`)}</span>
            )}
        </li>
    );
}

function ArrivalLines(props: { arrival: Arrival; again: () => void; open: (id: number) => void }) {
    const { t, language } = useWords();
    const { arrival } = props;
    if (arrival.stage === "ended")
        return <>{arrival.taken.map((taken) => <TakenLine key={taken.file} taken={taken} open={props.open} />)}</>;
    const failed = arrival.stage === "failed";
    const stage = {
        queued: t("desk.queued"),
        sending: t("desk.arriving_percent", arrival.percent),
        looking: t("desk.checking"),
        failed: t("desk.state_failed", arrival.failed?.[language] ?? t("desk.offline")),
    }[arrival.stage];
    return (
        <li class={failed ? "arrival refused" : "arrival"} data-state={arrival.stage}>
            <span class="arrival-name">{arrival.file.name}</span>
            {failed && <button type="button" class="link arrival-state" onClick={props.again}>{t("desk.again")}</button>}
            <span class={failed ? "arrival-why" : "arrival-state"}>{stage}</span>
            {arrival.stage === "sending" && <progress max={100} value={arrival.percent} aria-label={stage} />}
        </li>
    );
}

// Files may be dropped anywhere on the page; while one hovers, the zone says so.
function useDrop(add: (files: File[]) => void): boolean {
    const [over, setOver] = useState(false);
    useEffect(() => {
        const hasFiles = (e: DragEvent) => e.dataTransfer?.types.includes("Files") ?? false;
        const onOver = (e: DragEvent) => {
            if (!hasFiles(e)) return;
            e.preventDefault();
            setOver(true);
        };
        const onLeave = (e: DragEvent) => {
            if (e.relatedTarget === null) setOver(false);
        };
        const onDrop = (e: DragEvent) => {
            if (!e.dataTransfer || !hasFiles(e)) return;
            e.preventDefault();
            setOver(false);
            void droppedFiles(e.dataTransfer).then(add);
        };
        addEventListener("dragover", onOver);
        addEventListener("dragleave", onLeave);
        addEventListener("drop", onDrop);
        return () => {
            removeEventListener("dragover", onOver);
            removeEventListener("dragleave", onLeave);
            removeEventListener("drop", onDrop);
        };
    }, [add]);
    return over;
}

export function Files({ after, open }: { after: () => void; open: (id: number) => void }) {
    const { t } = useWords();
    const { list, add, again, clear } = useArrivals(after);
    const over = useDrop(add);
    const ended = list.some((a) => a.stage === "ended" || a.stage === "failed");
    return (
        <section class="panel files" aria-labelledby="files-title">
            <h2 id="files-title">{t("desk.files")}</h2>
            <label class={over ? "drop over" : "drop"}>
                <b>{t("desk.drop")}</b>
                <span>{t("desk.drop_hint")}</span>
                <span class="button">{t("desk.choose")}</span>
                <input type="file" multiple accept=".jpg,.jpeg,.png,.tif,.tiff,.pdf,.zip,.tar,.gz,.tgz,.zst"
                    onChange={(e) => {
                        add([...(e.currentTarget.files ?? [])]);
                        e.currentTarget.value = "";
                    }} />
            </label>
            <ul class="arrivals" aria-live="polite">
                {[...list].reverse().map((a) => (
                    <ArrivalLines key={a.id} arrival={a} again={() => again(a.id)} open={open} />
                ))}
            </ul>
            {ended && <button type="button" class="link" onClick={clear}>{t("desk.clear")}</button>}
        </section>
    );
}
