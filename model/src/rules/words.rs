//! The titles of rows: sentences with a place for each outcome, so that they fit whatever a profile reads.

use super::Fate;

/// The sentence for these outcomes: `{crm}` stands for what becomes of the record, `{outlook:where}` for what becomes of
/// the copy there, `{deletes}` for what the user does to the record by untracking.
pub(super) fn told(template: &str, outlook: Option<Fate>, crm: Option<Fate>) -> String {
    let mut told = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((place, behind)) = after.split_once('}') else { break };
        told.push_str(before);
        rest = behind;
        match place.split_once(':') {
            Some((_, place)) => told.push_str(&goes(outlook, place)),
            None if place == "crm" => told.push_str(&goes(crm, "CRM")),
            None => told.push_str(match crm {
                Some(Fate::Deleted) => "deletes",
                Some(Fate::Kept) | None => "keeps",
                Some(Fate::Free) => "may delete or keep",
            }),
        }
    }
    told.push_str(rest);
    told
}

fn goes(fate: Option<Fate>, place: &str) -> String {
    match fate {
        Some(Fate::Deleted) => format!("goes from {place}"),
        Some(Fate::Kept) | None => format!("stays in {place}"),
        Some(Fate::Free) => format!("may go from {place} or stay"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_fits_what_is_decided() {
        let (kept, deleted, free) = (Some(Fate::Kept), Some(Fate::Deleted), Some(Fate::Free));
        for (template, outlook, crm, expected) in [
            ("it {crm}", None, deleted, "it goes from CRM"),
            ("it {crm}, unasked", None, kept, "it stays in CRM, unasked"),
            ("it {outlook:its place}", free, deleted, "it may go from its place or stay"),
            ("Yes {deletes} it", None, free, "Yes may delete or keep it"),
            ("nothing", None, None, "nothing"),
        ] {
            assert_eq!(told(template, outlook, crm), expected);
        }
    }
}
