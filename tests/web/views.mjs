// Every view of the desk, in both languages, light and dark: axe-core finds nothing serious
// in it, and every word is in the table. `make screens` keeps a picture of each.
import assert from "node:assert/strict";
import { Box, claim, count, openBrowser, PASSWORD, signIn, smallPicture, Telephone, troubles } from "./lib.mjs";

const READ_MS = 90000; // as in desk.mjs
const PAPERS = ["quyet-dinh-01.png", "giay-khai-sinh.png", "to-trinh-lech.jpg", "mat-01.png"].map((p) => `tests/pages/samples/${p}`);
const NO_PAPER = { name: "ghi-chep.docx", mimeType: "text/plain", buffer: Buffer.from("không phải ảnh") };

const box = new Box();
const browser = await openBrowser();
const complaints = [];

// Somebody's browser, of this language.
async function open(language) {
    const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: "vi-VN", reducedMotion: "reduce" });
    await context.addInitScript((l) => localStorage.setItem("tram.language", l), language);
    const page = await context.newPage();
    page.on("console", (m) => m.type() === "error" && complaints.push(m.text()));
    page.on("pageerror", (why) => complaints.push(String(why)));
    await page.goto(box.address);
    return page;
}

const pages = { vi: await box.serve().then(() => open("vi")), en: await open("en") };

// `go` leads a page to the view.
function view(name, go, of = pages) {
    return claim(`${name}: nothing serious for axe-core, and no word outside the table`, async () => {
        for (const [language, page] of Object.entries(of)) {
            await go(page, language);
            for (const colorScheme of ["dark", "light"]) {
                await page.emulateMedia({ colorScheme });
                assert.deepEqual(await troubles(page), [], `${language}, ${colorScheme}`);
            }
            assert.equal(await page.evaluate(() => document.documentElement.lang), language);
            assert.doesNotMatch(await page.locator("body").innerText(), /\b(desk|keys|people|signin|suspect|todo|today|span|syncview)\.[a-z_]+/);
            await smallPicture(page, `${name}-${language}`);
        }
    });
}

const form = (page, name) => page.locator(`[data-form="${name}"]`);
const closed = (page) => page.locator("dialog").waitFor({ state: "detached" });

async function fill(page, name, values) {
    for (const [field, value] of Object.entries(values)) await form(page, name).locator(`[name="${field}"]`).fill(value);
    await form(page, name).locator("button").press("Enter");
}

// The first administrator, who adds a second factor.
async function becomeAdministrator() {
    const { first_code } = box.json("accounts", "first-code");
    await fill(pages.vi, "first", { code: first_code, full_name: "Lò Thị Mẫu", name: "mau", new: PASSWORD });
    await form(pages.vi, "second-draw").waitFor();
    await pages.en.reload();
}

// The secret that is drawn last is the one that counts.
async function seeSecond(page, language) {
    if (language === "en") await signIn(page, "mau");
    await fill(page, "second-draw", { old: PASSWORD });
    await page.locator("[data-secret]:not([data-secret=''])").waitFor();
}

async function confirmSecond() {
    const telephone = new Telephone(await pages.en.locator("[data-secret]").getAttribute("data-secret"));
    await fill(pages.en, "second", { code: await telephone.code() });
    await pages.en.locator('[data-count="kept"]').waitFor();
    await pages.vi.reload(); // signed out: that began with the password alone
    await signIn(pages.vi, "mau");
    await form(pages.vi, "signin").locator('[name="code"]').waitFor();
    await fill(pages.vi, "signin", { code: await telephone.code() });
    await pages.vi.locator('[data-count="kept"]').waitFor();
}

async function takeIn(page) {
    await page.setInputFiles('input[type="file"]', PAPERS);
    await page.setInputFiles('input[type="file"]', NO_PAPER);
    await page.waitForFunction(() => document.querySelectorAll(".arrival:is(.kept, .duplicate, .held, .refused)").length === 5, null, { timeout: READ_MS });
    await page.waitForFunction(() => document.querySelector('[data-count="read"] b')?.textContent === "3", null, { timeout: READ_MS });
}

