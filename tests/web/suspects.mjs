// Doubtful words at the desk: found by a key, told why, and settled by a key.
import assert from "node:assert/strict";
import { Box, claim, count, openBrowser, picture } from "./lib.mjs";

const PAPER = "tests/pages/samples/to-trinh-lech.jpg";

const box = new Box();
const browser = await openBrowser();
const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: "vi-VN" });
const page = await context.newPage();
const complaints = [];
page.on("console", (m) => m.type() === "error" && complaints.push(m.text()));
page.on("pageerror", (why) => complaints.push(String(why)));

const left = async () => Number(await page.locator(".suspects-count").getAttribute("data-suspects"));
const leftBecomes = (n) => page.waitForFunction((e) => document.querySelector(".suspects-count")?.dataset.suspects === e, String(n));
const inHand = () => page.evaluate(() => Number(document.activeElement.dataset.word ?? 0));

// Goes on until a word in hand offers something.
async function nextOffering() {
    for (let i = await left(); i > 0; i--) {
        await page.keyboard.press("F8");
        if (/\b1 \S/.test(await page.locator(".suspect-help").innerText())) return;
    }
    assert.fail("nothing is offered for any word");
}

async function open() {
    await page.fill('input[name="q"]', "tờ trình");
    await page.locator(".hit").first().press("Enter");
    await page.locator(".suspects-count").waitFor();
}

try {
    box.run("intake", PAPER);
    box.run("read", "--wait");
    await box.serve();
    await box.letIn(page);

    await claim("doubtful words are underlined in the page's text, and counted", async () => {
        await open();
        assert.ok((await left()) >= 4, `${await left()} suspects`);
        assert.equal(await page.locator("button.suspect").count(), await left());
    });

    await claim("each is boxed on the page's picture, and the one in hand stands out", async () => {
        await page.locator(".page-picture img").waitFor();
        assert.equal(await page.locator("rect.suspect-box").count(), await left());
        await page.keyboard.press("F8");
        await page.locator("rect.suspect-box.in-hand").waitFor({ state: "attached" });
        const [, y] = await page.locator("rect.suspect-box.in-hand").evaluate((r) => [r.x.baseVal.value, r.y.baseVal.value]);
        assert.ok(y > 0 && y < 1, `at ${y}`);
        const picture = await page.locator(".page-picture").boundingBox(), text = await page.locator(".page-text").boundingBox();
        assert.ok(text.x >= picture.x + picture.width, "the text stands beside the picture");
        await page.evaluate(() => document.activeElement.blur());
    });

    await claim("one key goes to the next; it says why, and what may stand there", async () => {
        await page.keyboard.press("F8");
        const first = await inHand();
        assert.ok(first > 0);
        assert.match(await page.locator(".suspect-help b").innerText(), /\p{L}/u);
        assert.doesNotMatch(await page.locator(".suspect-help").innerText(), /suspect\./);
        await page.keyboard.press("F8");
        assert.ok((await inHand()) > first);
        await page.keyboard.press("F8");
        await nextOffering();
        await picture(page, "desk-suspects");
    });

    await claim("1 takes the first that is offered, and goes on", async () => {
        const before = await left(), word = await inHand();
        const text = await page.locator(".suspect-help [role=button] span[lang]").first().innerText();
        await page.keyboard.press("1");
        await leftBecomes(before - 1);
        assert.equal(await page.locator("ins").first().innerText(), text);
        assert.ok((await inHand()) > word);
    });

    await claim("0 says that a word is right as it is: it changes nothing", async () => {
        const before = await left(), changed = await page.locator("ins").count();
        await page.keyboard.press("0");
        await leftBecomes(before - 1);
        assert.equal(await page.locator("ins").count(), changed);
    });

    await claim("Enter types in the word's place; Escape leaves it, and the document open", async () => {
        const before = await left();
        await page.keyboard.press("F8");
        const word = await inHand();
        await page.keyboard.press("Enter");
        await page.keyboard.type("nhầm");
        await page.keyboard.press("Escape");
        assert.equal(await page.locator("dialog[open]").count(), 1);
        assert.equal(await left(), before);
        await page.waitForFunction((w) => document.activeElement?.dataset.word === w, String(word));
        await page.keyboard.press("Enter");
        await page.keyboard.type("đã gõ lại");
        await page.keyboard.press("Enter");
        await leftBecomes(before - 1);
        assert.match(await page.locator(".page-text").innerText(), /đã gõ lại/);
    });

    await claim("what was settled stays so, is searched for, and is an event with a name", async () => {
        const before = await left();
        await page.keyboard.press("Escape");
        await page.locator("dialog").waitFor({ state: "detached" });
        await page.fill('input[name="q"]', "");
        await open();
        assert.equal(await left(), before);
        await page.keyboard.press("Escape");
        await page.fill('input[name="q"]', '"đã gõ lại"');
        await page.locator(".hit mark").first().waitFor();
    });

    await claim("the page had nothing to complain of", () => assert.deepEqual(complaints, []));
} finally {
    await browser.close();
    await box.stop();
    box.remove();
}
process.exitCode = count() ? 0 : 1;
