// What the centre answers, as sync/centre/fleet.h and answer.h have it.
import type { Both } from "../../../base/web/messages";

export type Problem = Both & { code: string; count: number };

export type Site = {
    site: number;
    name: string;
    claimed: boolean;
    kept: number;
    complete: number;
    last_contact_s_ago: number | null;
    sequences: { last: number; received: number; applied: number; safe: number };
    waiting: Record<string, number>;
    oldest_unsent_s: number;
    problems: Problem[];
};

export type Alarm = { site: number; kind: string; detail: string; s_ago: number | null };
export type Status = { name: string; sites: Site[]; alarms: Alarm[] };

// Text, with the words that were searched for in lists of their own.
export type Snippet = (string | [string])[];

export type Hit = {
    document: number;
    page: number | null;
    page_number: number | null;
    site: number;
    site_name: string | null;
    near: boolean;
    snippet: Snippet;
};

export function waitingBytes(site: Site): number {
    return Object.values(site.waiting).reduce((sum, bytes) => sum + bytes, 0);
}
