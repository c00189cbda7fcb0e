// Looks at a report in a real browser: `node report.mjs CHROMIUM PAGE PICTURES`. Says what it saw, a line each; exits 1
// at the first thing that is not so. The page is opened from the disk and must ask for nothing else.
import assert from "node:assert/strict";
import path from "node:path";
import { accessible, holds, look } from "./browser.mjs";

const [program, page, pictures] = process.argv.slice(2);
const picture = (name) => path.join(pictures, name);

const background = (tab) => tab.evaluate(() => {
  // The colour that is seen behind the page: of the body, or of the root where that is transparent.
  const of = (element) => getComputedStyle(element).backgroundColor.match(/[\d.]+/g).map(Number);
  const body = of(document.body);
  const [red, green, blue] = body.length === 4 && body[3] === 0 ? of(document.documentElement) : body;
  return (red + green + blue) / 3;
});

const shown = (tab, selector) =>
  tab.locator(selector).evaluateAll((list) => list.filter((it) => it.checkVisibility()).length);
const target = (tab) => tab.evaluate(() => decodeURIComponent(location.hash.slice(1).split("&")[0]));
const focused = (tab) => tab.evaluate(() => document.activeElement.id);

// The rows, and the way from a cell to its cases.
async function rows(tab) {
  holds("each table of rows is a heat map", await shown(tab, "table.heat") > 1);
  const all = await shown(tab, "table.heat tr.row");
  holds(`with ${all > 40 ? "many" : all} rows`, all > 40);
  const failing = await shown(tab, 'table.heat tr.row[data-verdicts~="diverges"]');
  holds("some of them diverge, and not all", failing > 0 && failing < all);
  const cell = tab.locator("table.heat td.diverges").first();
  holds("a verdict is a symbol and a word, not a colour alone",
    /✗ \d/.test(await cell.innerText()) && /diverges/.test(await cell.textContent()));
  const sticks = await tab.locator("table.heat").first().evaluate((table) => {
    const of = (cell) => getComputedStyle(cell).position;
    return of(table.tHead.rows[0].cells[1]) === "sticky" && of(table.querySelector("tr.row").cells[0]) === "sticky";
  });
  holds("the head and the first column stay in sight", sticks);
  await cell.click();
  const box = tab.locator("dialog#box");
  holds("a cell opens its scenarios and failures", await box.isVisible() && await box.locator('a[href^="#case/"]').count() > 0
    && await box.locator('a[href^="#failure/"]').count() > 0);
  await tab.keyboard.press("Escape");
  holds("and closes", !await box.isVisible());
  return { all, failing };
}

async function filters(tab, { all, failing }) {
  await tab.selectOption("#by-verdict", "diverges");
  holds("the filter leaves the rows that diverge", await shown(tab, "table.heat tr.row") === failing);
  holds("and stands in the address", /&v=diverges/.test(tab.url()));
  await tab.reload();
  await tab.waitForFunction(() => document.documentElement.dataset.ready);
  holds("where the next reader finds it", await shown(tab, "table.heat tr.row") === failing);
  await tab.selectOption("#by-verdict", "");
  holds("and brings the others back", await shown(tab, "table.heat tr.row") === all);
  const failures = await shown(tab, "article.failure");
  const name = await tab.locator("article.failure code").first().textContent();
  await tab.keyboard.press("/");
  await tab.keyboard.type(name);
  holds("the search finds a failure by its name", await shown(tab, "article.failure") < failures && await shown(tab, "article.failure") > 0);
  holds("and leads to it", await tab.locator(`#found a[href^="#failure/"]`).count() > 0);
  await tab.keyboard.press("Escape");
  holds("Escape clears it", await shown(tab, "article.failure") === failures && await tab.locator("#found").isHidden());
}

