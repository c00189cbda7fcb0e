//! What a scenario may cite: the rows of the table, the facts of the documents, the switches, and the profiles.

use std::sync::LazyLock;

use tombstone_model::readings::profiles::Profile;
use tombstone_model::readings::switches::Switch;
use tombstone_model::rules::Rules;
use tombstone_model::rules::table::Rows;

use tombstone_model::rules::facts::facts;

/// What is publicly said of the products (`K01` …) and the personal options (`M01` …), which have no text here: how many of
/// each there are.
const NUMBERED: [(&str, u8); 2] = [("K", 71), ("M", 14)];

/// The rows, facts and switches that a scenario may be about, in order.
pub(crate) fn covered() -> &'static [String] {
    static ALL: LazyLock<Vec<String>> = LazyLock::new(|| {
        let rows = Rules::documented().tables().flat_map(Rows::all).map(|rule| rule.row.clone());
        let facts = facts().into_iter().map(|fact| fact.id);
        let numbered = NUMBERED.iter().flat_map(|(letter, last)| (1..=*last).map(move |n| format!("{letter}{n:02}")));
        let switches = Switch::ALL.iter().map(|switch| switch.info().id.to_owned());
        let mut all: Vec<String> = rows.chain(facts).chain(numbered).chain(switches).collect();
        all.sort_unstable();
        all.dedup();
        all
    });
    &ALL
}

/// The profiles, in the order of their file.
pub(crate) fn profiles() -> &'static [String] {
    static ALL: LazyLock<Vec<String>> =
        LazyLock::new(|| Profile::all().iter().map(|profile| profile.name.clone()).collect());
    &ALL
}

#[cfg(test)]
mod tests {
    use super::covered;

    #[test]
    fn what_is_there_is_known_and_nothing_else_is() {
        let known = |id: &str| covered().iter().any(|other| other == id);
        for id in ["D01", "D43", "F001", "F064", "K01", "K71", "M05", "M14", "X-03", "X-40"] {
            assert!(known(id), "{id}");
        }
        for id in ["D00", "D44", "D12-owner", "F000", "F999", "K72", "M15", "X-00", "X-41", ""] {
            assert!(!known(id), "{id}");
        }
    }
}
