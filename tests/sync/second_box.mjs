// A second implementation of a box, as small as it can be, from sync/PROTOCOL.md alone:
// makes a key, claims its number, says hello, sends one bundle with one document, and
// checks the centre's signed receipts until it is applied.
//
//   node tests/sync/second_box.mjs ENROLMENT.json
//
// Prints one line of JSON; exit 0 only if the receipt's signature holds and the centre
// has received and applied what was sent.
import crypto from "node:crypto";
import fs from "node:fs";
import tls from "node:tls";

const WAIT_MS = 20000;
const EPOCH = 1;
const SCHEMA = 1; // our rows are of the first one: PROTOCOL.md, "Frames"
const TEXT = "Ủy ban nhân dân xã gửi từ hộp thứ hai";

// ------------------------------------------------------------------- numbers

const u16 = (n) => Buffer.from([n & 255, n >> 8]);
const u32 = (n) => { const b = Buffer.alloc(4); b.writeUInt32LE(n); return b; };
const u64 = (n) => { const b = Buffer.alloc(8); b.writeBigUInt64LE(BigInt(n)); return b; };
const varint = (n) => {
    const out = [];
    for (; n > 127; n = Math.floor(n / 128)) out.push((n % 128) | 128);
    return Buffer.from([...out, n]);
};
const sha256 = (...parts) => crypto.createHash("sha256").update(Buffer.concat(parts)).digest();

// BLAKE2b (RFC 7693) with any length of digest, and a key: libsodium's generichash.
function blake2b(bytes, length, key = Buffer.alloc(0)) {
    const M = (1n << 64n) - 1n, rotate = (x, n) => ((x >> n) | (x << (64n - n))) & M;
    const IV = [0x6a09e667f3bcc908n, 0xbb67ae8584caa73bn, 0x3c6ef372fe94f82bn, 0xa54ff53a5f1d36f1n,
        0x510e527fade682d1n, 0x9b05688c2b3e6c1fn, 0x1f83d9abfb41bd6bn, 0x5be0cd19137e2179n];
    const ORDER = ["0123456789abcdef", "ea489fd61c02b753", "b8c052fdae367194", "7931dcbe265a40f8",
        "905724afe1bc683d", "2c6a0b834d75fe19",
        "c51fed4a0763928b", "db7ec13950f4862a", "6fe9b308c2d714a5", "a2847615fb9e3cd0"];
    const h = IV.slice();
    h[0] ^= 0x01010000n ^ (BigInt(key.length) << 8n) ^ BigInt(length);
    let data = bytes;
    if (key.length > 0) data = Buffer.concat([key, Buffer.alloc(128 - key.length), bytes]);
    const blocks = Math.max(1, Math.ceil(data.length / 128));
    const padded = Buffer.concat([data, Buffer.alloc(blocks * 128 - data.length)]);
    for (let i = 0; i < blocks; i++) {
        const m = Array.from({ length: 16 }, (_, k) => padded.readBigUInt64LE(i * 128 + k * 8));
        const v = [...h, ...IV], last = i === blocks - 1;
        v[12] ^= BigInt(last ? data.length : (i + 1) * 128);
        if (last) v[14] ^= M;
        const mix = (a, b, c, d, x, y) => {
            v[a] = (v[a] + v[b] + x) & M; v[d] = rotate(v[d] ^ v[a], 32n);
            v[c] = (v[c] + v[d]) & M; v[b] = rotate(v[b] ^ v[c], 24n);
            v[a] = (v[a] + v[b] + y) & M; v[d] = rotate(v[d] ^ v[a], 16n);
            v[c] = (v[c] + v[d]) & M; v[b] = rotate(v[b] ^ v[c], 63n);
        };
        for (let round = 0; round < 12; round++) {
            const s = [...ORDER[round % 10]].map((c) => m[parseInt(c, 16)]);
            mix(0, 4, 8, 12, s[0], s[1]); mix(1, 5, 9, 13, s[2], s[3]);
            mix(2, 6, 10, 14, s[4], s[5]); mix(3, 7, 11, 15, s[6], s[7]);
            mix(0, 5, 10, 15, s[8], s[9]); mix(1, 6, 11, 12, s[10], s[11]);
            mix(2, 7, 8, 13, s[12], s[13]); mix(3, 4, 9, 14, s[14], s[15]);
        }
        for (let k = 0; k < 8; k++) h[k] ^= v[k] ^ v[k + 8];
    }
    return Buffer.concat(h.map((x) => u64(x))).subarray(0, length);
}

