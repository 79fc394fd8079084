// A page's text with its doubtful words underlined: why, what may stand there, and a key
// for each way on. What is chosen is a correction; nothing is changed by itself.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { ask, type Refusal } from "../../base/web/ask";
import { useWords } from "../../base/web/messages";
import type { PageSuspects, PictureBox, Suspect } from "./box";
import { KEY_NEXT } from "./keys";
import type { Mark } from "./picture";
import { refusalIn, send } from "./session";

// What the box says of the page's words; null until it has, or if it cannot: then the
// plain text is shown.
export function useSuspects(page: number, wanted: boolean) {
    const [told, setTold] = useState<PageSuspects | null>(null);
    useEffect(() => {
        const stop = new AbortController();
        setTold(null);
        if (wanted)
            ask<PageSuspects>(`/api/v1/pages/${page}/suspects`, stop.signal)
                .then(setTold)
                .catch(() => undefined);
        return () => stop.abort();
    }, [page, wanted]);
    return { told, setTold };
}

// In fractions of the picture, which is shown upright.
function shareOf(told: PageSuspects, s: Suspect): PictureBox {
    const [left, top, width, height] = s.box;
    let box: PictureBox = [left / told.width, top / told.height, width / told.width, height / told.height];
    for (let turned = 0; turned < told.rotation; turned += 90) box = [1 - box[1] - box[3], box[0], box[3], box[2]];
    return box;
}

// What is underlined in the text, on the picture; the word in hand stands out.
export function marksOf(told: PageSuspects | null, inHand: number): Mark[] {
    if (told === null) return [];
    return told.suspects.map((s) => ({
        key: s.word,
        kind: s.word === inHand ? "suspect-box in-hand" : "suspect-box",
        box: shareOf(told, s),
    }));
}

const words = () => [...document.querySelectorAll<HTMLElement>("button.suspect")];

// The one after the word that has the focus, on whatever page; from the last to the first.
function focusNext() {
    const all = words();
    const at = all.findIndex((w) => w.contains(document.activeElement));
    all[(at + 1) % all.length]?.focus();
}

export function useNextKey() {
    useEffect(() => {
        const onKey = (e: KeyboardEvent) => {
            if (e.key !== KEY_NEXT) return;
            e.preventDefault();
            focusNext();
        };
        addEventListener("keydown", onKey);
        return () => removeEventListener("keydown", onKey);
    }, []);
}

// In place of the word, as wide as it may get.
function Typed({ was, done, leave, back }: {
    was: string;
    done: (text: string) => void;
    leave: () => void;
    back: () => void; // to the word as it was
}) {
    const { t } = useWords();
    const [text, setText] = useState(was);
    const input = useRef<HTMLInputElement>(null);
    // Before the next key, which is the word's already.
    useLayoutEffect(() => {
        input.current?.focus();
        input.current?.select();
    }, []);
    const onKey = (e: KeyboardEvent) => {
        if (e.key === "Enter") done(text);
        else if (e.key === "Escape") back();
        else return;
        e.preventDefault(); // the document stays open
    };
    return (
        <input ref={input} class="suspect-typed" lang="vi" value={text} size={Math.max(text.length, 4)}
            aria-label={t("desk.suspect_type")} spellcheck={false}
            onInput={(e) => setText(e.currentTarget.value)} onKeyDown={onKey} onBlur={leave} />
    );
}

// What is known of the word in hand, beside its keys.
function Help({ suspect, take, type, right }: {
    suspect: Suspect;
    take: (text: string) => void;
    type: () => void;
    right: boolean; // the word stands in the right half
}) {
    const { t } = useWords();
    const keep = (e: Event) => e.preventDefault(); // the word keeps the focus
    return (
        <span class={right ? "suspect-help right" : "suspect-help"} role="status" onMouseDown={keep}>
            <b>{suspect.reasons.map((r) => t(`suspect.${r}`)).join("; ")}</b>
            {suspect.alternatives.map((text, i) => (
                <span class="link" role="button" key={text} onClick={() => take(text)}>
                    <kbd>{i + 1}</kbd> <span lang="vi">{text}</span>
                </span>
            ))}
            <span class="link" role="button" onClick={() => take(suspect.text)}><kbd>0</kbd> {t("desk.suspect_right")}</span>
            <span class="link" role="button" onClick={type}><kbd>Enter</kbd> {t("desk.suspect_type")}</span>
            <span class="link" role="button" onClick={focusNext}><kbd>{KEY_NEXT}</kbd> {t("desk.suspect_next")}</span>
        </span>
    );
}

