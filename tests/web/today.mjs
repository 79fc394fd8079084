// What waits for a person, what the machine does, and how far everything is on its way to
// the centre, with a centre that is there and then is not.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { join } from "node:path";
import { Box, claim, count, openBrowser, picture, troubles } from "./lib.mjs";

const READ_MS = 90000;
const SAMPLES = "tests/pages/samples";
const centreProgram = join(process.env.TRAM_BUILD, "tram-centre");

// A centre that listens, for boxes and for people.
class Centre {
    constructor(dir) {
        this.data = join(dir, "centre");
        this.run("init", "--name", "Tỉnh Thử Nghiệm");
    }

    run(...words) {
        return execFileSync(centreProgram, ["--data", this.data, ...words], { encoding: "utf8" });
    }

    serve() {
        this.child = spawn(centreProgram, ["--data", this.data, "serve", "--listen", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "inherit"] });
        return new Promise((ready, failed) => {
            let said = "";
            this.child.stdout.on("data", (piece) => {
                said += piece;
                const address = /\d+\.\d+\.\d+\.\d+:\d+/.exec(said);
                if (address) ready((this.address = address[0]));
            });
            this.child.on("exit", (code) => failed(new Error(`the centre ended with ${code}: ${said}`)));
        });
    }

    stop() {
        return new Promise((stopped) => {
            this.child.removeAllListeners("exit");
            this.child.on("exit", stopped);
            this.child.kill("SIGTERM");
        });
    }
}

const browser = await openBrowser();
const complaints = [];

async function deskOf(box) {
    const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: "vi-VN" });
    const page = await context.newPage();
    page.setDefaultTimeout(READ_MS); // on a machine that does other things too
    page.on("console", (m) => m.type() === "error" && complaints.push(m.text()));
    page.on("pageerror", (why) => complaints.push(String(why)));
    await box.serve();
    await box.letIn(page);
    return page;
}

const todo = (page, kind) => page.locator(`[data-todo="${kind}"]`);
const stage = (page, name) => page.locator(`[data-stage="${name}"] td.number`);
const stageBecomes = (page, name, n) =>
    page.waitForFunction(([s, e]) => document.querySelector(`[data-stage="${s}"] td.number`)?.textContent === e, [name, n]);

const box = new Box();
try {
    const page = await deskOf(box);

    await claim("an empty desk says that there is nothing yet, and what to do", async () => {
        await page.getByText("Chưa có việc gì").waitFor();
        await page.locator('[data-fact="reading"]', { hasText: "đã đọc hết" }).waitFor();
        await page.locator('[data-fact="link"]', { hasText: "chưa ghi danh" }).waitFor();
        await page.locator('[data-fact="disk"]', { hasText: /còn trống .*B, đã dùng \d+ %/ }).waitFor();
        await picture(page, "desk-today-empty");
    });

    await claim("a held paper, and a page with doubtful words, wait with what to do about them", async () => {
        await page.setInputFiles('input[type="file"]', [`${SAMPLES}/mat-01.png`, `${SAMPLES}/to-trinh-lech.jpg`]);
        await todo(page, "held").waitFor();
        assert.match(await todo(page, "held").innerText(), /mat-01\.png[\s\S]*Mật.*trang 1\/1/);
        assert.match(await todo(page, "held").innerText(), /tram-box held --clear/);
        await todo(page, "review").waitFor();
    });

    await claim("it is opened by keys alone, and what is settled is counted off", async () => {
        const summary = todo(page, "review").locator("summary");
        await summary.focus();
        await page.keyboard.press("Enter");
        const line = todo(page, "review").locator("button.todo-item").first();
        const before = Number(/(\d+) chữ đáng ngờ/.exec(await line.innerText())[1]);
        await picture(page, "desk-today");
        await page.keyboard.press("Tab");
        await page.keyboard.press("Enter");
        await page.locator(".suspects-count").waitFor();
        assert.equal(Number(await page.locator(".suspects-count").getAttribute("data-suspects")), before);
        await page.keyboard.press("F8");
        await page.keyboard.press("0"); // right as it is
        await page.waitForFunction((n) => Number(document.querySelector(".suspects-count")?.dataset.suspects) === n, before - 1);
        await page.keyboard.press("Escape");
        await page.locator("dialog").waitFor({ state: "detached" });
        await line.locator(".soft", { hasText: new RegExp(`^${before - 1} chữ`) }).waitFor();
    });

    await claim("names of held papers are for people: no token reads them", async () => {
        assert.equal((await box.ask("/api/v1/todo")).status, 401);
        assert.equal((await box.ask("/api/v1/todo", box.token())).status, 403);
        assert.equal((await box.ask("/api/v1/sync", box.token())).status, 200);
    });

    await claim("a trial box says that it has no centre, and still how far its papers are", async () => {
        await page.getByRole("link", { name: "Đồng bộ" }).press("Enter");
        await page.locator(".sync .notice", { hasText: "chưa ghi danh với trung tâm nào" }).waitFor();
        await stageBecomes(page, "read", "1");
        assert.equal(await stage(page, "sent").textContent(), "0");
        assert.equal(await page.locator("[data-class]").count(), 0);
        await page.getByRole("link", { name: "Bàn làm việc" }).press("Enter");
        await page.locator(".counts").waitFor();
    });

    await claim("when the box is away what was said stays, and the page says so", async () => {
        await box.stop();
        await page.getByText("Mất liên lạc với hộp").first().waitFor();
        assert.ok(await todo(page, "held").isVisible());
    });
} finally {
    await box.stop();
    box.remove();
}

