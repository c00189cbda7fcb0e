// Looks at a report in a real browser: `node report.mjs CHROMIUM PAGE PICTURES`. Says what it saw, a line each; exits 1
// at the first thing that is not so. The page is opened from the disk and must ask for nothing else.
import assert from "node:assert/strict";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [program, page, pictures] = process.argv.slice(2);
const said = [];
const holds = (what, is) => { assert.ok(is, `not so: ${what}`); said.push(what); };

const browser = await chromium.launch({
  executablePath: program,
  args: [
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
  ],
});

async function open(options) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const tab = await context.newPage();
  const asked = [], complaints = [];
  tab.on("request", (request) => asked.push(request.url()));
  tab.on("pageerror", (error) => complaints.push(String(error)));
  tab.on("console", (message) => { if (message.type() === "error") complaints.push(message.text()); });
  await tab.goto(pathToFileURL(path.resolve(page)).href);
  return { tab, asked, complaints };
}

const background = (tab) => tab.evaluate(() => {
  // The colour that is seen behind the page: of the body, or of the root where that is transparent.
  const of = (element) => getComputedStyle(element).backgroundColor.match(/[\d.]+/g).map(Number);
  const body = of(document.body);
  const [red, green, blue] = body.length === 4 && body[3] === 0 ? of(document.documentElement) : body;
  return (red + green + blue) / 3;
});

// The picture for the README: what failed in the matrix, and the first failure, on one page as they stand there.
async function pictureOf(tab, failure) {
  await failure.locator("details", { hasText: "The scenario" }).locator("summary").first().click();
  await tab.locator(".filters button", { hasText: /^diverges$/ }).click();
  await tab.setViewportSize({ width: 1120, height: 900 });
  await tab.evaluate(() => scrollTo(0, 0));
  const page = await tab.evaluate(() => ({ height: document.documentElement.scrollHeight, width: innerWidth }));
  // Stretched to the whole page, so that what sticks to the top of the window does not hide what is below it.
  await tab.setViewportSize({ width: page.width, height: page.height });
  const box = await failure.boundingBox();
  const height = Math.min(box.y + box.height + 24, 2400);
  await tab.screenshot({ path: path.join(pictures, "report.png"), clip: { x: 0, y: 0, width: page.width, height } });
}

try {
  const { tab, asked, complaints } = await open({ colorScheme: "light" });

  holds("the matrix is visible", await tab.locator("table.matrix").isVisible());
  const rows = tab.locator("table.matrix tr[data-verdicts]");
  const all = await rows.count();
  holds(`it has ${all} rows`, all > 40);
  const diverging = tab.locator('table.matrix tr[data-verdicts~="diverges"]');
  const failing = await diverging.count();
  holds("some of them diverge, and not all", failing > 0 && failing < all);
  holds("a verdict is a symbol and a word, not a colour alone",
    /✗/.test(await diverging.first().innerText()) && /✓/.test(await tab.locator("table.matrix").innerText()));

  const shown = () => rows.evaluateAll((list) => list.filter((row) => row.offsetParent !== null).length);
  await tab.locator(".filters button", { hasText: /^diverges$/ }).click();
  holds("the filter leaves the rows that diverge", await shown() === failing);
  await tab.locator(".filters button", { hasText: /^all rows$/ }).click();
  holds("and brings the others back", await shown() === all);

  const failure = tab.locator("article.failure:has(svg.timeline .ring)").first();
  await failure.scrollIntoViewIfNeeded();
  const facts = await failure.locator("dl.facts dt").allTextContents();
  assert.deepEqual(facts, ["What happened", "What was expected", "What was seen", "How to replay it"]);
  for (const fact of await failure.locator("dl.facts dd").all()) {
    assert.ok(await fact.isVisible() && (await fact.innerText()).trim() !== "", "a fact is empty");
  }
  said.push("a failure has its four facts");
  holds("the replay is a command", /tombstone (check|replay)/.test(await failure.locator("dl.facts dd").last().innerText()));
  const picture = failure.locator('svg.timeline[role="img"]');
  holds("its timeline is visible", await picture.isVisible());
  holds("and marks where they part", await picture.locator(".ring").count() > 0);
  await failure.locator("details", { hasText: "The scenario" }).locator("summary").first().click();
  holds("its scenario can be read", /\[\[step\]\]/.test(await failure.innerText()));

  const light = await background(tab);
  await tab.emulateMedia({ colorScheme: "dark" });
  const dark = await background(tab);
  holds(`light is light and dark is dark (${Math.round(light)}, ${Math.round(dark)})`, light > 200 && dark < 70);
  await tab.emulateMedia({ colorScheme: "light" });

  await pictureOf(tab, failure);

  holds("no request but for the page itself", asked.every((url) => url.startsWith("file:") || url.startsWith("data:"))
    && asked.filter((url) => url.startsWith("file:")).length === 1);
  holds("nothing was complained about", complaints.length === 0);

  const narrow = await open({ viewport: { width: 380, height: 800 }, colorScheme: "dark" });
  const overflow = await narrow.tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  holds("on a narrow screen nothing sticks out", overflow <= 0);
  holds("and the matrix is still there", await narrow.tab.locator("table.matrix").isVisible());
  await narrow.tab.screenshot({ path: path.join(pictures, "narrow.png") });

  const bare = await open({ javaScriptEnabled: false });
  holds("without scripts the matrix and the failures are there",
    await bare.tab.locator("table.matrix").isVisible() && await bare.tab.locator("article.failure").first().isVisible());
} finally {
  console.log(said.join("\n"));
  await browser.close();
}
