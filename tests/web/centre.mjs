// The province's page in a real browser: the boxes, what each has still to send, and
// search, with a commune that is enrolled, sends, and falls silent.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { claim, count, openBrowser, picture } from "./lib.mjs";

const dir = mkdtempSync(join(tmpdir(), "tram-web-"));
const program = (name) => join(process.env.TRAM_BUILD, name);
const centre = (...words) => execFileSync(program("tram-centre"), ["--data", join(dir, "tinh"), ...words], { encoding: "utf8" });
const box = (...words) => execFileSync(program("tram-box"), ["--data", join(dir, "xa"), ...words], { encoding: "utf8" });

function freePort() {
    return new Promise((found) => {
        const s = createServer();
        s.listen(0, "127.0.0.1", () => {
            const { port } = s.address();
            s.close(() => found(port));
        });
    });
}

function serve(port) {
    const child = spawn(program("tram-centre"), ["--data", join(dir, "tinh"), "--json", "serve", "--listen", `127.0.0.1:${port}`], {
        stdio: ["ignore", "pipe", "ignore"],
    });
    return new Promise((ready, failed) => {
        child.stdout.once("data", () => ready(child));
        child.once("exit", (code) => failed(new Error(`serve ended with ${code}`)));
    });
}

function stop(child) {
    return new Promise((stopped) => {
        child.removeAllListeners("exit");
        child.once("exit", stopped);
        child.kill("SIGTERM");
    });
}

function importRecord(key, text) {
    const file = join(dir, "records.jsonl");
    writeFileSync(file, `${JSON.stringify({ key, type: "cong_van", fields: {}, pages: [{ text }] })}\n`);
    box("import", "--source", "thu", file);
}

const port = await freePort();
centre("init", "--name", "Tỉnh Minh Họa");
centre("enrol", "--site", "Xã Một", "--url", `https://127.0.0.1:${port}`, "--out", join(dir, "mot.json"));
centre("enrol", "--site", "Xã Hai", "--url", `https://127.0.0.1:${port}`, "--out", join(dir, "hai.json"));
box("init", "--enrol", join(dir, "mot.json"));
let serving = await serve(port);
const browser = await openBrowser();
const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: "vi-VN" });
const page = await context.newPage();
const complaints = [];
page.on("console", (m) => m.type() === "error" && complaints.push(m.text()));
page.on("pageerror", (why) => complaints.push(String(why)));
const row = (site) => page.locator(`tr[data-site="${site}"]`);

try {
    await page.goto(`http://127.0.0.1:${port}/`);

    await claim("boxes that were never heard of are told apart from those that were", async () => {
        await row(1).getByText("chưa dùng tệp ghi danh").waitFor();
        await row(2).getByText("chưa dùng tệp ghi danh").waitFor();
        assert.equal(await page.locator(".centre-name").textContent(), "Tỉnh Minh Họa");
        assert.equal(await page.evaluate(() => document.documentElement.lang), "vi");
    });

    await claim("a contact shows, with what was received", async () => {
        importRecord("1", "Biên bản họp thôn về <b>nước sạch</b>");
        box("sync", "--once");
        await row(1).getByText("vừa xong").waitFor();
        await row(1).locator('[data-backlog="0"]').waitFor();
        await row(1).locator('[data-documents="1"]').waitFor();
        assert.match(await row(1).textContent(), /0 B/);
        await row(2).getByText("chưa dùng tệp ghi danh").waitFor();
    });

    await claim("a word without accents finds the record, with its commune's name", async () => {
        await page.fill('input[name="q"]', "nuoc sach");
        await page.locator(".hit").first().waitFor();
        assert.equal(await page.locator(".hit-name").first().textContent(), "Xã Một");
        assert.match(await page.locator(".hit mark").first().textContent(), /nước|sạch/);
        await picture(page, "centre");
    });

    await claim("what pages hold is text, never markup", async () => {
        assert.match(await page.locator(".hit-text").first().textContent(), /<b>/);
        assert.equal(await page.locator(".hit-text b").count(), 0);
    });

    await claim("what is not there is said so", async () => {
        await page.fill('input[name="q"]', "khongcotunay");
        await page.getByText("Không tìm thấy “khongcotunay”").waitFor();
    });

    await claim("a second box with the same file is shown as an alarm", async () => {
        const thief = join(dir, "khac");
        const other = (...words) => execFileSync(program("tram-box"), ["--data", thief, ...words], { stdio: "ignore" });
        other("init", "--enrol", join(dir, "mot.json"));
        assert.throws(() => other("sync", "--once"), (why) => why.status === 1);
        await page.locator(".notice.bad").getByText("cùng một tệp ghi danh").waitFor();
        await picture(page, "centre-alarm");
    });

    await claim("the page speaks English too, and remembers it", async () => {
        await page.getByRole("button", { name: /English|ngôn ngữ|language/i }).first().click();
        await page.getByText("Last contact").waitFor();
        await page.reload();
        await page.getByText("Last contact").waitFor();
    });

    await claim("a centre that stops is missed, and found again", async () => {
        await stop(serving);
        await page.getByText("The centre does not answer.").waitFor({ timeout: 15000 });
        serving = await serve(port);
        await page.getByText("The centre does not answer.").waitFor({ state: "detached", timeout: 15000 });
    });

    await claim("the browser had nothing to complain about but the silence", async () => {
        const others = complaints.filter((c) => !/ERR_CONNECTION_REFUSED|Failed to load resource/.test(c));
        assert.deepEqual(others, []);
    });
} finally {
    await browser.close();
    await stop(serving);
    rmSync(dir, { recursive: true, force: true });
}
process.exitCode = count() ? 0 : 1;
