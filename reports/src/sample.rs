//! A rich report to test the renderings with: three invented implementations, and something in every section.

use crate::report::*;
use crate::reproduced::{Again, Unstable};
use crate::results::*;
use crate::{evidence::*, timings::*};

const S0: &str = "Deleting records tracked with Dynamics 365 for Outlook";
const S1: &str = "Tracking Records in Outlook";
const S2: &str = "Save an Outlook appointment or task as a CRM activity";

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// Row, kind, trigger, title, conditions, fates, certainty.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str, [&'static str; 3], &'static str);

fn rules() -> Vec<RuleText> {
    let rows: [Row; 14] = [
        ("D01", "email", "delete in Outlook", "an e-mail is deleted in Outlook", "", ["deleted", "kept", "no"], "A"),
        ("D02", "email", "delete in CRM", "an e-mail is deleted in CRM", "", ["kept", "deleted", "no"], "A"),
        (
            "D03",
            "email",
            "untrack, yes",
            "an e-mail is untracked, and Yes answered",
            "",
            ["kept", "deleted", "yes"],
            "B",
        ),
        (
            "D05",
            "contact",
            "delete in Outlook",
            "the owner deletes a contact in Outlook",
            "owner",
            ["deleted", "kept", "no"],
            "A",
        ),
        (
            "D07",
            "contact",
            "delete in CRM",
            "a contact of somebody else is deleted in CRM",
            "not owner",
            ["deleted", "deleted", "no"],
            "A",
        ),
        (
            "D08",
            "contact",
            "delete in CRM",
            "a contact is deleted in CRM: its owner keeps the copy",
            "owner",
            ["kept", "deleted", "no"],
            "A",
        ),
        (
            "D12",
            "appointment",
            "delete in Outlook",
            "a current appointment is deleted in Outlook by its owner or organizer",
            "current; owner or organizer",
            ["deleted", "deleted", "no"],
            "A",
        ),
        (
            "D13",
            "appointment",
            "delete in Outlook",
            "a current appointment is deleted in Outlook by somebody else",
            "current; neither",
            ["deleted", "open", "no"],
            "C",
        ),
        (
            "D16",
            "appointment",
            "delete in CRM",
            "a current appointment is deleted in CRM: the organizer's copy goes too",
            "current; organizer",
            ["deleted", "deleted", "no"],
            "A",
        ),
        (
            "D19",
            "appointment",
            "delete in CRM",
            "a past appointment is deleted in CRM: the copy stays",
            "past",
            ["kept", "deleted", "no"],
            "B",
        ),
        (
            "D21",
            "appointment",
            "untrack, yes",
            "the organizer who is not the owner untracks a current appointment, and answers Yes",
            "current; organizer, not owner",
            ["kept", "kept", "yes"],
            "C",
        ),
        (
            "D25",
            "task",
            "delete in Outlook",
            "a current task is deleted in Outlook",
            "current or open",
            ["deleted", "deleted", "no"],
            "A",
        ),
        (
            "D27",
            "task",
            "delete in CRM",
            "a current task is deleted in CRM",
            "current",
            ["deleted", "deleted", "no"],
            "A",
        ),
        ("D29", "task", "untrack, yes", "a task is untracked, and Yes answered", "", ["kept", "deleted", "yes"], "B"),
    ];
    let rule = |(row, kind, trigger, title, conditions, fates, certainty): Row| RuleText {
        id: row.to_owned(),
        row: row.to_owned(),
        title: title.to_owned(),
        kinds: strings(&[kind]),
        trigger: trigger.to_owned(),
        conditions: conditions.split("; ").filter(|it| !it.is_empty()).map(str::to_owned).collect(),
        outlook: fates[0].to_owned(),
        crm: fates[1].to_owned(),
        prompt: fates[2].to_owned(),
        certainty: certainty.to_owned(),
        sources: strings(if row == "D21" { &[S0, S1, S2] } else { &[S0, S1] }),
        open: Vec::new(),
        note: (row == "D21").then(|| "The documents contradict each other: X-04.".to_owned()),
    };
    rows.into_iter().map(rule).collect()
}

fn checks() -> Vec<CheckText> {
    [
        ("convergence", "after everything has synchronized to rest, both stores agree"),
        ("no-resurrection", "nothing deleted comes back"),
        ("no-duplicates", "one item never becomes two"),
    ]
    .into_iter()
    .map(|(id, title)| CheckText {
        id: id.to_owned(),
        title: title.to_owned(),
        sources: strings(&[S1]),
        facts: Vec::new(),
    })
    .collect()
}