const enrolled = new Box(null);
const centre = new Centre(enrolled.dir);
try {
    const file = join(enrolled.dir, "enrol.json");
    await centre.serve();
    centre.run("enrol", "--site", "Xã Xuân Hòa", "--url", `https://${centre.address}`, "--out", file);
    enrolled.run("init", "--enrol", file);
    enrolled.run("intake", `${SAMPLES}/quyet-dinh-01.png`);
    const page = await deskOf(enrolled);
    await page.getByRole("link", { name: "Đồng bộ" }).press("Enter");

    await claim("each step counts its documents until the original has arrived too", async () => {
        await stageBecomes(page, "complete", "1");
        for (const name of ["kept", "read", "sent", "received", "applied"]) assert.equal(await stage(page, name).textContent(), "1");
        await page.getByText("Tỉnh Thử Nghiệm").waitFor();
        assert.match(await page.locator('[data-class="5"]').innerText(), /bản gốc\s+0 B/);
        assert.match(await page.locator("[data-month]").innerText(), /cả hai chiều: [\d.,]+ [kM]B, không đặt hạn mức/);
    });

    await claim("a contact that ended is told: when, how long, bytes, and how it ended", async () => {
        await centre.stop();
        const contact = page.locator("[data-contact]").first();
        await contact.waitFor();
        assert.match(await contact.innerText(), /\d+:\d\d\s+[\d.,]+ k?M?B\s+[\d.,]+ k?M?B\s+\S/);
        assert.doesNotMatch(await contact.innerText(), /link\.end/);
    });

    await claim("without the centre what is taken in waits, with its bytes and since when", async () => {
        await page.getByRole("link", { name: "Bàn làm việc" }).press("Enter");
        await page.setInputFiles('input[type="file"]', `${SAMPLES}/giay-khai-sinh.png`);
        await page.locator('[data-count="read"] b', { hasText: "2" }).waitFor();
        await page.getByRole("link", { name: "Đồng bộ" }).press("Enter");
        await stageBecomes(page, "read", "2");
        assert.equal(await stage(page, "complete").textContent(), "1");
        assert.match(await page.locator('[data-stage="complete"]').innerText(), /phút/);
        assert.match(await page.locator('[data-class="5"]').innerText(), /bản gốc\s+[\d.,]+ [kM]B/);
        await page.getByText("USB cần từng ấy chỗ trống").waitFor();
        await picture(page, "desk-sync");
    });

    await claim("in English, too, every word is in the table; nothing is too wide, or serious for axe-core", async () => {
        await page.getByRole("button", { name: "Switch to English" }).click();
        for (const view of ["today", "sync"]) {
            await page.goto(`${enrolled.address}#${view}`);
            for (const [width, height] of [[1366, 768], [1024, 700], [420, 800]]) {
                await page.setViewportSize({ width, height });
                const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
                assert.ok(over <= 0, `${view}: ${over} pixels too wide at ${width}`);
            }
            await page.setViewportSize({ width: 1366, height: 768 });
            assert.doesNotMatch(await page.locator("body").innerText(), /\b(desk|todo|today|span|sync|syncview|link|refusal|secrecy)\.[a-z_]+/);
            assert.deepEqual(await troubles(page), []);
            await page.emulateMedia({ colorScheme: "dark" });
            assert.deepEqual(await troubles(page), []);
            await page.emulateMedia({ colorScheme: "light" });
            await picture(page, `desk-${view}-english`);
        }
    });

    await claim("the browser complained of nothing but the box that was away", async () => {
        assert.deepEqual(complaints.filter((c) => !/Failed to load resource|ERR_CONNECTION/.test(c)), []);
    });
} finally {
    await browser.close();
    await enrolled.stop();
    enrolled.remove();
}
process.exitCode = count() ? 0 : 1;
