//! The profiles: what each set of documents decides.

use tombstone_model::profiles::Profile;
use tombstone_model::switches::{Readings, Switch};

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
    assert_eq!(ids, ["X-02", "X-04", "X-05", "X-06", "X-07", "X-12", "X-15", "X-16", "X-25", "X-26", "X-30", "X-31"]);
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
sources = ["A page"]
closed = { colour = "red", contact_outlook_delete = "sometimes" }

[[profile]]
name = "one"
title = "the second"
sources = []
closed = { contact_outlook_delete = [] }
"#;
    let errors = Profile::parse("faulty.toml", text).expect_err("it is faulty");
    insta::assert_snapshot!(errors.to_string());
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
