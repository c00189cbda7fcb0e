//! The profiles: what each set of documents decides.

use tombstone_model::readings::profiles::Profile;
use tombstone_model::readings::switches::{Readings, Switch};
use tombstone_model::rules::documents::Document;
use tombstone_model::rules::titles::DOCUMENTS;
use tombstone_model::rules::{Deleting, Fate, Rules};

#[test]
fn the_profiles_are_these_and_are_found_by_name() {
    let names: Vec<_> = Profile::all().iter().map(|profile| profile.name.as_str()).collect();
    let expected = [
        "documented-2016",
        "online-2011",
        "online-2011-r2",
        "onprem-2011",
        "sss-2018",
        "sss-2025",
        "app-2021",
        "permissive",
    ];
    assert_eq!(names, expected);
    for profile in Profile::all() {
        assert_eq!(Profile::named(&profile.name), Some(profile));
    }
    assert_eq!(Profile::named("documented-2099"), None);
    assert_eq!(Profile::all().first().map(|profile| profile.name.as_str()), Some(Profile::DEFAULT));
}

#[test]
fn every_profile_leaves_a_reading_of_every_switch_and_no_verdict_on_delete_against_edit() {
    for profile in Profile::all() {
        let readings = profile.readings();
        assert_eq!(readings.contradiction(), None, "{}", profile.name);
        assert_eq!(readings.of(Switch::DeleteAgainstEdit), Switch::DeleteAgainstEdit.all(), "{}", profile.name);
        assert!(Switch::ALL.iter().all(|&switch| readings.closed().is_closed(switch)), "{}", profile.name);
    }
}

#[test]
fn the_permissive_profile_decides_nothing() {
    let permissive = Profile::named("permissive").expect("it exists");
    assert_eq!(permissive.readings(), Readings::OPEN);
}

#[test]
fn the_default_profile_takes_the_first_reading_of_what_it_closes() {
    let profile = Profile::named(Profile::DEFAULT).expect("it exists");
    let readings = profile.readings();
    let closed: Vec<_> = Switch::ALL.iter().copied().filter(|&switch| readings.is_closed(switch)).collect();
    let mut ids: Vec<_> = closed.iter().map(|switch| switch.info().id).collect();
    ids.dedup();
    assert_eq!(ids, ["X-02", "X-04", "X-05", "X-06", "X-07", "X-12", "X-15", "X-25", "X-26", "X-30", "X-31"]);
    assert_eq!(readings.of(Switch::ApptCurrent).0, 0b1111);
    assert_eq!(readings.closed(), Readings::OPEN.closed());
    for switch in Readings::OPEN.differing(readings) {
        assert!(closed.contains(&switch) || switch == Switch::ApptCurrent, "{} is narrowed", switch.info().name);
    }
}

#[test]
fn everything_wrong_with_a_profile_is_said_at_once() {
    let text = r#"
[[profile]]
name = "one"
title = "the first"
documents = ["A page"]
closed = { colour = "red", contact_outlook_delete = "sometimes" }

[[profile]]
name = "one"
title = "the second"
documents = []
closed = { contact_outlook_delete = [] }

[[profile]]
name = "two"
title = "closes what its document does not say, and against another"
documents = ["Tracking Records in Outlook", "Save an Outlook appointment or task as a CRM activity"]
also = ["Deleting records tracked with Dynamics 365 for Outlook"]
closed = { task_current = "open_in_crm", recurring_trackable = "yes", untrack_yes_gate = ["unconditional", "current_and_owner"], contact_outlook_delete = "if_owner" }
"#;
    let errors = Profile::parse("faulty.toml", text).expect_err("it is faulty");
    insta::assert_snapshot!(errors.to_string());
}

#[test]
fn the_five_documents_come_first() {
    let titles = |public: bool| {
        let documents = Document::all().iter().filter(move |document| document.public == public);
        documents.map(|document| document.title.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(titles(false), DOCUMENTS);
    assert_eq!(Document::all().len(), DOCUMENTS.len() + titles(true).len());
}

/// Where the documents are silent, no profile decides.
#[test]
fn what_every_document_is_silent_on_is_open_in_every_profile() {
    for profile in Profile::all() {
        for switch in [
            Switch::RecurringDeleteUnit,
            Switch::OccurrenceDeletion,
            Switch::DelegateActsAs,
            Switch::MovedAway,
            Switch::JudgedAt,
            Switch::DeleteAgainstEdit,
        ] {
            assert!(profile.deciding(switch).is_empty(), "{}: {}", profile.name, switch.info().name);
            assert_eq!(profile.readings().of(switch), switch.all(), "{}: {}", profile.name, switch.info().name);
        }
    }
}

/// A row binds by the documents of the profile alone; the others decide nothing and demand nothing.
#[test]
fn a_row_binds_by_a_document_of_the_profile() {
    for profile in Profile::all() {
        let table = profile.rules();
        for (rule, read) in Rules::documented().deletion.rows().all().iter().zip(table.deletion.rows().all()) {
            assert!(read.sources.iter().all(|title| profile.follows(&[title])), "{}: {}", profile.name, rule.id);
            let binds = Rules::documented().deletion.rows().binds(rule, profile);
            let silent = rule.sources.is_empty() && rule.extends.is_empty();
            assert!(!binds || !read.sources.is_empty() || !rule.extends.is_empty() || silent, "{}", rule.id);
            let free = [Deleting::outlook(&read.then), Deleting::crm(&read.then)].contains(&Some(Fate::Free));
            assert!(binds || free, "{}: {} binds though no document says it", profile.name, rule.id);
        }
    }
    let binds = |profile: &str, row: &str| {
        let profile = Profile::named(profile).expect("it exists");
        let rules = Rules::documented();
        let at = rules.named(row).expect("it exists");
        rules.deletion.rows().binds(rules.rule(at), profile)
    };
    for (profile, row, expected) in [
        ("documented-2016", "D36-D12", true),
        ("documented-2016", "D42", true),
        ("onprem-2011", "D01", false),
        ("onprem-2011", "D05", false),
        ("onprem-2011", "D16", false),
        ("onprem-2011", "D21", true),
        ("onprem-2011", "D36-D12", false),
        ("sss-2025", "D31", true),
        ("sss-2025", "D42", false),
        ("app-2021", "D09", true),
        ("app-2021", "D33", true),
    ] {
        assert_eq!(binds(profile, row), expected, "{profile}: {row}");
    }
}

#[test]
fn what_each_profile_closes() {
    let mut text = String::new();
    for profile in Profile::all() {
        text += &format!("{}: {}\n", profile.name, profile.title);
        for &(switch, values) in &profile.closed {
            let values: Vec<_> = values.names(switch).collect();
            text += &format!("    {} {} = {}\n", switch.info().id, switch.info().name, values.join(" | "));
        }
    }
    insta::assert_snapshot!(text);
}