async function failure(tab) {
  const failure = tab.locator("article.failure:has(svg.timeline .ring)").first();
  await failure.scrollIntoViewIfNeeded();
  const facts = await failure.locator("dl.facts dt").allTextContents();
  assert.deepEqual(facts, ["What happened", "What was expected", "What was seen", "How to replay it"]);
  for (const fact of await failure.locator("dl.facts dd").all()) {
    assert.ok(await fact.isVisible() && (await fact.innerText()).trim() !== "", "a fact is empty");
  }
  holds("a failure has its four facts", true);
  holds("and a sentence with the step, the field and both values", / step \d+ \(.+ is .+, and should be /i.test(await failure.locator(".effect").innerText()));
  holds("the replay is a command", /tombstone (check|replay)/.test(await failure.locator("dl.facts dd").last().innerText()));
  const timeline = failure.locator('svg.timeline[role="img"]').first();
  holds("its timeline is visible", await timeline.isVisible());
  holds("marks where they part", await timeline.locator(".ring").count() > 0);
  holds("and leaves nothing out", !(await timeline.textContent()).includes("…"));
  await failure.locator("details.scenario summary").click();
  holds("its scenario can be read", /\[\[step\]\]/.test(await failure.innerText()));
  return failure;
}

// Keys alone: to the failures, from one to the next, through the steps of one.
async function keys(tab) {
  await tab.evaluate(() => { document.activeElement.blur(); history.replaceState(null, "", location.pathname); });
  await tab.reload();
  await tab.waitForFunction(() => document.documentElement.dataset.ready);
  let stops = 0;
  while (stops < 100 && !await tab.evaluate(() => document.activeElement.closest("#list"))) {
    await tab.keyboard.press("Tab");
    stops += 1;
  }
  holds("the Tab key comes to the first failure soon", stops < 40);
  await tab.keyboard.press("j");
  const first = await target(tab);
  holds("j goes to a failure", first.startsWith("failure/") && await focused(tab) === first);
  await tab.keyboard.press("j");
  const second = await target(tab);
  holds("j goes on", second !== first && second.startsWith("failure/"));
  await tab.keyboard.press("k");
  holds("k goes back", await target(tab) === first);
  const open = () => tab.locator(`[id="${first}"] details.moment[open]`).evaluate((it) => +it.dataset.column);
  const last = await open();
  await tab.keyboard.press("ArrowLeft");
  holds("arrows go through the steps", await open() === last - 1 && new RegExp(`&s=${last - 1}$`).test(tab.url()));
  await tab.keyboard.press("ArrowRight");
  holds("and back", await open() === last);
  const article = tab.locator(`[id="${first}"]`);
  holds("a step shows what changed, before and after", await article.locator("td.changed del").count() > 0
    && await article.locator("td.changed ins").count() > 0);
  holds("and what should be there instead", await article.locator("td.wrong .expected").count() > 0);
  await tab.keyboard.press("?");
  holds("? tells the keys", await tab.locator("dialog#help").isVisible());
  await tab.keyboard.press("Escape");
  await tab.locator("table.heat tr.row a").first().focus();
  const where = () => tab.evaluate(() => document.activeElement.closest("tr").dataset.row + document.activeElement.closest("td,th").cellIndex);
  const start = await where();
  await tab.keyboard.press("ArrowDown");
  await tab.keyboard.press("ArrowRight");
  holds("arrows go from cell to cell", await where() !== start);
  return first;
}

// The picture for the README: what failed, and the first failure, on one page.
async function pictureOf(tab, failure) {
  // Stretched to the whole page, so that what sticks to the top of the window hides nothing.
  await tab.setViewportSize({ width: 1120, height: 900 });
  await tab.setViewportSize({ width: 1120, height: await tab.evaluate(() => document.documentElement.scrollHeight) });
  await tab.evaluate(() => scrollTo(0, 0));
  await failure.screenshot({ path: picture("report.png") });
  await tab.setViewportSize({ width: 1400, height: 900 });
}

await look(program, page, async (open) => {
  const { tab, asked, complaints } = await open({ colorScheme: "light" });
  await filters(tab, await rows(tab));
  await pictureOf(tab, await failure(tab));
  const id = await keys(tab);

  const light = await background(tab);
  await accessible(tab);
  await tab.emulateMedia({ colorScheme: "dark" });
  const dark = await background(tab);
  await accessible(tab);
  holds("axe finds nothing, light or dark", true);
  holds(`light is light and dark is dark (${Math.round(light)}, ${Math.round(dark)})`, light > 200 && dark < 70);
  await tab.screenshot({ path: picture("dark.png") });
  await tab.emulateMedia({ colorScheme: "light" });
  const failures = await tab.locator("article.failure").count();
  const pdf = (await tab.pdf({ path: picture("report.pdf"), format: "A4" })).toString("latin1");
  const sheets = (pdf.match(/\/Type\s*\/Page\b/g) ?? []).length;
  holds("printed, a failure takes a page and a half", sheets > 0 && sheets <= 6 + Math.ceil(failures * 1.5));

  holds("no request but for the page itself", asked.every((url) => url.startsWith("file:") || url.startsWith("data:"))
    && new Set(asked.filter((url) => url.startsWith("file:")).map((url) => url.split("#")[0])).size === 1);
  holds("nothing was complained about", complaints.length === 0);

  const narrow = await open({ viewport: { width: 390, height: 844 }, colorScheme: "dark" }, `#${encodeURI(id)}`);
  const overflow = await narrow.tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  holds("on a narrow screen nothing sticks out", overflow <= 0);
  holds("a link leads to its failure", await focused(narrow.tab) === id);
  holds("and the rows are still there", await shown(narrow.tab, "table.heat") > 0);
  await narrow.tab.screenshot({ path: picture("narrow.png") });
  await accessible(narrow.tab);
  await narrow.tab.emulateMedia({ colorScheme: "light" });
  await accessible(narrow.tab);
  holds("axe finds nothing there, either", narrow.complaints.length === 0);

  const bare = await open({ javaScriptEnabled: false });
  holds("without scripts the rows and the failures are there",
    await bare.tab.locator("table.heat").first().isVisible() && await bare.tab.locator("article.failure").first().isVisible());
});
