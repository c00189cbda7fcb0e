//! The first draft of a new scenario.

use tombstone_model::plan::Kind;

/// A scenario to start from: one user, one computer, one item of the kind, one deletion.
pub fn template(kind: Kind) -> String {
    let name = kind.name();
    let when = if kind.is_calendar() { "start = \"+1d\"\n" } else { "" };
    let article = if name.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
    let words = name.replace('-', " ");
    let (side, seen) =
        if kind.is_crm_only() { ("crm", "crm = \"absent\"") } else { ("outlook", "in = { anna = \"absent\" }") };
    format!(
        "title = \"Deleting {article} {words}\"
covers = []

# The user is anna, and her computer the desktop, where the file names no others.
[items.{name}]
kind = \"{name}\"
{when}
[[step]]
delete = {{ item = \"{name}\", in = \"{side}\" }}

# What the model demands is demanded anyway; say here what the scenario is about.
[[step]]
settle = {{}}
expect = {{ item = \"{name}\", {seen} }}
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scenario;

    #[test]
    fn every_template_is_a_scenario_in_its_final_format() {
        for kind in Kind::ALL {
            let text = template(kind);
            let scenario = Scenario::parse("suite/new.toml", &text).unwrap_or_else(|errors| panic!("{errors}"));
            assert_eq!(scenario.plan.steps.len(), 2);
            assert_eq!(crate::format(&text).as_deref(), Ok(text.as_str()));
        }
    }
}
