//! SARIF, version 2.1.0, for whatever collects findings of tools: a run for each implementation, a rule for each row and each
//! check, a result for each failure. What makes a failure the same in the next run is its id, and so its fingerprint.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::render::markdown::escape;
use crate::render::places::{PlacedFailure, placed, undecided};
use crate::render::terminal::expected;
use crate::render::text::one_line;
use crate::value::report::{CheckText, Report, RuleText, to_json};
use crate::value::results::ImplementationReport;

/// The schema that it is valid by.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// What fingerprints are made by: the id of a failure.
const FINGERPRINT: &str = "tombstoneFailure/v1";
/// What the folder of the report is called.
const FOLDER: &str = "REPORT";

/// The report as SARIF.
pub fn sarif(report: &Report) -> String {
    let runs: Vec<Value> = report.implementations.iter().map(|it| run(report, it)).collect();
    to_json(&json!({ "$schema": SCHEMA, "version": "2.1.0", "runs": runs }))
}

fn run(report: &Report, it: &ImplementationReport) -> Value {
    let failures = placed(it);
    let mut rules: Vec<(&str, Value)> = Vec::new();
    rules.extend(report.rules.iter().map(|rule| (rule.id.as_str(), row(rule))));
    rules.extend(report.checks.iter().map(|each| (each.id.as_str(), check(each))));
    // What a report cites and does not describe.
    for name in failures.iter().map(|placed| placed.failure.signature.counts_for()) {
        if rules.iter().all(|(id, _)| *id != name) {
            rules.push((name, described(name, name, Vec::new())));
        }
    }
    let places: BTreeMap<&str, usize> = rules.iter().map(|(id, _)| *id).zip(0..).collect();
    let results: Vec<Value> = failures.iter().map(|placed| result(report, placed, &places)).collect();
    let rules: Vec<Value> = rules.into_iter().map(|(_, rule)| rule).collect();
    json!({
        "automationDetails": { "id": format!("tombstone/{}/", it.name) },
        "columnKind": "unicodeCodePoints",
        "invocations": [invocation(report, it)],
        "originalUriBaseIds": { FOLDER: { "description": { "text": "The folder of the report" } } },
        "properties": {
            "implementation": it.name,
            "version": it.version,
            "profile": report.profile,
            "seed": report.seed,
            "verdict": it.verdict,
        },
        "results": results,
        "tool": { "driver": {
            "name": "Tombstone",
            "semanticVersion": report.tombstone,
            "rules": rules,
        } },
    })
}

/// How the run went: what is wrong with it, and no failure of a rule.
fn invocation(report: &Report, it: &ImplementationReport) -> Value {
    let note = |text: &str| json!({ "level": "error", "message": { "text": one_line(text) } });
    let broken = it.findings.iter().filter(|finding| finding.incomplete);
    let mut notes: Vec<Value> =
        broken.map(|finding| note(&format!("{}: {}", finding.category, finding.text))).collect();
    notes.extend(report.interrupted.iter().map(|interruption| note(&interruption.to_string())));
    if notes.is_empty() {
        notes.extend(undecided(it).map(|why| note(&why)));
    }
    json!({
        "arguments": report.arguments,
        "executionSuccessful": notes.is_empty(),
        "toolExecutionNotifications": notes,
    })
}

fn result(report: &Report, placed: &PlacedFailure<'_>, rules: &BTreeMap<&str, usize>) -> Value {
    let failure = placed.failure;
    let id = failure.signature.counts_for();
    let mut facts = vec![
        format!("Happened: {}", one_line(&failure.happened)),
        format!("Expected: {}", one_line(&expected(failure))),
        format!("Seen: {}", one_line(&failure.seen)),
    ];
    facts.extend(placed.unstable.map(|unstable| unstable.again.to_string()));
    facts.push(format!("Replay: {}", failure.replay));
    let own = failure
        .file
        .as_deref()
        .map(|file| json!({ "physicalLocation": { "artifactLocation": { "uri": uri(file), "uriBaseId": FOLDER } } }));
    let written = placed.written().map(|(file, line)| {
        json!({ "physicalLocation": { "artifactLocation": { "uri": uri(file) }, "region": { "startLine": line } } })
    });
    // The counterexample stands beside the scenario that it was found by, or alone.
    let (locations, related) = match (written, own) {
        (Some(written), own) => (vec![written], own.into_iter().collect()),
        (None, own) => (own.into_iter().collect(), Vec::new()),
    };
    let related: Vec<Value> = related;
    let mut result = json!({
        "fingerprints": { FINGERPRINT: failure.id },
        "level": if placed.unstable.is_some() { "warning" } else { "error" },
        "locations": locations,
        "message": { "text": facts.join("\n") },
        "partialFingerprints": { FINGERPRINT: failure.id },
        "properties": { "cause": failure.cause, "check": failure.signature.check, "replay": failure.command },
        "relatedLocations": related,
        "ruleId": id,
        "ruleIndex": rules.get(id),
    });
    // Who says of one that it is set aside says it of all.
    if report.baseline.is_some() {
        let known = placed
            .known(report)
            .map(|reason| json!({ "kind": "external", "status": "accepted", "justification": one_line(reason) }));
        result["suppressions"] = known.into_iter().collect();
    }
    result
}

/// A row as a rule: when it holds, what it decides, and on what it rests.
fn row(rule: &RuleText) -> Value {
    let mut facts = vec![("When", rule.trigger.clone()), ("If", rule.conditions.join(", "))];
    if rule.decided.is_empty() {
        let then = format!("Outlook: {}; CRM: {}; prompt: {}", rule.outlook, rule.crm, rule.prompt);
        facts.push(("Then", then));
    } else {
        facts.push(("Then", rule.decided.clone()));
    }
    facts.push(("Certainty", rule.certainty.clone()));
    facts.push(("Open", rule.open.join("; ")));
    facts.push(("By", rule.sources.join("; ")));
    facts.push(("Statements", rule.facts.join(", ")));
    described(&rule.id, &rule.title, facts)
}

/// A check as a rule.
fn check(check: &CheckText) -> Value {
    described(&check.id, &check.title, vec![("By", check.sources.join("; ")), ("Statements", check.facts.join(", "))])
}

fn described(id: &str, title: &str, facts: Vec<(&str, String)>) -> Value {
    let facts: Vec<(&str, String)> =
        facts.into_iter().map(|(name, text)| (name, one_line(&text))).filter(|(_, text)| !text.is_empty()).collect();
    let title = one_line(title);
    let plain = facts.iter().map(|(name, text)| format!("{name}: {text}"));
    let plain: Vec<String> = std::iter::once(title.clone()).chain(plain).collect();
    let marked = facts.iter().map(|(name, text)| format!("- **{name}:** {}", escape(text)));
    let marked: Vec<String> = std::iter::once(format!("{}\n", escape(&title))).chain(marked).collect();
    json!({
        "id": id,
        "shortDescription": { "text": title },
        "help": { "text": plain.join("\n"), "markdown": marked.join("\n") },
        "defaultConfiguration": { "level": "error" },
    })
}

/// A path as a reference to a file: what a reference cannot hold is written by its number.
fn uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let each = path.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") });
    let path: String = each.collect();
    // A second slash at its start would begin the name of a machine.
    if path.starts_with("//") { path.replacen('/', "", 1) } else { path }
}
