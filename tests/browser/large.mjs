// A report of 10,000 scenarios of which 3,000 fail. `node large.mjs grow REPORT BIG` makes one of a small one;
// `node large.mjs CHROMIUM PAGE` looks at its page. What it took is said; how big it may be is held.
import fs from "node:fs";
import { holds, look } from "./browser.mjs";

const CASES = 10_000, FAILURES = 3_000;
const [first, second, third] = process.argv.slice(2);

function grow(from, to) {
  const report = JSON.parse(fs.readFileSync(from, "utf8"));
  const it = report.implementations.find((it) => it.cases.some((test) => test.failures?.length));
  const failing = it.cases.filter((test) => test.failures?.length), others = it.cases.filter((test) => !test.failures?.length);
  it.cases = Array.from({ length: CASES }, (_, n) => {
    const among = n < FAILURES ? failing : others;
    const grown = structuredClone(among[n % among.length]);
    grown.id = `grown/${String(n).padStart(5, "0")}/${grown.id}`;
    for (const failure of grown.failures ?? []) {
      failure.id = `${it.name}/${grown.id}/${failure.signature.check}`;
      failure.happened += `, for the ${n}th time`;
    }
    return grown;
  });
  report.implementations = [it];
  fs.writeFileSync(to, JSON.stringify(report));
}

async function found(open) {
  const { tab, complaints } = await open({});
  const bytes = fs.statSync(second).size;
  holds(`under 10 MB (${(bytes / 1e6).toFixed(1)})`, bytes < 10e6);
  const page = await tab.evaluate(() => ({
    elements: document.querySelectorAll("*").length,
    paint: Math.round(performance.getEntriesByName("first-contentful-paint")[0]?.startTime),
    ready: Math.round(performance.now()),
  }));
  holds("no more elements than are looked at", page.elements < 60_000);
  console.log(`${page.elements} elements, first seen after ${page.paint} ms, ready before ${page.ready} ms`);
  // Times are said and not held: they are the machine's.
  const took = (query) => tab.evaluate((query) => {
    const search = document.getElementById("search"), start = performance.now();
    search.value = query;
    search.dispatchEvent(new Event("input"));
    void document.body.offsetHeight;
    return Math.round(performance.now() - start);
  }, query);
  const times = [await took("deleted"), await took("grown/02999"), await took("for the 2999th time")];
  console.log(`filtered in ${times.join(", ")} ms`);
  holds("one of 3,000 failures is found", await tab.locator(".index li:not([hidden])").count() === 1);
  const id = await tab.locator(".index li:not([hidden])").getAttribute("data-id");
  await took("");
  await tab.evaluate((id) => { location.hash = `#${encodeURI(id)}`; }, id);
  await tab.waitForFunction((id) => document.activeElement.id === id, id, { timeout: 60_000 });
  holds("and opened by a link, with its picture", await tab.locator(`[id="${id}"] svg.timeline`).count() > 0);
  await tab.evaluate(() => { location.hash = "#&q=grown/09998"; });
  await tab.waitForFunction(() => document.querySelectorAll("table.cases tbody tr").length === 1, null, { timeout: 60_000 });
  holds("and one of 10,000 scenarios", true);
  holds("nothing was complained about", complaints.length === 0);
  const bare = await open({ javaScriptEnabled: false });
  holds("without scripts the index of failures is there", await bare.tab.locator(".index li").count() >= FAILURES);
}

if (first === "grow") grow(second, third); else await look(first, second, found);
