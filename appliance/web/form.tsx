// A small form: labelled lines, one button, and what the box said against it.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { Refusal } from "../../base/web/ask";
import { useWords } from "../../base/web/messages";
import { refusalIn } from "./session";

type LineProps = {
    label: string;
    name: string;
    hint?: string;
    secret?: boolean; // a password
    complete?: string;
    code?: boolean; // six digits, or a code that was printed: no capitals, no spelling
    optional?: boolean;
    first?: boolean;
    max?: number;
};

export function Line(props: LineProps) {
    const id = useId();
    const input = useRef<HTMLInputElement>(null);
    useEffect(() => {
        if (props.first) input.current?.focus();
    }, [props.first]);
    return (
        <p class="line">
            <label for={id}>{props.label}</label>
            <input ref={input} id={id} name={props.name} {...(props.secret ? { type: "password" as const } : { type: "text" as const })} required={!props.optional}
                autocomplete={(props.complete ?? "off") as "off"} autocapitalize="none" spellcheck={false}
                maxLength={props.max ?? 200} class={props.code ? "code" : ""}
                aria-describedby={props.hint ? `${id}-hint` : undefined} />
            {props.hint && <small id={`${id}-hint`}>{props.hint}</small>}
        </p>
    );
}

type Values = Record<string, string>;

// `go` gets what was typed by the lines' names; what it throws is shown.
export function Form(props: {
    name: string;
    button: string;
    go: (values: Values) => Promise<void>;
    said?: (why: Refusal) => void;
    children: ComponentChildren;
}) {
    const { t, language } = useWords();
    const [busy, setBusy] = useState(false);
    const [failed, setFailed] = useState<Refusal | null>(null);
    const onSubmit = async (e: SubmitEvent) => {
        e.preventDefault();
        if (busy) return;
        const form = e.currentTarget as HTMLFormElement;
        const values: Values = {};
        for (const [key, value] of new FormData(form)) values[key] = String(value);
        setBusy(true);
        setFailed(null);
        try {
            await props.go(values);
            form.reset();
        } catch (why) {
            const refusal = refusalIn(why);
            setFailed(refusal);
            props.said?.(refusal);
        }
        setBusy(false);
    };
    return (
        <form class="form" data-form={props.name} onSubmit={(e) => void onSubmit(e)} aria-busy={busy}>
            {props.children}
            {failed && <p class="notice bad" role="alert">{failed.said?.[language] ?? t("desk.offline")}</p>}
            <button type="submit" class="main-button" disabled={busy}>{busy ? t("desk.wait") : props.button}</button>
        </form>
    );
}
