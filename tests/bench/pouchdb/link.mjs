// A file's bytes over a weak link by PouchDB's live replication, as documents of 2,000
// letters, until it is ended:
//   node link.mjs DIR URL FILE
// As careful as its options let one be: tried again after a second, small batches that fit
// a window, a connection that is kept, a request that is silent for 15 s given up.
import { closeSync, openSync, readSync } from "node:fs";
import http from "node:http";
import PouchDB from "pouchdb";

const TEXT_BYTES = 2000;
const DOCUMENTS = 3000; // 6 MB: more than any run can carry
const BATCH = 20;
const SILENT_MS = 15000;

const [dir, url, file] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true });
const fetch = (address, o) => PouchDB.fetch(address, { ...o, agent, timeout: SILENT_MS });
const db = new PouchDB(dir);
const there = new PouchDB(url, { fetch, skip_setup: true });

db.replicate.to(there, {
    live: true, retry: true, batch_size: BATCH, batches_limit: 2, back_off_function: () => 1000,
}).on("error", (e) => {
    console.error(e);
    process.exit(1);
});

const from = openSync(file);
const bytes = Buffer.alloc(TEXT_BYTES * 3 / 4);
for (let i = 0; i < DOCUMENTS; i++) {
    readSync(from, bytes);
    await db.put({ _id: `page:${String(i).padStart(6, "0")}`, text: bytes.toString("base64") });
}
closeSync(from);
