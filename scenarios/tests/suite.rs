//! What holds for every scenario of the suite.

use std::collections::BTreeSet;

use tombstone_scenarios::{Scenario, canonical, format, schema, suite, write};

fn each(check: impl Fn(&str, &str, Scenario)) {
    assert!(!suite().is_empty());
    for (path, text) in suite() {
        let scenario = Scenario::parse(path, text).unwrap_or_else(|errors| panic!("{errors}"));
        check(path, text, scenario);
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
        assert_eq!(canonical(&scenario.plan), scenario.plan, "{path}");
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
    for (path, text) in suite() {
        let scenario = Scenario::parse(path, text).unwrap();
        for id in scenario.aliases.into_iter().chain([scenario.id]) {
            assert!(seen.insert(id.clone()), "{path}: {id} is taken");
        }
    }
}
