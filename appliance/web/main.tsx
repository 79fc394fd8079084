// The desk: what a clerk of the commune sees of the box.
import { render } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { ask, Refusal } from "../../base/web/ask";
import { LanguageSwitch, useWords, WithWords } from "../../base/web/messages";
import "../../base/web/base.css";
import { type Opened, SITE_DEMO, type Status } from "./box";
import { Counts, Notices } from "./counts";
import { DocumentView } from "./document";
import { Files } from "./files";
import { Keys } from "./keys";
import { AccountView } from "./people";
import { Search } from "./search";
import { send, useSession, type Account, type Session } from "./session";
import { doorOf } from "./signin";
import "./style.css";

const LOOK_MS = 2000;
const LOOK_HIDDEN_MS = 15000; // a tab that nobody looks at

// The box's status, asked for again and again while somebody is `here`; `lost` while it
// does not answer.
function useStatus(here: boolean) {
    const [status, setStatus] = useState<Status | null>(null);
    const [lost, setLost] = useState<Refusal | null>(null);
    const timer = useRef(0);
    const asking = useRef(false);
    const look = useCallback(async () => {
        if (asking.current || !here) return;
        asking.current = true;
        clearTimeout(timer.current);
        try {
            setStatus(await ask<Status>("/api/v1/status"));
            setLost(null);
        } catch (why) {
            setLost(why instanceof Refusal ? why : new Refusal(null));
        }
        asking.current = false;
        timer.current = setTimeout(() => void look(), document.hidden ? LOOK_HIDDEN_MS : LOOK_MS);
    }, [here]);
    useEffect(() => {
        const onShow = () => void look();
        document.addEventListener("visibilitychange", onShow);
        void look();
        return () => {
            document.removeEventListener("visibilitychange", onShow);
            clearTimeout(timer.current);
        };
    }, [look]);
    return { status, lost, look };
}

// Who is at the desk: the account's view, and the way out.
function Who({ me, take }: { me: Account; take: (s: Session) => void }) {
    const { t } = useWords();
    const [opened, setOpened] = useState(false);
    const leave = async () => take(await send<Session>("/api/v1/session/end").catch((): Session => ({ state: "out" })));
    return (
        <>
            <button type="button" class="quiet" data-who={me.name} onClick={() => setOpened(true)}>{me.full_name}</button>
            <button type="button" class="quiet" onClick={() => void leave()}>{t("signin.leave")}</button>
            {opened && <AccountView me={me} take={take} close={() => setOpened(false)} />}
        </>
    );
}

function Desk({ me, take, here }: { me: Account; take: (s: Session) => void; here: boolean }) {
    const { t, language } = useWords();
    const { status, lost, look } = useStatus(here);
    const [opened, setOpened] = useState<Opened | null>(null);
    const after = useCallback(() => void look(), [look]);
    const name = status?.name;
    useEffect(() => {
        document.title = name ? `${name} – ${t("desk.title")}` : t("desk.title");
    }, [name, t]);
    const said = lost === null ? null : lost.said === null ? t("desk.offline") : t("desk.error", lost.said[language]);
    return (
        <>
            <header class="top">
                <h1>{t("desk.title")}</h1>
                <p class="box-name">{name ?? t("desk.loading")}</p>
                {status?.site === SITE_DEMO && <span class="badge">{t("desk.demo")}</span>}
                <Who me={me} take={take} />
                <Keys here={here} />
                <LanguageSwitch />
            </header>
            <main class={lost ? "lost" : ""}>
                <Notices status={status} lost={said} />
                <Counts status={status} />
                <div class="columns">
                    <Search status={status} open={setOpened} />
                    <Files after={after} open={(id) => setOpened({ id, query: "" })} />
                </div>
            </main>
            {opened !== null && <DocumentView key={opened.id} opened={opened} close={() => setOpened(null)} />}
        </>
    );
}

// Whoever comes back finds the desk as it was left; another person a desk of his own.
function Door() {
    const { t, language } = useWords();
    const { session, failed, take, look } = useSession();
    const [last, setLast] = useState<Account | null>(null);
    const door = session && doorOf(session, take);
    const me = session?.state === "in" && door === null ? session.account : null;
    useEffect(() => {
        if (me) setLast(me);
        else for (const d of document.querySelectorAll<HTMLDialogElement>("dialog[open]")) d.close(); // it would keep the door shut
    }, [me]);
    const shown = me ?? last;
    if (session === null)
        return (
            <main>
                {failed === null ? <p class="empty">{t("desk.loading")}</p> : (
                    <p class="notice bad">
                        {failed.said?.[language] ?? t("desk.offline")}{" "}
                        <button type="button" class="link" onClick={() => void look()}>{t("desk.again")}</button>
                    </p>
                )}
            </main>
        );
    return (
        <>
            {door}
            {shown && <div hidden={me === null} key={shown.name}><Desk me={shown} take={take} here={me !== null} /></div>}
        </>
    );
}

render(<WithWords><Door /></WithWords>, document.getElementById("desk")!);
