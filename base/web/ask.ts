// Questions to the program behind the page.
import type { Both } from "./messages";

type Said = Both & { code?: string };

// What it answered instead, in both languages, or null when nothing answered at all.
export class Refusal extends Error {
    constructor(readonly said: Said | null) {
        super(said?.en ?? "no answer");
    }
}

// Sent to the window when an answer says that nobody is signed in.
export const SIGNED_OUT = "tram-signed-out";

export function refusalOf(body: unknown): Said | null {
    const e = (body as { error?: Said | string } | null)?.error;
    return e && typeof e === "object" && e.vi && e.en ? e : null;
}

export async function ask<T>(path: string, signal?: AbortSignal, how: RequestInit = {}): Promise<T> {
    let response: Response;
    try {
        response = await fetch(path, signal ? { ...how, signal } : how);
    } catch (why) {
        if (signal?.aborted) throw why;
        throw new Refusal(null);
    }
    const body: unknown = await response.json().catch(() => null);
    if (!response.ok || body === null) {
        const status = `HTTP ${response.status}`;
        const said = refusalOf(body) ?? { vi: status, en: status };
        if (said.code === "nobody") dispatchEvent(new Event(SIGNED_OUT));
        throw new Refusal(said);
    }
    return body as T;
}
