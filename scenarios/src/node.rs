//! A value of a scenario file together with its place.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value and where it stands.
#[derive(Clone, Copy)]
pub(crate) struct ValueNode<'a>(pub(crate) &'a Spanned<DeValue<'a>>);

/// A key, where it stands, and its value.
pub(crate) struct KeyEntry<'a> {
    pub(crate) name: &'a str,
    pub(crate) place: Range<usize>,
    pub(crate) node: ValueNode<'a>,
}

impl KeyEntry<'_> {
    /// Where key and value stand; the key alone, where the value is of an axis and stands elsewhere.
    pub(crate) fn whole(&self) -> Range<usize> {
        let value = self.node.span();
        if value.start < self.place.start { self.place.clone() } else { self.place.start..value.end }
    }
}

impl<'a> ValueNode<'a> {
    pub(crate) fn span(self) -> Range<usize> {
        self.0.span()
    }

    pub(crate) fn value(self) -> &'a DeValue<'a> {
        self.0.get_ref()
    }

    pub(crate) fn table(self) -> Option<&'a DeTable<'a>> {
        self.value().as_table()
    }

    pub(crate) fn get(self, key: &str) -> Option<ValueNode<'a>> {
        self.table()?.get(key).map(ValueNode)
    }

    pub(crate) fn text(self) -> Option<&'a str> {
        self.value().as_str()
    }

    pub(crate) fn flag(self) -> Option<bool> {
        self.value().as_bool()
    }

    pub(crate) fn whole(self) -> Option<i64> {
        let integer = self.value().as_integer()?;
        i64::from_str_radix(integer.as_str(), integer.radix()).ok()
    }

    /// The elements of a list; none of anything else.
    pub(crate) fn list(self) -> impl Iterator<Item = ValueNode<'a>> {
        self.value().as_array().into_iter().flat_map(|array| array.iter().map(ValueNode))
    }

    /// The entries of a table, in the order of the file.
    pub(crate) fn entries(self) -> Vec<KeyEntry<'a>> {
        self.table().map(entries).unwrap_or_default()
    }

    pub(crate) fn text_of(self, key: &str) -> Option<&'a str> {
        self.get(key)?.text()
    }

    pub(crate) fn flag_of(self, key: &str) -> Option<bool> {
        self.get(key)?.flag()
    }

    pub(crate) fn texts_of(self, key: &str) -> Vec<String> {
        self.get(key).into_iter().flat_map(ValueNode::list).filter_map(|node| Some(node.text()?.to_owned())).collect()
    }
}

/// The entries of a table, in the order of the file.
pub(crate) fn entries<'a>(table: &'a DeTable<'a>) -> Vec<KeyEntry<'a>> {
    let mut entries: Vec<KeyEntry<'a>> = table
        .iter()
        .map(|(key, value)| KeyEntry { name: key.get_ref(), place: key.span(), node: ValueNode(value) })
        .collect();
    entries.sort_by_key(|entry| entry.place.start);
    entries
}
