// What PouchDB's replication needs of a CouchDB, over a PouchDB on this disk:
//   node server.mjs HOST PORT DIR [TALLY]
// TALLY: a file that grows by as many bytes as the "text" of every new document has, once
// it is stored.
import { appendFileSync } from "node:fs";
import http from "node:http";
import PouchDB from "pouchdb";

const [host, port, dir, tally] = process.argv.slice(2);
const db = new PouchDB(dir);

async function body(request) {
    const parts = [];
    for await (const part of request) parts.push(part);
    return parts.length > 0 ? JSON.parse(Buffer.concat(parts)) : {};
}

async function takeDocuments({ docs }) {
    const known = await db.allDocs({ keys: docs.map((d) => d._id) });
    await db.bulkDocs(docs, { new_edits: false });
    const fresh = docs.filter((_, i) => known.rows[i].error);
    if (tally) for (const d of fresh) appendFileSync(tally, d.text);
    return [];
}

// [status, answer]
async function answer(request, path) {
    const [, , name, id] = path;
    if (path.length < 3 || name === "") {
        if (request.method === "PUT") return [412, { error: "file_exists" }];
        return [200, path[1] ? { ...(await db.info()), instance_start_time: "0" } : { couchdb: "Welcome" }];
    }
    if (name === "_local" && request.method === "GET") return [200, await db.get(`_local/${id}`)];
    if (name === "_local") return [201, await db.put(await body(request))];
    if (name === "_revs_diff") return [200, await db.revsDiff(await body(request))];
    if (name === "_bulk_docs") return [201, await takeDocuments(await body(request))];
    return [404, { error: "not_found" }];
}

http.createServer(async (request, response) => {
    let status, said;
    try {
        const path = new URL(request.url, "http://here").pathname.split("/").map(decodeURIComponent);
        [status, said] = await answer(request, path);
    } catch (e) {
        [status, said] = [e.status || 500, { error: e.name, reason: e.message }];
    }
    response.writeHead(status, { "Content-Type": "application/json" });
    response.end(JSON.stringify(said));
}).listen(Number(port), host);
