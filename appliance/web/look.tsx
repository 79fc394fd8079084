// What is asked of the box again and again while somebody is here; `lost` while it does
// not answer, and what it said last stays.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { ask, type Refusal } from "../../base/web/ask";
import { useWords } from "../../base/web/messages";
import { refusalIn } from "./session";

const HIDDEN_MS = 15000; // a tab that nobody looks at

export function useLook<T>(path: string, everyMs: number, here: boolean) {
    const [said, setSaid] = useState<T | null>(null);
    const [lost, setLost] = useState<Refusal | null>(null);
    const timer = useRef(0);
    const asking = useRef(false);
    const look = useCallback(async () => {
        if (asking.current || !here) return;
        asking.current = true;
        clearTimeout(timer.current);
        try {
            setSaid(await ask<T>(path));
            setLost(null);
        } catch (why) {
            setLost(refusalIn(why));
        }
        asking.current = false;
        timer.current = setTimeout(() => void look(), document.hidden ? Math.max(HIDDEN_MS, everyMs) : everyMs);
    }, [path, everyMs, here]);
    useEffect(() => {
        const onShow = () => void look();
        document.addEventListener("visibilitychange", onShow);
        void look();
        return () => {
            document.removeEventListener("visibilitychange", onShow);
            clearTimeout(timer.current);
        };
    }, [look]);
    return { said, lost, look };
}

// In the place of what the box has not said yet, or could not.
export function NotYet({ lost, again }: { lost: Refusal | null; again: () => void }) {
    const { t, language } = useWords();
    if (lost === null) return <p class="empty">{t("desk.loading")}</p>;
    return (
        <p class="notice bad">
            {lost.said?.[language] ?? t("desk.offline")}{" "}
            <button type="button" class="link" onClick={again}>{t("desk.again")}</button>
        </p>
    );
}
