//! Patience: how many cases a program may break in a row before the rest of them is not run.

use std::sync::{Arc, Mutex, PoisonError};

/// How many cases a program may break in a row. Copies count together. By default there is no end to it.
#[derive(Clone, Debug, Default)]
pub struct Patience {
    most: Option<u32>,
    told: Arc<Mutex<ToldWait>>,
}

#[derive(Debug, Default)]
struct ToldWait {
    in_a_row: u32,
    /// How the case at hand broke.
    broke: Option<String>,
    /// Why nothing is run any more.
    over: Option<String>,
}

impl Patience {
    /// How many cases are enough, if nobody says.
    pub const USUAL: u32 = 10;

    /// Patience that ends after so many cases; never, if that is 0.
    pub fn of(most: u32) -> Self {
        Self { most: Some(most).filter(|most| *most > 0), told: Arc::default() }
    }

    /// A case begins.
    ///
    /// # Errors
    /// Why it is not run.
    pub(super) fn begin(&self) -> Result<(), String> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(over) = &told.over {
            return Err(over.clone());
        }
        let Some(last) = told.broke.take() else {
            told.in_a_row = 0;
            return Ok(());
        };
        told.in_a_row += 1;
        let Some(most) = self.most.filter(|most| told.in_a_row >= *most) else { return Ok(()) };
        let last = last.lines().next().unwrap_or_default();
        let over = format!(
            "given up: {most} cases in a row broke, the last since {last}\nhelp: mend that first; `--give-up N` allows more, \
             and `--give-up 0` never gives up"
        );
        told.over = Some(over.clone());
        Err(over)
    }

    /// The case at hand broke.
    pub(super) fn broke(&self, why: &str) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.broke.get_or_insert_with(|| why.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_cases_in_a_row_count() {
        let patience = Patience::of(2);
        for broke in [true, false, true, false] {
            assert_eq!(patience.begin(), Ok(()));
            if broke {
                patience.broke("it hung");
            }
        }
        for _ in 0..2 {
            assert_eq!(patience.begin(), Ok(()));
            patience.broke("it hung\nagain");
        }
        for _ in 0..2 {
            let over = patience.begin().unwrap_err();
            assert!(over.starts_with("given up: 2 cases in a row broke, the last since it hung\nhelp: "), "{over}");
        }
    }
}
