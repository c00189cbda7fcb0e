//! `scenario fmt`: one layout for every file. Comments stay.

use toml_edit::visit_mut::VisitMut;
use toml_edit::{DocumentMut, InlineTable, Item, KeyMut, RawString, Table, Value};

/// The text in the layout of the suite: one blank line before each table, none between keys, single spaces around `=`
/// and inside inline tables. Comments, and the order of everything, stay.
///
/// # Errors
/// The message of the TOML parser, where the text is not TOML.
pub fn format(text: &str) -> Result<String, String> {
    let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| error.to_string())?;
    let trailing = comments(document.trailing().as_str().unwrap_or_default());
    FileLayout.visit_document_mut(&mut document);
    document.set_trailing(if trailing.is_empty() { String::new() } else { format!("\n{trailing}") });
    let formatted = document.to_string();
    Ok(format!("{}\n", formatted.trim_matches('\n')))
}

struct FileLayout;

impl VisitMut for FileLayout {
    fn visit_table_mut(&mut self, table: &mut Table) {
        let head = comments(prefix(table.decor().prefix()));
        table.decor_mut().set_prefix(format!("\n{head}"));
        let tail = end_comment(table.decor().suffix());
        table.decor_mut().set_suffix(tail);
        for (mut key, item) in table.iter_mut() {
            if let Item::Value(value) = item {
                let above = comments(prefix(key.leaf_decor().prefix()));
                let tail = end_comment(value.decor().suffix());
                tidy(&mut key, &above);
                value.decor_mut().clear();
                tidy_value(value);
                value.decor_mut().set_prefix(" ");
                value.decor_mut().set_suffix(tail);
            }
        }
        toml_edit::visit_mut::visit_table_mut(self, table);
    }

    fn visit_value_mut(&mut self, _: &mut Value) {
        // Values were laid out with their keys.
    }
}

fn tidy(key: &mut KeyMut<'_>, above: &str) {
    key.leaf_decor_mut().set_prefix(above);
    key.leaf_decor_mut().set_suffix(" ");
    key.dotted_decor_mut().clear();
}

/// Lays out the inside of a value that holds no comment.
fn tidy_value(value: &mut Value) {
    if value.to_string().contains('#') {
        return;
    }
    match value {
        Value::InlineTable(table) => tidy_inline(table),
        Value::Array(array) => {
            array.fmt();
            array.iter_mut().for_each(inner);
            array.fmt();
        }
        Value::String(text) => {
            // Basic strings, as the rest of the suite has them; a text over several lines stays as it is.
            if text.display_repr().starts_with('\'') && !text.display_repr().starts_with("'''") {
                text.fmt();
            }
        }
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => {}
    }
}

fn tidy_inline(table: &mut InlineTable) {
    for (_, value) in table.iter_mut() {
        inner(value);
    }
    table.fmt();
}

fn inner(value: &mut Value) {
    tidy_value(value);
    value.decor_mut().clear();
}

fn prefix(raw: Option<&RawString>) -> &str {
    raw.and_then(RawString::as_str).unwrap_or_default()
}

/// The comment lines of a stretch between keys, each on a line of its own. A blank line stays below a comment only.
fn comments(raw: &str) -> String {
    let mut kept = String::new();
    for line in raw.lines().map(str::trim) {
        if line.starts_with('#') || line.is_empty() && !kept.is_empty() && !kept.ends_with("\n\n") {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// The comment behind a value or a header.
fn end_comment(raw: Option<&RawString>) -> String {
    let comment = prefix(raw).trim();
    if comment.is_empty() { String::new() } else { format!(" {comment}") }
}

#[cfg(test)]
mod tests {
    use super::format;

    #[test]
    fn the_layout_is_one_and_comments_stay() {
        let before = "#  at the head\n\n\n\ntitle   =  'x'   # behind a value\ncovers=[ 'D01','D02', ]\n\n# above a key\nzone='UTC'\n[users.anna] # behind a header\n\n\n# above a table\n[items.a]\nkind='email'\n[[step]]\ndelete={item='a',in=\"crm\",at='web'}\n\nrefused=true\n# at the end\n";
        insta::assert_snapshot!(format(before).unwrap(), @r##"
        #  at the head

        title = "x" # behind a value
        covers = ["D01", "D02"]
        # above a key
        zone = "UTC"

        [users.anna] # behind a header

        # above a table
        [items.a]
        kind = "email"

        [[step]]
        delete = { item = "a", in = "crm", at = "web" }
        refused = true

        # at the end
        "##);
    }

    #[test]
    fn what_is_not_toml_is_said() {
        assert!(format("title = ").is_err());
    }
}
