//! From a grid to the file that each case of it is.

use std::borrow::Cow;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::cells::{self, Piece};
use crate::diagnostics::Diagnostic;
use crate::grid::{DECLARATIONS, Given, Grid, GridCase, IDS, MATRIX, WHERE, scalar};
use crate::node::ValueNode;

/// How many values all cases of a file may hold together.
pub(crate) const MOST_VALUES: usize = 1_000_000;

/// Makes the files of the cases, one after another.
pub(crate) struct Expansion<'a, 'g> {
    pub(crate) grid: &'g Grid<'a>,
    /// How many values may still be made.
    pub(crate) left: usize,
}

impl<'a> Expansion<'a, '_> {
    /// The file that a case is, and what is wrong with it; nothing, where all of them are too large.
    pub(crate) fn case(
        &mut self,
        file: ValueNode<'a>,
        case: &GridCase,
    ) -> Option<(Spanned<DeValue<'a>>, Vec<Diagnostic>)> {
        let mut filling = Filling { grid: self.grid, case, left: self.left, found: Vec::new() };
        let mut root = DeTable::new();
        for (key, value) in file.table()? {
            let node = ValueNode(value);
            let filled = match key.get_ref().as_ref() {
                MATRIX => None,
                "id" | "origin" => Some(value.clone()),
                "step" if node.value().is_array() => Some(filling.steps(node)),
                "covers" if node.value().is_array() => Some(filling.covers(node)),
                name if DECLARATIONS.contains(&name) && node.table().is_some() => Some(filling.declarations(node)),
                _ => filling.value(node),
            };
            if let Some(filled) = filled {
                root.insert(key.clone(), filled);
            }
        }
        self.left = filling.left;
        let found = filling.found;
        (self.left > 0).then(|| (Spanned::new(file.span(), DeValue::Table(root)), found))
    }
}

/// Fills a file with the values of one case.
struct Filling<'a, 'g> {
    grid: &'g Grid<'a>,
    case: &'g GridCase,
    left: usize,
    found: Vec<Diagnostic>,
}

