//! What holds for every scenario of the suite.

use std::collections::BTreeSet;

use tombstone_scenarios::{Scenario, canonical, format, scenarios, schema, suite, write};

/// Files that use every key, beside those of the suite: one for what a scenario can say, one for grids.
const WHOLE: [(&str, &str); 2] = [
    ("tests/whole-language.toml", include_str!("whole-language.toml")),
    ("tests/whole-grid.toml", include_str!("whole-grid.toml")),
];

fn each(check: impl Fn(&str, &str, Scenario)) {
    assert!(!suite().is_empty());
    for (path, text) in suite().into_iter().chain(WHOLE) {
        for scenario in Scenario::cases(path, text).unwrap_or_else(|errors| panic!("{errors}")) {
            check(path, text, scenario);
        }
    }
}

/// The file as the JSON value that the schema describes.
fn as_json(text: &str) -> serde_json::Value {
    fn json(value: &toml::Value) -> serde_json::Value {
        match value {
            toml::Value::String(text) => text.as_str().into(),
            toml::Value::Integer(number) => (*number).into(),
            toml::Value::Float(number) => (*number).into(),
            toml::Value::Boolean(flag) => (*flag).into(),
            toml::Value::Datetime(at) => at.to_string().into(),
            toml::Value::Array(list) => list.iter().map(json).collect(),
            toml::Value::Table(table) => table.iter().map(|(key, value)| (key.clone(), json(value))).collect(),
        }
    }
    json(&toml::Value::Table(text.parse().unwrap()))
}

#[test]
fn every_file_fits_the_schema() {
    let validator = jsonschema::draft202012::new(&schema()).unwrap();
    each(|path, text, scenario| {
        for text in [text, &write(&scenario)] {
            let errors: Vec<String> = validator.iter_errors(&as_json(text)).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{path}: {errors:?}");
        }
    });
}

#[test]
fn every_file_is_formatted() {
    each(|path, text, _| assert_eq!(format(text).as_deref(), Ok(text), "{path} wants `scenario fmt`"));
}

#[test]
fn every_file_survives_being_written() {
    each(|path, _, mut scenario| {
        let written = write(&scenario);
        let mut again = Scenario::parse("again", &written).unwrap_or_else(|errors| panic!("{errors}"));
        assert_eq!(format(&written).as_deref(), Ok(written.as_str()), "{path}");
        assert_eq!(canonical(&again.plan), canonical(&scenario.plan), "{path}");
        let whats = |scenario: &Scenario| -> Vec<_> {
            scenario.expectations.iter().map(|expectation| (expectation.after, expectation.what)).collect()
        };
        assert_eq!(whats(&again), whats(&scenario), "{path}");
        for scenario in [&mut scenario, &mut again] {
            scenario.expectations.clear();
            scenario.spans.clear();
        }
        assert_eq!(again, scenario, "{path}");
    });
}

#[test]
fn ids_and_aliases_are_unique() {
    let mut seen = BTreeSet::new();
    let mut files = BTreeSet::new();
    for Scenario { id, aliases, .. } in scenarios() {
        files.extend(id.split_once('[').map(|(file, _)| file.to_owned()));
        for name in aliases.into_iter().chain([id.clone()]) {
            assert!(seen.insert(name.clone()), "{id}: {name} is taken");
        }
    }
    // The name of a grid stands for all its cases.
    assert!(files.is_disjoint(&seen), "{:?}", files.intersection(&seen));
}

#[test]
fn every_key_is_shown_in_the_whole_language() {
    fn keys(schema: &serde_json::Value, found: &mut BTreeSet<String>) {
        for (name, inner) in schema.get("properties").and_then(serde_json::Value::as_object).into_iter().flatten() {
            found.insert(name.clone());
            keys(inner, found);
        }
        for inner in [schema.get("items"), schema.get("additionalProperties")].into_iter().flatten() {
            keys(inner, found);
        }
        schema
            .get("anyOf")
            .and_then(serde_json::Value::as_array)
            .into_iter()
            .flatten()
            .for_each(|inner| keys(inner, found));
    }
    let mut known = BTreeSet::new();
    keys(&schema(), &mut known);
    assert!(known.len() > 70);
    for key in known {
        let shown = [format!("{key} = "), format!("[{key}."), format!("[{key}]")];
        assert!(shown.iter().any(|shown| WHOLE.iter().any(|(_, text)| text.contains(shown))), "{key} is not shown");
    }
}

#[test]
fn the_whole_language_means_this() {
    let [(path, text), _] = WHOLE;
    let scenario = Scenario::parse(path, text).unwrap_or_else(|errors| panic!("{errors}"));
    insta::assert_snapshot!("whole-language-written", write(&scenario));
    insta::assert_debug_snapshot!("whole-language-items", scenario.plan.setup.items);
    insta::assert_debug_snapshot!("whole-language-schedules", scenario.plan.setup.schedules);
}

