//! A grid stands for its cases, each of which is a scenario like any other.

use std::fmt::Write as _;

use tombstone_scenarios::{Scenario, canonical, write};

const GRID: &str = r#"
title = "{kind.words} deleted in {side}"
covers = ["F052", { ids = ["D05"], where = { side = "outlook" } }]
aliases = ["tests/{kind.name}-{side}"]

[matrix]
side = ["outlook", "crm"]

[matrix.kind]
contact = { kind = "contact", words = "A contact", seen = "present" }
meeting = { kind = "appointment", words = "A meeting", start = "+1d" }

[users.anna]

[computers.desktop]
user = "anna"

[items.it]
kind = "{kind.kind}"
start = "{kind.start}"

[[step]]
where = { side = "crm", kind = "meeting" }
edit = { item = "it", title = true, in = "crm" }

[[step]]
delete = { item = "it", in = "{side}" }

[[step]]
where = { kind = "contact" }
expect = { item = "it", crm = "present" }
"#;

fn cases(text: &str) -> Vec<Scenario> {
    Scenario::cases("tests/grid.toml", text).unwrap_or_else(|errors| panic!("{errors}"))
}

/// The errors of a text, in short.
fn wrong(text: &str) -> Vec<(&'static str, String)> {
    let errors = Scenario::cases("tests/grid.toml", text).expect_err("it is wrong");
    errors.list.into_iter().map(|error| (error.code, error.message)).collect()
}

#[test]
fn every_case_is_a_scenario_of_its_own() {
    let mut shown = String::new();
    for Scenario { id, title, covers, aliases, plan, expectations, .. } in cases(GRID) {
        let _ = writeln!(shown, "{id} | {title} | {covers:?} | {aliases:?}");
        let _ = writeln!(shown, "  {} steps, {} expectations", plan.steps.len(), expectations.len());
    }
    insta::assert_snapshot!(shown);
}

/// A case is what its file would be, had somebody written it out.
#[test]
fn a_case_is_what_would_be_written_for_it_alone() {
    let alone = r#"
id = "tests/grid[crm,meeting]"
title = "A meeting deleted in crm"
covers = ["F052"]
aliases = ["tests/meeting-crm"]

[users.anna]

[computers.desktop]
user = "anna"

[items.it]
kind = "appointment"
start = "+1d"

[[step]]
edit = { item = "it", title = true, in = "crm" }

[[step]]
delete = { item = "it", in = "crm" }
"#;
    let alone = Scenario::parse("tests/alone.toml", alone).unwrap_or_else(|errors| panic!("{errors}"));
    let case = cases(GRID).into_iter().find(|case| case.id == alone.id).expect("there is such a case");
    assert_eq!(write(&case), write(&alone));
    assert_eq!(canonical(&case.plan), canonical(&alone.plan));
    assert_eq!((case.grid(), case.case()), (Some("tests/grid"), "[crm,meeting]"));
}

/// Values of any type stand where an author writes some.
#[test]
fn any_value_may_be_of_an_axis() {
    let cases = cases(
        r#"
title = "{n} days"
profile = "{profile}"
zone = "{zone}"
[matrix]
profile = ["documented-2016", "permissive"]
zone = ["UTC", "Europe/Berlin"]
n = [1, 2]
flag = [true, false]
except = [{ n = 2, flag = true }, { zone = "UTC", flag = [true, false], n = 2 }, { profile = "permissive", n = 1 }]
[matrix.list]
both = ["anna", "bob"]
none = []
[matrix.table]
series = { every = "7d", times = 2 }
[users.anna]
may_delete = "{flag}"
[users.bob]
[items.it]
kind = "recurring-appointment"
in = ["bob", "{list}"]
start = "+{n}d"
repeats = "{table}"
"#,
    );
    let ids: Vec<&str> = cases.iter().map(Scenario::case).collect();
    insta::assert_debug_snapshot!(ids);
    let first = &cases[0];
    assert_eq!(first.profile.as_deref(), Some("documented-2016"));
    assert_eq!((first.plan.setup.zone.name(), first.title.as_str()), ("UTC", "1 days"));
    assert!(cases.iter().any(|case| case.plan.setup.zone.name() == "Europe/Berlin"));
    assert!(cases.iter().any(|case| !case.plan.setup.users[0].rights.may(tombstone_model::plan::Right::Delete)));
    let copies = |case: &Scenario| case.plan.setup.items[0].copies.len();
    assert!(cases.iter().any(|case| copies(case) == 1) && cases.iter().any(|case| copies(case) == 2));
}