function SuspectWord({ suspect, take, hand }: {
    suspect: Suspect;
    take: (text: string) => void;
    hand: (word: number) => void;
}) {
    const [state, setState] = useState<"rest" | "in hand" | "typed">("rest");
    const button = useRef<HTMLButtonElement>(null);
    const right = () => 2 * (button.current?.offsetLeft ?? 0) > (button.current?.closest<HTMLElement>(".page-text")?.offsetWidth ?? 0);
    const type = () => setState("typed");
    const onKey = (e: KeyboardEvent) => {
        const digit = e.ctrlKey || e.altKey || e.metaKey ? NaN : Number(e.key);
        const text = digit === 0 ? suspect.text : suspect.alternatives[digit - 1];
        if (e.key === " " || e.key === "Enter") type();
        else if (text !== undefined) take(text);
        else return;
        e.preventDefault();
    };
    const leave = () => setState("rest");
    const back = () => {
        leave();
        requestAnimationFrame(() => button.current?.focus()); // when it is there again
    };
    if (state === "typed")
        return <Typed was={suspect.text} done={take} leave={leave} back={back} />;
    return (
        <>
            <button ref={button} type="button" class="suspect" data-word={suspect.word} data-reasons={suspect.reasons.join(" ")}
                onFocus={() => { setState("in hand"); hand(suspect.word); }}
                onBlur={() => setState((s) => (s === "in hand" ? "rest" : s)) /* it goes when typing begins, too */}
                onClick={() => button.current?.focus()} onKeyDown={onKey}>
                {suspect.text}
            </button>
            {state === "in hand" && <Help suspect={suspect} take={take} type={type} right={right()} />}
        </>
    );
}

type Piece = { gap: string; number: number; text: string };

// White space is ASCII's, as the reading's words are counted.
function piecesOf(text: string): Piece[] {
    const pieces: Piece[] = [];
    for (const m of text.matchAll(/([ \t\n]*)([^ \t\n]+)/g))
        pieces.push({ gap: m[1] ?? "", number: pieces.length + 1, text: m[2] ?? "" });
    return pieces;
}

export function SuspectText({ told, setTold, hand }: {
    told: PageSuspects;
    setTold: (t: PageSuspects) => void;
    hand: (word: number) => void; // the one that a person looks at
}) {
    const { t, language } = useWords();
    const [failed, setFailed] = useState<Refusal | null>(null);
    const text = useRef<HTMLDivElement>(null);
    const goOn = useRef(0); // the word behind which the next is to be looked at
    const suspects = new Map(told.suspects.map((s) => [s.word, s]));
    const corrected = new Map(told.corrections.map((c) => [c.word, c.text]));
    useEffect(() => {
        if (goOn.current === 0) return;
        const next = told.suspects.find((s) => s.word > goOn.current);
        goOn.current = 0;
        if (next) text.current?.querySelector<HTMLElement>(`[data-word="${next.word}"]`)?.focus();
    }, [told]);
    const take = async (s: Suspect, now: string) => {
        try {
            const answer = await send<PageSuspects>(`/api/v1/pages/${told.page}/corrections`, {
                reading: told.reading,
                corrections: [{ word: s.word, text: now.trim() }],
            });
            goOn.current = s.word;
            setFailed(null);
            setTold(answer);
        } catch (why) {
            setFailed(refusalIn(why));
        }
    };
    return (
        <>
            <p class="suspects-count" data-suspects={told.suspects.length}>
                {told.suspects.length === 0 ? t("desk.suspects_none") : t("desk.suspects", told.suspects.length, KEY_NEXT)}
            </p>
            {failed && <p class="notice bad" role="alert">{t("desk.error", failed.said?.[language] ?? t("desk.offline"))}</p>}
            <div class="page-text" lang="vi" ref={text}>
                {piecesOf(told.text).map((p) => {
                    const s = suspects.get(p.number);
                    const now = corrected.get(p.number);
                    if (s) return <span key={p.number}>{p.gap}<span class="suspect-place"><SuspectWord suspect={s} take={(x) => void take(s, x)} hand={hand} /></span></span>;
                    if (now === undefined || now === p.text) return p.gap + p.text;
                    return <span key={p.number}>{p.gap}<ins title={t("desk.suspect_was", p.text)}>{now}</ins></span>;
                })}
            </div>
        </>
    );
}
