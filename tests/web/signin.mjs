// The door in a real browser: first start, the second factor, people and their roles, and
// what is refused.
import assert from "node:assert/strict";
import { Box, claim, count, openBrowser, PASSWORD, picture, signIn, Telephone } from "./lib.mjs";

const box = new Box();
const browser = await openBrowser();
const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: "vi-VN" });
const page = await context.newPage();
const complaints = [];
page.on("console", (m) => m.type() === "error" && complaints.push(m.text()));
page.on("pageerror", (why) => complaints.push(String(why)));

const form = (name) => page.locator(`[data-form="${name}"]`);

async function fill(name, values) {
    for (const [field, value] of Object.entries(values)) await form(name).locator(`[name="${field}"]`).fill(value);
    await form(name).locator("button").press("Enter");
}

const said = (name) => form(name).locator(".notice.bad");
const openAccount = () => page.locator("[data-who]").click();
const closeAccount = () => page.keyboard.press("Escape");
let telephone;
let drawn;

try {
    await box.serve();
    await page.goto(box.address);

    await claim("a box without people asks for the code that it printed, and shows nothing else", async () => {
        await form("first").waitFor();
        assert.equal(await page.locator(".counts, input[name=q]").count(), 0);
        assert.equal(await page.evaluate(() => document.activeElement.name), "code");
        await picture(page, "signin-first");
        await fill("first", { code: "aaaa-aaaa-aaaa-aaaa", full_name: "Lò Thị Mẫu", name: "mau", new: PASSWORD });
        await said("first").getByText("Mã lần đầu không đúng").waitFor();
    });

    await claim("a password that is too short is refused in words", async () => {
        const { first_code } = box.json("accounts", "first-code");
        await fill("first", { code: first_code, new: "ngan" });
        await said("first").getByText("ít nhất 8 ký tự").waitFor();
        await fill("first", { new: PASSWORD });
    });

    await claim("the first administrator adds a second factor before anything else", async () => {
        await form("second-draw").waitFor();
        assert.equal(await page.locator(".counts").count(), 0);
        await fill("second-draw", { old: PASSWORD });
        await form("second").waitFor();
        telephone = new Telephone(await page.locator("[data-secret]:not([data-secret=''])").getAttribute("data-secret"));
        await picture(page, "signin-second");
        await fill("second", { code: "000000" });
        await said("second").waitFor();
        await fill("second", { code: await telephone.code() });
        await page.locator(".counts").waitFor();
    });

    await claim("an administrator adds a clerk, whose password is shown once", async () => {
        await openAccount();
        await fill("person", { full_name: "Hoàng Thị Hoa", name: "hoa" });
        drawn = await page.locator("[data-drawn]").textContent();
        assert.match(drawn, /^\w{4}(-\w{4}){3}$/);
        await page.locator('[data-person="hoa"]').getByText("phải đổi mật khẩu").waitFor();
        await picture(page, "people");
    });

    await claim("a token is made, reads, and is taken back", async () => {
        await fill("token", { name: "mot-cua" });
        await page.locator('[data-token="mot-cua"]').waitFor();
        const token = await page.locator("[data-drawn]").last().textContent();
        const headers = { Authorization: `Bearer ${token}` };
        assert.equal((await box.ask("/api/v1/status", headers)).status, 200);
        assert.equal((await box.ask("/api/v1/people", headers)).status, 403);
        await page.locator('[data-token="mot-cua"] button').press("Enter");
        await page.locator('[data-token="mot-cua"]').waitFor({ state: "detached" });
        assert.equal((await box.ask("/api/v1/status", headers)).status, 401);
    });

    await claim("the people's view fits on a narrow screen, and every word is in the table", async () => {
        assert.doesNotMatch(await page.locator("dialog").innerText(), /\b(people|signin|audit|desk)\.[a-z_]+/);
        await page.setViewportSize({ width: 420, height: 800 });
        assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0);
        await page.setViewportSize({ width: 1366, height: 768 });
        await closeAccount();
    });

    await claim("signing out shuts the door", async () => {
        await page.getByRole("button", { name: "Đăng xuất" }).click();
        await form("signin").waitFor();
        assert.equal(await page.locator(".counts").isVisible(), false);
        await picture(page, "signin");
    });

    await claim("an administrator without a code is asked for it, and an old one is refused", async () => {
        await signIn(page, "mau");
        await form("signin").locator('[name="code"]').waitFor();
        assert.equal(await page.evaluate(() => document.activeElement.name), "code");
        const code = await telephone.code();
        await fill("signin", { code });
        await page.locator(".counts").waitFor();
        await page.getByRole("button", { name: "Đăng xuất" }).click();
        await signIn(page, "mau");
        await form("signin").locator('[name="code"]').waitFor();
        await fill("signin", { code });
        await said("signin").waitFor();
        assert.equal(await page.locator(".counts").isVisible(), false);
    });

    await claim("a clerk changes the password that was drawn, and is no administrator", async () => {
        await page.reload();
        await signIn(page, "hoa", drawn);
        await fill("password", { old: drawn, new: PASSWORD });
        await page.locator(".counts").waitFor();
        await openAccount();
        assert.equal(await form("person").count(), 0);
        assert.equal(await page.evaluate(async () => (await fetch("/api/v1/people")).status), 403);
        await closeAccount();
    });

    await claim("the session's cookie is out of any script's reach", async () => {
        assert.equal(await page.evaluate(() => document.cookie), "");
        const [cookie] = await context.cookies();
        assert.equal(cookie.httpOnly, true);
        assert.equal(cookie.sameSite, "Strict");
    });

    await claim("who is put away meanwhile finds the door", async () => {
        box.run("accounts", "disable", "hoa");
        await form("signin").waitFor({ timeout: 15000 });
        await signIn(page, "hoa");
        await said("signin").getByText("đã ngừng dùng").waitFor();
        box.run("accounts", "enable", "hoa");
    });

    await claim("ten wrong passwords lock, also for the right one", async () => {
        for (let i = 0; i < 10; i++) {
            const answered = page.waitForResponse("**/api/v1/session");
            await signIn(page, "hoa", `khong phai ${i}`);
            await answered;
        }
        await said("signin").getByText("bị khóa 30 phút").waitFor();
        await signIn(page, "hoa");
        await said("signin").getByText("bị khóa 30 phút").waitFor();
        await picture(page, "signin-locked");
    });

    await claim("it speaks English, too", async () => {
        await page.getByRole("button", { name: "Switch to English" }).click();
        await page.getByRole("heading", { name: "Sign in" }).waitFor();
        await said("signin").getByText("locked for 30 minutes").waitFor();
    });

    await claim("all of it is in the trail, which verify believes", async () => {
        const kinds = box.run("--json", "accounts", "log").trim().split("\n").map((l) => JSON.parse(l).kind);
        for (const kind of ["added", "second", "signed_in", "signed_out", "refused", "locked", "forbidden", "token", "token_back", "disabled"])
            assert.ok(kinds.includes(kind), kind);
        assert.equal(box.json("verify").ok, true);
    });

    await claim("other machines come over TLS alone, and its cookie is for TLS", async () => {
        await box.stop();
        box.listen = "0.0.0.0:0";
        await box.serve("--open");
        assert.match(box.address, /^https:/);
        assert.equal((await box.ask("/", { Host: "tram.local" })).status, 200);
        assert.equal((await box.ask("/", { Host: "evil.example" })).status, 421);
        box.run("accounts", "unlock", "hoa");
        const body = JSON.stringify({ name: "hoa", password: PASSWORD });
        const { status, headers } = await box.ask("/api/v1/session", { Origin: new URL(box.address).origin, Host: new URL(box.address).host }, "POST", body);
        assert.equal(status, 200);
        assert.match(headers["set-cookie"][0], /; Secure/);
        const plain = await box.ask("/api/v1/session", { Origin: box.address.replace("https", "http").slice(0, -1), Host: new URL(box.address).host }, "POST", body);
        assert.equal(plain.status, 403);
        await assert.rejects(fetch(box.address.replace("https", "http")));
    });

    await claim("the browser had nothing to complain about but the refusals", async () => {
        assert.deepEqual(complaints.filter((c) => !/status of (401|403|409)|ERR_CONNECTION_REFUSED/.test(c)), []);
    });
} finally {
    await browser.close();
    await box.stop();
    box.remove();
}
process.exitCode = count() ? 0 : 1;