/// What stands where a case has nothing is left out, and a step of which nothing is left with it.
#[test]
fn what_a_case_lacks_is_left_out() {
    let [full, bare] = cases(
        r#"
title = "{how.name}"
note = "told: {how.note}"
[matrix.how]
full = { note = "yes", status = "completed", delete = { item = "it", in = "crm" }, refused = false, row = "D02" }
bare = {}
[users.anna]
[items.it]
kind = "task"
status = "{how.status}"
[[step]]
delete = "{how.delete}"
refused = "{how.refused}"
[[step]]
settle = {}
refused = "{how.refused}"
"#,
    )
    .try_into()
    .expect("two cases");
    assert_eq!((full.note.as_deref(), bare.note), (Some("told: yes"), None));
    assert_eq!((full.plan.steps.len(), bare.plan.steps.len()), (2, 1));
    assert_eq!((full.expectations.len(), bare.expectations.len()), (2, 0));
    assert_ne!(full.plan.setup.items[0].status, bare.plan.setup.items[0].status);
}

#[test]
fn a_file_of_several_is_not_one() {
    let errors = Scenario::parse("tests/grid.toml", GRID).expect_err("it is several");
    insta::assert_snapshot!(errors.render(false));
}

/// However many cases are wrong in the same way, it is said once.
#[test]
fn one_cause_is_one_error() {
    let all = wrong(&GRID.replace("item = \"it\", in", "item = \"its\", in"));
    assert_eq!(all, [("scenario::unknown-name", "unknown item `its`".to_owned())]);
    let errors =
        Scenario::cases("tests/grid.toml", &GRID.replace("start = \"+1d\" }", "start = \"soon\" }")).expect_err("");
    assert_eq!(errors.list.len(), 1, "{errors}");
    assert!(errors.list[0].label.ends_with("(in [outlook,meeting] and 1 more of 4 cases)"), "{errors}");
    // It is put right where the value of the axis stands.
    assert_eq!(&errors.text[errors.list[0].span.clone()], "\"soon\"");
}

/// However large a grid is, it is answered.
#[test]
fn a_grid_is_bounded() {
    let axis = |name: &str, many: usize| {
        let values: Vec<String> = (0..many).map(|n| n.to_string()).collect();
        format!("{name} = [{}]\n", values.join(", "))
    };
    let file = |axes: &str, steps: &str| {
        format!("title = \"Much\"\n[matrix]\n{axes}[users.anna]\n[items.it]\nkind = \"email\"\n{steps}")
    };
    let step = "[[step]]\nwait = { for = \"{a}{b}s\" }\n";
    let most = cases(&file(&[axis("a", 100), axis("b", 100)].concat(), step));
    assert_eq!(most.len(), 10_000);
    for (axes, steps) in [
        ([axis("a", 101), axis("b", 100)].concat(), step.to_owned()),
        ((0..200).map(|n| axis(&format!("a{n}"), 1000)).collect(), step.to_owned()),
        // Few enough, and each of them large.
        ([axis("a", 100), axis("b", 100)].concat(), step.repeat(2000)),
    ] {
        assert_eq!(wrong(&file(&axes, &steps))[0].0, "scenario::limit");
    }
    let list = format!("[matrix.a]\na = [{}]\nb = 1\n", "\"anna\", ".repeat(20_000));
    let spliced = format!("[[step]]\ntrack = {{ items = [{}] }}\n", "\"{a}\", ".repeat(20_000));
    assert_eq!(wrong(&file(&list, &spliced))[0].0, "scenario::limit");
    let many =
        wrong(&file(&[axis("a", 100), axis("b", 100)].concat(), &"[[step]]\nwait = { for = \"{a}{b}\" }\n".repeat(30)));
    assert_eq!(many.len(), 30);
}

/// What the page of the language shows can be read, is formatted, and has the cases that the page says.
#[test]
fn what_the_page_shows_is_so() {
    let page = include_str!("../LANGUAGE.md");
    let mut examples = page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let example = examples.find(|example| example.contains("[matrix]")).expect("an example of a grid");
    assert_eq!(tombstone_scenarios::format(example).as_deref(), Ok(example));
    let cases = Scenario::cases("suite/deletion/appointment.toml", example).unwrap_or_else(|errors| panic!("{errors}"));
    let ids: Vec<&str> = cases.iter().map(|case| case.id.as_str()).collect();
    assert_eq!((ids[0], ids[3]), ("deletion/appointment[future,organizer]", "deletion/appointment[past,owner]"));
    assert!(page.contains(ids[0]) && page.contains(ids[3]) && ids.len() == 4);
    for text in page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()) {
        assert_eq!(tombstone_scenarios::format(text).as_deref(), Ok(text));
        Scenario::cases("example.toml", text).unwrap_or_else(|errors| panic!("{errors}"));
    }
}
