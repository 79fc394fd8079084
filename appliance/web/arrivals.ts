// Files on their way into the box: one after another, each with what became of it.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { refusalOf } from "../../base/web/ask";
import type { Both } from "../../base/web/messages";
import type { Taken } from "./box";
import { csrfToken } from "./session";

export type Arrival = {
    id: number;
    file: File;
    stage: "queued" | "sending" | "looking" | "ended" | "failed";
    percent: number;
    taken: Taken[];
    failed: Both | null; // with "failed": what the box said; null: it did not answer
};

// XMLHttpRequest, because fetch does not say how much has been sent.
function send(file: File, on: (change: Partial<Arrival>) => void): Promise<void> {
    return new Promise((resolve) => {
        const x = new XMLHttpRequest();
        const end = (change: Partial<Arrival>) => {
            on(change);
            resolve();
        };
        x.upload.onprogress = (e) => on({ percent: Math.floor((100 * e.loaded) / Math.max(e.total, 1)) });
        x.upload.onload = () => on({ stage: "looking" });
        x.onerror = x.onabort = () => end({ stage: "failed", failed: null });
        x.onload = () => {
            const body = x.response as Taken[] | null;
            if (x.status === 200 && Array.isArray(body)) end({ stage: "ended", taken: body });
            else end({ stage: "failed", failed: refusalOf(body) ?? { vi: `HTTP ${x.status}`, en: `HTTP ${x.status}` } });
        };
        x.open("POST", `/api/v1/intake?name=${encodeURIComponent(file.name)}`);
        x.responseType = "json";
        x.setRequestHeader("Content-Type", "application/octet-stream");
        x.setRequestHeader("X-Tram-CSRF", csrfToken());
        on({ stage: "sending", percent: 0 });
        x.send(file);
    });
}

export function useArrivals(after: () => void) {
    const [list, setList] = useState<Arrival[]>([]);
    const busy = useRef(false);
    const next = useRef(1);

    const change = useCallback((id: number, what: Partial<Arrival>) => {
        setList((all) => all.map((a) => (a.id === id ? { ...a, ...what } : a)));
    }, []);

    useEffect(() => {
        const first = list.find((a) => a.stage === "queued");
        if (busy.current || !first) return;
        busy.current = true;
        void send(first.file, (what) => change(first.id, what)).then(() => {
            busy.current = false;
            after();
            setList((all) => [...all]); // look for the next one
        });
    }, [list, change, after]);

    const add = useCallback((files: File[]) => {
        const added = files.map((file): Arrival => ({
            id: next.current++, file, stage: "queued", percent: 0, taken: [], failed: null,
        }));
        setList((all) => [...all, ...added]);
    }, []);
    const again = useCallback((id: number) => change(id, { stage: "queued", failed: null }), [change]);
    const clear = useCallback(() => {
        setList((all) => all.filter((a) => a.stage !== "ended" && a.stage !== "failed"));
    }, []);
    return { list, add, again, clear };
}

// What was dropped, folders opened, in the order of their names.
export async function droppedFiles(dropped: DataTransfer): Promise<File[]> {
    const entries = [...dropped.items].map((i) => i.webkitGetAsEntry?.() ?? null);
    if (!entries.some((e) => e?.isDirectory)) return [...dropped.files];
    const files: File[] = [];
    const walk = async (entry: FileSystemEntry): Promise<void> => {
        if (entry.name.startsWith(".")) return;
        if (entry.isFile) {
            files.push(await new Promise<File>((ok, no) => (entry as FileSystemFileEntry).file(ok, no)));
            return;
        }
        const reader = (entry as FileSystemDirectoryEntry).createReader();
        const below: FileSystemEntry[] = [];
        for (;;) {
            const some = await new Promise<FileSystemEntry[]>((ok, no) => reader.readEntries(ok, no));
            if (some.length === 0) break;
            below.push(...some);
        }
        below.sort((a, b) => a.name.localeCompare(b.name, "vi", { numeric: true }));
        for (const e of below) await walk(e);
    };
    for (const e of entries) if (e) await walk(e);
    return files;
}
