//! What a profile leaves open: each question, and the readings that a synchronizer may follow, one throughout.

use tombstone_model::readings::profiles::Profile;
use tombstone_model::readings::switches::Switch;

/// The open questions of a profile as Markdown.
pub(crate) fn markdown(profile: &Profile) -> String {
    questions(profile, Switch::ALL.iter().copied())
}

/// Those of these questions that a profile leaves open, as Markdown.
pub(crate) fn questions(profile: &Profile, asked: impl IntoIterator<Item = Switch>) -> String {
    let readings = profile.readings();
    let mut text = String::from("| open | question | readings |\n|---|---|---|\n");
    for switch in asked.into_iter().filter(|&switch| !readings.is_closed(switch)) {
        let (info, left) = (switch.info(), readings.of(switch));
        let names: Vec<_> = left.names(switch).map(|name| format!("`{name}`")).collect();
        text.push_str(&format!("| {} `{}` | {} | {} |\n", info.id, info.name, info.question, names.join(", ")));
    }
    text
}