impl<'a> Filling<'a, '_> {
    /// A value as it is in this case; nothing, where the case has none.
    fn value(&mut self, node: ValueNode<'a>) -> Option<Spanned<DeValue<'a>>> {
        let value = match node.value() {
            DeValue::String(text) => return self.text(text, node),
            DeValue::Array(_) => DeValue::Array(self.list(node)),
            DeValue::Table(_) => return Some(self.table(node, false).0),
            DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {
                self.spend(1);
                node.value().clone()
            }
        };
        Some(Spanned::new(node.span(), value))
    }

    fn spend(&mut self, many: usize) {
        self.left = self.left.saturating_sub(many);
    }

    /// What belongs to the axes is taken as it is, with its own place: what is wrong with it is to be put right there.
    fn taken(&mut self, node: ValueNode<'a>) -> Spanned<DeValue<'a>> {
        if self.left > 0 {
            self.spend(weight(node));
        }
        if self.left == 0 { Spanned::new(node.span(), DeValue::Boolean(false)) } else { node.0.clone() }
    }

    fn text(&mut self, text: &'a str, node: ValueNode<'a>) -> Option<Spanned<DeValue<'a>>> {
        if let Some(reference) = cells::whole(text) {
            return match self.grid.given(reference, self.case) {
                Given::Value(value) => Some(self.taken(value)),
                Given::Name(name) => Some(written(node.span(), name.to_owned())),
                Given::Nothing => None,
            };
        }
        self.spend(1 + text.len() / 64);
        let filled = self.filled(text)?;
        let text = filled.map_or(Cow::Borrowed(text), Cow::Owned);
        Some(Spanned::new(node.span(), DeValue::String(text)))
    }

    /// A text with what it says of axes filled in, if it says anything; nothing, where the case has nothing to fill in.
    fn filled(&mut self, text: &str) -> Option<Option<String>> {
        let pieces = cells::pieces(text);
        if pieces.iter().all(|piece| matches!(piece, Piece::Text(_))) {
            return Some(None);
        }
        let mut filled = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Cell(reference) => match self.grid.given(reference, self.case) {
                    Given::Value(value) => filled.push_str(&scalar(value)?),
                    Given::Name(name) => filled.push_str(name),
                    Given::Nothing => return None,
                },
            }
        }
        self.spend(filled.len() / 64);
        Some(Some(filled))
    }

    /// A list; a list in the place of an element stands for its elements.
    fn list(&mut self, node: ValueNode<'a>) -> DeArray<'a> {
        let mut list = DeArray::new();
        node.list().for_each(|element| self.element(&mut list, element));
        list
    }

    fn element(&mut self, list: &mut DeArray<'a>, element: ValueNode<'a>) {
        let filled = self.value(element);
        match filled.as_ref().map(Spanned::get_ref) {
            Some(DeValue::Array(several)) if element.text().is_some() => {
                several.iter().for_each(|one| list.push(one.clone()));
            }
            _ => filled.into_iter().for_each(|one| list.push(one)),
        }
    }

    /// A table, and whether anything was left out of it. One that `may` be there in some cases only does not show which.
    fn table(&mut self, node: ValueNode<'a>, may: bool) -> (Spanned<DeValue<'a>>, bool) {
        self.spend(1);
        let (mut table, mut less) = (DeTable::new(), false);
        for (key, value) in node.table().into_iter().flatten().filter(|(key, _)| !may || key.get_ref() != WHERE) {
            let name = self.filled(key.get_ref());
            let Some((name, value)) = name.and_then(|name| Some((name, self.value(ValueNode(value))?))) else {
                less = true;
                continue;
            };
            self.insert(&mut table, key, name, value);
        }
        (Spanned::new(node.span(), DeValue::Table(table)), less)
    }

    /// Puts a value under a key, of which the text may be filled in.
    fn insert(
        &mut self,
        table: &mut DeTable<'a>,
        key: &Spanned<Cow<'a, str>>,
        name: Option<String>,
        value: Spanned<DeValue<'a>>,
    ) {
        let key = name.map_or_else(|| key.clone(), |name| Spanned::new(key.span(), Cow::Owned(name)));
        if table.contains_key(&key) {
            self.found.push(Diagnostic {
                code: "scenario::twice",
                message: format!("the key `{}` comes twice", key.get_ref()),
                span: key.span(),
                label: "once as it stands, and once by an axis".to_owned(),
                help: Some("leave one out, or say `where` it is there".to_owned()),
            });
        }
        table.insert(key, value);
    }

    /// The steps that there are in this case. One of which the act is left out is not there.
    fn steps(&mut self, node: ValueNode<'a>) -> Spanned<DeValue<'a>> {
        let mut steps = DeArray::new();
        for step in node.list() {
            if step.table().is_none() {
                self.value(step).into_iter().for_each(|other| steps.push(other));
            } else if self.grid.has(step, self.case) {
                let (filled, less) = self.table(step, true);
                let is_act = |key: &Spanned<Cow<'a, str>>| !matches!(key.get_ref().as_ref(), "refused" | "prompt");
                let idle = filled.get_ref().as_table().is_some_and(|table| !table.keys().any(is_act));
                if !(less && idle) {
                    steps.push(filled);
                }
            }
        }
        Spanned::new(node.span(), DeValue::Array(steps))
    }

    /// What is covered in this case.
    fn covers(&mut self, node: ValueNode<'a>) -> Spanned<DeValue<'a>> {
        let mut covers = DeArray::new();
        for element in node.list() {
            let ids = element.get(IDS).filter(|ids| ids.value().is_array());
            if let (Some(ids), Some(_)) = (ids, element.get(WHERE)) {
                if self.grid.has(element, self.case) {
                    self.list(ids).into_iter().for_each(|id| covers.push(id));
                }
                continue;
            }
            self.element(&mut covers, element);
        }
        Spanned::new(node.span(), DeValue::Array(covers))
    }

    /// The users, computers or items that there are in this case.
    fn declarations(&mut self, node: ValueNode<'a>) -> Spanned<DeValue<'a>> {
        let mut table = DeTable::new();
        for (key, value) in node.table().into_iter().flatten() {
            let declared = ValueNode(value);
            if !self.grid.has(declared, self.case) {
                continue;
            }
            let value = match declared.table() {
                Some(_) => Some(self.table(declared, true).0),
                None => self.value(declared),
            };
            if let Some((name, value)) = self.filled(key.get_ref()).zip(value) {
                self.insert(&mut table, key, name, value);
            }
        }
        Spanned::new(node.span(), DeValue::Table(table))
    }
}

fn written<'a>(place: Range<usize>, text: String) -> Spanned<DeValue<'a>> {
    Spanned::new(place, DeValue::String(Cow::Owned(text)))
}

/// How many values a value is made of.
fn weight(node: ValueNode<'_>) -> usize {
    let text = node.text().map_or(0, |text| text.len() / 64);
    let list: usize = node.list().map(weight).sum();
    let table: usize = node.entries().iter().map(|entry| weight(entry.node)).sum();
    1 + text + list + table
}