fn timeline() -> Timeline {
    let lane = |name: &str, kind| Lane { name: name.to_owned(), kind };
    let column = |number, step: &str| Column { number, step: step.to_owned() };
    let cell = |lane, column, state, text: &str| Cell { lane, column, state, text: text.to_owned(), ..Cell::default() };
    let message = |column, from, to, label: &str, lost| Message { column, from, to, label: label.to_owned(), lost };
    Timeline {
        lanes: vec![
            lane("CRM", LaneKind::Crm),
            lane("mailbox of ann", LaneKind::Mailbox),
            lane("desktop", LaneKind::Computer),
            lane("laptop", LaneKind::Computer),
        ],
        columns: vec![
            column(0, "at the start"),
            column(1, "ann disconnects laptop"),
            column(2, "bob deletes \"budget review\" in CRM"),
            column(3, "desktop synchronizes, and crashes before the acknowledgement arrives"),
            column(4, "laptop connects and everything settles"),
        ],
        cells: vec![
            cell(0, 0, CellState::Present, "tracked, owner ann"),
            cell(1, 0, CellState::Present, "tracked"),
            cell(2, 0, CellState::Present, "copy"),
            cell(3, 0, CellState::Present, "copy"),
            cell(3, 1, CellState::Offline, "copy, cut off"),
            cell(0, 2, CellState::Absent, "deleted"),
            cell(1, 3, CellState::Absent, "deleted"),
            cell(2, 3, CellState::Crashed, "deletion not acknowledged"),
            cell(0, 4, CellState::Absent, "deleted"),
            Cell {
                diverges: true,
                expected: Some("deleted".to_owned()),
                ..cell(1, 4, CellState::Present, "untracked copy is back")
            },
            cell(2, 4, CellState::Absent, "deleted"),
            cell(3, 4, CellState::Changed, "copy, untracked"),
        ],
        messages: vec![
            message(3, 0, 2, "deletion of budget review", false),
            message(3, 2, 1, "delete copy", false),
            message(3, 2, 0, "acknowledge", true),
            message(4, 3, 1, "upload copy", false),
        ],
    }
}

const SCENARIO: &str = r#"# seed 0x5eed, random interleaving 1207: 214 steps became 4
title = "the organizer's copy comes back after a crash"
covers = ["D16", "no-resurrection"]

[items.budget]
kind = "appointment"
owner = "ann"

[[step]]
disconnect = { at = "laptop" }

[[step]]
delete = { by = "bob", in = "crm", item = "budget" }

[[step]]
synchronize = { at = "desktop", crash = "before-acknowledgement" }

[[step]]
settle = {}
"#;

fn failure(check: &str, rule: &str) -> Failure {
    Failure {
        signature: Signature { check: check.to_owned(), rule: Some(rule.to_owned()) },
        happened: "bob deleted the appointment \"budget review\" in CRM while laptop was cut off; desktop crashed while it carried the deletion to the mailbox of ann".to_owned(),
        expected: Expected {
            text: "the copy in the mailbox of ann is deleted: the appointment is current and ann organized it".to_owned(),
            rule: Some(rule.to_owned()),
            documents: strings(&[S0, S1]),
        },
        seen: "the copy is in the mailbox of ann, untracked".to_owned(),
        replay: format!("tombstone replay report.json#acme-sync/random/{check}/{rule}"),
        parting: Some(Parting {
            step: 4,
            place: "the mailbox of ann".to_owned(),
            cause: Some("step 1, laptop was disconnected with a copy".to_owned()),
        }),
        times: Some(31),
        scenario: SCENARIO.to_owned(),
        shrunk: Some(Shrunk { from: 214, to: 4, minimal: true }),
        timeline: Some(timeline()),
        ..Failure::default()
    }
}

fn causes() -> Vec<Cause> {
    let sort = |check: &str, rule: &str, times| Sort {
        signature: Signature { check: check.to_owned(), rule: Some(rule.to_owned()) },
        times,
    };
    let crash = "desktop synchronizes and crashes before the acknowledgement";
    vec![
        Cause {
            number: 1,
            does: strings(&["bob deletes budget review in CRM", crash]),
            circumstances: strings(&["beside 20 other items"]),
            kinds: strings(&["appointments", "tasks"]),
            sorts: vec![sort("no-resurrection", "D16", 15), sort("no-resurrection", "D25", 7)],
            scenarios: 1,
            plans: 21,
            behind: 2,
        },
        Cause {
            number: 2,
            does: strings(&["ann deletes budget review in Outlook at desktop", "ann synchronizes at desktop"]),
            circumstances: Vec::new(),
            kinds: strings(&["appointments"]),
            sorts: vec![sort("deletion", "D16", 9)],
            scenarios: 0,
            plans: 9,
            behind: 0,
        },
    ]
}

