// Questions to the program behind the page.
import type { Both } from "./messages";

// What it answered instead, in both languages, or null when nothing answered at all.
export class Refusal extends Error {
    constructor(readonly said: Both | null) {
        super(said?.en ?? "no answer");
    }
}

export function refusalOf(body: unknown): Both | null {
    const e = (body as { error?: Both | string } | null)?.error;
    return e && typeof e === "object" && e.vi && e.en ? e : null;
}

export async function ask<T>(path: string, signal?: AbortSignal): Promise<T> {
    let response: Response;
    try {
        response = await fetch(path, signal ? { signal } : {});
    } catch (why) {
        if (signal?.aborted) throw why;
        throw new Refusal(null);
    }
    const body: unknown = await response.json().catch(() => null);
    if (!response.ok || body === null) {
        const status = `HTTP ${response.status}`;
        throw new Refusal(refusalOf(body) ?? { vi: status, en: status });
    }
    return body as T;
}