async function search(page, words) {
    await page.fill('input[name="q"]', words);
    await page.locator(".hit mark").first().waitFor();
    await page.locator('.answer[aria-busy="false"]').waitFor();
}

async function openPaper(page) {
    await search(page, "tờ trình");
    await page.locator(".hit", { hasText: "to-trinh-lech" }).first().press("Enter");
    await page.locator("button.suspect").first().waitFor();
    await page.waitForFunction(() => document.querySelector(".page-picture img")?.naturalWidth > 500);
    await page.keyboard.press("F8");
    await page.locator(".suspect-help").waitFor();
}

try {
    await view("first", (page) => form(page, "first").waitFor());
    await becomeAdministrator();
    await view("second", seeSecond);
    await confirmSecond();
    await view("empty", (page) => page.locator(".answer .empty").waitFor());

    const doors = { vi: await open("vi"), en: await open("en") };
    await view("signin", async (page) => {
        await signIn(page, "khongai", "khong phai the");
        await form(page, "signin").locator(".notice.bad").waitFor();
    }, doors);
    const { password } = box.json("accounts", "add", "hoa", "clerk", "Hoàng Thị Hoa");
    await view("password", async (page) => {
        await signIn(page, "hoa", password);
        await form(page, "password").waitFor();
    }, doors);
    for (const page of Object.values(doors)) await page.context().close();

    await view("files", takeIn);
    await view("search", (page) => search(page, "ủy ban nhân dân"));
    await view("document", openPaper);
    await view("keys-document", async (page) => {
        await page.keyboard.press("?");
        await page.locator('.keys [data-key="next"]').waitFor();
    });

    await claim("Escape closes the list of keys, then the document; each view lists its own", async () => {
        for (const page of Object.values(pages)) {
            await page.keyboard.press("Escape");
            await page.locator("dialog.keys").waitFor({ state: "detached" });
            assert.equal(await page.locator('dialog[data-view="document"][open]').count(), 1);
            await page.keyboard.press("Escape");
            await closed(page);
            await page.locator("[data-keys]").click();
            await page.locator('.keys [data-key="search"]').waitFor();
            assert.equal(await page.locator('.keys [data-key="next"]').count(), 0);
            await page.keyboard.press("Escape");
            await closed(page);
        }
    });

    await claim("a question mark that is typed is typed, and F1 lists the keys all the same", async () => {
        const page = pages.vi;
        await page.fill('input[name="q"]', "");
        await page.focus('input[name="q"]');
        await page.keyboard.press("?");
        assert.equal(await page.inputValue('input[name="q"]'), "?");
        assert.equal(await page.locator("dialog.keys").count(), 0);
        await page.keyboard.press("F1");
        await page.locator("dialog.keys").waitFor();
        await page.keyboard.press("Escape");
        await closed(page);
        await page.fill('input[name="q"]', "");
    });

    await view("keys", async (page) => {
        await page.keyboard.press("F1");
        await page.locator('.keys [data-key="search"]').waitFor();
    });
    box.run("accounts", "add", "lan", "reviewer", "Đinh Thị Lan");
    box.run("accounts", "disable", "lan");
    await view("people", async (page) => {
        await page.keyboard.press("Escape");
        await closed(page);
        await page.locator("[data-who]").click();
        await page.locator('[data-person="hoa"]').waitFor();
        await page.locator(".trail tr").first().waitFor();
    });

    await view("sync", async (page) => {
        await page.keyboard.press("Escape");
        await closed(page);
        await page.locator('nav [href="#sync"]').click();
        await page.locator('[data-stage="complete"]').waitFor();
    });

    await view("offline", async (page) => {
        await page.locator('nav [href="#today"]').click();
        await box.stop();
        await page.locator(".notice.bad").waitFor({ timeout: 15000 });
    });

    await claim("the browser had nothing to complain about but the refusals", async () => {
        assert.deepEqual(complaints.filter((c) => !/status of 401|ERR_CONNECTION_(REFUSED|RESET)/.test(c)), []);
    });
} finally {
    await browser.close();
    await box.stop();
    box.remove();
}
process.exitCode = count() ? 0 : 1;
