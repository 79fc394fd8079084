// The desk in a real browser: a file is dropped, read, found; and what a clerk sees
// when it is not so easy.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { Box, claim, count, openBrowser, picture, signIn } from "./lib.mjs";

const READ_MS = 90000; // the model's loading, then a page, on a slow machine
const PAPER = "tests/pages/samples/quyet-dinh-01.png";
const SECRET = "tests/pages/samples/mat-01.png";

// The first line of five words or more of a paper's truth, without accents.
function phraseOf(paper) {
    const truth = readFileSync(paper.replace("/samples/", "/truth/").replace(/\.\w+$/, ".txt"), "utf8");
    const line = truth.split("\n").map((l) => l.trim()).find((l) => /^\p{Lu}?\p{L}+( \p{L}+){4,}/u.test(l));
    return line
        .split(" ").slice(0, 5).join(" ")
        .normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/g, "d").replace(/Đ/g, "D").toLowerCase();
}

// Drops files onto the page as a file manager does: through a DataTransfer.
async function drop(page, ...files) {
    const contents = files.map((f) => ({
        name: f.name ?? basename(f.path),
        base64: (f.bytes ?? readFileSync(f.path)).toString("base64"),
    }));
    const transfer = await page.evaluateHandle((all) => {
        const t = new DataTransfer();
        for (const f of all) {
            const bytes = Uint8Array.from(atob(f.base64), (c) => c.charCodeAt(0));
            t.items.add(new File([bytes], f.name));
        }
        return t;
    }, contents);
    for (const kind of ["dragenter", "dragover", "drop"])
        await page.dispatchEvent(".drop", kind, { dataTransfer: transfer });
}

const countOf = (page, name) => page.locator(`[data-count="${name}"] b`);

async function countBecomes(page, name, expected, timeout = 10000) {
    await page.waitForFunction(
        ([n, e]) => document.querySelector(`[data-count="${n}"] b`)?.textContent === e,
        [name, expected],
        { timeout },
    );
}

async function search(page, words) {
    await page.fill('input[name="q"]', words);
}

// The same, until what is shown is the answer.
async function searchSettled(page, words) {
    const answered = page.waitForResponse((r) => r.url().endsWith(`q=${encodeURIComponent(words)}`));
    await search(page, words);
    await answered;
    await page.locator('.answer[aria-busy="false"]').waitFor();
}

const box = new Box();
const browser = await openBrowser();
const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: "vi-VN" });
const page = await context.newPage();
const complaints = [];
page.on("console", (m) => m.type() === "error" && complaints.push(m.text()));
page.on("pageerror", (why) => complaints.push(String(why)));

