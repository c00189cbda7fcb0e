// A synchronizer held to the documents by Node's test runner: a test for each scenario.
//
//     ADAPTER='node my_adapter.js' node --test --test-name-pattern deletion conformance.test.mjs
//
// TOMBSTONE names the program, where it is not on the path; SCENARIOS a pattern of ids, where not all are run.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";

const folder = mkdtempSync(path.join(tmpdir(), "conformance-"));
const command = ["check", "--plans", "0", "--kill", "0", "--scenario", process.env.SCENARIOS ?? "*", "--report", folder];
const ended = spawnSync(process.env.TOMBSTONE ?? "tombstone", [...command, "--", ...process.env.ADAPTER.split(" ")],
  { encoding: "utf8" });
const report = path.join(folder, "report.json");
const held = existsSync(report) ? JSON.parse(readFileSync(report, "utf8")) : {};
rmSync(folder, { recursive: true });

for (const { cases = [] } of held.implementations ?? []) {
  for (const { id, verdict, reason = "", failures = [] } of cases) {
    test(id, { skip: verdict === "unsupported" && (reason || verdict) }, () => {
      const facts = failures.map((failure) => `${failure.id}\n  happened  ${failure.happened}\n  expected  ` +
        `${failure.expected.text}\n  seen      ${failure.seen}\n  replay    ${failure.replay}`);
      assert.equal(verdict, "conforms", facts.join("\n") || `${verdict}: ${reason}`);
    });
  }
}

// 0 conforms, 1 diverges; anything else is no verdict, as where nothing was decided.
test("the run came to its end", () => assert.ok([0, 1].includes(ended.status), ended.stderr));
