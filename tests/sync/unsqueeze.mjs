// A second reader of squeezed texts, from sync/PROTOCOL.md (11) alone.
//
//   node tests/sync/unsqueeze.mjs PAST SQUEEZED COUNT >TEXT
import crypto from "node:crypto";
import fs from "node:fs";

const mix = (x, y) => {
    let h = Math.imul(x ^ Math.imul(y, 0x85ebca77), 0x9e3779b1);
    h = Math.imul(h ^ (h >>> 15), 0x85ebca77);
    return (h ^ (h >>> 13)) >>> 0;
};
const POINTS = [22, 36, 60, 98, 162, 267, 439, 720, 1179, 1921, 3108, 4971, 7812, 11955, 17625, 24743, 32768,
    40793, 47911, 53581, 57724, 60565, 62428, 63615, 64357, 64816, 65097, 65269, 65374, 65438, 65476, 65500, 65514];
const between = (points, at, i) =>
    (points[at + (i >> 7)] * (128 - (i & 127)) + points[at + (i >> 7) + 1] * (i & 127)) >> 7;
const squash = Array.from({ length: 4096 }, (_, i) => between(POINTS, 0, i));
const stretch = Array.from({ length: 4096 }, (_, j) => {
    const i = squash.findIndex((s) => s >> 4 >= j);
    return Math.max(-2047, (i < 0 ? 4095 : i) - 2048);
});
const clip = (v) => Math.max(-2047, Math.min(2047, v));
const nudge = (u16s, i, bit) => { u16s[i] += bit ? (65535 - u16s[i]) >> 7 : -(u16s[i] >> 7); };

class Predictor {
    constructor(bytes) {
        this.log = 12;
        while (this.log < 19 && 2 ** this.log < bytes) this.log++;
        this.checks = new Uint16Array(2 ** this.log);
        this.counters = new Uint16Array(15 * 2 ** this.log);
        this.text = new Uint8Array(bytes);
        this.places = new Uint32Array(1 << 18);
        Object.assign(this, { count: 0, a: 0, b: 0, s: [0, 0, 0], place: 0, n: 0 });
        this.right = Uint16Array.from({ length: 6 * 16 * 64 }, (_, i) => 1024 * (i & 63) + 512);
        this.rightOfMatch = Uint16Array.from({ length: 32 }, (_, m) => 65535 - Math.trunc(65536 / (m + 2)));
        this.weights = [32, 256, 256].map((sets) => Int32Array.from({ length: sets * 8 },
            (_, i) => (i % 8 < 6 ? 26214 : i % 8 === 6 ? 21845 : 0)));
        this.refined = [256, 8192].map((sets) => Uint16Array.from({ length: sets * 33 },
            (_, i) => (i % 33 < 32 ? POINTS[i % 33] : 65513)));
        this.input = new Int32Array(8).fill(256);
        this.chosen = new Array(6);
        this.heard = new Array(6);
        this.byteBegins();
    }

    byteBegins() {
        const { a, s } = this;
        this.hashes = [mix(a & 0xff, 1), mix(a & 0xffff, 2), mix(a & 0xffffff, 3), mix(s[0], 0x400 | (a & 0xff)),
            mix(mix(s[0], s[1]), 5), mix(mix(mix(s[0], s[1]), s[2]), 6)];
        this.partial = 1;
        this.choose();
    }

    choose() {
        const { checks, counters } = this, used = (bucket) => counters[bucket * 15] & 15;
        this.hashes.forEach((hash, i) => {
            const h = mix(hash, this.partial), check = (h & 0xffff) | 1;
            const first = (h >>> (32 - this.log)) & ~1, second = first + 1;
            let found = checks[first] === check ? first : checks[second] === check ? second : -1;
            if (found < 0) {
                const other = checks[first] !== 0 && (checks[second] === 0 || used(second) < used(first));
                found = other ? second : first;
                checks[found] = check;
                counters.fill(0x8000, found * 15, found * 15 + 15);
            }
            this.chosen[i] = found * 15;
        });
        this.node = 0;
    }

    tell(bit, skimming) {
        let before = 2048;
        this.chosen.forEach((at, i) => {
            const counter = this.counters[at + this.node], t = counter & 15;
            if (i === 3) before = 2048;
            const v = t === 0 ? before : counter >> 4, rate = t === 15 ? 1092 : Math.trunc(327680 / (5 * t + 7));
            before = v;
            const off = ((bit ? 4095 - v : v) * rate) >> 16;
            this.counters[at + this.node] = (bit ? v + off : v - off) * 16 + Math.min(15, t + 1);
        });
        this.partial = this.partial * 2 + bit;
        this.node = 2 * this.node + 1 + bit;
        if (this.partial > 255) this.byteEnds(this.partial & 255, skimming);
        else if (this.partial >> 4 === 1) this.choose();
    }