try {
    await box.serve();
    await box.letIn(page);

    await claim("an empty box greets in Vietnamese and says what to do", async () => {
        await countBecomes(page, "kept", "0");
        assert.equal(await page.locator(".box-name").textContent(), "Xã Xuân Hòa (thử)");
        await page.getByText("Chưa có gì để tìm").waitFor();
        assert.equal(await page.evaluate(() => document.documentElement.lang), "vi");
        await picture(page, "desk-empty");
    });

    await claim("a file that is dropped is kept, and the page says so", async () => {
        await drop(page, { path: PAPER });
        await page.locator('.arrival[data-state="kept"]').waitFor({ timeout: READ_MS });
        await countBecomes(page, "kept", "1");
    });

    await claim("it is read by itself, and found by a phrase of its own without accents", async () => {
        await countBecomes(page, "read", "1", READ_MS);
        await countBecomes(page, "waiting", "0");
        await search(page, phraseOf(PAPER));
        await page.locator(".hit mark").first().waitFor();
        assert.match(await page.locator(".hit-name").first().textContent(), /quyet-dinh-01/);
    });

    await claim("a hit opens the document's text, and Escape closes it", async () => {
        await page.locator(".hit").first().press("Enter");
        await page.locator(".page-text").waitFor();
        assert.match((await page.locator(".page-text").textContent()).toLowerCase(), /quyết định/);
        await picture(page, "desk-document");
        await page.keyboard.press("Escape");
        await page.locator("dialog").waitFor({ state: "detached" });
    });

    await claim("the same file again is known, under any name", async () => {
        await drop(page, { name: "ban-sao.png", bytes: readFileSync(PAPER) });
        await page.locator('.arrival[data-state="duplicate"]').waitFor({ timeout: READ_MS });
        await countBecomes(page, "kept", "1");
    });

    await claim("a file that is no picture is refused with its reason", async () => {
        await drop(page, { name: "ghi-chep.docx", bytes: Buffer.from("không phải ảnh, cũng không phải PDF") });
        const line = page.locator('.arrival[data-state="refused"]');
        await line.waitFor({ timeout: READ_MS });
        const why = await line.locator(".arrival-why").textContent();
        assert.match(why, /không phải loại tệp/);
        assert.doesNotMatch(why, /refusal\./);
    });

    await claim("a paper with a secrecy stamp is held, counted, and never found", async () => {
        await drop(page, { path: SECRET });
        await page.locator('.arrival[data-state="held"]').waitFor({ timeout: READ_MS });
        await countBecomes(page, "held", "1");
        await search(page, "mật báo cáo");
        await page.locator(".answer .empty, .hit").first().waitFor();
        assert.equal(await page.locator(".hit-name", { hasText: "mat-01" }).count(), 0);
    });

    await claim("files are chosen with the keyboard's file box too, several at once", async () => {
        await page.setInputFiles('input[type="file"]', [
            "tests/pages/samples/to-trinh-lech.jpg",
            "tests/pages/samples/giay-khai-sinh.png",
        ]);
        await countBecomes(page, "kept", "3", READ_MS);
        await search(page, "ủy ban nhân dân");
        await countBecomes(page, "read", "3", READ_MS);
        await page.locator(".hit").nth(1).waitFor(); // new pages are found without a key
        await picture(page, "desk-found");
    });

    await claim("what was searched for is boxed on the page's picture", async () => {
        await searchSettled(page, '"cộng hòa xã hội"');
        await page.locator(".hit", { hasText: "quyet-dinh-01" }).first().click();
        await page.locator(".page-picture img").waitFor();
        await page.waitForFunction(() => document.querySelector(".page-picture img")?.naturalWidth > 500);
        await page.locator(".hit-box").first().waitFor();
        // The words stand in the right half of the paper's head.
        const [x, y, width] = await page.locator(".hit-box").first().evaluate((box) =>
            ["x", "y", "width"].map((name) => Number(box.getAttribute(name))));
        assert.ok(x > 0.35 && x + width <= 1 && y < 0.2, `${x} ${y} ${width}`);
        await picture(page, "desk-boxes");
    });

    await claim("the document is downloaded as a PDF with its words in it", async () => {
        const downloading = page.waitForEvent("download", { timeout: READ_MS });
        await page.getByRole("button", { name: "Tải PDF" }).click();
        const file = await (await downloading).path();
        assert.equal(readFileSync(file).subarray(0, 5).toString(), "%PDF-");
        await page.keyboard.press("Escape");
        await page.locator("dialog").waitFor({ state: "detached" });
    });

    await claim("hits are narrowed by what they are counted by, and let go again", async () => {
        await searchSettled(page, "ủy ban nhân dân");
        const years = page.locator('[data-facet="year"] .chip');
        await years.nth(1).waitFor();
        const before = await page.locator(".found").textContent();
        const [year, hits] = (await years.first().textContent()).split(" ");
        await years.first().click();
        await page.waitForFunction(() => document.querySelectorAll('[data-facet="year"] .chip').length === 1);
        assert.match(await page.locator(".found").textContent(), new RegExp(`^${hits} `));
        assert.ok((await years.first().textContent()).startsWith(year));
        await picture(page, "desk-narrowed");
        await years.first().click();
        await page.waitForFunction((text) => document.querySelector(".found")?.textContent === text, before);
    });

    await claim("the latest papers come first when that is wanted", async () => {
        const days = async () => (await page.locator(".hit-name").allTextContents()).filter((n, i, all) => all.indexOf(n) === i);
        await page.locator('[data-order="date"]').click();
        await page.locator('[data-order="date"][aria-pressed="true"]').waitFor();
        await page.locator('.answer[aria-busy="false"]').waitFor();
        const dated = await days();
        await page.locator('[data-order="rank"]').click();
        await page.locator('.answer[aria-busy="false"]').waitFor();
        assert.equal(dated[0], "quyet-dinh-01.png"); // of 2012; the others are older
    });

    await claim("hits are gone through by keys alone, and Escape leads back", async () => {
        await page.focus('input[name="q"]');
        await page.keyboard.press("ArrowDown");
        await page.keyboard.press("ArrowDown");
        assert.equal(await page.evaluate(() => [...document.querySelectorAll(".hit")].indexOf(document.activeElement)), 1);
        await page.keyboard.press("Enter");
        await page.locator("dialog .page-text, dialog .facts").first().waitFor();
        await page.keyboard.press("Escape");
        await page.locator("dialog").waitFor({ state: "detached" });
        await page.keyboard.press("ArrowUp");
        await page.keyboard.press("ArrowUp");
        assert.equal(await page.evaluate(() => document.activeElement.name), "q");
    });

    await claim("English is a button away, and is remembered", async () => {
        await page.getByRole("button", { name: "Switch to English" }).click();
        assert.equal(await page.locator('[data-count="kept"] dt').textContent(), "Kept");
        assert.match(await page.locator('.arrival[data-state="refused"] .arrival-why').textContent(), /kind|type/);
        await page.reload();
        await countBecomes(page, "kept", "3");
        assert.equal(await page.locator('[data-count="kept"] dt').textContent(), "Kept");
        assert.equal(await page.evaluate(() => document.documentElement.lang), "en");
        await picture(page, "desk-english");
        await page.getByRole("button", { name: "Chuyển sang tiếng Việt" }).click();
    });

    await claim("markup in a file's name or a query stays text", async () => {
        await drop(page, { name: "<img src=x onerror=alert(1)>.png", bytes: Buffer.from("x") });
        await page.locator('.arrival[data-state="refused"]').waitFor({ timeout: READ_MS });
        await search(page, "<b>khong co gi nhu the nay</b>");
        await page.getByText("Không tìm thấy “<b>khong").waitFor();
        assert.equal(await page.locator(".arrival img, .answer b").count(), 0);
    });

    await claim("every word on the page is in the table of messages", async () => {
        const text = await page.locator("body").innerText();
        assert.doesNotMatch(text, /\b(desk|refusal|secrecy|status|error)\.[a-z_]+/);
    });

    await claim("slash leads to the search box, and everything else is reached with Tab", async () => {
        await page.locator("body").click({ position: { x: 5, y: 5 } });
        await page.keyboard.press("/");
        assert.equal(await page.evaluate(() => document.activeElement.name), "q");
        const reached = new Set();
        for (let i = 0; i < 12; i++) {
            await page.keyboard.press("Tab");
            reached.add(await page.evaluate(() => document.activeElement.type ?? document.activeElement.tagName));
        }
        assert.ok(reached.has("file") && reached.has("button"), [...reached].join(" "));
    });

    await claim("nothing overflows at 1366 × 768, nor on a narrow screen", async () => {
        for (const [width, height] of [[1366, 768], [1024, 700], [420, 800]]) {
            await page.setViewportSize({ width, height });
            const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
            assert.ok(over <= 0, `${over} pixels too wide at ${width}`);
        }
        await picture(page, "desk-narrow");
        await page.setViewportSize({ width: 1366, height: 768 });
    });

    await claim("nothing was loaded from elsewhere, and the browser complained of nothing", async () => {
        const from = await page.evaluate(() => performance.getEntriesByType("resource").map((r) => new URL(r.name).origin));
        assert.deepEqual([...new Set(from)], [new URL(box.address).origin]);
        assert.deepEqual(complaints, []);
    });

    await claim("a foreign Host is refused: no other site may borrow this one", async () => {
        const foreign = await box.ask("/", { Host: "evil.example" });
        assert.equal(foreign.status, 421);
        assert.doesNotMatch(foreign.text, /html/);
        assert.equal((await box.ask("/", { Host: "localhost" })).status, 200);
    });

    await claim("a page of another origin may not send files", async () => {
        const before = JSON.parse((await box.ask("/api/v1/status", box.token())).text).kept;
        const sent = await box.ask("/api/v1/intake?name=a.png", { ...box.token(), Origin: "http://evil.example" }, "POST", readFileSync(PAPER));
        assert.equal(sent.status, 403);
        const frame = await box.ask("/api/v1/intake?name=a.png", { ...box.token(), "Sec-Fetch-Site": "cross-site" }, "POST", "x");
        assert.equal(frame.status, 403);
        assert.equal(JSON.parse((await box.ask("/api/v1/status", box.token())).text).kept, before);
    });

    await claim("every answer forbids scripts from elsewhere and guessing at types", async () => {
        for (const path of ["/", "/desk.js", "/api/v1/status", "/nowhere"]) {
            const { headers } = await box.ask(path);
            assert.match(headers["content-security-policy"], /default-src 'self'/);
            assert.equal(headers["x-content-type-options"], "nosniff");
            assert.equal(headers["referrer-policy"], "no-referrer");
        }
    });

    await claim("while the box is away the page says so; started again, it asks who is there", async () => {
        await box.stop();
        await page.getByText("Mất liên lạc với hộp").waitFor({ timeout: 15000 });
        await picture(page, "desk-offline");
        await box.serve();
        await page.locator('[data-form="signin"]').waitFor({ timeout: 15000 });
        assert.equal(await page.locator(".counts").isVisible(), false);
        await signIn(page, "hoa");
        await page.locator(".counts").waitFor();
        await page.getByText("Mất liên lạc với hộp").waitFor({ state: "detached", timeout: 15000 });
        assert.equal(await countOf(page, "kept").textContent(), "3");
    });

    await claim("a command finds what the desk took in, while the box serves", async () => {
        const hits = box.run("--json", "search", phraseOf(PAPER)).trim().split("\n").map((l) => JSON.parse(l));
        assert.ok(hits.length > 0 && hits[0].document > 0);
        assert.equal(JSON.parse(box.run("--json", "verify")).ok, true);
    });
} finally {
    await browser.close();
    await box.stop();
    box.remove();
}
process.exitCode = count() ? 0 : 1;
