// Sentences of the web faces, from the table that the programs use too
// (base/messages.tsv), in the language that the reader chose.
import { createContext, type ComponentChildren } from "preact";
import { useContext, useEffect, useMemo, useState } from "preact/hooks";
import table from "../messages.tsv";

export type Language = "vi" | "en";
export type Both = { vi: string; en: string };
export type Translate = (key: string, ...args: (string | number)[]) => string;

const sentences = new Map<string, Both>();
for (const line of table.split("\n")) {
    const [key, vi, en] = line.split("\t");
    if (key && vi !== undefined && en !== undefined) sentences.set(key, { vi, en });
}

// An unknown key shows as itself: never silent.
export function sentence(language: Language, key: string, args: (string | number)[]): string {
    const text = sentences.get(key)?.[language] ?? key;
    return text.replace(/\{(\d)\}/g, (whole, place: string) => String(args[Number(place)] ?? whole));
}

type Words = { language: Language; t: Translate; choose: (l: Language) => void };
const WordsContext = createContext<Words | null>(null);

const STORED = "tram.language";

// A browser that keeps nothing (private window) starts in Vietnamese each time.
function storedLanguage(): Language {
    try {
        return localStorage.getItem(STORED) === "en" ? "en" : "vi";
    } catch {
        return "vi";
    }
}

export function WithWords({ children }: { children: ComponentChildren }) {
    const [language, setLanguage] = useState<Language>(storedLanguage);
    const words = useMemo<Words>(
        () => ({
            language,
            t: (key, ...args) => sentence(language, key, args),
            choose: (l) => {
                try {
                    localStorage.setItem(STORED, l);
                } catch {
                    // Kept for this page only.
                }
                setLanguage(l);
            },
        }),
        [language],
    );
    useEffect(() => {
        document.documentElement.lang = language;
    }, [language]);
    return <WordsContext.Provider value={words}>{children}</WordsContext.Provider>;
}

export function useWords(): Words {
    const words = useContext(WordsContext);
    if (!words) throw new Error("useWords outside WithWords");
    return words;
}

export function LanguageSwitch() {
    const { language, t, choose } = useWords();
    const other = language === "vi" ? "en" : "vi";
    return (
        <button class="quiet" type="button" lang={other} title={t("desk.language_label")}
            aria-label={t("desk.language_label")} onClick={() => choose(other)}>
            {t("desk.language")}
        </button>
    );
}
