// The desk: what a clerk of the commune sees of the box.
import { render } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";
import { LanguageSwitch, useWords, WithWords } from "../../base/web/messages";
import "../../base/web/base.css";
import { type Opened, SITE_DEMO, type Status, type Sync, type Todo } from "./box";
import { Counts, Notices } from "./counts";
import { DocumentView } from "./document";
import { Files } from "./files";
import { Keys } from "./keys";
import { NotYet, useLook } from "./look";
import { AccountView } from "./people";
import { Search } from "./search";
import { send, useSession, type Account, type Session } from "./session";
import { doorOf } from "./signin";
import { SyncView } from "./sync";
import { Today } from "./today";
import "./style.css";

const STATUS_MS = 2000;
const SYNC_MS = 5000;
const TODO_MS = 10000;

// The views, by what stands behind the address's #.
const VIEWS = ["today", "sync"] as const;
type View = (typeof VIEWS)[number];

const viewOf = (hash: string): View => VIEWS.find((v) => hash === `#${v}`) ?? "today";

function useView(): View {
    const [view, setView] = useState(() => viewOf(location.hash));
    useEffect(() => {
        const onHash = () => setView(viewOf(location.hash));
        addEventListener("hashchange", onHash);
        return () => removeEventListener("hashchange", onHash);
    }, []);
    return view;
}

function Views({ view }: { view: View }) {
    const { t } = useWords();
    return (
        <nav aria-label={t("desk.views")}>
            {VIEWS.map((v) => <a key={v} href={`#${v}`} aria-current={v === view ? "page" : undefined}>{t(`desk.view_${v}`)}</a>)}
        </nav>
    );
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
    const { said: status, lost, look } = useLook<Status>("/api/v1/status", STATUS_MS, here);
    const sync = useLook<Sync>("/api/v1/sync", SYNC_MS, here);
    const todo = useLook<Todo>("/api/v1/todo", TODO_MS, here);
    const [opened, setOpened] = useState<Opened | null>(null);
    const view = useView();
    const after = useCallback(() => void look(), [look]);
    const close = () => {
        setOpened(null);
        void todo.look(); // something may have been settled
    };
    const name = status?.name;
    useEffect(() => {
        document.title = name ? `${name} – ${t("desk.title")}` : t("desk.title");
    }, [name, t]);
    const said = lost === null ? null : lost.said === null ? t("desk.offline") : t("desk.error", lost.said[language]);
    return (
        <>
            <header class="top">
                <h1>{t("desk.title")}</h1>
                <Views view={view} />
                <p class="box-name">{name ?? t("desk.loading")}</p>
                {status?.site === SITE_DEMO && <span class="badge">{t("desk.demo")}</span>}
                <Who me={me} take={take} />
                <Keys here={here} />
                <LanguageSwitch />
            </header>
            <main class={lost ? "lost" : ""}>
                <Notices status={status} lost={said} />
                <div class="view" hidden={view !== "today"}>
                    <Counts status={status} />
                    <div class="columns">
                        <Search status={status} open={setOpened} />
                        <Files after={after} open={(id) => setOpened({ id, query: "" })} />
                        <Today status={status} sync={sync.said} todo={todo.said} lost={todo.lost} again={() => void todo.look()} open={setOpened} />
                    </div>
                </div>
                {view === "sync" && <SyncView sync={sync.said} lost={sync.lost} again={() => void sync.look()} />}
            </main>
            {opened !== null && <DocumentView key={opened.id} opened={opened} close={close} />}
        </>
    );
}

// Whoever comes back finds the desk as it was left; another person a desk of his own.
function Door() {
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
                <NotYet lost={failed} again={() => void look()} />
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
