// What the browser tests share: a demo box that serves, a browser, and claims that
// are counted like any other test's.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const program = join(process.env.TRAM_BUILD, "tram-box");

export class Box {
    constructor() {
        this.dir = mkdtempSync(join(tmpdir(), "tram-web-"));
        this.data = join(this.dir, "data");
        this.run("init", "--demo", "--name", "Xã Xuân Hòa (thử)");
    }

    run(...words) {
        return execFileSync(program, ["--data", this.data, ...words], { encoding: "utf8" });
    }

    // Resolves when it answers, with its address.
    serve() {
        this.child = spawn(program, ["--data", this.data, "serve", "--listen", this.listen ?? "127.0.0.1:0"], {
            stdio: ["ignore", "pipe", "inherit"],
        });
        return new Promise((ready, failed) => {
            let said = "";
            this.child.stdout.on("data", (piece) => {
                said += piece;
                const address = /http:\/\/[^ ]+\//.exec(said);
                if (!address) return;
                this.address = address[0];
                this.listen = new URL(this.address).host;
                ready(this.address);
            });
            this.child.on("exit", (code) => failed(new Error(`serve ended with ${code}: ${said}`)));
        });
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
        const { hostname, port } = new URL(this.address);
        return new Promise((answered, failed) => {
            const r = request({ hostname, port, path, method, headers }, (m) => {
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

export async function picture(page, name) {
    if (process.env.TRAM_SCREENS) await page.screenshot({ path: join(process.env.TRAM_SCREENS, `${name}.png`) });
}