/// A file that names no users has one, at one computer; an expectation may stand beside the step that it is about.
#[test]
fn what_a_file_does_not_say_is_supplied() {
    let parse = |text: &str| Scenario::parse("short.toml", text).unwrap_or_else(|errors| panic!("{errors}"));
    let head = "title = \"Short\"\n";
    let world = "[items.it]\nkind = \"task\"\n";
    let beside = "[[step]]\ncomplete = { item = \"it\", in = \"outlook\" }\nrefused = false\nexpect = { item = \"it\", in = { anna = \"present\" } }\n";
    let apart = beside.replace("\nexpect", "\n[[step]]\nexpect");
    let anna = "[users.anna]\n";
    let desktop = "[computers.desktop]\nuser = \"anna\"\n";
    let spelled = parse(&[head, anna, desktop, world, &apart].concat());
    for short in
        [[head, world, beside].concat(), [head, &desktop.replace("user = \"anna\"\n", ""), world, &apart].concat()]
    {
        let short = parse(&short);
        assert_eq!(short.plan, spelled.plan);
        assert_eq!(write(&short), write(&spelled));
    }
    // Each user has a computer, and names may be enough; none is said by a table of none.
    let named = parse(&[head, "users = [\"bob\", \"anna\"]\n", world].concat());
    assert_eq!(named.plan.names.users, ["bob", "anna"]);
    assert_eq!(named.plan.names.computers, ["desktop", "laptop"]);
    assert_eq!(named.plan.setup.computers.iter().map(|it| it.user.0).collect::<Vec<_>>(), [0, 1]);
    assert!(parse(&[head, "[computers]\n", world].concat()).plan.setup.computers.is_empty());
    for wrong in [
        "[users]\n",
        "users = []\n",
        "users = [\"anna\", \"anna\"]\n",
        "users = [1]\n",
        "users = \"anna\"\n",
        "users = [\"Anna\"]\n",
    ] {
        let errors = Scenario::parse("short.toml", &[head, wrong, world].concat()).expect_err(wrong);
        assert_eq!(errors.list.len(), 1, "{errors}");
    }
}

/// Copies are items, and a step that names several is one for each; of a verb that takes a selection it is one.
#[test]
fn several_items_are_said_at_once() {
    let parse = |text: &str| Scenario::parse("several.toml", text).unwrap_or_else(|errors| panic!("{errors}"));
    let short = parse(
        r#"
title = "Several"
[items.call]
kind = "task"
copies = 12
[items.offer]
kind = "email"
[[step]]
track = { item = "*" }
[[step]]
edit = { item = "call-1*", title = true, in = "crm" }
refused = false
expect = { items = ["offer", "call-1*"], crm = "present" }
[[step]]
delete = { items = ["offer", "call-03"], in = "outlook" }
"#,
    );
    let mut long = "title = \"Several\"\n".to_owned();
    (1..=12).for_each(|n| long.push_str(&format!("[items.call-{n:02}]\nkind = \"task\"\n")));
    long.push_str("[items.offer]\nkind = \"email\"\n");
    let all: Vec<String> = (1..=12).map(|n| format!("\"call-{n:02}\"")).collect();
    long.push_str(&format!("[[step]]\ntrack = {{ items = [{}, \"offer\"] }}\n", all.join(", ")));
    for n in 10..=12 {
        let edit = format!("edit = {{ item = \"call-{n}\", title = true, in = \"crm\" }}");
        long.push_str(&format!("[[step]]\n{edit}\nrefused = false\n"));
    }
    for item in ["offer", "call-10", "call-11", "call-12"] {
        long.push_str(&format!("[[step]]\nexpect = {{ item = \"{item}\", crm = \"present\" }}\n"));
    }
    for item in ["offer", "call-03"] {
        long.push_str(&format!("[[step]]\ndelete = {{ item = \"{item}\", in = \"outlook\" }}\n"));
    }
    let long = parse(&long);
    assert_eq!(short.plan, long.plan);
    assert_eq!(write(&short), write(&long));
    let steps = format!(
        "title = \"Many\"\n[items.call]\nkind = \"task\"\ncopies = 32\n{}",
        "[[step]]\ncancel = { item = \"*\" }\n".repeat(4000)
    );
    let errors = Scenario::parse("many.toml", &steps).expect_err("too many steps");
    assert_eq!(errors.list.iter().map(|error| error.code).collect::<Vec<_>>(), ["scenario::limit"]);
}

#[test]
fn what_the_schema_refuses_the_parser_refuses() {
    let validator = jsonschema::draft202012::new(&schema()).unwrap();
    // A file in thirty is enough: the whole language has every key.
    for (path, text) in suite().into_iter().step_by(30).chain(WHOLE) {
        // Every line in turn is left out, and every key misspelt.
        for (at, line) in text.lines().enumerate() {
            for instead in [String::new(), line.replacen(" = ", "x = ", 1)] {
                let lines = text.lines().enumerate().map(|(n, line)| if n == at { instead.as_str() } else { line });
                let changed: String = lines.flat_map(|line| [line, "\n"]).collect();
                if changed.parse::<toml::Table>().is_ok() && !validator.is_valid(&as_json(&changed)) {
                    assert!(Scenario::cases(path, &changed).is_err(), "{path}:{at}: {instead}");
                }
            }
        }
    }
}
