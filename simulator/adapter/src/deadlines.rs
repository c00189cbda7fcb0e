//! How long the harness waits for each answer: said once here, granted by it, printed on the page of the protocol, and named
//! where a program hangs.

use std::fmt::Write as _;
use std::time::Duration;

use super::bounds;
use super::limits::Limits;
use super::protocol::DeadlineWishes;

/// The option of the command line that changes [`Limits::reset`].
pub const RESET_TIMEOUT: &str = "--reset-timeout";
/// The option of the command line that changes [`Limits::message`] and [`Limits::step`].
pub const STEP_TIMEOUT: &str = "--step-timeout";

/// What a program wishes for, in milliseconds.
type WishOf = fn(&DeadlineWishes) -> Option<u64>;

/// The deadline of a method.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    /// The method.
    pub method: &'static str,
    limit: Limit,
    /// The key under `capabilities.deadlines` by which a program wishes for more, and what it says.
    wish: Option<(&'static str, WishOf)>,
    /// What makes the deadline longer, in words.
    longer: Longer,
    /// Where to look in a program that does not answer.
    look: &'static str,
}

/// Which of the harness' limits a method has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Limit {
    Reset,
    Message,
}

/// What makes a deadline longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Longer {
    Nothing,
    Steps,
    Delay,
    Exit,
}

/// Of `initialize`.
pub static INITIALIZE: Deadline = Deadline {
    look: "it is the first message, and sent as soon as the program is started: look at what that does before it reads its \
           standard input",
    ..Deadline::of("initialize", Limit::Reset)
};
/// Of `reset`.
pub static RESET: Deadline = Deadline {
    wish: Some(("reset_ms", |wishes| wishes.reset_ms)),
    look: "look at what it empties, starts and waits for to begin anew",
    ..Deadline::of("reset", Limit::Reset)
};
/// Of `apply`.
pub static APPLY: Deadline = Deadline {
    wish: Some(("apply_ms", |wishes| wishes.apply_ms)),
    longer: Longer::Steps,
    look: "look at which step it waits in: a synchronization, above all",
    ..Deadline::of("apply", Limit::Message)
};
/// Of `observe`.
pub static OBSERVE: Deadline = Deadline {
    wish: Some(("observe_ms", |wishes| wishes.observe_ms)),
    look: "look at which of the stores it waits for",
    ..Deadline::of("observe", Limit::Message)
};
/// Of `settle`.
pub static SETTLE: Deadline = Deadline {
    wish: Some(("settle_ms", |wishes| wishes.settle_ms)),
    look: "look at which mailbox it synchronizes without an end",
    ..Deadline::of("settle", Limit::Reset)
};
/// Of `lose_state`.
pub static LOSE_STATE: Deadline = Deadline {
    look: "look at what it stops and removes to make the engine forget",
    ..Deadline::of("lose_state", Limit::Reset)
};
/// Of `crash`.
pub static CRASH: Deadline = Deadline {
    longer: Longer::Delay,
    look: "look at whether the engine that it should kill still runs",
    ..Deadline::of("crash", Limit::Message)
};
/// Of `strike`.
pub static STRIKE: Deadline =
    Deadline { look: "look at which store it waits for", ..Deadline::of("strike", Limit::Reset) };
/// Of `shutdown`, and of the end afterwards.
pub static SHUTDOWN: Deadline = Deadline {
    longer: Longer::Exit,
    look: "look at what it stops and awaits before it answers",
    ..Deadline::of("shutdown", Limit::Message)
};

/// Every deadline, in the order of the page.
pub static ALL: [&Deadline; 9] =
    [&INITIALIZE, &RESET, &APPLY, &OBSERVE, &SETTLE, &LOSE_STATE, &CRASH, &STRIKE, &SHUTDOWN];

impl Deadline {
    const fn of(method: &'static str, limit: Limit) -> Self {
        Self { method, limit, wish: None, longer: Longer::Nothing, look: "look at where it waits" }
    }

    /// What is granted for one message: the harness' own limit, or what the program wishes for, whichever is longer. A wish
    /// is granted up to ten minutes.
    pub fn granted(&self, limits: Limits, wishes: &DeadlineWishes) -> Duration {
        self.limit(limits).max(self.wished(wishes))
    }

    /// The deadline of so many steps: more for each after the first.
    pub fn granted_for(&self, steps: usize, limits: Limits, wishes: &DeadlineWishes) -> Duration {
        let extra = u32::try_from(steps.saturating_sub(1)).unwrap_or(u32::MAX);
        let wished = self.wished(wishes).saturating_mul(extra.saturating_add(1)).min(bounds::WISH);
        (self.limit(limits) + limits.step.saturating_mul(extra)).max(wished)
    }