    byteEnds(x, skimming) {
        const { s, text } = this;
        text[this.count++] = x;
        this.b = (this.b << 8) | (this.a >>> 24);
        this.a = (this.a << 8) | x;
        if (x >= 128 || /[a-zA-Z0-9]/.test(String.fromCharCode(x))) s[0] = mix(s[0], x + 1);
        else if (s[0] !== 0) this.s = [0, s[0], s[1]];
        const at = mix(this.a, this.b & 0xffff) >>> 14, p = this.places[at];
        if (this.n > 0 && text[this.place] === x) {
            this.place++;
            this.n++;
        } else {
            this.n = 0;
            if (!skimming && p > 0) {
                let same = 0;
                while (same < 400 && same < p && text[p - 1 - same] === text[this.count - 1 - same]) same++;
                this.place = p;
                this.n = same < 5 ? 0 : same;
            }
        }
        this.places[at] = this.count;
        this.byteBegins();
    }

    hearMatch() {
        const bits = 31 - Math.clz32(this.partial), n = this.n;
        this.m = 0;
        this.input[6] = 0;
        if (n === 0 || (256 | this.text[this.place]) >> (8 - bits) !== this.partial) return;
        this.m = n < 16 ? n : n < 32 ? 16 + ((n - 16) >> 2) : n < 64 ? 20 + ((n - 32) >> 3)
            : n < 512 ? 24 + ((n - 64) >> 6) : 31;
        this.matchSays = (this.text[this.place] >> (7 - bits)) & 1;
        this.input[6] = stretch[this.rightOfMatch[this.m] >> 4] * (this.matchSays ? 1 : -1);
    }

    ask() {
        const last = this.a & 255, { input } = this;
        this.chosen.forEach((at, i) => {
            const counter = this.counters[at + this.node], t = counter & 15;
            this.heard[i] = (i * 16 + t) * 64 + (counter >> 10);
            input[i] = t > 0 ? stretch[this.right[this.heard[i]] >> 4] : 0;
        });
        this.hearMatch();
        this.sets = [this.m * 8, this.partial * 8, last * 8];
        this.said = this.sets.map((set, k) => {
            let sum = 0;
            for (let i = 0; i < 8; i++) sum += Math.trunc((this.weights[k][set + i] * input[i]) / 4);
            return clip(Math.trunc(sum / 16384));
        });
        const S = Math.trunc((this.said[0] + this.said[1] + this.said[2]) / 3) + 2048;
        const pair = Math.imul((last << 8) | this.partial, 0x9e3779b1) >>> 19;
        const says = [this.partial, pair].map((set, k) => between(this.refined[k], set * 33, S));
        this.nearer = [this.partial, pair].map((set) => set * 33 + (S >> 7) + ((S & 127) >= 64 ? 1 : 0));
        return Math.max(16, Math.min(65520, (2 * squash[S] + says[0] + says[1]) >> 2));
    }

    learn(bit) {
        this.sets.forEach((set, k) => {
            const off = 4096 * bit - (squash[this.said[k] + 2048] >> 4);
            for (let i = 0; i < 8; i++) {
                const w = this.weights[k][set + i] + Math.trunc((this.input[i] * off) / 2048);
                this.weights[k][set + i] = Math.max(-262143, Math.min(262143, w));
            }
        });
        this.heard.forEach((i) => nudge(this.right, i, bit));
        this.nearer.forEach((i, k) => nudge(this.refined[k], i, bit));
        if (this.m > 0) nudge(this.rightOfMatch, this.m, this.matchSays === bit);
        this.tell(bit, false);
    }

    read(bytes, skimming) {
        for (const x of bytes)
            for (let left = 7; left >= 0; left--) {
                if (skimming) {
                    this.tell((x >> left) & 1, true);
                } else {
                    this.ask();
                    this.learn((x >> left) & 1);
                }
            }
    }
}

function unsqueeze(squeezed, past, count) {
    past = past.subarray(Math.max(0, past.length - Math.min(512 << 10, Math.max(128 << 10, 16 * count))));
    const p = new Predictor(past.length + count), skimmed = Math.max(0, past.length - (64 << 10));
    const text = Buffer.alloc(count);
    let at = 2, number = 0, low = 0, high = 0xffffffff;
    const more = () => { number = ((number << 8) | (squeezed[at++] ?? 0)) >>> 0; };
    p.read(past.subarray(0, skimmed), true);
    p.read(past.subarray(skimmed), false);
    for (let i = 0; i < 4; i++) more();
    for (let i = 0; i < count * 8; i++) {
        const middle = low + Number((BigInt(high - low) * BigInt(p.ask())) >> 16n), bit = number <= middle ? 1 : 0;
        if (bit) high = middle;
        else low = middle + 1;
        p.learn(bit);
        for (; (low ^ high) >>> 24 === 0; more()) {
            low = (low << 8) >>> 0;
            high = ((high << 8) | 255) >>> 0;
        }
        text[i >> 3] = (text[i >> 3] << 1) | bit;
    }
    const check = crypto.createHash("sha256").update(text).digest().subarray(0, 2);
    if (at !== squeezed.length + 3 || !check.equals(squeezed.subarray(0, 2))) throw new Error("it does not come out");
    return text;
}

const [past, squeezed] = process.argv.slice(2, 4).map((name) => fs.readFileSync(name));
process.stdout.write(unsqueeze(squeezed, past, Number(process.argv[4])));
