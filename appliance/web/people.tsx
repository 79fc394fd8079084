// My own account, and for the administrator: people, tokens and the trail.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { ask, type Refusal } from "../../base/web/ask";
import { useWords } from "../../base/web/messages";
import { Form, Line } from "./form";
import { refusalIn, send, type Account, type Role, type Session } from "./session";
import { PasswordForm, SecondForm } from "./signin";

const ROLES: Role[] = ["clerk", "reviewer", "administrator"];

type Token = { name: string; scope: "read" | "import"; enabled: boolean };
type Row = { id: number; kind: string; actor: string; subject: string; detail: string; wall_ms: number | null };
type Drawn = { name: string; password?: string; token?: string };

function useList<T>(path: string, member: string) {
    const [list, setList] = useState<T[] | null>(null);
    const [failed, setFailed] = useState<Refusal | null>(null);
    const look = useCallback(async () => {
        try {
            setList((await ask<Record<string, T[]>>(path))[member] ?? []);
            setFailed(null);
        } catch (why) {
            setFailed(refusalIn(why));
        }
    }, [path, member]);
    useEffect(() => void look(), [look]);
    return { list, failed, setFailed, look };
}

function Failed({ why }: { why: Refusal | null }) {
    const { t, language } = useWords();
    return why && <p class="notice bad" role="alert">{why.said?.[language] ?? t("desk.offline")}</p>;
}

// A password or token that is shown this once.
function Once({ drawn }: { drawn: Drawn | null }) {
    const { t } = useWords();
    if (drawn === null) return null;
    return (
        <p class="notice" role="status">
            {t(drawn.token ? "people.token_once" : "people.password_once", drawn.name)}{" "}
            <code class="secret" data-drawn>{drawn.token ?? drawn.password}</code>
        </p>
    );
}

function RoleChoice(props: { value?: Role; label: string; change?: (r: Role) => void }) {
    const { t } = useWords();
    return (
        <select name="role" aria-label={props.label} value={props.value} onChange={(e) => props.change?.(e.currentTarget.value as Role)}>
            {ROLES.map((r) => <option key={r} value={r}>{t(`people.role_${r}`)}</option>)}
        </select>
    );
}

function PersonRow({ person, self, change }: { person: Account; self: boolean; change: (name: string, what: object) => void }) {
    const { t, language } = useWords();
    const name = person.name;
    const act = (what: string, label: string) => (
        <button type="button" class="link" data-do={what} onClick={() => change(name, { do: what })}>{t(label)}</button>
    );
    const off = person.state === "off";
    return (
        <tr data-person={name} class={off ? "off" : ""}>
            <td><b>{person.full_name}</b><br /><span class="soft">{name}</span></td>
            <td>
                {self ? t(`people.role_${person.role}`)
                    : <RoleChoice value={person.role} label={t("people.role_of", name)} change={(role) => change(name, { role })} />}
            </td>
            <td>{t(`people.state_${person.state}`)}</td>
            <td>{person.seen_wall_ms === null ? "–" : new Date(person.seen_wall_ms).toLocaleDateString(language)}</td>
            <td><div class="acts">
                {!self && act(off ? "enable" : "disable", off ? "people.enable" : "people.disable")}
                {!self && act("password", "people.draw_password")}
                {!self && person.second && act("second", "people.forget_second")}
                {person.state === "locked" && act("unlock", "people.unlock")}
            </div></td>
        </tr>
    );
}

function People({ me }: { me: Account }) {
    const { t } = useWords();
    const { list, failed, setFailed, look } = useList<Account>("/api/v1/people", "people");
    const [drawn, setDrawn] = useState<Drawn | null>(null);
    const change = async (name: string, what: object) => {
        try {
            const answer = await send<Partial<Drawn>>(`/api/v1/people/${encodeURIComponent(name)}`, what);
            setDrawn(answer.password ? { name, password: answer.password } : null);
            await look();
        } catch (why) {
            await look();
            setFailed(refusalIn(why));
        }
    };
    const add = async (v: Record<string, string>) => {
        setDrawn(await send<Drawn>("/api/v1/people", { name: v.name, full_name: v.full_name, role: v.role }));
        await look();
    };
    return (
        <section class="panel" aria-labelledby="people-title">
            <h2 id="people-title">{t("people.title")}</h2>
            <Failed why={failed} />
            <Once drawn={drawn} />
            <table class="table">
                <thead>
                    <tr>{["who", "role", "state", "seen", "acts"].map((c) => <th key={c} scope="col">{t(`people.column_${c}`)}</th>)}</tr>
                </thead>
                <tbody>
                    {list?.map((p) => <PersonRow key={p.name} person={p} self={p.name === me.name} change={(n, w) => void change(n, w)} />)}
                </tbody>
            </table>
            <h3>{t("people.add")}</h3>
            <Form name="person" button={t("people.add_button")} go={add}>
                <Line label={t("signin.full_name")} name="full_name" max={100} />
                <Line label={t("signin.name")} name="name" max={32} hint={t("signin.name_hint")} />
                <p class="line"><span aria-hidden="true">{t("people.column_role")}</span><RoleChoice label={t("people.column_role")} /></p>
            </Form>
        </section>
    );
}