fn case(id: &str, title: &str, covers: &[&str], verdict: Verdict, reason: &str) -> CaseReport {
    CaseReport {
        id: id.to_owned(),
        beside: false,
        title: title.to_owned(),
        covers: strings(covers),
        verdict,
        reason: reason.to_owned(),
        steps: Some(title.len() as u64 / 4),
        failures: Vec::new(),
    }
}

fn cases(verdict: impl Fn(usize) -> (Verdict, &'static str)) -> Vec<CaseReport> {
    let cases = [
        ("deletion/email-outlook", "an e-mail deleted in Outlook stays in CRM", &["D01"][..]),
        ("deletion/email-crm", "an e-mail deleted in CRM stays in Outlook", &["D02"]),
        ("deletion/contact-nonowner", "a contact deleted in CRM leaves those who do not own it", &["D07", "D08"]),
        ("deletion/appointment-organizer", "the organizer's copy goes with the record", &["D16"]),
        ("deletion/appointment-past", "a past appointment stays in Outlook", &["D19"]),
        ("deletion/task-outlook", "a current task deleted in Outlook goes from CRM", &["D25"]),
        ("untrack/email-yes", "Yes to the prompt deletes the record of an e-mail", &["D03"]),
        ("untrack/task-yes", "Yes to the prompt deletes the record of a task", &["D29"]),
        (
            "computers/crash-before-acknowledgement",
            "a crash between carrying a deletion and hearing of it loses nothing",
            &["D16", "no-resurrection"],
        ),
        ("delegates/waits-for-owner", "what a delegate tracked waits until the owner connects", &["F120"]),
    ];
    let verdicts = (0..).map(verdict);
    cases
        .into_iter()
        .zip(verdicts)
        .map(|((id, title, covers), (verdict, reason))| case(id, title, covers, verdict, reason))
        .collect()
}

fn campaign(seed: u64, failures: Vec<Failure>) -> Campaign {
    let strategy = |name: &str, plans, failing| Strategy { name: name.to_owned(), plans, steps: plans * 38, failing };
    let failing = if failures.is_empty() { 0 } else { 31 };
    let rules = rules();
    let coverage: Vec<RuleCoverage> = rules
        .iter()
        .zip(0u64..)
        .map(|(rule, at)| {
            let mut cells = Vec::new();
            for role in ["owner", "organizer", "both", "neither"] {
                for time in ["current", "past"] {
                    for connection in ["connected", "disconnected", "offline"] {
                        let count = (at * 7 + cells.len() as u64 * 5 + seed) % 11;
                        cells.push(Situation {
                            role: role.to_owned(),
                            time: time.to_owned(),
                            state: "open".to_owned(),
                            connection: connection.to_owned(),
                            count: if rule.id == "D21" { 0 } else { count.saturating_sub(1) * 13 },
                        });
                    }
                }
            }
            let reached = cells.iter().filter(|cell| cell.count > 0).count() as u64;
            RuleCoverage { rule: rule.id.clone(), reached, situations: cells.len() as u64, cells }
        })
        .collect();
    Campaign {
        plans: 20_000,
        steps: 760_000,
        failing,
        inconclusive: 12,
        broken: 0,
        unstable: if failures.is_empty() { 0 } else { 3 },
        ungrouped: if failures.is_empty() { 0 } else { 1 },
        strategies: vec![
            strategy("tour", 1_204, failing / 10),
            strategy("uniform", 6_000, failing / 4),
            strategy("swarm", 8_000, failing / 2),
            strategy("priority", 4_796, failing / 4),
        ],
        situations: Some(Situations { strength: 2, plans: 331, run: 331, tuples: 9_329, drawn: 9_329, met: 9_102 }),
        coverage: Some(Coverage {
            reached: coverage.iter().map(|it| it.reached).sum(),
            situations: coverage.iter().map(|it| it.situations).sum(),
            rules: coverage,
            never: strings(&["D21"]),
        }),
        explanations: Some(Explanations { mean: 1.37, max: 14 }),
        failures,
    }
}

/// Which readings are followed; the contradiction is shown by two runs.
fn readings() -> Inference {
    let switch = |id: &str, name: &str, question: &str, follows: &[&str], excluded: &[&str], deciding, consistent| {
        SwitchInference {
            id: id.to_owned(),
            name: name.to_owned(),
            question: question.to_owned(),
            follows: strings(follows),
            excluded: strings(excluded),
            deciding,
            consistent,
            example: (deciding > 0).then(|| "tombstone replay report.json --plan 88".to_owned()),
        }
    };
    let witness = |run: &str, leaves: &str, excludes: &str| Witness {
        run: run.to_owned(),
        leaves: strings(&[leaves]),
        excludes: strings(&[excludes]),
        happened: "ann's computer synchronizes".to_owned(),
        replay: format!("tombstone check --scenario {run}"),
        file: None,
        scenario: SCENARIO.to_owned(),
        shrunk: Some(Shrunk { from: 9, to: 2, minimal: false }),
        timeline: Some(timeline()),
    };
    let (owner, organizer) = ("owner_or_organizer", "organizer_only");
    let contradiction = Failure {
        signature: Signature { check: "readings".to_owned(), rule: None },
        happened: "2 runs, each of which conforms alone".to_owned(),
        expected: Expected {
            text:
                "one reading of appt_crm_delete_role (X-26) in the whole run: whose Outlook appointment goes with the \
                   CRM record?"
                    .to_owned(),
            ..Expected::default()
        },
        seen: format!("deletion/appointment-organizer needs {owner}; random plan 88 needs {organizer}"),
        replay: "tombstone check --scenario deletion/appointment-organizer --plans 89 --seed 1".to_owned(),
        witnesses: vec![
            witness("deletion/appointment-organizer", owner, organizer),
            witness("random plan 88", organizer, owner),
        ],
        ..Failure::default()
    };
    Inference {
        switches: vec![
            switch(
                "X-01",
                "appt_current",
                "when is an appointment current?",
                &["end>=now"],
                &["start>=now", "start>now", "local_date>=today"],
                411,
                true,
            ),
            switch(
                "X-04",
                "untrack_yes_gate",
                "does Yes to the prompt delete every appointment?",
                &["current_and_owner", "unconditional"],
                &[],
                0,
                true,
            ),
            switch(
                "X-26",
                "appt_crm_delete_role",
                "whose Outlook appointment goes with the CRM record?",
                &[],
                &["owner_or_organizer", "organizer_only"],
                92,
                false,
            ),
        ],
        nearest: Some(NearestProfile {
            name: "documents-2016".to_owned(),
            agrees: 17,
            decided: 19,
            differs: strings(&["appt_crm_delete_role", "survivor"]),
        }),
        failures: vec![contradiction],
    }
}

fn faults() -> FaultTable {
    let fault =
        |name: &str, wrong: &str, breaks: &[&str], steps: [Option<u64>; 5], cited: Option<&str>, rightly| FaultReport {
            name: name.to_owned(),
            wrong: wrong.to_owned(),
            breaks: strings(breaks),
            verdict: if cited.is_some() { Verdict::Diverges } else { Verdict::Conforms },
            cited: cited.map(str::to_owned),
            rightly,
            suite: steps[0],
            tour: steps[1],
            convicted: steps.iter().take(3).copied().flatten().min(),
            hidden: steps[2].map(|steps| 2 * steps),
            random: steps[2],
            shrunk: steps[3],
            shortest: steps[4],
            equivalent: None,
        };
    let mut faults = vec![
        fault(
            "forgets-organizer",
            "asks for the owner only when a current appointment is deleted in CRM",
            &["D16"],
            [Some(3), Some(41), Some(212), Some(2), Some(2)],
            Some("D16"),
            true,
        ),
        fault(
            "erases-before-acknowledgement",
            "erases the waiting change before the server has acknowledged it",
            &["no-resurrection"],
            [Some(5), None, Some(1911), Some(4), Some(4)],
            Some("no-resurrection"),
            true,
        ),
        fault(
            "doubles-on-retry",
            "sends a creation again after a lost acknowledgement",
            &["no-duplicates"],
            [None, None, Some(5120), Some(6), Some(5)],
            Some("convergence"),
            false,
        ),
        fault("sorts-backwards", "carries changes in the reverse order of items", &[], [None; 5], None, false),
    ];
    faults[3].equivalent = Some("no two items of a plan depend on each other".to_owned());
    FaultTable {
        totals: FaultTotals {
            faults: 4,
            caught: 3,
            rightly: 2,
            by_suite: 2,
            by_tour: 1,
            by_random: 3,
            equivalent: 1,
            missed: 0,
            steps: 5128,
        },
        shrinking: Shrinking { counterexamples: 12, shortest: 10, longer: 1, open: 1 },
        portfolio: Some(Portfolio {
            seeds: 4,
            faults: 3,
            within: 2,
            median: 140,
            worst: 312,
            fault: "forgets-organizer".to_owned(),
            strategy: "weighted".to_owned(),
        }),
        faultless: vec![Faultless { name: "reference".to_owned(), steps: 1_000_000, accused: 0 }],
        faults,
    }
}

fn bench() -> Bench {
    let mut points = Vec::new();
    for (workload, weight) in [("storm", 3), ("fan-out", 1)] {
        for (implementation, factor) in [("reference", 2), ("acme-sync", 5)] {
            for size in [10u64, 100, 1_000, 10_000] {
                let growth = if implementation == "acme-sync" && workload == "fan-out" { size / 10 } else { 1 };
                let messages = size * weight * factor * growth.max(1);
                points.push(BenchPoint {
                    workload: workload.to_owned(),
                    implementation: implementation.to_owned(),
                    size,
                    steps: size * 4,
                    messages: Some(messages),
                    bytes: Some(messages * 180),
                });
            }
        }
    }
    let workload =
        |name: &str, title: &str| Workload { name: name.to_owned(), title: title.to_owned(), size: "items".to_owned() };
    Bench {
        workloads: vec![
            workload("storm", "everybody deletes and edits at once, then settles"),
            workload("fan-out", "one deletion reaches the computers of every attendee"),
        ],
        points,
        ratios: vec![BenchRatio {
            text: "acme-sync sends more messages than reference (storm, 10000 items)".to_owned(),
            ratio: 2.5,
        }],
    }
}

/// The report.
pub(crate) fn report() -> Report {
    let mut report = Report::new("0.1.0", "documents-2016");
    report.seed = Some("0x5eed".to_owned());
    report.rules_digest = "9b1d4c07".to_owned();
    report.suite_digest = "e20f77aa".to_owned();
    report.arguments = strings(&["--plans", "20000"]);
    report.rules = rules();
    report.checks = checks();

    let mut reference = ImplementationReport::new("reference", "0.1.0");
    reference.reason = "everything that was decided agrees with the documents".to_owned();
    reference.cases = cases(|_| (Verdict::Conforms, ""));
    reference.campaign = Some(campaign(3, Vec::new()));
    reference.observations = vec![Observation {
        category: "survivor".to_owned(),
        text: "a copy that survives a deletion in CRM is unlinked".to_owned(),
        count: 804,
        example: None,
    }];
    for (rule, times) in report.rules.iter().zip(40..) {
        reference.count(&rule.id, Verdict::Conforms, times * 97);
    }
    for check in ["convergence", "no-resurrection", "no-duplicates"] {
        reference.count(check, Verdict::Conforms, 20_000);
    }

    let mut acme = ImplementationReport::new("acme-sync", "4.2.1");
    acme.program = Some("node dist/adapter.js --memory".to_owned());
    acme.reason = "two rules are broken, both by a crash between a deletion and its acknowledgement".to_owned();
    acme.lacks = strings(&["clock control", "delegates"]);
    acme.cases = cases(|at| match at {
        8 => (Verdict::Diverges, "the copy came back"),
        9 => (Verdict::Unsupported, "delegates"),
        _ => (Verdict::Conforms, ""),
    });
    acme.cases[8].failures = vec![failure("no-resurrection", "D16")];
    let mut other = failure("deletion", "D16");
    other.scenario = String::new();
    other.shrunk = Some(Shrunk { from: 88, to: 3, minimal: false });
    (acme.cases[8].failures[0].cause, acme.cases[8].failures[0].times) = (Some(1), Some(21));
    (other.cause, other.times) = (Some(2), Some(9));
    acme.campaign = Some(campaign(5, vec![other]));
    acme.causes = causes();
    acme.readings = Some(readings());
    let mut once = failure("convergence", "D16");
    (once.again, once.file) = (Some(Again { seen: 1, runs: 5 }), None);
    once.unshrunk = Some("tombstone replay --seed 7 --index 12 -- node 'dist/my adapter.js'".to_owned());
    acme.unstable = vec![Unstable { place: "generated".to_owned(), again: Again { seen: 1, runs: 5 }, failure: once }];
    acme.findings = vec![
        Finding {
            category: "does not end as it should".to_owned(),
            text: "it left processes behind: `sleep 600`".to_owned(),
            count: 1,
            incomplete: true,
            example: None,
        },
        Finding {
            incomplete: false,
            category: "report disagrees with stores".to_owned(),
            text: "it reported 12 deletions and carried out 11".to_owned(),
            count: 4,
            example: Some("tombstone replay report.json --plan 1207".to_owned()),
        },
    ];
    acme.observations = vec![
        Observation {
            category: "survivor".to_owned(),
            text: "a copy that survives a deletion in CRM stays linked".to_owned(),
            count: 211,
            example: None,
        },
        Observation {
            category: "conflict".to_owned(),
            text: "of two edits the one in CRM stands".to_owned(),
            count: 93,
            example: Some("tombstone replay report.json --plan 17".to_owned()),
        },
    ];
    for (rule, times) in report.rules.iter().zip(30..) {
        match rule.id.as_str() {
            "D16" => {
                acme.count("D16", Verdict::Conforms, 1_380);
                acme.count("D16", Verdict::Diverges, 31);
            }
            "D21" => acme.count("D21", Verdict::Undecided, 3),
            id => acme.count(id, Verdict::Conforms, times * 31),
        }
    }
    acme.count("convergence", Verdict::Conforms, 19_988);
    acme.count("no-resurrection", Verdict::Diverges, 4);
    acme.count("no-resurrection", Verdict::Conforms, 19_984);

    let mut contoso = ImplementationReport::new("contoso-bridge", "0.9");
    contoso.program = Some("python3 -m contoso_bridge.adapter".to_owned());
    contoso.reason = "it hung in 3 of 10 scenarios; the others say nothing about those".to_owned();
    contoso.cases = cases(|at| match at {
        2..=4 => (Verdict::Broken, "no answer to `settle` within 10 s"),
        6..=7 => (Verdict::Unsupported, "prompts"),
        9 => (Verdict::Undecided, "the profile leaves every reading open"),
        _ => (Verdict::Conforms, ""),
    });
    for rule in ["D01", "D02", "D25"] {
        contoso.count(rule, Verdict::Conforms, 1);
    }
    for rule in ["D07", "D08", "D16", "D19"] {
        contoso.count(rule, Verdict::Broken, 1);
    }
    for rule in ["D03", "D29"] {
        contoso.count(rule, Verdict::Unsupported, 1);
    }

    report.implementations = vec![reference, acme, contoso];
    report.faults = Some(faults());
    report.bench = Some(bench());
    report.facts = Some(Facts {
        totals: FactTotals { facts: 4, covered: 2, untestable: 1, uncovered: 1 },
        facts: [
            ("F001", "tracking an item creates a linked record", &["tracking/creates-record"][..], None),
            (
                "F010",
                "tracking an e-mail creates an e-mail activity",
                &["tracking/creates-record", "tracking/email"],
                None,
            ),
            ("F017", "several items cannot be untracked at once", &[], None),
            ("F022", "a tracked item has an icon of its own", &[], Some("it concerns what a window shows")),
        ]
        .into_iter()
        .map(|(id, text, scenarios, reason)| FactCoverage {
            id: id.to_owned(),
            text: text.to_owned(),
            sources: strings(&[S1]),
            scenarios: strings(scenarios),
            reason: reason.map(str::to_owned),
        })
        .collect(),
    });
    report.finish()
}

/// Timings that belong to it.
pub(crate) fn timings() -> Timings {
    let report = report();
    let points = report.bench.map(|bench| bench.points).unwrap_or_default();
    let timing = |point: BenchPoint| {
        let slow = if point.implementation == "acme-sync" { 40 } else { 1 };
        let p50 = (600 + point.size / 4) * slow;
        BenchTiming {
            workload: point.workload,
            implementation: point.implementation,
            size: point.size,
            p50,
            p90: p50 * 2,
            p99: p50 * 7,
            max: p50 * 30,
            per_second: 1_000_000_000 / p50,
        }
    };
    Timings {
        format: FORMAT,
        host: Host { system: "linux".to_owned(), architecture: "x86_64".to_owned(), threads: 2 },
        started: "2026-01-05T09:30:00Z".to_owned(),
        milliseconds: 8_412,
        implementations: vec![ImplementationTiming {
            name: "reference".to_owned(),
            milliseconds: 2_110,
            steps_per_second: Some(1_840_000),
            stages: Vec::new(),
            kills: None,
        }],
        bench: points.into_iter().map(timing).collect(),
    }
}
