// A day of an office (tram-days) into a PouchDB, and from there to a server:
//   node day.mjs DIR URL DAY.jsonl
// A paper is a document, and each of its pages one.
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import PouchDB from "pouchdb";

const [dir, url, file] = process.argv.slice(2);
const db = new PouchDB(dir);

// Writes what is not the same already.
async function put(documents) {
    const known = await db.allDocs({ keys: documents.map((d) => d._id), include_docs: true });
    const changed = documents.flatMap((d, i) => {
        const old = known.rows[i].doc;
        if (old) d._rev = old._rev;
        return old && isDeepStrictEqual(d, old) ? [] : [d];
    });
    const wrong = (await db.bulkDocs(changed)).find((r) => r.error);
    if (wrong) throw new Error(wrong.message);
}

async function erase(key) {
    const pages = await db.allDocs({ startkey: `page:${key}:`, endkey: `page:${key};` });
    const paper = await db.allDocs({ key: `paper:${key}` });
    await db.bulkDocs([...pages.rows, ...paper.rows].map((r) => (
        { _id: r.id, _rev: r.value.rev, _deleted: true })));
}

for (const line of readFileSync(file, "utf8").trim().split("\n")) {
    const { key, fields, pages = [], delete: erased } = JSON.parse(line);
    if (erased) await erase(key);
    const documents = pages.map(({ text }, i) => ({ _id: `page:${key}:${i}`, text }));
    if (fields) documents.push({ _id: `paper:${key}`, ...fields });
    if (documents.length > 0) await put(documents);
}
const told = await db.replicate.to(url);
await db.close();
if (!told.ok) process.exit(1);