function Tokens() {
    const { t } = useWords();
    const { list, failed, look } = useList<Token>("/api/v1/tokens", "tokens");
    const [drawn, setDrawn] = useState<Drawn | null>(null);
    const end = async (name: string) => {
        await send(`/api/v1/tokens/${encodeURIComponent(name)}/end`).catch(() => undefined);
        setDrawn(null);
        await look();
    };
    return (
        <section class="panel" aria-labelledby="tokens-title">
            <h2 id="tokens-title">{t("people.tokens")}</h2>
            <p class="explain">{t("people.tokens_explain")}</p>
            <Failed why={failed} />
            <Once drawn={drawn} />
            <ul class="tokens">
                {list?.filter((k) => k.enabled).map((k) => (
                    <li key={k.name} data-token={k.name}>
                        {k.name} · {t(`people.scope_${k.scope}`)}{" "}
                        <button type="button" class="link" onClick={() => void end(k.name)}>{t("people.token_end")}</button>
                    </li>
                ))}
            </ul>
            <Form name="token" button={t("people.token_make")}
                go={async (v) => {
                    setDrawn(await send<Drawn>("/api/v1/tokens", { name: v.name, scope: v.scope }));
                    await look();
                }}>
                <Line label={t("people.token_label")} name="name" max={32} />
                <p class="line">
                    <span aria-hidden="true">{t("people.scope")}</span>
                    <select name="scope" aria-label={t("people.scope")}>
                        <option value="read">{t("people.scope_read")}</option>
                        <option value="import">{t("people.scope_import")}</option>
                    </select>
                </p>
            </Form>
        </section>
    );
}

function Trail() {
    const { t, language } = useWords();
    const { list, failed } = useList<Row>("/api/v1/audit?limit=100", "rows");
    return (
        <section class="panel" aria-labelledby="trail-title">
            <h2 id="trail-title">{t("people.trail")}</h2>
            <Failed why={failed} />
            <div class="trail" tabIndex={0} aria-labelledby="trail-title">
                <table class="table">
                    <tbody>
                        {list?.map((r) => (
                            <tr key={r.id}>
                                <td class="soft">{r.id}</td>
                                <td class="soft">{r.wall_ms === null ? "–" : new Date(r.wall_ms).toLocaleString(language)}</td>
                                <td>{t(`audit.${r.kind}`)}</td>
                                <td>{r.actor}</td>
                                <td>{r.subject}</td>
                                <td class="soft">{r.detail}</td>
                            </tr>
                        ))}
                    </tbody>
                </table>
            </div>
        </section>
    );
}

function Mine({ me, take }: { me: Account; take: (s: Session) => void }) {
    const { t } = useWords();
    const [done, setDone] = useState(false);
    const [adding, setAdding] = useState(false);
    return (
        <section class="panel" aria-labelledby="mine-title">
            <h2 id="mine-title">{t("people.mine", me.full_name, t(`people.role_${me.role}`))}</h2>
            {done && <p class="notice" role="status">{t("people.changed")}</p>}
            <PasswordForm second={me.second || me.role === "administrator"}
                done={(s) => {
                    take(s);
                    setDone(true);
                }} />
            {me.second ? <p class="explain">{t("people.second_there_own")}</p>
                : adding ? <SecondForm done={take} />
                : <button type="button" class="link" onClick={() => setAdding(true)}>{t("signin.must_second")}</button>}
        </section>
    );
}

export function AccountView(props: { me: Account; take: (s: Session) => void; close: () => void }) {
    const { t } = useWords();
    const dialog = useRef<HTMLDialogElement>(null);
    useEffect(() => {
        dialog.current?.showModal();
    }, []);
    return (
        <dialog ref={dialog} class="document people" data-view="account" aria-labelledby="account-title" onClose={props.close}>
            <header>
                <h2 id="account-title">{t(props.me.role === "administrator" ? "people.administration" : "people.account")}</h2>
                <button type="button" class="quiet" onClick={() => dialog.current?.close()}>{t("desk.close")}</button>
            </header>
            <div class="document-body">
                {props.me.role === "administrator" && <People me={props.me} />}
                {props.me.role === "administrator" && <Tokens />}
                <Mine me={props.me} take={props.take} />
                {props.me.role === "administrator" && <Trail />}
            </div>
        </dialog>
    );
}