// ---------------------------------------------------------------------- keys

const der = { ed: "302e020100300506032b657004220420", x: "302e020100300506032b656e04220420",
    edPublic: "302a300506032b6570032100", xPublic: "302a300506032b656e032100" };
const secretKey = (kind, raw) => crypto.createPrivateKey({
    key: Buffer.concat([Buffer.from(der[kind], "hex"), raw]), format: "der", type: "pkcs8" });
const publicKey = (kind, raw) => crypto.createPublicKey({
    key: Buffer.concat([Buffer.from(der[kind + "Public"], "hex"), raw]), format: "der", type: "spki" });
const rawPublic = (key) => (key.type === "public" ? key : crypto.createPublicKey(key))
    .export({ format: "der", type: "spki" }).subarray(-32);
const sign = (seed, bytes) => crypto.sign(null, bytes, secretKey("ed", seed));
const agree = (scalar, point) => crypto.diffieHellman({
    privateKey: secretKey("x", scalar), publicKey: publicKey("x", point) });

// An Ed25519 key as an X25519 one.
const scalarOf = (seed) => crypto.createHash("sha512").update(seed).digest().subarray(0, 32);
function pointOf(edPublic) {
    const p = (1n << 255n) - 19n;
    const power = (b, e) => {
        let r = 1n;
        for (b %= p; e > 0n; e >>= 1n, b = (b * b) % p) if (e & 1n) r = (r * b) % p;
        return r;
    };
    const y = BigInt("0x" + Buffer.from(edPublic).reverse().toString("hex")) & ((1n << 255n) - 1n);
    const u = ((1n + y) * power((p + 1n - y) % p, p - 2n)) % p;
    return Buffer.from(u.toString(16).padStart(64, "0"), "hex").reverse();
}

// ----------------------------------------------------------- what we have to say

// SQLite's changeset: a table's head, then its new rows.
const value = (v) => {
    if (v === null) return Buffer.from([5]);
    if (typeof v === "string") {
        const b = Buffer.from(v);
        if (b.length > 127) throw new Error("too long for this small box");
        return Buffer.concat([Buffer.from([3, b.length]), b]);
    }
    const b = Buffer.alloc(9);
    b[0] = 1;
    b.writeBigInt64BE(BigInt(v), 1);
    return b;
};
const inserted = (table, row) => Buffer.concat([
    Buffer.from([0x54, row.length, 1, ...Array(row.length - 1).fill(0)]), Buffer.from(table + "\0"),
    Buffer.from([18, 0]), ...row.map(value)]);

function makeChangeset(site) {
    const id = (n) => (BigInt(site) << 36n) | (BigInt(EPOCH) << 28n) | BigInt(n);
    return Buffer.concat([
        inserted("document", [id(1), null, "cong-van", null, null, null, 0]),
        inserted("page", [id(2), id(1), 1, null, null, 0, 0, 0]),
        inserted("reading", [id(3), id(2), TEXT, null, "second_box", null]),
    ]);
}

function makeBundle(file, seed, changeset) {
    const centre = Buffer.from(file.centre_key, "hex");
    const frame = Buffer.concat([varint(SCHEMA), varint(0), varint(changeset.length), changeset]);
    const header = Buffer.concat([Buffer.from("TRB1"), Buffer.from([0, 0]), u16(file.site),
        Buffer.from([EPOCH, 0, 0, 0]), u64(1), u32(1), u32(frame.length), u32(frame.length), u32(0)]);
    const once = crypto.randomBytes(32), ephemeral = rawPublic(secretKey("x", once));
    const both = blake2b(Buffer.concat([Buffer.from("tram bundle 1\0"), header, ephemeral,
        agree(once, pointOf(centre)), agree(scalarOf(seed), pointOf(centre))]), 44);
    const cipher = crypto.createCipheriv("chacha20-poly1305", both.subarray(0, 32),
        both.subarray(32), { authTagLength: 16 });
    cipher.setAAD(header, { plaintextLength: frame.length });
    const sealed = Buffer.concat([header, ephemeral, cipher.update(frame), cipher.final(), cipher.getAuthTag()]);
    const start = sha256(Buffer.from("tram chain"), u16(file.site));
    const chain = sha256(start, u64(1), u32(SCHEMA), changeset);
    return Buffer.concat([sealed,
        sign(seed, Buffer.concat([Buffer.from("tram bundle signature"), sealed, chain]))]);
}

