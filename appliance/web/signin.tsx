// The door: first start, signing in, and what must be done before the desk opens.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { LanguageSwitch, useWords } from "../../base/web/messages";
import { Form, Line } from "./form";
import { send, type Session, type SignedIn } from "./session";

type Take = (s: Session) => void;

function Door({ title, children }: { title: string; children: ComponentChildren }) {
    const { t } = useWords();
    return (
        <div class="door">
            <header>
                <h1>{t("desk.title")}</h1>
                <LanguageSwitch />
            </header>
            <main class="panel">
                <h2>{title}</h2>
                {children}
            </main>
        </div>
    );
}

function NewPassword({ second }: { second: boolean }) {
    const { t } = useWords();
    return (
        <Line label={t("signin.new_password")} name="new" secret complete="new-password"
            hint={t(second ? "signin.new_hint_second" : "signin.new_hint")} />
    );
}

function FirstStart({ take }: { take: Take }) {
    const { t } = useWords();
    return (
        <Door title={t("signin.first")}>
            <p class="explain">{t("signin.first_explain")}</p>
            <Form name="first" button={t("signin.first_button")}
                go={async (v) => take(await send<Session>("/api/v1/first", { code: v.code, name: v.name, full_name: v.full_name, password: v.new }))}>
                <Line label={t("signin.first_code")} name="code" code first hint={t("signin.first_code_hint")} />
                <Line label={t("signin.full_name")} name="full_name" max={100} complete="name" />
                <Line label={t("signin.name")} name="name" complete="username" max={32} hint={t("signin.name_hint")} />
                <NewPassword second />
            </Form>
        </Door>
    );
}

// The code's field comes when it is asked for, the second one where the box lost the time.
function SignIn({ take }: { take: Take }) {
    const { t } = useWords();
    const [codes, setCodes] = useState(0);
    const [locked, setLocked] = useState(false); // who has a code comes in all the same
    return (
        <Door title={t("signin.title")}>
            <Form name="signin" button={t("signin.button")}
                said={(why) => {
                    setLocked(why.said?.code === "signin_locked");
                    if (why.said?.code === "signin_locked") setCodes((n) => Math.min(n + 1, 2));
                    if (why.said?.code === "signin_code") setCodes((n) => Math.max(n, 1));
                    if (why.said?.code === "signin_codes") setCodes(2);
                }}
                go={async (v) => take(await send<Session>("/api/v1/session", { name: v.name?.toLowerCase(), password: v.password, code: v.code, next: v.next }))}>
                <Line label={t("signin.name")} name="name" complete="username" first max={32} />
                <Line label={t("signin.password")} name="password" secret complete="current-password" />
                {codes > 0 && <Line key="code" label={t("signin.code")} name="code" code first max={6} complete="one-time-code" optional={locked} />}
                {codes > 1 && <Line key="next" label={t("signin.code_next")} name="next" code max={6} optional={locked} />}
            </Form>
        </Door>
    );
}

export function PasswordForm({ second, done }: { second: boolean; done: Take }) {
    const { t } = useWords();
    return (
        <Form name="password" button={t("signin.change")}
            go={async (v) => done(await send<Session>("/api/v1/session/password", { old: v.old, new: v.new }))}>
            <Line label={t("signin.old_password")} name="old" secret complete="current-password" first />
            <NewPassword second={second} />
        </Form>
    );
}

// The password draws the secret; it is shown in fours, to be typed into an authenticator.
export function SecondForm({ done }: { done: Take }) {
    const { t } = useWords();
    const [secret, setSecret] = useState("");
    const [codes, setCodes] = useState(1);
    if (secret === "")
        return (
            <Form key="draw" name="second-draw" button={t("signin.second_draw")}
                go={async (v) => setSecret((await send<{ secret: string }>("/api/v1/session/second", { old: v.old })).secret)}>
                <Line label={t("signin.old_password")} name="old" secret complete="current-password" first />
            </Form>
        );
    return (
        <>
            <p class="explain">{t("signin.second_explain")}</p>
            <p class="secret" data-secret={secret}>{secret.replace(/(.{4})(?=.)/g, "$1 ")}</p>
            <Form name="second" button={t("signin.second_button")}
                said={() => setCodes(2)}
                go={async (v) => done(await send<Session>("/api/v1/session/second/sure", { code: v.code, next: v.next }))}>
                <Line label={t("signin.code")} name="code" code first max={6} complete="one-time-code" />
                {codes > 1 && <Line key="next" label={t("signin.code_next")} name="next" code max={6} optional />}
            </Form>
        </>
    );
}

// What stands before the desk; null: it is open.
export function doorOf(session: Session, take: Take): ComponentChildren | null {
    if (session.state === "first") return <FirstStart take={take} />;
    if (session.state === "out") return <SignIn take={take} />;
    return session.must && <Must what={session.must} session={session} take={take} />;
}

function Must({ what, session, take }: { what: "password" | "second"; session: SignedIn; take: Take }) {
    const { t } = useWords();
    const leave = async () => take(await send<Session>("/api/v1/session/end"));
    return (
        <Door title={t(`signin.must_${what}`)}>
            {what === "password"
                ? <PasswordForm second={session.account.second || session.account.role === "administrator"} done={take} />
                : <SecondForm done={take} />}
            <button type="button" class="link" onClick={() => void leave()}>{t("signin.leave")}</button>
        </Door>
    );
}
