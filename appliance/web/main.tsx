// The desk: what a clerk of the commune sees of the box.
import { render } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { ask, Refusal } from "../../base/web/ask";
import { LanguageSwitch, useWords, WithWords } from "../../base/web/messages";
import "../../base/web/base.css";
import { SITE_DEMO, type Status } from "./box";
import { Counts, Notices } from "./counts";
import { DocumentView } from "./document";
import { Files } from "./files";
import { Search } from "./search";
import "./style.css";

const LOOK_MS = 2000;
const LOOK_HIDDEN_MS = 15000; // a tab that nobody looks at

// The box's status, asked for again and again; `lost` while it does not answer.
function useStatus() {
    const [status, setStatus] = useState<Status | null>(null);
    const [lost, setLost] = useState<Refusal | null>(null);
    const timer = useRef(0);
    const asking = useRef(false);
    const look = useCallback(async () => {
        if (asking.current) return;
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
    }, []);
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

function Desk() {
    const { t, language } = useWords();
    const { status, lost, look } = useStatus();
    const [opened, setOpened] = useState<number | null>(null);
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
                <LanguageSwitch />
            </header>
            <main class={lost ? "lost" : ""}>
                <Notices status={status} lost={said} />
                <Counts status={status} />
                <div class="columns">
                    <Search status={status} open={setOpened} />
                    <Files after={after} open={setOpened} />
                </div>
            </main>
            {opened !== null && <DocumentView key={opened} id={opened} close={() => setOpened(null)} />}
        </>
    );
}

render(<WithWords><Desk /></WithWords>, document.getElementById("desk")!);
