//! A switch and its readings, by their names in a file.

use serde::Deserialize;
use toml::Value;

use crate::readings::switches::{Switch, Values};

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    pub(super) fn into_vec(self) -> Vec<String> {
        match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        }
    }
}

/// A switch and some of its readings, as `name = "value"` or `name = ["value", …]`.
pub(crate) fn switch(name: &str, value: Value, messages: &mut Vec<String>) -> Option<(Switch, Values)> {
    let Some(switch) = Switch::named(name) else {
        messages.push(format!("unknown switch `{name}`"));
        return None;
    };
    let Ok(names) = value.try_into::<OneOrMany>() else {
        messages.push(format!("the readings of `{name}` must be a string or a list of strings"));
        return None;
    };
    let mut values = Values(0);
    for reading in names.into_vec() {
        match switch.value(&reading) {
            Some(value) => values.0 |= value.0,
            None => {
                let known = switch.info().values.join("`, `");
                messages.push(format!("`{name}` has no reading `{reading}`; it has `{known}`"));
            }
        }
    }
    if values.0 == 0 {
        messages.push(format!("no reading of `{name}` is given"));
        return None;
    }
    Some((switch, values))
}
