// The keys of the desk, in one table: what listens for a key takes it from here, and `?`
// lists those of the view at hand.
import { Fragment } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useWords } from "../../base/web/messages";

export const KEY_SEARCH = "/";
export const KEY_NEXT = "F8"; // as in word processors
const KEYS_HELP = ["?", "F1"]; // the second also while one types

type View = "desk" | "document" | "account";

// Each view's keys, and the sentence `keys.NAME` on them; what browsers do by themselves
// is there too, since nobody told the clerk.
const TABLE: Record<View, [name: string, ...keys: string[]][]> = {
    desk: [
        ["search", KEY_SEARCH],
        ["hits", "↓", "↑"],
        ["ends", "Home", "End"],
        ["open", "Enter"],
        ["back", "Esc"],
    ],
    document: [
        ["next", KEY_NEXT],
        ["alternative", "1", "…", "9"],
        ["right", "0"],
        ["type", "Enter", "Space"],
        ["typed", "Enter"],
        ["untyped", "Esc"],
        ["close", "Esc"],
    ],
    account: [
        ["send", "Enter"],
        ["choose", "↓", "↑"],
        ["close", "Esc"],
    ],
};
const EVERYWHERE: (typeof TABLE)[View] = [
    ["tab", "Tab", "Shift+Tab"],
    ["press", "Space"],
    ["help", ...KEYS_HELP],
];

// What is open over everything else says which view it is.
function viewAtHand(): View {
    const open = [...document.querySelectorAll<HTMLDialogElement>("dialog[open]")].pop();
    return (open?.dataset.view as View | undefined) ?? "desk";
}

const types = (e: KeyboardEvent) => e.target instanceof HTMLInputElement && e.target.type !== "file";

// The listed keys come down to this: whether they were meant, and not typed.
export function isKey(e: KeyboardEvent, key: string): boolean {
    return e.key === key && !types(e) && !e.ctrlKey && !e.metaKey && !e.altKey;
}

function KeyList({ view, close }: { view: View; close: () => void }) {
    const { t } = useWords();
    const dialog = useRef<HTMLDialogElement>(null);
    useEffect(() => dialog.current?.showModal(), []);
    return (
        <dialog ref={dialog} class="document keys" aria-labelledby="keys-title" onClose={close}
            onClick={(e) => e.target === dialog.current && dialog.current?.close()}>
            <header>
                <h2 id="keys-title">{t("keys.title", t(`keys.view_${view}`))}</h2>
                <button type="button" class="quiet" onClick={() => dialog.current?.close()}>{t("desk.close")}</button>
            </header>
            <dl class="document-body">
                {[...TABLE[view], ...EVERYWHERE].map(([name, ...keys]) => (
                    <div key={name} data-key={name}>
                        <dt>{keys.map((k, i) => <Fragment key={k}>{i > 0 && " "}{k === "…" ? k : <kbd>{k}</kbd>}</Fragment>)}</dt>
                        <dd>{t(`keys.${name}`)}</dd>
                    </div>
                ))}
            </dl>
        </dialog>
    );
}

// The button that opens the list; the keys do it too, but not at the door.
export function Keys({ here }: { here: boolean }) {
    const { t } = useWords();
    const [view, setView] = useState<View | null>(null);
    useEffect(() => {
        const onKey = (e: KeyboardEvent) => {
            if (!here || (!isKey(e, "?") && e.key !== "F1")) return;
            e.preventDefault();
            if (document.querySelector("dialog.keys") === null) setView(viewAtHand());
        };
        addEventListener("keydown", onKey);
        return () => removeEventListener("keydown", onKey);
    }, [here]);
    return (
        <>
            <button type="button" class="quiet" data-keys aria-label={t("keys.button")} title={t("keys.button")} onClick={() => setView("desk")}>?</button>
            {view !== null && <KeyList view={view} close={() => setView(null)} />}
        </>
    );
}