    /// The harness' own limit.
    pub fn limit(&self, limits: Limits) -> Duration {
        match self.limit {
            Limit::Reset => limits.reset,
            Limit::Message => limits.message,
        }
    }

    fn wished(&self, wishes: &DeadlineWishes) -> Duration {
        let wished = self.wish.and_then(|(_, said)| said(wishes));
        // A run must end.
        Duration::from_millis(wished.unwrap_or(0)).min(bounds::WISH)
    }

    /// The option of the command line that changes it.
    pub const fn option(&self) -> &'static str {
        match self.limit {
            Limit::Reset => RESET_TIMEOUT,
            Limit::Message => STEP_TIMEOUT,
        }
    }

    /// Where to look, and what makes the harness wait longer.
    pub(crate) fn help(&self) -> String {
        format!("{}, and with `--transcript FILE` at every message; {}", self.look, self.longer())
    }

    /// What makes the harness wait longer.
    pub(crate) fn longer(&self) -> String {
        let wish = self.wish.map(|(key, _)| format!(", or by its own wish, `{key}` under `capabilities.deadlines`"));
        format!("it is given longer by `{} SECONDS`{}", self.option(), wish.unwrap_or_default())
    }

    fn row(&self, limits: Limits) -> String {
        let seconds = |duration: Duration| format!("{} s", duration.as_secs_f64());
        let own = seconds(self.limit(limits));
        let waits = match self.longer {
            Longer::Nothing => own,
            Longer::Steps => format!("{own}, and {} more for each step after the first", seconds(limits.step)),
            Longer::Delay => format!("{own}, and `delay_ms` more"),
            Longer::Exit => format!(
                "{own}; as long again, from the end of your input, until you have exited; and {} until all that you started has",
                seconds(limits.grace)
            ),
        };
        let wish = self.wish.map_or("–".to_owned(), |(key, _)| match self.longer {
            Longer::Steps => format!("`{key}`, for each step"),
            Longer::Nothing | Longer::Delay | Longer::Exit => format!("`{key}`"),
        });
        format!("| `{}` | {waits} | {wish} | `{}` |", self.method, self.option())
    }
}

/// The deadline of the method of that name.
pub fn named(method: &str) -> Option<&'static Deadline> {
    ALL.into_iter().find(|deadline| deadline.method == method)
}

/// Every deadline with what changes it, as a table in Markdown.
pub fn table() -> String {
    let mut text =
        "| message | the harness waits | longer by your wish | by the option |\n|---|---|---|---|\n".to_owned();
    for deadline in ALL {
        let _ = writeln!(text, "{}", deadline.row(Limits::default()));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    /// The methods that the schema of the protocol knows.
    fn methods(schema: &Value, found: &mut BTreeSet<String>) {
        let method = schema.get("method").and_then(|method| method.get("const")).and_then(Value::as_str);
        found.extend(method.map(str::to_owned));
        let inner: Vec<&Value> = match schema {
            Value::Array(all) => all.iter().collect(),
            Value::Object(all) => all.values().collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
        };
        inner.into_iter().for_each(|schema| methods(schema, found));
    }

    #[test]
    fn every_method_has_a_deadline_and_nothing_else_has() {
        let mut found = BTreeSet::new();
        methods(&crate::protocol_schema(), &mut found);
        assert_eq!(found, ALL.iter().map(|deadline| deadline.method.to_owned()).collect());
        assert!(ALL.iter().all(|deadline| named(deadline.method).is_some_and(|it| it.method == deadline.method)));
        assert!(named("restart").is_none());
    }

    #[test]
    fn the_longer_of_the_limit_and_the_wish_is_granted() {
        let limits = Limits::default();
        let none = DeadlineWishes::default();
        let some = DeadlineWishes { reset_ms: Some(45_000), apply_ms: Some(9_000), ..none };
        let seconds = Duration::from_secs;
        for (granted, expected) in [
            (INITIALIZE.granted(limits, &some), 30),
            (RESET.granted(limits, &none), 30),
            (RESET.granted(limits, &some), 45),
            (STRIKE.granted(limits, &some), 30),
            (LOSE_STATE.granted(limits, &some), 30),
            (OBSERVE.granted(limits, &some), 10),
            (APPLY.granted_for(1, limits, &none), 10),
            (APPLY.granted_for(3, limits, &none), 16),
            (APPLY.granted_for(3, limits, &some), 27),
            (APPLY.granted_for(1_000, limits, &some), 10 + 3 * 999),
        ] {
            assert_eq!(granted, seconds(expected));
        }
        let long = DeadlineWishes { reset_ms: Some(u64::MAX), ..none };
        assert_eq!(RESET.granted(limits, &long), bounds::WISH);
    }
}
