// Who is signed in: asked of the box once, changed by what the page sends.
import { useCallback, useEffect, useState } from "preact/hooks";
import { ask, Refusal, SIGNED_OUT } from "../../base/web/ask";

export type Role = "clerk" | "reviewer" | "administrator";

export type Account = {
    name: string;
    full_name: string;
    role: Role;
    state: "fine" | "off" | "locked" | "temporary" | "no_second";
    second: boolean;
    seen_wall_ms: number | null;
    seen_age_ms: number;
};

export type SignedIn = {
    state: "in";
    account: Account;
    csrf: string;
    must: "password" | "second" | null; // what has to be done before anything else
    left_s: number;
};
export type Session = { state: "first" } | { state: "out" } | SignedIn;

const TOUCH_MS = 60_000; // the box is told at most so often that somebody is there

let csrf = "";

// What every request that changes something brings along.
export function csrfToken(): string {
    return csrf;
}

export async function send<T>(path: string, body: unknown = {}): Promise<T> {
    return ask<T>(path, undefined, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-Tram-CSRF": csrf },
        body: JSON.stringify(body),
    });
}

export function refusalIn(why: unknown): Refusal {
    return why instanceof Refusal ? why : new Refusal(null);
}

// The session, null until the box has said it; `failed` while it does not answer.
export function useSession() {
    const [session, setSession] = useState<Session | null>(null);
    const [failed, setFailed] = useState<Refusal | null>(null);
    const take = useCallback((s: Session) => {
        csrf = s.state === "in" ? s.csrf : "";
        setSession(s);
        setFailed(null);
    }, []);
    const look = useCallback(async () => {
        try {
            take(await ask<Session>("/api/v1/session"));
        } catch (why) {
            setFailed(refusalIn(why));
        }
    }, [take]);
    useEffect(() => {
        const onOut = () => take({ state: "out" });
        addEventListener(SIGNED_OUT, onOut);
        void look();
        return () => removeEventListener(SIGNED_OUT, onOut);
    }, [look, take]);
    // The box ends a session at which nobody does anything; reading and typing is doing.
    const here = session?.state === "in";
    useEffect(() => {
        if (!here) return undefined;
        let told = Date.now();
        const onSign = () => {
            if (Date.now() - told < TOUCH_MS) return;
            told = Date.now();
            void look();
        };
        const signs = ["keydown", "pointerdown", "wheel"] as const;
        for (const s of signs) addEventListener(s, onSign, { passive: true });
        return () => {
            for (const s of signs) removeEventListener(s, onSign);
        };
    }, [here, look]);
    return { session, failed, take, look };
}