const message = (type, ...parts) => {
    const payload = Buffer.concat(parts);
    return Buffer.concat([Buffer.from([type]), u16(payload.length), payload]);
};

function claim(file, seed, own) {
    const head = Buffer.concat([Buffer.from("TRC1"), u16(file.site), Buffer.from([EPOCH, 0]), own]);
    const proved = Buffer.concat([head, blake2b(head, 32, Buffer.from(file.secret, "hex"))]);
    return message(2, proved, sign(seed, proved));
}

function hello(file, seed, binding, waiting) {
    const status = Buffer.concat([Buffer.from([2]), varint(1), varint(0),
        ...[0, waiting, 0, 0, 0, 0, 0].map(varint), varint(0), varint(0), Buffer.from([0, 0]),
        varint(0), Buffer.from([0]), varint(0)]);
    const said = Buffer.concat([u16(file.site), Buffer.from([EPOCH, 0]), status]);
    return message(1, said, sign(seed, Buffer.concat([
        Buffer.from("tram hello"), varint(binding.length), binding, said])));
}

const block = (bundle) => message(5, Buffer.from([0]), sha256(bundle).subarray(0, 16),
    u64(bundle.length), u64(0), bundle);

// ------------------------------------------------------------------ the contact

function readReceipt(file, bytes) {
    const signed = bytes.subarray(0, -64);
    if (!crypto.verify(null, signed, publicKey("ed", Buffer.from(file.centre_key, "hex")), bytes.subarray(-64)))
        throw new Error("a receipt that the centre did not sign");
    if (signed.subarray(0, 4).toString() !== "TRR1" || signed.readUInt16LE(4) !== file.site)
        throw new Error("a receipt that is not ours");
    return { received: Number(signed.readBigUInt64LE(8)), applied: Number(signed.readBigUInt64LE(16)) };
}

const fail = (why) => { console.error("second_box: " + why); process.exit(1); };
const file = JSON.parse(fs.readFileSync(process.argv[2]));
const place = new URL(file.url);
const seed = crypto.randomBytes(32), own = rawPublic(secretKey("ed", seed));
const socket = tls.connect({ host: place.hostname, port: Number(place.port), minVersion: "TLSv1.3",
    ALPNProtocols: ["tram/1"], rejectUnauthorized: false }, () => {
    const key = socket.getPeerX509Certificate().publicKey;
    if (!rawPublic(key).equals(Buffer.from(file.tls_key, "hex"))) fail("this is not our centre");
    if (socket.alpnProtocol !== "tram/1") fail("it does not speak tram/1");
    const binding = socket.exportKeyingMaterial(32, "EXPORTER-tram-hello");
    const bundle = makeBundle(file, seed, makeChangeset(file.site));
    if (bundle.length > 4096) fail("more than one block");
    socket.write(Buffer.concat([claim(file, seed, own), hello(file, seed, binding, bundle.length),
        block(bundle)]));
});
let waiting = Buffer.alloc(0), receipts = 0;
socket.on("data", (bytes) => {
    waiting = Buffer.concat([waiting, bytes]);
    while (waiting.length >= 3 && waiting.length >= 3 + waiting.readUInt16LE(1)) {
        const type = waiting[0], payload = waiting.subarray(3, 3 + waiting.readUInt16LE(1));
        waiting = waiting.subarray(3 + payload.length);
        if (type === 7) fail("refused, reason " + payload[17]);
        if (type !== 6) continue; // HAVE and the like: nothing that this box needs
        const receipt = readReceipt(file, payload);
        receipts++;
        if (receipt.received === 1 && receipt.applied === 1) {
            console.log(JSON.stringify({ ...receipt, receipts, text: TEXT }));
            socket.end();
        }
    }
});
socket.on("close", () => process.exit(process.exitCode ?? 0));
socket.on("error", (e) => fail(e.message));
setTimeout(() => fail("no receipt says that it is applied"), WAIT_MS).unref();
process.exitCode = 0;
