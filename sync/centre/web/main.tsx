// The centre's first page: its boxes, what needs attention, and search.
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ask } from "../../../base/web/ask";
import { LanguageSwitch, useWords, WithWords } from "../../../base/web/messages";
import "../../../base/web/base.css";
import type { Status } from "./centre";
import { Search } from "./search";
import { Alarms, Sites } from "./sites";
import "./style.css";

const LOOK_MS = 3000;
const LOOK_HIDDEN_MS = 30000; // a tab that nobody looks at

// The status, asked for again and again; `lost` while the centre does not answer.
function useStatus() {
    const [status, setStatus] = useState<Status | null>(null);
    const [lost, setLost] = useState(false);
    useEffect(() => {
        let timer = 0;
        let gone = false;
        const look = async () => {
            try {
                const answer = await ask<Status>("/api/v1/status");
                if (gone) return;
                setStatus(answer);
                setLost(false);
            } catch {
                if (gone) return;
                setLost(true);
            }
            timer = setTimeout(() => void look(), document.hidden ? LOOK_HIDDEN_MS : LOOK_MS);
        };
        void look();
        return () => {
            gone = true;
            clearTimeout(timer);
        };
    }, []);
    return { status, lost };
}

function Centre() {
    const { t } = useWords();
    const { status, lost } = useStatus();
    const name = status?.name;
    useEffect(() => {
        document.title = name ? `${name} – ${t("centre.page.title")}` : t("centre.page.title");
    }, [name, t]);
    return (
        <>
            <header class="top">
                <h1>{t("centre.page.title")}</h1>
                <p class="centre-name">{name ?? t("centre.page.loading")}</p>
                <LanguageSwitch />
            </header>
            <main class={lost ? "lost" : ""}>
                {lost && <p class="notice bad">{t("centre.page.offline")}</p>}
                <Alarms status={status} />
                <section class="panel" aria-labelledby="sites-title">
                    <h2 id="sites-title">{t("centre.page.sites")}</h2>
                    <Sites status={status} />
                </section>
                <Search />
            </main>
        </>
    );
}

render(<WithWords><Centre /></WithWords>, document.getElementById("centre")!);
