// What the browser tests share: a demo box that serves, a browser, and claims that
// are counted like any other test's.
import { execFileSync, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { request as secureRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import axe from "axe-core";
import { chromium } from "playwright-core";

const program = join(process.env.TRAM_BUILD, "tram-box");

export class Box {
    // Without a name there is no box in its directory yet.
    constructor(name = "Xã Xuân Hòa (thử)") {
        this.dir = mkdtempSync(join(tmpdir(), "tram-web-"));
        this.data = join(this.dir, "data");
        if (name !== null) this.run("init", "--demo", "--name", name);
    }

    run(...words) {
        return execFileSync(program, ["--data", this.data, ...words], { encoding: "utf8" });
    }

    // Resolves when it answers, with its address.
    serve(...more) {
        this.child = spawn(program, ["--data", this.data, "serve", "--listen", this.listen ?? "127.0.0.1:0", ...more], {
            stdio: ["ignore", "pipe", "inherit"],
        });
        return new Promise((ready, failed) => {
            let said = "";
            this.child.stdout.on("data", (piece) => {
                said += piece;
                const address = /https?:\/\/[^ ]+\//.exec(said);
                if (!address) return;
                this.address = address[0];
                this.listen = new URL(this.address).host;
                ready(this.address);
            });
            this.child.on("exit", (code) => failed(new Error(`serve ended with ${code}: ${said}`)));
        });
    }

    json(...words) {
        return JSON.parse(this.run("--json", ...words));
    }

    // Headers that let a request in.
    token() {
        this.bearer ??= this.json("accounts", "token", "test", "import").token;
        return { Authorization: `Bearer ${this.bearer}` };
    }

    // Somebody whom the command line has added: the password that was drawn is changed at
    // once, as the desk asks for, and the desk is open.
    async letIn(page, name = "hoa", role = "clerk") {
        const { password } = this.json("accounts", "add", name, role, "Hoàng Thị Hoa");
        await page.goto(this.address);
        await signIn(page, name, password);
        const form = page.locator('[data-form="password"]');
        await form.locator('[name="old"]').fill(password);
        await form.locator('[name="new"]').fill(PASSWORD);
        await form.locator("button").press("Enter");
    }

    stop() {
        return new Promise((stopped) => {
            if (!this.child || this.child.exitCode !== null) return stopped(0);
            this.child.removeAllListeners("exit");
            this.child.on("exit", stopped);
            this.child.kill("SIGTERM");
        });
    }

    remove() {
        rmSync(this.dir, { recursive: true, force: true });
    }

    // A request with headers that no browser would let a page choose.
    ask(path, headers = {}, method = "GET", body = null) {
        const { hostname, port, protocol } = new URL(this.address);
        const go = protocol === "https:" ? secureRequest : request;
        return new Promise((answered, failed) => {
            const r = go({ hostname, port, path, method, headers, rejectUnauthorized: false }, (m) => {
                let text = "";
                m.setEncoding("utf8");
                m.on("data", (piece) => (text += piece));
                m.on("end", () => answered({ status: m.statusCode, headers: m.headers, text }));
            });
            r.on("error", failed);
            r.end(body);
        });
    }
}

export const PASSWORD = "mot con vit xoe ra";

export async function signIn(page, name, password = PASSWORD, code = null) {
    const form = page.locator('[data-form="signin"]');
    await form.locator('[name="name"]').fill(name);
    await form.locator('[name="password"]').fill(password);
    if (code !== null) await form.locator('[name="code"]').fill(code);
    await form.locator('[name="password"]').press("Enter");
}

// An authenticator, RFC 6238, which never shows one code twice: it waits for the next one.
export class Telephone {
    constructor(base32) {
        const bits = [...base32].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
        this.secret = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
        this.last = 0;
    }

    async code() {
        const step = () => Math.floor(Date.now() / 30000);
        this.last = Math.max(this.last + 1, step());
        while (this.last > step() + 1) await new Promise((later) => setTimeout(later, 200));
        const counter = Buffer.alloc(8);
        counter.writeBigUInt64BE(BigInt(this.last));
        const mac = createHmac("sha1", this.secret).update(counter).digest();
        const at = mac[19] & 15;
        return String((mac.readUInt32BE(at) & 0x7fffffff) % 1e6).padStart(6, "0");
    }
}

export function openBrowser() {
    return chromium.launch({
        executablePath: process.env.TRAM_CHROMIUM ?? "/usr/bin/chromium",
        args: [
            "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
        ],
    });
}

let passed = 0;
let failed = 0;

// One claim; those after it are still tried.
export async function claim(name, body) {
    try {
        await body();
        passed++;
        console.log(`ok ${passed + failed} - ${name}`);
    } catch (why) {
        failed++;
        console.log(`not ok ${passed + failed} - ${name}`);
        console.log(String(why.stack ?? why).replace(/^/gm, "    # "));
    }
}

export function count() {
    console.log(`${passed} passed, ${failed} failed`);
    return failed === 0 && passed > 0;
}

// The same, small enough to be kept in the repository.
export async function smallPicture(page, name) {
    if (!process.env.TRAM_SMALL_SCREENS) return;
    const browser = await page.context().newCDPSession(page);
    const { data } = await browser.send("Page.captureScreenshot", { format: "webp", quality: 70 });
    await browser.detach();
    writeFileSync(join(process.env.TRAM_SMALL_SCREENS, `${name}.webp`), Buffer.from(data, "base64"));
}

// What axe-core calls serious or critical, a line each.
export async function troubles(page) {
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
    return violations
        .filter((v) => v.impact === "serious" || v.impact === "critical")
        .flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(" ")}: ${n.any.concat(n.all, n.none).map((c) => c.message).join("; ")}`));
}

export async function picture(page, name) {
    if (process.env.TRAM_SCREENS) await page.screenshot({ path: join(process.env.TRAM_SCREENS, `${name}.png`) });
}
