// What the box answers, as appliance/api.h has it.
import type { Both } from "../../base/web/messages";

export type Problem = Both & { code: string; count: number };

export type Status = {
    name: string;
    site: number;
    kept: number;
    read: number;
    held: number;
    pages: { waiting: number; quarantined: number };
    disk_free_bytes: number;
    disk_used_percent: number;
    problems: Problem[];
    reading: { at_work: boolean; done: number; left: number; left_s: number | null; held: "" | "hot" | "no_memory" | "busy"; trouble: string | null };
};

type Listed<T> = { count: number; first: T[] };
export type TodoPage = { page: number; document: number; name: string | null; reason: string | null };

// What waits for a person: appliance/todo.h.
export type Todo = {
    held: Listed<{ name: string; stamp: string; page: number; pages: number; wall_ms: number | null }>;
    quarantined: Listed<TodoPage>;
    proposed: Listed<TodoPage>;
    twins: Listed<Omit<TodoPage, "reason"> & { other: number; other_document: number; other_name: string | null; agreeing: number }>;
    review: Listed<Omit<TodoPage, "reason"> & { suspects: number; warnings: number }>;
    looked_at: number;
};

type ByClass<T> = { [sync_class: string]: T };
type Spent = { spent: number; limit: number | null };

export type Sync = {
    centre: { province: string; url: string } | null;
    now: {
        state: "idle" | "waiting" | "connecting" | "talking";
        talking_ms: number;
        bytes_out: number;
        bytes_in: number;
        bytes_s: number;
        round_trip_ms: number;
    } | null;
    waiting: ByClass<number>;
    forecast: { bytes_s: number; now: boolean; left_s: ByClass<number | null> };
    month: Spent & { metered: boolean; classes: ByClass<Spent & { kept_back: "budget" | "metered" | null }> };
    stages: { name: string; documents: number; oldest: { age_s: number; sure: boolean } | null }[];
    contacts: { wall_ms: number; wall_confidence: number; took_ms: number; bytes_out: number; bytes_in: number; ended: string }[];
};

export const SITE_DEMO = 65535;

// Text, with the words that were searched for in lists of their own.
export type Snippet = (string | [string])[];

export type Hit = {
    document: number;
    page: number | null;
    page_number: number | null;
    snippet: Snippet;
    name: string | null;
    exact: boolean;
    near: boolean;
};

// What the desk has open: a document or a page, and the words that led there.
export type Opened = { id: number; query: string };

// [left, top, width, height] in fractions of the page's picture.
export type PictureBox = [number, number, number, number];
export type Where = {
    pages: { page: number; number: number; boxes: PictureBox[] }[];
    fields: { name: string; page: number; box: PictureBox }[];
};

export type Taken = {
    file: string;
    state: "kept" | "duplicate" | "held" | "refused";
    document: number | null;
    pages: number | null;
    reason: string | null;
};

export type Shown = {
    document: number;
    page?: number; // if it was a page that was asked for
    dossier: string | null;
    type: string | null;
    fields: { name: string; value: string | null }[];
    pages: {
        page: number;
        number: number;
        state: "read" | "waiting" | "quarantined";
        reason?: string | null;
        text: string;
    }[];
    originals: { name: string; away?: boolean }[];
};

export type Suspect = {
    word: number; // in its reading, from 1
    text: string;
    confidence: number;
    box: [number, number, number, number]; // left, top, width, height in the original's pixels
    reasons: ("unsure" | "fragment" | "syllable" | "digits" | "unknown" | "mark")[];
    alternatives: string[];
};

export type PageSuspects = {
    page: number;
    reading: number;
    width: number;
    height: number;
    rotation: number;
    text: string; // as it was read
    corrections: { word: number; text: string }[];
    suspects: Suspect[];
};
