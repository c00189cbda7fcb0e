//! What is made of the rows.

use super::*;
use crate::plan::{DRAWS, Stage};
use crate::rules::titles::DOCUMENTS;

/// Gives each part the same value every time, and remembers which were asked.
#[derive(Default)]
struct Plain(Vec<&'static str>);

impl Source for Plain {
    type Error = std::convert::Infallible;

    fn item(&mut self, part: &'static PartRow) -> Result<ItemId, Self::Error> {
        self.0.push(part.name);
        Ok(ItemId(1))
    }

    fn items(&mut self, part: &'static PartRow) -> Result<ItemSet, Self::Error> {
        self.0.push(part.name);
        Ok(ItemSet::of(ItemId(1)).with(ItemId(2)))
    }

    fn side(&mut self, part: &'static PartRow) -> Result<Side, Self::Error> {
        self.0.push(part.name);
        Ok(Side::Outlook(UserId(1)))
    }

    fn mailbox(&mut self, part: &'static PartRow) -> Result<UserId, Self::Error> {
        self.0.push(part.name);
        Ok(UserId(1))
    }

    fn other(&mut self, part: &'static PartRow) -> Result<ItemId, Self::Error> {
        self.0.push(part.name);
        Ok(ItemId(2))
    }

    fn user(&mut self, part: &'static PartRow) -> Result<UserId, Self::Error> {
        self.0.push(part.name);
        Ok(UserId(2))
    }

    fn change(&mut self, part: &'static PartRow) -> Result<Change, Self::Error> {
        self.0.push(part.name);
        Ok(Change::Title(1))
    }

    fn how(&mut self, part: &'static PartRow) -> Result<Deletion, Self::Error> {
        self.0.push(part.name);
        Ok(Deletion::Occurrence(1))
    }

    fn record(&mut self, part: &'static PartRow) -> Result<Option<Kind>, Self::Error> {
        self.0.push(part.name);
        Ok(Some(Kind::Letter))
    }

    fn answer(&mut self, part: &'static PartRow) -> Result<bool, Self::Error> {
        self.0.push(part.name);
        Ok(true)
    }

    fn crash(&mut self, part: &'static PartRow) -> Result<Option<Crash>, Self::Error> {
        self.0.push(part.name);
        Ok(Some(Crash { at: ItemId(1), stage: Stage::BeforeErase }))
    }

    fn seconds(&mut self, part: &'static PartRow) -> Result<Seconds, Self::Error> {
        self.0.push(part.name);
        Ok(60)
    }
}

fn plain() -> impl Iterator<Item = (Verb, Op, Vec<&'static str>)> {
    Verb::ALL.iter().map(|&verb| {
        let mut source = Plain::default();
        let Ok(op) = verb.make(&mut source);
        (verb, op, source.0)
    })
}

#[test]
fn what_is_made_of_parts_tells_the_same_parts() {
    for (verb, op, asked) in plain() {
        let mut told = Vec::new();
        op.each(|name, _| told.push(name));
        let declared: Vec<&str> = verb.parts().iter().map(|part| part.name).collect();
        assert_eq!((op.verb(), &told, &told), (verb, &asked, &declared));
        assert_eq!(op.with_parts(|part| part), op);
    }
}

#[test]
fn every_item_and_every_user_is_renumbered_and_nothing_else() {
    for (_, op, _) in plain() {
        let parts = |op: Op| {
            let mut parts = Vec::new();
            op.each(|_, part| parts.push(part));
            parts
        };
        for (was, now) in parts(op).into_iter().zip(parts(op.with_items(|id| ItemId(id.0 + 5)))) {
            let names_items = matches!(was, Part::Item(_) | Part::Items(_) | Part::Other(_) | Part::Crash(_));
            assert_eq!(was != now, names_items, "{was:?} of {op:?}");
        }
        for (was, now) in parts(op).into_iter().zip(parts(op.with_users(|id| UserId(id.0 + 1)))) {
            let names_users = matches!(was, Part::Side(_) | Part::Mailbox(_) | Part::User(_));
            assert_eq!(was != now, names_users, "{was:?} of {op:?}");
        }
    }
}

#[test]
fn names_are_unique_and_found_again() {
    for &verb in Verb::ALL {
        assert_eq!(Verb::named(verb.name()), Some(verb));
        assert!(
            verb.doc().ends_with('.') && verb.ground().document.is_none_or(|title| DOCUMENTS.contains(&title)),
            "{verb:?}"
        );
    }
}

#[test]
fn an_operation_on_a_store_says_which() {
    for (verb, op, _) in plain() {
        let on = match verb.acts() {
            Acts::Store | Acts::Outlook => Some(Side::Outlook(UserId(1))),
            Acts::Crm => Some(Side::Crm),
            Acts::Computer | Acts::Dialog | Acts::Server | Acts::World => None,
        };
        assert_eq!((op.side(), verb.has(PartKind::Side)), (on, verb.acts() == Acts::Store), "{verb:?}");
    }
}

/// Every value that a part can have, as far as it makes a difference to what an operation asks for.
fn values() -> PartValues {
    PartValues {
        item: vec![ItemId(1)],
        items: vec![ItemSet::of(ItemId(1))],
        side: vec![Side::Outlook(UserId(1)), Side::Crm],
        mailbox: vec![UserId(1)],
        other: vec![ItemId(2)],
        user: vec![UserId(2)],
        change: vec![Change::Title(1), Change::When(1)],
        how: Deletion::WHOLE.into_iter().chain([Deletion::Occurrence(1)]).collect(),
        record: vec![None, Some(Kind::Letter)],
        answer: vec![true, false],
        crash: vec![None, Some(Crash { at: ItemId(1), stage: Stage::BeforeErase })],
        seconds: vec![60],
    }
}

#[test]
fn every_value_of_every_part_is_given_once() {
    for verb in Verb::ALL {
        let ops = verb.each_of(&values());
        let each = verb.parts().iter().map(|part| match part.kind {
            PartKind::Side | PartKind::Change | PartKind::Record | PartKind::Answer | PartKind::Crash => 2,
            PartKind::How => 4,
            PartKind::Item
            | PartKind::Items
            | PartKind::Mailbox
            | PartKind::Other
            | PartKind::User
            | PartKind::Seconds => 1,
        });
        let different: Vec<&Op> =
            ops.iter().enumerate().filter(|(n, op)| !ops[..*n].contains(op)).map(|(_, op)| op).collect();
        assert_eq!((ops.len(), different.len()), (each.clone().product(), each.product()), "{verb:?}");
        assert!(verb.parts().is_empty() || verb.each_of(&PartValues::default()).is_empty(), "{verb:?}");
    }
}

#[test]
fn whatever_is_done_asks_for_a_capability_of_its_row_and_each_is_asked_for() {
    let mut asked = Vec::new();
    for verb in Verb::ALL {
        for op in verb.each_of(&values()) {
            match Operation::of(&op) {
                Some(operation) => {
                    assert_eq!(operation.is_of_kinds(), verb.acts().is_to_items(), "{op:?}");
                    asked.push(operation);
                }
                None => assert_eq!(*verb, Verb::Settle),
            }
        }
    }
    let parameters = [
        Operation::UntrackAnswer,
        Operation::CrashItem,
        Operation::CrashStage,
        Operation::Delegate,
        Operation::Web,
        Operation::Several,
    ];
    for &operation in Operation::ALL {
        assert_ne!(asked.contains(&operation), parameters.contains(&operation), "{operation:?}");
        assert_eq!(Operation::named(operation.name()), Some(operation));
    }
}

#[test]
fn each_draw_has_a_number_and_a_name_of_its_own() {
    for (n, draw) in DRAWS.iter().enumerate() {
        assert_eq!(DRAWS.iter().position(|other| other.name == draw.name), Some(n), "{}", draw.name);
        assert!(draw.in_words().chars().all(|c| c.is_lowercase() || c == ' '), "{}", draw.in_words());
    }
}
