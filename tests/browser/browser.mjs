// A real browser without a window, and what is said of a page that is opened in it from the disk.
import assert from "node:assert/strict";
import path from "node:path";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const said = [];

/// Says what holds, or ends at the first thing that is not so.
export const holds = (what, is) => { assert.ok(is, `not so: ${what}`); said.push(what); };

/// Starts the browser, does what is asked with a way to open the page, and says what was found to hold.
export async function look(program, page, looking) {
  const browser = await chromium.launch({
    executablePath: program,
    args: [
      "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync",
    ],
  });
  const open = async (options, hash = "") => {
    const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
    const tab = await context.newPage();
    const asked = [], complaints = [];
    tab.on("request", (request) => asked.push(request.url()));
    tab.on("pageerror", (error) => complaints.push(String(error)));
    tab.on("console", (message) => { if (message.type() === "error") complaints.push(message.text()); });
    await tab.goto(pathToFileURL(path.resolve(page)).href + hash, { timeout: 120_000 });
    if (options.javaScriptEnabled !== false) {
      await tab.waitForFunction(() => document.documentElement.dataset.ready, null, { timeout: 120_000 });
    }
    return { tab, asked, complaints };
  };
  try {
    await looking(open);
  } finally {
    console.log(said.join("\n"));
    await browser.close();
  }
}

/// What axe finds wrong with the page as it is now, a line for each.
export async function accessible(tab) {
  await tab.addScriptTag({ path: axe });
  const found = await tab.evaluate(async () => (await window.axe.run(document)).violations.map(
    (it) => `${it.id}: ${it.help}: ${it.nodes.slice(0, 3).map((node) => node.target.join(" ") + " " + node.failureSummary).join(" | ")}`,
  ));
  assert.deepEqual(found, []);
}
