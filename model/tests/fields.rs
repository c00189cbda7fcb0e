//! The rows of the fields: every field has bits of its own, and whoever goes over the rows finds all of it there.

use tombstone_model::plan::{Change, Verb};
use tombstone_model::view::{Crossing, Field, Shape, Sides, Word};

#[test]
fn every_field_has_bits_of_its_own() {
    let mut taken = 0;
    for &field in Field::ALL {
        assert_eq!(taken & field.mask(), 0, "{}", field.name());
        taken |= field.mask();
        let room = field.mask() >> field.mask().trailing_zeros();
        for value in 0..=u8::MAX {
            let word = field.put(Word(u64::MAX), value);
            assert_eq!(u64::from(field.of(word)), u64::from(value) & room, "{}", field.name());
            assert_eq!(word.0 | field.mask(), u64::MAX, "{}", field.name());
        }
        assert_eq!(Field::named(field.name()), Some(field));
    }
    // In this order and with these widths they stand in the digests that counterexamples hold.
    assert_eq!(taken, (1 << 57) - 1);
}

#[test]
fn what_is_carried_across_is_seen_on_both_sides() {
    for &field in Field::ALL {
        let row = field.row();
        let masks = [Word::SYNCHRONIZED, Word::IN_OUTLOOK, Word::IN_CRM].map(|mask| field.mask() & mask != 0);
        let carried = row.crossing == Crossing::Carried;
        assert_eq!(masks, [carried, row.sides != Sides::Crm, row.sides != Sides::Outlook], "{}", row.name);
        assert!(!carried || row.sides == Sides::Both, "{}", row.name);
        assert!(row.doc.ends_with('.') && !row.doc.starts_with(' '), "{}", row.name);
    }
}

#[test]
fn an_edit_writes_the_field_that_it_names() {
    for change in [Change::Title(1), Change::When(1)] {
        assert!(change.field().row().changed_by.contains(&Verb::Edit), "{change:?}");
    }
    let read: Vec<&str> =
        Field::ALL.iter().filter(|field| field.row().shape == Shape::Title).map(|it| it.name()).collect();
    assert_eq!(read, ["title"]);
}
